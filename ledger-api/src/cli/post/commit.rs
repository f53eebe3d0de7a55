//! `budget-ledger commit`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::command;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::text::Reference;

use crate::text::amount::TypedAmount;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Commit money that is promised, such as by an order.
#[derive(Args)]
pub(crate) struct Commit {
    /// The line, such as CYBER/XDH/2018-19/unsplit: programme, body, year and class.
    line: LineKey,
    /// How much, such as £1.2m or 1,200,000.00.
    amount: TypedAmount,
    /// The month it takes effect in, such as M9 for December.
    #[arg(long)]
    month: Month,
    /// Its reference, such as a purchase order. Each may be used once.
    #[arg(long)]
    reference: Reference,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Commit {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Commit { line, amount: TypedAmount(amount), month, reference, posting } = self;
        write::echo(&[amount]);
        write::post(command::Commit { line, month, amount, reference }.into(), posting)
    }
}
