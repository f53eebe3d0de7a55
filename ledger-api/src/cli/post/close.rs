//! `budget-ledger close`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::command::ClosePeriod;
use ledger_core::domain::event;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Close a month, or with --hard a whole year.
#[derive(Args)]
pub(crate) struct Close {
    /// The financial year, such as 2026-27.
    year: FinancialYear,
    /// The month, such as M7 for October. With --hard, leave it out for the whole year.
    month: Option<Month>,
    /// Close it for good. Without --hard, an authority can reopen it.
    #[arg(long)]
    hard: bool,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Close {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Close { year, month, hard, posting } = self;
        let close = if hard { event::Close::Hard } else { event::Close::Soft };
        write::post(ClosePeriod { year, month, close }.into(), posting)
    }
}
