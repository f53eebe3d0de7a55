//! `budget-ledger accrue`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::command;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::text::Reference;

use crate::text::amount::TypedAmount;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Accrue spend that is owed but not yet paid.
#[derive(Args)]
pub(crate) struct Accrue {
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
    /// The reference of the commitment it uses up.
    #[arg(long, value_name = "REFERENCE")]
    discharges: Option<Reference>,
    /// The closed year it corrects, if it is a prior-period adjustment.
    #[arg(long, value_name = "YEAR")]
    concerns: Option<FinancialYear>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Accrue {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Accrue { line, amount, month, reference, discharges, concerns, posting } = self;
        let TypedAmount(amount) = amount;
        write::echo(&[amount]);
        let command = command::Accrue { line, month, amount, reference, discharges, concerns };
        write::post(command.into(), posting)
    }
}
