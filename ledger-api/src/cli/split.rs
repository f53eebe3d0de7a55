//! `budget-ledger split`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::command::SplitLine;
use ledger_core::domain::line::LineKey;

use crate::amount::TypedAmount;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Reclassify money of an unsplit line as capital and revenue. Needs evidence.
#[derive(Args)]
pub(super) struct Split {
    /// The unsplit line.
    line: LineKey,
    /// What is capital.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    capital: TypedAmount,
    /// What is revenue.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    revenue: TypedAmount,
    /// The effective month.
    #[arg(long)]
    month: Month,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Split {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Split { line, capital, revenue, month, posting } = self;
        let (capital, revenue) = (capital.0, revenue.0);
        write::echo(&[capital, revenue]);
        write::post(SplitLine { line, capital, revenue, month }.into(), posting)
    }
}
