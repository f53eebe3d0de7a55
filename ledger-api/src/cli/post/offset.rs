//! `budget-ledger offset`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::command;

use crate::text::amount::TypedAmount;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Set a provider's improvement against the overspend of another in its system.
#[derive(Args)]
pub(crate) struct Offset {
    /// The code of the provider whose forecast got worse.
    deteriorated: BodyCode,
    /// The code of the provider in the same system whose forecast improved.
    #[arg(long)]
    by: BodyCode,
    /// How much of the improvement to use, such as £200,000.
    amount: TypedAmount,
    /// The financial year.
    #[arg(long)]
    year: FinancialYear,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Offset {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Offset { deteriorated, by, amount: TypedAmount(amount), year, posting } = self;
        write::echo(&[amount]);
        write::post(command::LinkOffset { year, deteriorated, by, amount }.into(), posting)
    }
}
