//! `budget-ledger offset`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::command;

use crate::amount::TypedAmount;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Link a provider's improvement to the deterioration it compensates.
#[derive(Args)]
pub(super) struct Offset {
    /// The body whose forecast deteriorated.
    deteriorated: BodyCode,
    /// The provider of the same system whose forecast improved.
    #[arg(long)]
    by: BodyCode,
    /// How much of its improvement.
    amount: TypedAmount,
    /// The financial year.
    #[arg(long)]
    year: FinancialYear,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Offset {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Offset { deteriorated, by, amount: TypedAmount(amount), year, posting } = self;
        write::echo(&[amount]);
        write::post(command::LinkOffset { year, deteriorated, by, amount }.into(), posting)
    }
}
