//! `budget-ledger reopen`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::command::ReopenPeriod;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Reopen a soft-closed month. Needs --authority.
#[derive(Args)]
pub(crate) struct Reopen {
    /// The financial year, such as 2026-27.
    year: FinancialYear,
    /// The month, such as M7 for October.
    month: Month,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Reopen {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Reopen { year, month, posting } = self;
        write::post(ReopenPeriod { year, month }.into(), posting)
    }
}
