//! `budget-ledger show at-risk`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::money::Pence;

use serde_json::json;

use crate::cli::args::ReadArgs;
use crate::cli::ask::table::{Table, money, number, text};
use crate::cli::exit::CliError;
use crate::cli::output::Cell;
use crate::cli::read::budget::WhichArgs;
use crate::text::describe;

/// What is committed but not drawn down at the end of a year, or of the month given by --through.
#[derive(Args)]
pub(in crate::cli) struct AtRisk {
    #[command(flatten)]
    which: WhichArgs,
    #[command(flatten)]
    read: ReadArgs,
}

const TABLE: Table = Table {
    document: include_str!("../../documents/at-risk.graphql"),
    rows: "answer.rows",
    each: None,
    columns: &[
        text("line", "line"),
        text("reference", "reference"),
        number("entry", "madeBy"),
        text("recorded", "recordedAt"),
        text("actor", "entry.actor"),
        text("reason", "entry.reason"),
        money("made", "made"),
        money("open", "open"),
        number("position", "^position"),
    ],
};

impl AtRisk {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let answer = self.which.ask(&TABLE, json!({}), &self.read)?;
        let open = answer.rows.iter().filter_map(|row| match row.get(7) {
            Some(Cell::Money(open)) => Some(*open),
            _ => None,
        });
        let lines = &self.which.lines;
        let caption = format!(
            "Open commitments of {} at the end of {}: {}, as at position {}",
            lines.year,
            lines.through.unwrap_or(Month::M12),
            describe::pounds(Pence::sum(open)),
            answer.position()
        );
        Ok(answer.rows(caption).print(self.read.format)?)
    }
}
