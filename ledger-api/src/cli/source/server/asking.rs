//! How a server is asked: page by page, and with a word where it tells only a part of the book.

use ledger_core::domain::position::Position;
use projections::{AsAt, QueryError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::node::{OfYear, Page, Rows};
use super::wire::{as_at, member};
use super::{Ledger, Moment, PAGE, Server, document};
use crate::cli::exit::CliError;
use crate::cli::source::answer::Answer;
use crate::cli::source::question::{EntryFilter, Question};
use crate::cli::source::seen::note_partial;

/// An answer, and whether it is of a part of the book.
#[derive(Deserialize)]
struct OfPart<T> {
    ledger: Part,
    #[serde(flatten)]
    told: T,
}

/// How much of the book may be read.
#[derive(Deserialize)]
struct Part {
    partial: bool,
}

impl Server {
    /// Asks for what is narrowed to what may be read, and says once that it is.
    pub(super) fn ask_part<T: DeserializeOwned>(
        &self,
        document: &str,
        variables: &Value,
    ) -> Result<T, CliError> {
        if self.supposition.is_some() {
            // Told to nobody who may not read all of it.
            return self.ask(document, variables);
        }
        let OfPart { ledger, told } = self.ask(document, variables)?;
        self.note_partial(ledger.partial);
        Ok(told)
    }

    /// Says once that answers are of a part of the book.
    pub(super) fn note_partial(&self, partial: bool) {
        note_partial(partial && !self.noted.replace(partial));
    }

    pub(super) fn ledger(&self) -> Result<Ledger, CliError> {
        #[derive(Deserialize)]
        struct Told {
            ledger: Ledger,
        }
        self.supposes_nothing()?;
        let told: Told = self.ask(document::LEDGER, &Value::Null)?;
        Ok(told.ledger)
    }

    /// Asks for the pages of a list until `visit` gives false or all is told; gives the position
    /// they are as at, or none where there is no such list.
    pub(super) fn pages<D: DeserializeOwned, N>(
        &self,
        document: &str,
        mut variables: Value,
        page: impl Fn(D) -> Option<Page<N>>,
        visit: &mut dyn FnMut(N) -> Result<bool, CliError>,
    ) -> Result<Option<Position>, CliError> {
        let mut at = None;
        loop {
            let Some(read) = page(self.ask_part(document, &variables)?) else { return Ok(at) };
            let position = *at.get_or_insert(read.position.0);
            for edge in read.edges {
                if !visit(edge.node)? {
                    return Ok(Some(position));
                }
            }
            if !read.page_info.has_next_page {
                return Ok(Some(position));
            }
            if let Value::Object(variables) = &mut variables {
                variables.insert("after".to_owned(), json!(read.page_info.end_cursor));
            }
        }
    }

    pub(in crate::cli::source) fn list<D: DeserializeOwned, N, T>(
        &self,
        document: &str,
        variables: Value,
        page: impl Fn(D) -> Option<Page<N>>,
        rows_of: impl Fn(N) -> Vec<T>,
    ) -> Result<Option<Answer<T>>, CliError> {
        let mut rows = Vec::new();
        let position = self.pages(document, variables, page, &mut |node| {
            rows.extend(rows_of(node));
            Ok(true)
        })?;
        Ok(position.map(|position| Answer { position, rows }))
    }

    /// A list of a year.
    pub(super) fn of_year<N: DeserializeOwned, T: From<N>>(
        &self,
        document: &str,
        question: &Question,
    ) -> Result<Answer<T>, CliError> {
        let page = |told: OfYear<Rows<N>>| told.year.map(|year| year.rows);
        match self.list(document, of_year(question), page, |node| vec![node.into()])? {
            Some(answer) => Ok(answer),
            None => Ok(Answer { position: self.codes(question)?.0, rows: Vec::new() }),
        }
    }

    /// A list of the register.
    pub(super) fn register<N: DeserializeOwned, T>(
        &self,
        document: &str,
        moment: AsAt,
        rows_of: impl Fn(N) -> Vec<T>,
    ) -> Result<Answer<T>, CliError> {
        let variables = json!({ "asAt": as_at(moment), "first": PAGE });
        let page = |told: Rows<N>| Some(told.rows);
        let answer = self.list(document, variables, page, rows_of)?;
        Ok(answer.unwrap_or(Answer { position: Position::START, rows: Vec::new() }))
    }

    /// Which moment is meant, and what the programme was called, where a year has no line.
    pub(super) fn codes(
        &self,
        question: &Question,
    ) -> Result<(Position, Option<String>), CliError> {
        #[derive(Deserialize)]
        struct Named {
            name: String,
        }
        #[derive(Deserialize)]
        struct Told {
            moment: Moment,
            programme: Option<Named>,
            body: Option<Named>,
        }
        let &Question { programme, body, .. } = question;
        // A code that is not asked by still has to be one.
        let code = |code: Option<String>| code.unwrap_or_else(|| "NONE".to_owned());
        let told: Told = self.ask_part(
            document::CODES,
            &json!({
                "asAt": as_at(question.as_at),
                "programme": code(programme.map(|code| code.to_string())),
                "byProgramme": programme.is_some(),
                "body": code(body.map(|code| code.to_string())),
                "byBody": body.is_some(),
            }),
        )?;
        if let (Some(programme), None) = (programme, &told.programme) {
            return Err(QueryError::UnknownProgramme(programme).into());
        }
        if let (Some(body), None) = (body, &told.body) {
            return Err(QueryError::UnknownBody(body).into());
        }
        Ok((told.moment.position.0, told.programme.map(|programme| programme.name)))
    }
}

pub(in crate::cli::source) fn line_filter(question: &Question) -> Value {
    json!({
        "programme": question.programme.map(|code| code.to_string()),
        "body": question.body.map(|code| code.to_string()),
        "class": question.class.map(member),
    })
}

pub(super) fn of_year(question: &Question) -> Value {
    json!({
        "year": question.year.to_string(),
        "through": question.through.map(|month| month.to_string()),
        "asAt": as_at(question.as_at),
        "filter": line_filter(question),
        "rollup": question.rollup.map(member),
        "first": PAGE,
    })
}

pub(super) fn entry_filter(filter: &EntryFilter) -> Value {
    let EntryFilter { line, year, programme, by, cites } = filter;
    json!({
        "line": line.map(|line| line.to_string()),
        "year": year.map(|year| year.to_string()),
        "programme": programme.map(|code| code.to_string()),
        "actor": by,
        "cites": cites,
    })
}
