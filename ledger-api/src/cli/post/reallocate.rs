//! `budget-ledger reallocate`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::command;

use crate::cli::args::{LineAmountArg, line_amounts};

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Move budget between lines of one year.
#[derive(Args)]
pub(crate) struct Reallocate {
    /// A line that gives, and how much. Repeat for several.
    #[arg(long, required = true, value_name = "LINE=AMOUNT")]
    from: Vec<LineAmountArg>,
    /// A line that receives, and how much. Repeat for several.
    #[arg(long, required = true, value_name = "LINE=AMOUNT")]
    to: Vec<LineAmountArg>,
    /// The month it takes effect in, such as M9 for December.
    #[arg(long)]
    month: Month,
    /// The closed year it corrects, if it is a prior-period adjustment.
    #[arg(long, value_name = "YEAR")]
    concerns: Option<FinancialYear>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Reallocate {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Reallocate { from, to, month, concerns, posting } = self;
        let (from, to) = (line_amounts(&from), line_amounts(&to));
        write::echo(&from.iter().chain(&to).map(|part| part.amount).collect::<Vec<_>>());
        write::post(command::Reallocate { month, from, to, concerns }.into(), posting)
    }
}
