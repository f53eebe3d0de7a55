//! `budget-ledger exchange`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::command::ExchangeBudget;
use ledger_core::domain::line::LineKey;

use crate::amount::TypedAmount;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Exchange budget into the next year.
#[derive(Args)]
pub(super) struct Exchange {
    /// The line it leaves.
    line: LineKey,
    /// How much.
    amount: TypedAmount,
    /// The effective month in the line's year.
    #[arg(long)]
    month: Month,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Exchange {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Exchange { line, amount: TypedAmount(amount), month, posting } = self;
        write::echo(&[amount]);
        write::post(ExchangeBudget { line, amount, month }.into(), posting)
    }
}
