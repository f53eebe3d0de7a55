//! `budget-ledger bridge`

use clap::Args;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use projections::budget::{Stage, Step};

use super::args::ReadArgs;
use super::budget::WhichArgs;
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::source::analyses::{BridgeTold, BridgeTotals, Who};

/// Original to revised to forecast to outturn of a year, a programme or a line, step by step, each
/// with the entry that made it.
#[derive(Args)]
pub(super) struct Bridge {
    #[command(flatten)]
    which: WhichArgs,
    /// Only this line.
    #[arg(long)]
    line: Option<LineKey>,
    #[command(flatten)]
    read: ReadArgs,
}

/// Fixed: scripts rely on them.
const COLUMNS: &[&str] =
    &["stage", "entry", "recorded", "actor", "reason", "amount", "before", "after", "position"];

/// The table as far as it is made.
struct Table {
    rows: Rows,
    at: Position,
}

impl Table {
    fn total(&mut self, stage: &str, entry: Option<Position>, amount: Option<Pence>) {
        let money = Cell::maybe_money(amount);
        self.rows.push(vec![
            Cell::text(stage),
            Cell::maybe(entry, |entry| Cell::Number(entry.get())),
            Cell::Absent,
            Cell::Absent,
            Cell::Absent,
            Cell::Absent,
            Cell::Absent,
            money,
            Cell::Number(self.at.get()),
        ]);
    }

    fn step(&mut self, stage: &str, step: &Step, who: &Who) {
        let mut cells = vec![Cell::text(stage)];
        cells.extend(who.cells());
        cells.extend([Cell::Money(step.amount), Cell::maybe_money(step.before)]);
        cells.extend([Cell::maybe_money(step.after), Cell::Number(self.at.get())]);
        self.rows.push(cells);
    }
}

impl Bridge {
    pub(super) fn run(self) -> Result<(), CliError> {
        let question = self.which.question();
        if let Some(line) = self.line.filter(|line| line.year != question.year) {
            let message = format!("the line {line} is not of {}: give its own year", question.year);
            return Err(CliError::usage(message));
        }
        let BridgeTold { position, totals, steps } =
            self.which.open(&self.read)?.bridge(&question, self.line.as_ref())?;
        let through = question.through.map(|month| format!(" through {month}")).unwrap_or_default();
        let caption = format!(
            "Original to revised to forecast to outturn, {}{through}, as at position {position}",
            question.year
        );
        let mut table = Table { rows: Rows::new(caption, COLUMNS), at: position };
        if let Some(totals) = totals {
            let BridgeTotals { struck_by, original, effective_later, .. } = totals;
            table.total("original", struck_by, original);
            if !effective_later.is_zero() {
                let begins = original.unwrap_or_default().plus(effective_later);
                table.total("effectiveByThen", None, Some(begins));
            }
            let mut of = |stage: Stage, name: &str| {
                for (_, step, who) in steps.iter().filter(|(of, _, _)| *of == stage) {
                    table.step(name, step, who);
                }
                match stage {
                    Stage::Revised => table.total("revised", None, Some(totals.revised)),
                    Stage::Forecast => table.total("forecast", None, totals.forecast),
                    Stage::Outturn => {
                        let name = if totals.closed { "outturn" } else { "spendToDate" };
                        table.total(name, None, Some(totals.outturn));
                    }
                }
            };
            of(Stage::Revised, "movement");
            of(Stage::Forecast, "statement");
            of(Stage::Outturn, "spend");
        }
        Ok(table.rows.print(self.read.format)?)
    }
}
