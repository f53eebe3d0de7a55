//! `budget-ledger reject`

use clap::Args;
use ledger_core::domain::command::{self, ProposalVersion};

use super::args::{PostingArgs, ProposalArg};
use super::exit::CliError;
use super::write;

/// Reject a proposal.
#[derive(Args)]
pub(super) struct Reject {
    /// The proposal, and the version that was read: `51@1`.
    #[arg(value_name = "PROPOSAL@VERSION")]
    proposal: ProposalArg,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Reject {
    pub(super) fn run(self) -> Result<(), CliError> {
        let ProposalVersion { proposal, version } = self.proposal.0;
        write::post(command::RejectProposal { proposal, version }.into(), self.posting)
    }
}
