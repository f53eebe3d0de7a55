//! `budget-ledger exchange`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::command::ExchangeBudget;
use ledger_core::domain::line::LineKey;

use crate::text::amount::TypedAmount;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Move budget of a line into the next year by budget exchange.
#[derive(Args)]
pub(crate) struct Exchange {
    /// The line that gives, such as CYBER/XDH/2018-19/unsplit.
    line: LineKey,
    /// How much, such as £1.2m or 1,200,000.00.
    amount: TypedAmount,
    /// The month of the line's year it takes effect in, such as M11 for February.
    #[arg(long)]
    month: Month,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Exchange {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Exchange { line, amount: TypedAmount(amount), month, posting } = self;
        write::echo(&[amount]);
        write::post(ExchangeBudget { line, amount, month }.into(), posting)
    }
}
