//! `budget-ledger forecast`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::command::{PhasedAmount, ReviseForecast};
use ledger_core::domain::event::Series;
use ledger_core::domain::line::LineKey;

use crate::amount::TypedAmount;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// State a full-year forecast.
#[derive(Args)]
pub(super) struct Forecast {
    /// The line.
    line: LineKey,
    /// The outturn expected for the whole year.
    #[arg(allow_hyphen_values = true)]
    amount: TypedAmount,
    /// The month in which it is stated.
    #[arg(long)]
    month: Month,
    /// State it in the internal series, which is kept apart from the reported one.
    #[arg(long)]
    internal: bool,
    /// The same by month: twelve amounts, April to March.
    #[arg(long, value_name = "AMOUNT", num_args = 12)]
    phasing: Option<Vec<TypedAmount>>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Forecast {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Forecast { line, amount: TypedAmount(amount), month, internal, phasing, posting } =
            self;
        write::echo(&[amount]);
        let phased = |TypedAmount(part)| PhasedAmount(part);
        let phasing = phasing.map(|months| months.into_iter().map(phased).collect());
        let series = if internal { Series::Internal } else { Series::Reported };
        write::post(ReviseForecast { line, month, series, amount, phasing }.into(), posting)
    }
}
