//! Flows of the book that a server serves.

use std::cell::RefCell;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::position::Position;
use projections::AsAt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::node::{
    ExchangedNode, FlowNode, MarginNode, OriginNode, SwitchNode, Told, ToldExchanges,
};
use super::{ExchangedRow, FlowQuestion, FlowRow, FlowSource, MarginRow, OriginRow, SwitchRow};
use crate::cli::exit::CliError;
use crate::cli::source::answer::Answer;
use crate::cli::source::server::PAGE;
use crate::cli::source::server::Server;
use crate::cli::source::server::asking::line_filter;
use crate::cli::source::server::document::flows as document;
use crate::cli::source::server::wire::{as_at, member};

fn of_flows(question: &FlowQuestion) -> Value {
    let FlowQuestion { of, by, level } = question;
    json!({
        "year": of.year.to_string(),
        "by": member(by),
        "level": level,
        "filter": line_filter(of),
        "through": of.through.map(|month| month.to_string()),
        "asAt": as_at(of.as_at),
        "first": PAGE,
    })
}

fn of_year(year: FinancialYear, moment: AsAt) -> Value {
    json!({ "year": year.to_string(), "asAt": as_at(moment), "first": PAGE })
}

impl Server {
    fn told<N: DeserializeOwned, T: From<N>>(
        &self,
        document: &str,
        variables: Value,
    ) -> Result<Answer<T>, CliError> {
        let page = |told: Told<N>| Some(told.told.rows);
        let answer = self.list(document, variables, page, |node: N| vec![node.into()])?;
        Ok(answer.unwrap_or(Answer { position: Position::START, rows: Vec::new() }))
    }
}

impl FlowSource for Server {
    fn flows(&self, question: &FlowQuestion) -> Result<Answer<FlowRow>, CliError> {
        self.told::<FlowNode, _>(document::FLOWS, of_flows(question))
    }

    fn flow_margins(&self, question: &FlowQuestion) -> Result<Answer<MarginRow>, CliError> {
        self.told::<MarginNode, _>(document::MARGINS, of_flows(question))
    }

    fn origins(&self, question: &FlowQuestion) -> Result<Answer<OriginRow>, CliError> {
        self.told::<OriginNode, _>(document::ORIGINS, of_flows(question))
    }

    fn flow_path(
        &self,
        question: &FlowQuestion,
        programme: ProgrammeCode,
    ) -> Result<Answer<FlowRow>, CliError> {
        let mut variables = of_flows(question);
        if let Value::Object(variables) = &mut variables {
            variables.insert("programme".to_owned(), json!(programme.to_string()));
        }
        self.told::<FlowNode, _>(document::PATH, variables)
    }

    fn exchanges(
        &self,
        year: FinancialYear,
        moment: AsAt,
    ) -> Result<Answer<ExchangedRow>, CliError> {
        let whole = RefCell::new(None);
        let page = |told: ToldExchanges| {
            // The first page's: those that follow are of the same moment, and their sums are not.
            whole.borrow_mut().get_or_insert_with(|| told.told.whole());
            Some(told.told.rows)
        };
        let rows = |node: ExchangedNode| vec![ExchangedRow::from(node)];
        let answer = self.list(document::EXCHANGES, of_year(year, moment), page, rows)?;
        let mut answer = answer.unwrap_or(Answer { position: Position::START, rows: Vec::new() });
        answer.rows.extend(whole.into_inner());
        Ok(answer)
    }

    fn switches(&self, year: FinancialYear, moment: AsAt) -> Result<Answer<SwitchRow>, CliError> {
        self.told::<SwitchNode, _>(document::SWITCHES, of_year(year, moment))
    }
}
