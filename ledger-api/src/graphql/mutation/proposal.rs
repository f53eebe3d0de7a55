//! Proposals: propose, submit, revise, sign off, reject, withdraw, review; and delegate.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::actor::Capacity;
use ledger_core::domain::command::{self, Command};

use super::batch::AnyCommand;
use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::posting::{Malformed, PostingPayload, submit};
use crate::graphql::proposal::{ReviewOutcome, Tier};
use crate::graphql::scalars::{Body, LogPosition, Moment};

/// Propose commands: they wait for sign-off, whether they pass a limit or not.
#[derive(InputObject)]
pub(super) struct Propose {
    /// What to propose; several commands are posted as one entry or not at all.
    commands: Vec<AnyCommand>,
    /// Keep it as a draft, which waits for nobody until it is submitted.
    #[graphql(default)]
    draft: bool,
}

/// One command as itself, several as a batch.
fn joined(commands: Vec<AnyCommand>) -> Result<Box<Command>, Malformed> {
    let commands = commands.into_iter().enumerate().map(|(number, command)| {
        command.command().map_err(|malformed| malformed.in_command(number))
    });
    let mut commands = commands.collect::<Result<Vec<_>, _>>()?;
    Ok(Box::new(match commands.len() {
        1 => commands.remove(0),
        _ => Command::Batch(commands),
    }))
}

impl CommandInput for Propose {
    fn command(self) -> Result<Command, Malformed> {
        let Propose { commands, draft } = self;
        Ok(command::Propose { command: joined(commands)?, draft }.into())
    }
}

mutation_input!(
    /// What to propose, and what the posting says about itself.
    ProposeInput(Propose)
);

/// A proposal in the version that was read.
#[derive(InputObject)]
pub(super) struct ProposalVersion {
    /// Its number.
    proposal: LogPosition,
    /// The version that was read.
    version: u32,
}

impl From<ProposalVersion> for command::ProposalVersion {
    fn from(ProposalVersion { proposal, version }: ProposalVersion) -> Self {
        command::ProposalVersion { proposal: proposal.0, version }
    }
}

/// Submit a draft for sign-off.
#[derive(InputObject)]
pub(super) struct SubmitProposal {
    /// Its number.
    proposal: LogPosition,
    /// The version that was read.
    version: u32,
}

impl CommandInput for SubmitProposal {
    fn command(self) -> Result<Command, Malformed> {
        let SubmitProposal { proposal, version } = self;
        Ok(command::SubmitProposal { proposal: proposal.0, version }.into())
    }
}

mutation_input!(
    /// The draft to submit, and what the posting says about itself.
    SubmitProposalInput(SubmitProposal)
);

/// Put other commands in the place of those proposed.
#[derive(InputObject)]
pub(super) struct ReviseProposal {
    /// Its number.
    proposal: LogPosition,
    /// The version that was read.
    version: u32,
    /// What it proposes from now on.
    commands: Vec<AnyCommand>,
}

impl CommandInput for ReviseProposal {
    fn command(self) -> Result<Command, Malformed> {
        let ReviseProposal { proposal, version, commands } = self;
        let command = joined(commands)?;
        Ok(command::ReviseProposal { proposal: proposal.0, version, command }.into())
    }
}

mutation_input!(
    /// The proposal to revise, and what the posting says about itself.
    ReviseProposalInput(ReviseProposal)
);

/// Sign off proposals, all or none.
#[derive(InputObject)]
pub(super) struct SignOff {
    /// The proposals, each in the version that was read.
    proposals: Vec<ProposalVersion>,
}

impl CommandInput for SignOff {
    fn command(self) -> Result<Command, Malformed> {
        let proposals = self.proposals.into_iter().map(Into::into).collect();
        Ok(command::SignOff { proposals }.into())
    }
}

mutation_input!(
    /// The proposals to sign off, and what the posting says about itself.
    SignOffInput(SignOff)
);

/// Reject a proposal.
#[derive(InputObject)]
pub(super) struct RejectProposal {
    /// Its number.
    proposal: LogPosition,
    /// The version that was read.
    version: u32,
}

impl CommandInput for RejectProposal {
    fn command(self) -> Result<Command, Malformed> {
        let RejectProposal { proposal, version } = self;
        Ok(command::RejectProposal { proposal: proposal.0, version }.into())
    }
}

mutation_input!(
    /// The proposal to reject, and what the posting says about itself.
    RejectProposalInput(RejectProposal)
);

/// Take a proposal back.
#[derive(InputObject)]
pub(super) struct WithdrawProposal {
    /// Its number.
    proposal: LogPosition,
}

