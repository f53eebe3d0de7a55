//! `budget-ledger cut`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::command;
use ledger_core::domain::line::LineKey;

use crate::text::amount::TypedAmount;

use crate::cli::args::{PostingArgs, ReturnToArg};
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Cut a line's budget, back to a fund or out to the Treasury.
#[derive(Args)]
pub(crate) struct Cut {
    /// The line, such as CYBER/XDH/2018-19/unsplit: programme, body, year and class.
    line: LineKey,
    /// How much, such as £1.2m or 1,200,000.00.
    amount: TypedAmount,
    /// The month it takes effect in, such as M9 for December.
    #[arg(long)]
    month: Month,
    /// `treasury` or the code of a fund. Leave it out if only one fund paid for the line.
    #[arg(long, value_name = "treasury|FUND")]
    to: Option<ReturnToArg>,
    /// The closed year it corrects, if it is a prior-period adjustment.
    #[arg(long, value_name = "YEAR")]
    concerns: Option<FinancialYear>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Cut {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Cut { line, amount: TypedAmount(amount), month, to, concerns, posting } = self;
        let to = to.map(|ReturnToArg(to)| to);
        write::echo(&[amount]);
        write::post(command::Cut { line, amount, month, to, concerns }.into(), posting)
    }
}
