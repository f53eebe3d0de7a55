//! `budget-ledger queue`

use clap::Args;

use super::args::{MomentArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::source::answer::ProposalRow;

/// What waits for sign-off: whose, since when, and why. With `--all` what became of the rest, too.
#[derive(Args)]
pub(super) struct Queue {
    /// Drafts, and what was posted, rejected or withdrawn, too.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

const COLUMNS: &[&str] = &[
    "proposal",
    "version",
    "status",
    "proposes",
    "preparers",
    "waitsFor",
    "body",
    "since",
    "rule",
    "limit",
    "position",
];

impl Queue {
    pub(super) fn run(self) -> Result<(), CliError> {
        let told = self.read.book.open()?.proposals(self.moment.as_at())?;
        let at = told.position;
        let what = if self.all { "Proposals" } else { "Waiting for sign-off" };
        let mut rows = Rows::new(format!("{what} as at position {at}"), COLUMNS);
        for row in told.rows {
            let ProposalRow { number, version, status, proposes, preparers, waits } = row;
            if waits.is_none() && !self.all {
                continue;
            }
            let waits = waits.as_ref();
            rows.push(vec![
                Cell::Number(number.get()),
                Cell::Number(u64::from(version)),
                Cell::Text(status),
                Cell::Text(proposes),
                Cell::List(preparers),
                Cell::maybe_text(waits.map(|waits| waits.tier)),
                Cell::maybe_text(waits.map(|waits| waits.body)),
                Cell::maybe_text(waits.map(|waits| waits.since)),
                Cell::maybe_text(waits.map(|waits| waits.rule.clone())),
                Cell::maybe_money(waits.and_then(|waits| waits.limit)),
                Cell::Number(at.get()),
            ]);
        }
        Ok(rows.print(self.read.format)?)
    }
}
