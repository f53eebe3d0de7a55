//! `budget-ledger show at-risk`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::money::Pence;

use crate::cli::args::ReadArgs;
use crate::cli::budget::WhichArgs;
use crate::cli::exit::CliError;
use crate::cli::output::{Cell, Rows};
use crate::describe;

/// What is committed but not drawn down at the end of a year, or of the month given by --through.
#[derive(Args)]
pub(super) struct AtRisk {
    #[command(flatten)]
    which: WhichArgs,
    #[command(flatten)]
    read: ReadArgs,
}

const COLUMNS: &[&str] =
    &["line", "reference", "entry", "recorded", "actor", "reason", "made", "open", "position"];

impl AtRisk {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let question = self.which.question();
        let told = self.which.open(&self.read)?.at_risk(&question)?;
        let open = Pence::sum(told.rows.iter().map(|row| row.open));
        let caption = format!(
            "Open commitments of {} at the end of {}: {}, as at position {}",
            question.year,
            question.through.unwrap_or(Month::M12),
            describe::pounds(open),
            told.position
        );
        let mut rows = Rows::new(caption, COLUMNS);
        for row in told.rows {
            let mut cells = vec![Cell::text(row.line), Cell::text(&row.reference)];
            cells.extend(row.who.cells());
            cells.extend([Cell::Money(row.made), Cell::Money(row.open)]);
            cells.push(Cell::Number(told.position.get()));
            rows.push(cells);
        }
        Ok(rows.print(self.read.format)?)
    }
}
