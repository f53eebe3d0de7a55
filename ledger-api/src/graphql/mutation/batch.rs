//! Batches: several commands as one entry.

use async_graphql::{Context, InputObject, Object, OneofObject, Result};
use ledger_core::domain::command::Command;

use super::body::{CloseBody, MergeBodies, RegisterBody};
use super::budget::{Allocate, Cut, ExchangeBudget, Reallocate, SplitLine};
use super::forecast::{ReviseForecast, SetProfile, WithdrawForecast};
use super::funding::{CancelFund, Earmark, EstablishFund, SettleFunding};
use super::input::{CommandInput, MutationInput};
use super::offset::LinkOffset;
use super::period::{ClosePeriod, OpenYear, ReopenPeriod, StrikeBaseline, WithdrawBaseline};
use super::policy::AdoptPolicy;
use super::programme::{CancelProgramme, CloseProgramme, OpenProgramme, RenameProgramme};
use super::published::{DefineScope, PublishFigure};
use super::reversal::{Correct, Reverse};
use super::spend::{Accrue, Commit, RecordActual, ReleaseCommitment};
use super::underspend::ExplainUnderspend;
use crate::graphql::mutation::posting::{FieldError, PostingFields, PostingPayload, submit};

/// A command of a batch or a proposal: give exactly one.
#[derive(OneofObject)]
#[graphql(name = "CommandInput")]
pub(crate) enum AnyCommand {
    /// Establish a fund.
    EstablishFund(EstablishFund),
    /// Settle money on a fund.
    SettleFunding(SettleFunding),
    /// Earmark a fund's money for funds below it.
    Earmark(Earmark),
    /// Cancel a fund.
    CancelFund(CancelFund),
    /// Register an organisation.
    RegisterBody(RegisterBody),
    /// Close an organisation.
    CloseBody(CloseBody),
    /// Merge organisations.
    MergeBodies(MergeBodies),
    /// Open a programme.
    OpenProgramme(OpenProgramme),
    /// Rename a programme.
    RenameProgramme(RenameProgramme),
    /// Close a programme.
    CloseProgramme(CloseProgramme),
    /// Cancel a programme.
    CancelProgramme(CancelProgramme),
    /// Allocate a fund's money to lines.
    Allocate(Allocate),
    /// Cut a line's budget.
    Cut(Cut),
    /// Reallocate budget between lines.
    Reallocate(Reallocate),
    /// Split an unsplit line.
    SplitLine(SplitLine),
    /// Exchange budget into the next year.
    ExchangeBudget(ExchangeBudget),
    /// Commit money.
    Commit(Commit),
    /// Release a commitment or accrual.
    ReleaseCommitment(ReleaseCommitment),
    /// Accrue spend.
    Accrue(Accrue),
    /// Record actual spend.
    RecordActual(RecordActual),
    /// State a full-year forecast.
    ReviseForecast(ReviseForecast),
    /// Withdraw a forecast.
    WithdrawForecast(WithdrawForecast),
    /// Set a line's monthly profile.
    SetProfile(SetProfile),
    /// Explain part of an underspend.
    ExplainUnderspend(ExplainUnderspend),
    /// Strike a named baseline.
    StrikeBaseline(StrikeBaseline),
    /// Withdraw a baseline.
    WithdrawBaseline(WithdrawBaseline),
    /// Open a year's lines in the next year.
    OpenYear(OpenYear),
    /// Close a month or a year.
    ClosePeriod(ClosePeriod),
    /// Reopen a softly closed month.
    ReopenPeriod(ReopenPeriod),
    /// Reverse an entry.
    Reverse(Reverse),
    /// Reverse an entry and post its replacement.
    Correct(Correct),
    /// Link an improvement to the deterioration it compensates.
    LinkOffset(LinkOffset),
    /// Define a named total.
    DefineScope(DefineScope),
    /// Record a published figure.
    PublishFigure(PublishFigure),
    /// Adopt a policy.
    AdoptPolicy(AdoptPolicy),
}

impl CommandInput for AnyCommand {
    fn command(self) -> Result<Command, FieldError> {
        match self {
            AnyCommand::EstablishFund(fields) => fields.command(),
            AnyCommand::SettleFunding(fields) => fields.command(),
            AnyCommand::Earmark(fields) => fields.command(),
            AnyCommand::CancelFund(fields) => fields.command(),
            AnyCommand::RegisterBody(fields) => fields.command(),
            AnyCommand::CloseBody(fields) => fields.command(),
            AnyCommand::MergeBodies(fields) => fields.command(),
            AnyCommand::OpenProgramme(fields) => fields.command(),
            AnyCommand::RenameProgramme(fields) => fields.command(),
            AnyCommand::CloseProgramme(fields) => fields.command(),
            AnyCommand::CancelProgramme(fields) => fields.command(),
            AnyCommand::Allocate(fields) => fields.command(),
            AnyCommand::Cut(fields) => fields.command(),
            AnyCommand::Reallocate(fields) => fields.command(),
            AnyCommand::SplitLine(fields) => fields.command(),
            AnyCommand::ExchangeBudget(fields) => fields.command(),
            AnyCommand::Commit(fields) => fields.command(),
            AnyCommand::ReleaseCommitment(fields) => fields.command(),
            AnyCommand::Accrue(fields) => fields.command(),
            AnyCommand::RecordActual(fields) => fields.command(),
            AnyCommand::ReviseForecast(fields) => fields.command(),
            AnyCommand::WithdrawForecast(fields) => fields.command(),
            AnyCommand::SetProfile(fields) => fields.command(),
            AnyCommand::ExplainUnderspend(fields) => fields.command(),
            AnyCommand::StrikeBaseline(fields) => fields.command(),
            AnyCommand::WithdrawBaseline(fields) => fields.command(),
            AnyCommand::OpenYear(fields) => fields.command(),
            AnyCommand::ClosePeriod(fields) => fields.command(),
            AnyCommand::ReopenPeriod(fields) => fields.command(),
            AnyCommand::Reverse(fields) => fields.command(),
            AnyCommand::Correct(fields) => fields.command(),
            AnyCommand::LinkOffset(fields) => fields.command(),
            AnyCommand::DefineScope(fields) => fields.command(),
            AnyCommand::PublishFigure(fields) => fields.command(),
            AnyCommand::AdoptPolicy(fields) => fields.command(),
        }
    }
}

/// The commands to post as one entry, and the posting fields.
#[derive(InputObject)]
pub(crate) struct PostBatchInput {
    /// The commands, in order. Each is judged after those before it; all are posted or none.
    commands: Vec<AnyCommand>,
    #[graphql(flatten)]
    posting: PostingFields,
}

impl CommandInput for Vec<AnyCommand> {
    fn command(self) -> Result<Command, FieldError> {
        let commands = self.into_iter().enumerate().map(|(number, command)| {
            command.command().map_err(|malformed| malformed.in_command(number))
        });
        commands.collect::<Result<_, _>>().map(Command::Batch)
    }
}

impl MutationInput for PostBatchInput {
    type Fields = Vec<AnyCommand>;

    fn parts(self) -> (Vec<AnyCommand>, PostingFields) {
        (self.commands, self.posting)
    }
}

#[derive(Debug, Default)]
pub(crate) struct BatchMutation;

#[Object]
impl BatchMutation {
    /// Post several commands as one entry, a journal. All are posted or none.
    async fn post_batch(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to post, and why.")] input: PostBatchInput,
    ) -> Result<PostingPayload> {
        let (commands, posting) = input.parts();
        submit(context, commands.command(), posting).await
    }
}
