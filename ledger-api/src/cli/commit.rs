//! `budget-ledger commit`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::command;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::text::Reference;

use crate::amount::TypedAmount;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Commit money: it is promised to somebody.
#[derive(Args)]
pub(super) struct Commit {
    /// The line.
    line: LineKey,
    /// How much.
    amount: TypedAmount,
    /// The effective month.
    #[arg(long)]
    month: Month,
    /// A reference no other commitment or accrual has.
    #[arg(long)]
    reference: Reference,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Commit {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Commit { line, amount: TypedAmount(amount), month, reference, posting } = self;
        write::echo(&[amount]);
        write::post(command::Commit { line, month, amount, reference }.into(), posting)
    }
}
