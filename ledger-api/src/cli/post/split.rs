//! `budget-ledger split`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::command::SplitLine;
use ledger_core::domain::line::LineKey;

use crate::text::amount::TypedAmount;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Split money of an unsplit line into capital and revenue. Needs --evidence.
#[derive(Args)]
pub(crate) struct Split {
    /// The unsplit line.
    line: LineKey,
    /// How much is capital.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    capital: TypedAmount,
    /// How much is revenue.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    revenue: TypedAmount,
    /// The month it takes effect in, such as M9 for December.
    #[arg(long)]
    month: Month,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Split {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Split { line, capital, revenue, month, posting } = self;
        let (capital, revenue) = (capital.0, revenue.0);
        write::echo(&[capital, revenue]);
        write::post(SplitLine { line, capital, revenue, month }.into(), posting)
    }
}
