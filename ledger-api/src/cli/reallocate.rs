//! `budget-ledger reallocate`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::command;

use super::args::{LineAmountArg, line_amounts};

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Reallocate budget between lines of one year.
#[derive(Args)]
pub(super) struct Reallocate {
    /// A line that gives, and what; may be given several times.
    #[arg(long, required = true, value_name = "LINE=AMOUNT")]
    from: Vec<LineAmountArg>,
    /// A line that gets, and what; may be given several times.
    #[arg(long, required = true, value_name = "LINE=AMOUNT")]
    to: Vec<LineAmountArg>,
    /// The effective month.
    #[arg(long)]
    month: Month,
    /// The closed year this concerns, if it is a prior-period adjustment.
    #[arg(long, value_name = "YEAR")]
    concerns: Option<FinancialYear>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Reallocate {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Reallocate { from, to, month, concerns, posting } = self;
        let (from, to) = (line_amounts(&from), line_amounts(&to));
        write::echo(&from.iter().chain(&to).map(|part| part.amount).collect::<Vec<_>>());
        write::post(command::Reallocate { month, from, to, concerns }.into(), posting)
    }
}
