//! `budget-ledger show reasons` and `budget-ledger show outflows`

use clap::{Args, ValueEnum};
use projections::budget;

use crate::cli::args::ReadArgs;
use crate::cli::budget::WhichArgs;
use crate::cli::exit::CliError;
use crate::cli::output::{Cell, Rows};

/// Underspends by the reasons given for them.
#[derive(Args)]
pub(super) struct Reasons {
    #[command(flatten)]
    which: WhichArgs,
    /// What to sum underspends into.
    #[arg(long, value_enum, default_value = "programme")]
    by: ByArg,
    #[command(flatten)]
    read: ReadArgs,
}

/// What to sum underspends into.
#[derive(Clone, Copy, ValueEnum)]
enum ByArg {
    /// Programmes, each with those below it.
    Programme,
    /// Bodies, each with those below it.
    Body,
    /// Budget classes.
    Class,
    /// The whole year.
    Year,
}

impl From<ByArg> for budget::ReasonsBy {
    fn from(by: ByArg) -> Self {
        match by {
            ByArg::Programme => budget::ReasonsBy::Programme,
            ByArg::Body => budget::ReasonsBy::Body,
            ByArg::Class => budget::ReasonsBy::Class,
            ByArg::Year => budget::ReasonsBy::Year,
        }
    }
}

const COLUMNS: &[&str] = &[
    "programme",
    "body",
    "class",
    "name",
    "underspend",
    "slippage",
    "saving",
    "clawback",
    "diversion",
    "unknown",
    "unexplained",
    "position",
];

impl Reasons {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let question = self.which.question();
        let told = self.which.open(&self.read)?.reasons(&question, self.by.into())?;
        let caption =
            format!("Underspends of {} by reason, as at position {}", question.year, told.position);
        let mut rows = Rows::new(caption, COLUMNS);
        for row in told.rows {
            rows.push(vec![
                Cell::maybe_text(row.programme),
                Cell::maybe_text(row.body),
                Cell::maybe_text(row.class),
                Cell::maybe_text(row.name),
                Cell::Money(row.underspend),
                Cell::Money(row.slippage),
                Cell::Money(row.saving),
                Cell::Money(row.clawback),
                Cell::Money(row.diversion),
                Cell::Money(row.unknown),
                Cell::Money(row.unexplained),
                Cell::Number(told.position.get()),
            ]);
        }
        Ok(rows.print(self.read.format)?)
    }
}

/// Where budget went: the entries that took some out of the lines.
#[derive(Args)]
pub(super) struct Outflows {
    #[command(flatten)]
    which: WhichArgs,
    #[command(flatten)]
    read: ReadArgs,
}

const OUTFLOW_COLUMNS: &[&str] =
    &["entry", "recorded", "actor", "reason", "amount", "how", "to", "gets", "position"];

impl Outflows {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let question = self.which.question();
        let told = self.which.open(&self.read)?.outflows(&question)?;
        let caption =
            format!("Where budget of {} went, as at position {}", question.year, told.position);
        let mut rows = Rows::new(caption, OUTFLOW_COLUMNS);
        for row in told.rows {
            let mut push = |how: Cell, account: Cell, gets: Cell| {
                let mut cells = row.who.cells();
                cells.extend([Cell::Money(row.amount), how, account, gets]);
                cells.push(Cell::Number(told.position.get()));
                rows.push(cells);
            };
            if row.to.is_empty() {
                push(Cell::Absent, Cell::Absent, Cell::Absent);
            }
            for to in &row.to {
                push(Cell::text(&to.how), Cell::text(&to.account), Cell::Money(to.pence));
            }
        }
        Ok(rows.print(self.read.format)?)
    }
}
