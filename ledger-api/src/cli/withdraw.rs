//! `budget-ledger withdraw`

use clap::Args;
use ledger_core::domain::command;
use ledger_core::domain::position::Position;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Take back a proposal of one's own.
#[derive(Args)]
pub(super) struct Withdraw {
    /// The proposal.
    proposal: Position,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Withdraw {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Withdraw { proposal, posting } = self;
        write::post(command::WithdrawProposal { proposal }.into(), posting)
    }
}
