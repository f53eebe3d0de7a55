//! `budget-ledger baseline`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::command::StrikeBaseline;
use ledger_core::domain::text::BaselineName;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Save every line's revised budget of a year under a name, to compare with later.
#[derive(Args)]
pub(crate) struct Baseline {
    /// The financial year, such as 2026-27.
    year: FinancialYear,
    /// Its name. The baseline `original` is the original budget of the year.
    #[arg(default_value = "original")]
    name: BaselineName,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Baseline {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Baseline { year, name, posting } = self;
        write::post(StrikeBaseline { year, name }.into(), posting)
    }
}
