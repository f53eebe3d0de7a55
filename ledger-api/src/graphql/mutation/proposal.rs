//! Proposals: propose, submit, revise, sign off, reject, withdraw, review; and delegate.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::actor::Capacity;
use ledger_core::domain::command::{self, Command};

use super::batch::AnyCommand;
use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::kit::scalars::{Body, LogPosition, Moment};
use crate::graphql::mutation::posting::{FieldError, PostingPayload, submit};
use crate::graphql::sign_off::proposal::{ReviewOutcome, Tier};

/// Propose commands. They wait for sign-off even if they pass no limit.
#[derive(InputObject)]
pub(crate) struct Propose {
    /// The commands to propose. Several are posted as one entry or not at all.
    commands: Vec<AnyCommand>,
    /// Keep the proposal as a draft until it is submitted.
    #[graphql(default)]
    draft: bool,
}

/// One command unchanged; several as a batch.
fn joined(commands: Vec<AnyCommand>) -> Result<Box<Command>, FieldError> {
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
    fn command(self) -> Result<Command, FieldError> {
        let Propose { commands, draft } = self;
        Ok(command::Propose { command: joined(commands)?, draft }.into())
    }
}

mutation_input!(
    /// The commands to propose, and the posting fields.
    ProposeInput(Propose)
);

