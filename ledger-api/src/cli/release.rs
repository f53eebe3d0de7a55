//! `budget-ledger release`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::command::ReleaseCommitment;
use ledger_core::domain::text::Reference;

use crate::amount::TypedAmount;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Release an open commitment or accrual without spend.
#[derive(Args)]
pub(super) struct Release {
    /// Its reference.
    reference: Reference,
    /// How much of it; by default all that is open.
    amount: Option<TypedAmount>,
    /// The effective month.
    #[arg(long)]
    month: Month,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Release {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Release { reference, amount, month, posting } = self;
        let amount = amount.map(|TypedAmount(amount)| amount);
        write::echo(amount.as_slice());
        write::post(ReleaseCommitment { reference, month, amount }.into(), posting)
    }
}
