//! `budget-ledger sign-off`

use clap::Args;
use ledger_core::domain::command;

use crate::cli::args::{PostingArgs, ProposalArg};
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Sign off proposals, all or none. The last signature posts a proposal.
#[derive(Args)]
pub(crate) struct SignOff {
    /// Each proposal and the version you read, as `queue` shows them, such as 118@1.
    #[arg(value_name = "PROPOSAL@VERSION", required = true)]
    proposals: Vec<ProposalArg>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl SignOff {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let SignOff { proposals, posting } = self;
        let proposals = proposals.into_iter().map(|proposal| proposal.0).collect();
        write::post(command::SignOff { proposals }.into(), posting)
    }
}
