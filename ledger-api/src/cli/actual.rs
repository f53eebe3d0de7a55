//! `budget-ledger actual`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::command::RecordActual;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::text::Reference;

use super::args::ClassArg;
use crate::amount::TypedAmount;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Record actual spend; a credit is negative, such as -500 or "(500.00)".
#[derive(Args)]
pub(super) struct Actual {
    /// The line.
    line: LineKey,
    /// How much.
    #[arg(allow_hyphen_values = true)]
    amount: TypedAmount,
    /// The effective month.
    #[arg(long)]
    month: Month,
    /// The payment's own number.
    #[arg(long, value_name = "NUMBER")]
    transaction: Option<Reference>,
    /// The class it was accounted in, where that is not the line's.
    #[arg(long)]
    accounting_class: Option<ClassArg>,
    /// The commitment or accrual it discharges.
    #[arg(long, value_name = "REFERENCE")]
    discharges: Option<Reference>,
    /// The closed year this concerns, if it is a prior-period adjustment; without it, all of it
    /// concerns the year of the accrual that it discharges.
    #[arg(long, value_name = "YEAR")]
    concerns: Option<FinancialYear>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Actual {
    pub(super) fn run(self) -> Result<(), CliError> {
        write::echo(&[self.amount.0]);
        let command = RecordActual {
            line: self.line,
            month: self.month,
            amount: self.amount.0,
            transaction: self.transaction,
            accounting_class: self.accounting_class.map(Into::into),
            discharges: self.discharges,
            concerns: self.concerns,
        };
        write::post(command.into(), self.posting)
    }
}
