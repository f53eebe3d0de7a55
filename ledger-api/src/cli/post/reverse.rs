//! `budget-ledger reverse`

use clap::Args;
use ledger_core::domain::command;
use ledger_core::domain::position::Position;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Reverse a whole entry. Each entry can be reversed once. To post another in its place at the same
/// time, give the other verb `--corrects ENTRY`.
#[derive(Args)]
pub(crate) struct Reverse {
    /// The number of the entry, as `log` shows it.
    entry: Position,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Reverse {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Reverse { entry, posting } = self;
        write::post(command::Reverse { entry }.into(), posting)
    }
}