impl CommandInput for WithdrawProposal {
    fn command(self) -> Result<Command, Malformed> {
        Ok(command::WithdrawProposal { proposal: self.proposal.0 }.into())
    }
}

mutation_input!(
    /// The proposal to take back, and what the posting says about itself.
    WithdrawProposalInput(WithdrawProposal)
);

/// Ask a neighbouring provider for a review of a proposal.
#[derive(InputObject)]
pub(super) struct RequestPeerReview {
    /// The proposal's number.
    proposal: LogPosition,
    /// The version to be reviewed.
    version: u32,
    /// The provider.
    body: Body,
}

impl CommandInput for RequestPeerReview {
    fn command(self) -> Result<Command, Malformed> {
        let RequestPeerReview { proposal, version, body } = self;
        Ok(command::RequestPeerReview { proposal: proposal.0, version, body: body.0 }.into())
    }
}

mutation_input!(
    /// Whom to ask for a review, and what the posting says about itself.
    RequestPeerReviewInput(RequestPeerReview)
);

/// Give a review that was asked for.
#[derive(InputObject)]
pub(super) struct ReviewProposal {
    /// The proposal's number.
    proposal: LogPosition,
    /// The version that was reviewed.
    version: u32,
    /// The provider that was asked.
    body: Body,
    /// What the review comes to.
    outcome: ReviewOutcome,
}

impl CommandInput for ReviewProposal {
    fn command(self) -> Result<Command, Malformed> {
        let ReviewProposal { proposal, version, body, outcome } = self;
        let (proposal, body, outcome) = (proposal.0, body.0, outcome.into());
        Ok(command::ReviewProposal { proposal, version, body, outcome }.into())
    }
}

mutation_input!(
    /// The review, and what the posting says about itself.
    ReviewProposalInput(ReviewProposal)
);

/// Let somebody else sign as what one is.
#[derive(InputObject)]
pub(super) struct Delegate {
    /// Who may sign, by opaque id.
    to: String,
    /// The tier.
    tier: Tier,
    /// The ICB, the region or the department.
    body: Body,
    /// From this moment.
    begins: Moment,
    /// Until before this moment.
    ends: Moment,
}

impl CommandInput for Delegate {
    fn command(self) -> Result<Command, Malformed> {
        let Delegate { to, tier, body, begins, ends } = self;
        let to = to.parse().map_err(|error| Malformed::new("to", &error))?;
        let capacity = Capacity { tier: tier.into(), body: body.0 };
        Ok(command::Delegate { to, capacity, begins: begins.0, ends: ends.0 }.into())
    }
}

mutation_input!(
    /// What to delegate to whom, and what the posting says about itself.
    DelegateInput(Delegate)
);

/// End a delegation before its time.
#[derive(InputObject)]
pub(super) struct EndDelegation {
    /// Its number.
    delegation: LogPosition,
}

impl CommandInput for EndDelegation {
    fn command(self) -> Result<Command, Malformed> {
        Ok(command::EndDelegation { delegation: self.delegation.0 }.into())
    }
}

mutation_input!(
    /// The delegation to end, and what the posting says about itself.
    EndDelegationInput(EndDelegation)
);

#[derive(Debug, Default)]
pub(super) struct ProposalMutation;

#[Object]
impl ProposalMutation {
    /// Propose commands: they wait for sign-off, whether they pass a limit or not.
    async fn propose(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to propose, and why.")] input: ProposeInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Submit a draft for sign-off.
    async fn submit_proposal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to submit, and why.")] input: SubmitProposalInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Put other commands in the place of those proposed. Signatures of the old version fall.
    async fn revise_proposal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to revise, and why.")] input: ReviseProposalInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Sign off proposals, all or none. With its last signature a proposal is posted, in the same
    /// entry; what no longer passes is refused, and nothing is recorded.
    async fn sign_off(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to sign off, and why.")] input: SignOffInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Reject a proposal.
    async fn reject_proposal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to reject, and why.")] input: RejectProposalInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Take back a proposal of one's own.
    async fn withdraw_proposal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to take back, and why.")] input: WithdrawProposalInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Ask a neighbouring provider for a review of a proposal. It blocks nothing.
    async fn request_peer_review(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whom to ask, and why.")] input: RequestPeerReviewInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Give a review that was asked for.
    async fn review_proposal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What the review comes to, and why.")] input: ReviewProposalInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Let somebody else sign as what one is, for a time.
    async fn delegate(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to delegate to whom, and why.")] input: DelegateInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// End a delegation of one's own before its time.
    async fn end_delegation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which to end, and why.")] input: EndDelegationInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
