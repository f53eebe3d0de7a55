//! `budget-ledger reopen`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::command::ReopenPeriod;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Reopen a softly closed month. Needs an authority.
#[derive(Args)]
pub(super) struct Reopen {
    /// The year.
    year: FinancialYear,
    /// The month.
    month: Month,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Reopen {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Reopen { year, month, posting } = self;
        write::post(ReopenPeriod { year, month }.into(), posting)
    }
}
