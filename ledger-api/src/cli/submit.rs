//! `budget-ledger submit`

use clap::Args;
use ledger_core::domain::command::{self, ProposalVersion};

use super::args::{PostingArgs, ProposalArg};
use super::exit::CliError;
use super::write;

/// Submit a draft for sign-off.
#[derive(Args)]
pub(super) struct Submit {
    /// The proposal, and the version that was read: `51@1`.
    #[arg(value_name = "PROPOSAL@VERSION")]
    proposal: ProposalArg,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Submit {
    pub(super) fn run(self) -> Result<(), CliError> {
        let ProposalVersion { proposal, version } = self.proposal.0;
        write::post(command::SubmitProposal { proposal, version }.into(), self.posting)
    }
}
