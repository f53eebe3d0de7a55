//! `budget-ledger accrue`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::command;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::text::Reference;

use crate::amount::TypedAmount;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Accrue spend that is not yet paid.
#[derive(Args)]
pub(super) struct Accrue {
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
    /// The commitment it discharges.
    #[arg(long, value_name = "REFERENCE")]
    discharges: Option<Reference>,
    /// The closed year this concerns, if it is a prior-period adjustment.
    #[arg(long, value_name = "YEAR")]
    concerns: Option<FinancialYear>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Accrue {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Accrue { line, amount, month, reference, discharges, concerns, posting } = self;
        let TypedAmount(amount) = amount;
        write::echo(&[amount]);
        let command = command::Accrue { line, month, amount, reference, discharges, concerns };
        write::post(command.into(), posting)
    }
}
