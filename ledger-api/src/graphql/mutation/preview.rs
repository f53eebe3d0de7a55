//! The mutation that previews several postings, and the input that can be any posting.

use async_graphql::{Context, InputObject, Object, OneofObject, Result};
use ledger_core::domain::command::Command;

use super::batch::PostBatchInput;
use super::body::{CloseBodyInput, MergeBodiesInput, RegisterBodyInput};
use super::budget::{
    AllocateInput, CutInput, ExchangeBudgetInput, ReallocateInput, SplitLineInput,
};
use super::forecast::{ReviseForecastInput, SetProfileInput, WithdrawForecastInput};
use super::funding::{CancelFundInput, EarmarkInput, EstablishFundInput, SettleFundingInput};
use super::input::{CommandInput, MutationInput};
use super::offset::LinkOffsetInput;
use super::period::{
    ClosePeriodInput, OpenYearInput, ReopenPeriodInput, StrikeBaselineInput, WithdrawBaselineInput,
};
use super::policy::AdoptPolicyInput;
use super::programme::{
    CancelProgrammeInput, CloseProgrammeInput, OpenProgrammeInput, RenameProgrammeInput,
};
use super::proposal::{
    DelegateInput, EndDelegationInput, ProposeInput, RejectProposalInput, RequestPeerReviewInput,
    ReviewProposalInput, ReviseProposalInput, SignOffInput, SubmitProposalInput,
    WithdrawProposalInput,
};
use super::published::{DefineScopeInput, PublishFigureInput};
use super::reversal::{CorrectInput, ReverseInput};
use super::spend::{AccrueInput, CommitInput, RecordActualInput, ReleaseCommitmentInput};
use super::underspend::ExplainUnderspendInput;
use crate::graphql::kit::page;
use crate::graphql::mutation::posting::{FieldError, PostingFields, PostingPayload};
use crate::graphql::mutation::previewing::preview_all;

/// The input of any posting mutation.
macro_rules! any_posting {
    ($($(#[doc = $doc:literal])* $name:ident($input:ty),)*) => {
        /// A posting: give the input of exactly one mutation, by its name. `dryRun` counts as true.
        #[derive(OneofObject)]
        #[graphql(name = "PostingInput")]
        pub(crate) enum AnyPosting {
            $($(#[doc = $doc])* $name($input),)*
        }

        impl AnyPosting {
            /// The command and the posting fields.
            pub(crate) fn read(self) -> (Result<Command, FieldError>, PostingFields) {
                match self {
                    $(AnyPosting::$name(input) => {
                        let (fields, posting) = input.parts();
                        (fields.command(), posting)
                    })*
                }
            }
        }
    };
}

any_posting! {
    /// Establish a fund.
    EstablishFund(EstablishFundInput),
    /// Settle money on a fund.
    SettleFunding(SettleFundingInput),
    /// Earmark a fund's money for funds below it.
    Earmark(EarmarkInput),
    /// Cancel a fund.
    CancelFund(CancelFundInput),
    /// Register an organisation.
    RegisterBody(RegisterBodyInput),
    /// Close an organisation.
    CloseBody(CloseBodyInput),
    /// Merge organisations.
    MergeBodies(MergeBodiesInput),
    /// Open a programme.
    OpenProgramme(OpenProgrammeInput),
    /// Rename a programme.
    RenameProgramme(RenameProgrammeInput),
    /// Close a programme.
    CloseProgramme(CloseProgrammeInput),
    /// Cancel a programme.
    CancelProgramme(CancelProgrammeInput),
    /// Allocate a fund's money to lines.
    Allocate(AllocateInput),
    /// Cut a line's budget.
    Cut(CutInput),
    /// Reallocate budget between lines.
    Reallocate(ReallocateInput),
    /// Split an unsplit line.
    SplitLine(SplitLineInput),
    /// Exchange budget into the next year.
    ExchangeBudget(ExchangeBudgetInput),
    /// Commit money.
    Commit(CommitInput),
    /// Release a commitment or accrual.
    ReleaseCommitment(ReleaseCommitmentInput),
    /// Accrue spend.
    Accrue(AccrueInput),
    /// Record actual spend.
    RecordActual(RecordActualInput),
    /// State a full-year forecast.
    ReviseForecast(ReviseForecastInput),
    /// Withdraw a forecast.
    WithdrawForecast(WithdrawForecastInput),
    /// Set a line's monthly profile.
    SetProfile(SetProfileInput),
    /// Explain part of an underspend.
    ExplainUnderspend(ExplainUnderspendInput),
    /// Strike a named baseline.
    StrikeBaseline(StrikeBaselineInput),
    /// Withdraw a baseline.
    WithdrawBaseline(WithdrawBaselineInput),
    /// Open a year's lines in the next year.
    OpenYear(OpenYearInput),
    /// Close a month or a year.
    ClosePeriod(ClosePeriodInput),
    /// Reopen a softly closed month.
    ReopenPeriod(ReopenPeriodInput),
    /// Reverse an entry.
    Reverse(ReverseInput),
    /// Reverse an entry and post its replacement.
    Correct(CorrectInput),
    /// Post several commands as one entry.
    PostBatch(PostBatchInput),
    /// Link an improvement to the deterioration it compensates.
    LinkOffset(LinkOffsetInput),
    /// Define a named total.
    DefineScope(DefineScopeInput),
    /// Record a published figure.
    PublishFigure(PublishFigureInput),
    /// Adopt a policy.
    AdoptPolicy(AdoptPolicyInput),
    /// Propose commands.
    Propose(ProposeInput),
    /// Submit a draft for sign-off.
    SubmitProposal(SubmitProposalInput),
    /// Replace the commands of a proposal.
    ReviseProposal(ReviseProposalInput),
    /// Sign off proposals.
    SignOff(SignOffInput),
    /// Reject a proposal.
    RejectProposal(RejectProposalInput),
    /// Withdraw a proposal.
    WithdrawProposal(WithdrawProposalInput),
    /// Ask a neighbouring provider for a review.
    RequestPeerReview(RequestPeerReviewInput),
    /// Give a review that was asked for.
    ReviewProposal(ReviewProposalInput),
    /// Let another person sign on your behalf.
    Delegate(DelegateInput),
    /// End a delegation.
    EndDelegation(EndDelegationInput),
}

/// Postings to judge.
#[derive(InputObject)]
pub(crate) struct PreviewPostingsInput {
    /// The postings, in order: at most 1000.
    postings: Vec<AnyPosting>,
}

#[derive(Debug, Default)]
pub(crate) struct PreviewMutation;

#[Object]
impl PreviewMutation {
    /// Judge several postings without posting any: a dry run of a file. Each is judged as if those
    /// before it were posted; a refused one changes nothing for the next. The answers are in the
    /// same order.
    #[graphql(complexity = "page::one(page::times(input.postings.len(), child_complexity))")]
    async fn preview_postings(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The postings to judge.")] input: PreviewPostingsInput,
    ) -> Result<Vec<PostingPayload>> {
        preview_all(context, input.postings.into_iter().map(AnyPosting::read).collect()).await
    }
}
