//! `budget-ledger release`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::command::ReleaseCommitment;
use ledger_core::domain::text::Reference;

use crate::text::amount::TypedAmount;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Release a commitment or accrual that will not be spent.
#[derive(Args)]
pub(crate) struct Release {
    /// Its reference.
    reference: Reference,
    /// How much to release, by default all that is open.
    amount: Option<TypedAmount>,
    /// The month it takes effect in, such as M9 for December.
    #[arg(long)]
    month: Month,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Release {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Release { reference, amount, month, posting } = self;
        let amount = amount.map(|TypedAmount(amount)| amount);
        write::echo(amount.as_slice());
        write::post(ReleaseCommitment { reference, month, amount }.into(), posting)
    }
}
