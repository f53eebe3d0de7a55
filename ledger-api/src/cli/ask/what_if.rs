//! A what-if: every document is asked within `whatIf`, through another door.

use std::cell::OnceCell;

use chrono::NaiveDate;
use ledger_core::domain::position::Position;
use projections::AsAt;
use serde_json::{Value, json};

use super::table::{at, whole};
use super::variables::{as_at, text, with};
use super::{Door, Stop, Upload};
use crate::cli::ask::fault::unexpected;
use crate::cli::exit::{CliError, Exit};
use crate::cli::post::postings_file::{PostingsFile, all_pass};
use crate::cli::post::write::note;
use crate::postings::outcome::Outcome;

/// Rows asked for at a time: a server works the postings out anew for each page.
const PAGE: usize = 250;

/// A door to the book as if some postings had been made.
pub(super) struct WhatIf {
    /// The door to the book as it is.
    pub(super) door: Box<dyn Door>,
    /// What the postings are called.
    pub(super) name: String,
    pub(super) postings: PostingsFile,
    /// The moment after which the postings would have been made.
    pub(super) after: AsAt,
    /// The day to stand at in place of that moment's own.
    pub(super) on: Option<NaiveDate>,
    /// The last entry of that moment and the day it stands at, from the first answer.
    pub(super) from: OnceCell<(Position, Value)>,
}

impl Door for WhatIf {
    fn ask(&self, document: &str, variables: &Value) -> Result<Value, CliError> {
        let (after, on) = match (self.after, self.from.get()) {
            (AsAt::Now, Some((from, on))) => (AsAt::Position(*from), on.clone()),
            (after, _) => (after, text(self.on)),
        };
        let supposed = json!({
            "supposed": { "lines": self.postings.lines_of_json()? },
            "supposedAfter": as_at(after),
            "supposedOn": on,
        });
        let asked = with(variables.clone(), supposed.clone());
        let mut data = match self.door.ask(&within(document), &asked) {
            Ok(data) => data,
            Err(error) if error.code() == "NOT_SUPPOSED" => return Err(not_in_the_log()),
            Err(error) => return Err(self.refusals(&supposed).unwrap_or(error)),
        };
        let what_if = &mut data["whatIf"];
        let from = whole(&what_if["from"]).map(Position::new);
        let from = from.ok_or_else(|| unexpected("whatIf.from is missing"))?;
        match self.from.get() {
            None => {
                all_pass(&self.postings.rows, outcomes(what_if))?;
                let name = &self.name;
                note(&format!(
                    "as if {name} had been posted after entry {from}: nothing is stored"
                ));
                self.from.get_or_init(|| (from, what_if["on"].take()));
            }
            Some((known, _)) if *known == from => {}
            Some(_) => {
                let message =
                    "the book went on while it was asked: ask again, or name an entry by --at";
                return Err(CliError::new(Exit::Conflict, "BOOK_WENT_ON", message));
            }
        }
        Ok(what_if["book"].take())
    }

    fn page(&self) -> usize {
        PAGE.min(self.door.page())
    }

    fn follow(
        &self,
        _: &str,
        _: &Value,
        _: &Stop,
        _: &mut dyn FnMut(&Value) -> Result<bool, CliError>,
    ) -> Result<(), CliError> {
        Err(not_in_the_log())
    }

    fn post(
        &self,
        _: Upload<'_>,
        _: &mut dyn FnMut(Outcome) -> Result<(), CliError>,
    ) -> Result<Position, CliError> {
        Err(not_in_the_log())
    }
}

impl WhatIf {
    /// What is refused of the postings: an error of the question may follow from it.
    fn refusals(&self, supposed: &Value) -> Option<CliError> {
        let data = self.door.ask(JUDGE, supposed).ok()?;
        all_pass(&self.postings.rows, outcomes(&data["whatIf"])).err()
    }
}

/// The outcomes of the postings alone.
const JUDGE: &str = include_str!("../documents/what-if-outcomes.graphql");

fn not_in_the_log() -> CliError {
    CliError::usage("a what-if is no part of the log: leave --what-if out")
}

/// The position of each posting's entry, or why the posting would be refused.
pub(in crate::cli) fn outcomes(what_if: &Value) -> Vec<Result<Position, CliError>> {
    let outcomes = what_if["outcomes"].as_array().into_iter().flatten();
    let outcome = |outcome: &Value| {
        let error = &outcome["userErrors"][0];
        if error.is_null() {
            let position = whole(&outcome["position"]).map(Position::new);
            return position
                .ok_or_else(|| CliError::new(Exit::Refused, "REFUSED", "it would be refused"));
        }
        let text = |name: &str| at(error, name).as_str().unwrap_or_default().to_owned();
        Err(CliError::refused(text("code"), text("message")))
    };
    outcomes.map(outcome).collect()
}

/// Wraps a query in `whatIf`. The head of a committed document holds no brace.
fn within(document: &str) -> String {
    const HEAD: &str = "$supposed: WhatIfInput!, $supposedAfter: AsAt, $supposedOn: Date";
    const OUTCOMES: &str = "from on outcomes { position userErrors { code message } }";
    let (head, rest) = document.split_once('{').unwrap_or((document, "}"));
    let head = match head.split_once('(') {
        Some((name, variables)) => format!("{name}({HEAD}, {variables}"),
        None => format!("{head}({HEAD}) "),
    };
    // Fragments follow the operation, whose closing brace begins a line.
    let (body, fragments) = rest.split_once("\n}").unwrap_or((rest, ""));
    format!(
        "{head}{{ whatIf(input: $supposed, asAt: $supposedAfter, on: $supposedOn) {{ {OUTCOMES} book {{ {body}\n}} }} }}{fragments}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_within_a_what_if_keeps_its_variables_and_fragments() {
        let document =
            "query A(\n  $b: Int\n) {\n  c(b: $b) { ...D }\n}\n\nfragment D on E {\n  f\n}\n";
        let asked = within(document);
        async_graphql::parser::parse_query(&asked).expect(&asked);
        assert!(
            asked.contains("$b: Int") && asked.ends_with("fragment D on E {\n  f\n}\n"),
            "{asked}"
        );
    }
}
