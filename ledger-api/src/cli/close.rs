//! `budget-ledger close`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::command::ClosePeriod;
use ledger_core::domain::event;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Close a month, or with --hard a whole year.
#[derive(Args)]
pub(super) struct Close {
    /// The year.
    year: FinancialYear,
    /// The month; may be left out with --hard.
    month: Option<Month>,
    /// Close it for good. Without this, it can be reopened under an authority.
    #[arg(long)]
    hard: bool,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Close {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Close { year, month, hard, posting } = self;
        let close = if hard { event::Close::Hard } else { event::Close::Soft };
        write::post(ClosePeriod { year, month, close }.into(), posting)
    }
}
