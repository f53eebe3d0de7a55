//! `budget-ledger baseline`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::command::StrikeBaseline;
use ledger_core::domain::text::BaselineName;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Strike a named baseline: a copy of every line's revised figure of a year.
#[derive(Args)]
pub(super) struct Baseline {
    /// The year.
    year: FinancialYear,
    /// Its name; the one called `original` is what original budgets are.
    #[arg(default_value = "original")]
    name: BaselineName,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Baseline {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Baseline { year, name, posting } = self;
        write::post(StrikeBaseline { year, name }.into(), posting)
    }
}
