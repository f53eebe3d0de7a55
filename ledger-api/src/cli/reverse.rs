//! `budget-ledger reverse`

use clap::Args;
use ledger_core::domain::command;
use ledger_core::domain::position::Position;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Reverse one entry, whole, once: the only way to correct a posting.
#[derive(Args)]
pub(super) struct Reverse {
    /// Its position.
    entry: Position,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Reverse {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Reverse { entry, posting } = self;
        write::post(command::Reverse { entry }.into(), posting)
    }
}