/// A proposal and the version that was read.
#[derive(InputObject)]
pub(crate) struct ProposalVersion {
    /// The number of the proposal.
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
pub(crate) struct SubmitProposal {
    /// The number of the proposal.
    proposal: LogPosition,
    /// The version that was read.
    version: u32,
}

impl CommandInput for SubmitProposal {
    fn command(self) -> Result<Command, FieldError> {
        let SubmitProposal { proposal, version } = self;
        Ok(command::SubmitProposal { proposal: proposal.0, version }.into())
    }
}

mutation_input!(
    /// The draft to submit, and the posting fields.
    SubmitProposalInput(SubmitProposal)
);

/// Replace the commands of a proposal.
#[derive(InputObject)]
pub(crate) struct ReviseProposal {
    /// The number of the proposal.
    proposal: LogPosition,
    /// The version that was read.
    version: u32,
    /// The new commands.
    commands: Vec<AnyCommand>,
}

impl CommandInput for ReviseProposal {
    fn command(self) -> Result<Command, FieldError> {
        let ReviseProposal { proposal, version, commands } = self;
        let command = joined(commands)?;
        Ok(command::ReviseProposal { proposal: proposal.0, version, command }.into())
    }
}

mutation_input!(
    /// The proposal to revise, and the posting fields.
    ReviseProposalInput(ReviseProposal)
);

/// Sign off proposals, all or none.
#[derive(InputObject)]
pub(crate) struct SignOff {
    /// The proposals, each with the version that was read.
    proposals: Vec<ProposalVersion>,
}

impl CommandInput for SignOff {
    fn command(self) -> Result<Command, FieldError> {
        let proposals = self.proposals.into_iter().map(Into::into).collect();
        Ok(command::SignOff { proposals }.into())
    }
}

mutation_input!(
    /// The proposals to sign off, and the posting fields.
    SignOffInput(SignOff)
);

/// Reject a proposal.
#[derive(InputObject)]
pub(crate) struct RejectProposal {
    /// The number of the proposal.
    proposal: LogPosition,
    /// The version that was read.
    version: u32,
}

impl CommandInput for RejectProposal {
    fn command(self) -> Result<Command, FieldError> {
        let RejectProposal { proposal, version } = self;
        Ok(command::RejectProposal { proposal: proposal.0, version }.into())
    }
}

mutation_input!(
    /// The proposal to reject, and the posting fields.
    RejectProposalInput(RejectProposal)
);

/// Withdraw a proposal.
#[derive(InputObject)]
pub(crate) struct WithdrawProposal {
    /// The number of the proposal.
    proposal: LogPosition,
}

impl CommandInput for WithdrawProposal {
    fn command(self) -> Result<Command, FieldError> {
        Ok(command::WithdrawProposal { proposal: self.proposal.0 }.into())
    }
}

mutation_input!(
    /// The proposal to withdraw, and the posting fields.
    WithdrawProposalInput(WithdrawProposal)
);

/// Ask a neighbouring provider to review a proposal.
#[derive(InputObject)]
pub(crate) struct RequestPeerReview {
    /// The proposal's number.
    proposal: LogPosition,
    /// The version to review.
    version: u32,
    /// The provider to ask.
    body: Body,
}

impl CommandInput for RequestPeerReview {
    fn command(self) -> Result<Command, FieldError> {
        let RequestPeerReview { proposal, version, body } = self;
        Ok(command::RequestPeerReview { proposal: proposal.0, version, body: body.0 }.into())
    }
}

mutation_input!(
    /// The review to request, and the posting fields.
    RequestPeerReviewInput(RequestPeerReview)
);

/// Give a review that was asked for.
#[derive(InputObject)]
pub(crate) struct ReviewProposal {
    /// The proposal's number.
    proposal: LogPosition,
    /// The version that was reviewed.
    version: u32,
    /// The provider that was asked.
    body: Body,
    /// The outcome of the review.
    outcome: ReviewOutcome,
}

impl CommandInput for ReviewProposal {
    fn command(self) -> Result<Command, FieldError> {
        let ReviewProposal { proposal, version, body, outcome } = self;
        let (proposal, body, outcome) = (proposal.0, body.0, outcome.into());
        Ok(command::ReviewProposal { proposal, version, body, outcome }.into())
    }
}

mutation_input!(
    /// The review, and the posting fields.
    ReviewProposalInput(ReviewProposal)
);

/// Let another person sign on your behalf.
#[derive(InputObject)]
pub(crate) struct Delegate {
    /// Who may sign, by opaque id.
    to: String,
    /// The tier.
    tier: Tier,
    /// The ICB, the region or the department.
    body: Body,
    /// The start, included. A date means its start, UK time.
    begins: Moment,
    /// The end, not included. A date means its end, UK time.
    ends: Moment,
}

impl CommandInput for Delegate {
    fn command(self) -> Result<Command, FieldError> {
        let Delegate { to, tier, body, begins, ends } = self;
        let to = to.parse().map_err(|error| FieldError::new("to", &error))?;
        let capacity = Capacity { tier: tier.into(), body: body.0 };
        let (begins, ends) = (begins.0.begins(), ends.0.ends());
        Ok(command::Delegate { to, capacity, begins, ends }.into())
    }
}

mutation_input!(
    /// The delegation to give, and the posting fields.
    DelegateInput(Delegate)
);

/// End a delegation before its time.
#[derive(InputObject)]
pub(crate) struct EndDelegation {
    /// The number of the delegation.
    delegation: LogPosition,
}

impl CommandInput for EndDelegation {
    fn command(self) -> Result<Command, FieldError> {
        Ok(command::EndDelegation { delegation: self.delegation.0 }.into())
    }
}

mutation_input!(
    /// The delegation to end, and the posting fields.
    EndDelegationInput(EndDelegation)
);

#[derive(Debug, Default)]
pub(crate) struct ProposalMutation;

#[Object]
impl ProposalMutation {
    /// Propose commands. They wait for sign-off even if they pass no limit.
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

    /// Replace the commands of a proposal. Signatures of the old version no longer count.
    async fn revise_proposal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to revise, and why.")] input: ReviseProposalInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Sign off proposals, all or none. The last signature posts the proposal in the same entry. A
    /// proposal that no longer passes the rules is refused, and nothing is recorded.
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

    /// Withdraw a proposal of your own.
    async fn withdraw_proposal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to withdraw, and why.")] input: WithdrawProposalInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Ask a neighbouring provider to review a proposal. A review blocks nothing.
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
        #[graphql(desc = "The outcome of the review, and why.")] input: ReviewProposalInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Let another person sign on your behalf, for a time.
    async fn delegate(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to delegate to whom, and why.")] input: DelegateInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// End a delegation of your own before its time.
    async fn end_delegation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which to end, and why.")] input: EndDelegationInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
