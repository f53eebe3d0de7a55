//! `budget-ledger actual`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::command::RecordActual;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::text::Reference;

use crate::cli::args::ClassArg;
use crate::text::amount::TypedAmount;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Record spend that was paid. A credit is negative, such as -500 or "(500.00)".
#[derive(Args)]
pub(crate) struct Actual {
    /// The line, such as CYBER/XDH/2018-19/unsplit: programme, body, year and class.
    line: LineKey,
    /// How much, such as £1.2m, or -500 for a credit.
    #[arg(allow_hyphen_values = true)]
    amount: TypedAmount,
    /// The month it takes effect in, such as M9 for December.
    #[arg(long)]
    month: Month,
    /// The number of the payment, such as an invoice number.
    #[arg(long, value_name = "NUMBER")]
    transaction: Option<Reference>,
    /// The class it was accounted in, if not the line's.
    #[arg(long)]
    accounting_class: Option<ClassArg>,
    /// The reference of the commitment or accrual it pays.
    #[arg(long, value_name = "REFERENCE")]
    discharges: Option<Reference>,
    /// The closed year it corrects, if it is a prior-period adjustment. By default, the year of the
    /// accrual it pays.
    #[arg(long, value_name = "YEAR")]
    concerns: Option<FinancialYear>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Actual {
    pub(crate) fn run(self) -> Result<(), CliError> {
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
