//! `budget-ledger sign-off`

use clap::Args;
use ledger_core::domain::command;

use super::args::{PostingArgs, ProposalArg};
use super::exit::CliError;
use super::write;

/// Sign off proposals, all or none. With its last signature a proposal is posted.
#[derive(Args)]
pub(super) struct SignOff {
    /// The proposals, each with the version that was read: `51@1`.
    #[arg(value_name = "PROPOSAL@VERSION", required = true)]
    proposals: Vec<ProposalArg>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl SignOff {
    pub(super) fn run(self) -> Result<(), CliError> {
        let SignOff { proposals, posting } = self;
        let proposals = proposals.into_iter().map(|proposal| proposal.0).collect();
        write::post(command::SignOff { proposals }.into(), posting)
    }
}
