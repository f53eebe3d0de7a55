//! `budget-ledger withdraw`

use clap::Args;
use ledger_core::domain::command;
use ledger_core::domain::position::Position;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Withdraw a proposal of yours.
#[derive(Args)]
pub(crate) struct Withdraw {
    /// The number of the proposal, as `queue` shows it.
    proposal: Position,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Withdraw {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Withdraw { proposal, posting } = self;
        write::post(command::WithdrawProposal { proposal }.into(), posting)
    }
}
