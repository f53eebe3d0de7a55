//! `budget-ledger withdraw-forecast`

use clap::Args;
use ledger_core::domain::command;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Withdraw a forecast. The latest other one of the line then stands, or none.
#[derive(Args)]
pub(crate) struct WithdrawForecast {
    /// The number of the entry that stated it, as `log` shows it.
    entry: Position,
    /// Only the forecast of this line, if the entry stated several.
    #[arg(long)]
    line: Option<LineKey>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl WithdrawForecast {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let WithdrawForecast { entry, line, posting } = self;
        write::post(command::WithdrawForecast { entry, line }.into(), posting)
    }
}
