//! `budget-ledger submit`

use clap::Args;
use ledger_core::domain::command::{self, ProposalVersion};

use crate::cli::args::{PostingArgs, ProposalArg};
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Submit a draft for sign-off.
#[derive(Args)]
pub(crate) struct Submit {
    /// The proposal and the version you read, as `queue` shows them, such as 118@1.
    #[arg(value_name = "PROPOSAL@VERSION")]
    proposal: ProposalArg,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Submit {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let ProposalVersion { proposal, version } = self.proposal.0;
        write::post(command::SubmitProposal { proposal, version }.into(), self.posting)
    }
}
