//! `budget-ledger forecast`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::command::{PhasedAmount, ReviseForecast};
use ledger_core::domain::event::Series;
use ledger_core::domain::line::LineKey;

use crate::text::amount::TypedAmount;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// State the forecast of a line for the whole year.
#[derive(Args)]
pub(crate) struct Forecast {
    /// The line, such as CYBER/XDH/2018-19/unsplit: programme, body, year and class.
    line: LineKey,
    /// The spend expected for the whole year, such as £48.5m.
    #[arg(allow_hyphen_values = true)]
    amount: TypedAmount,
    /// The month you state it in, such as M8 for November.
    #[arg(long)]
    month: Month,
    /// State the internal forecast, which is separate from the reported one.
    #[arg(long)]
    internal: bool,
    /// The forecast of each month: twelve amounts, April to March.
    #[arg(long, value_name = "AMOUNT", num_args = 12)]
    phasing: Option<Vec<TypedAmount>>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Forecast {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Forecast { line, amount: TypedAmount(amount), month, internal, phasing, posting } =
            self;
        write::echo(&[amount]);
        let phased = |TypedAmount(part)| PhasedAmount(part);
        let phasing = phasing.map(|months| months.into_iter().map(phased).collect());
        let series = if internal { Series::Internal } else { Series::Reported };
        write::post(ReviseForecast { line, month, series, amount, phasing }.into(), posting)
    }
}
