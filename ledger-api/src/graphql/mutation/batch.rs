//! Batches: several commands as one entry.

use async_graphql::{Context, InputObject, Object, OneofObject, Result};
use ledger_core::domain::command::Command;

use super::body::{CloseBody, MergeBodies, RegisterBody};
use super::budget::{Allocate, Cut, ExchangeBudget, Reallocate, SplitLine};
use super::forecast::{ReviseForecast, SetProfile};
use super::funding::{Earmark, EstablishFund, SettleFunding};
use super::input::CommandInput;
use super::period::{ClosePeriod, ReopenPeriod, StrikeBaseline};
use super::programme::{CancelProgramme, CloseProgramme, OpenProgramme, RenameProgramme};
use super::reversal::Reverse;
use super::spend::{Accrue, Commit, RecordActual, ReleaseCommitment};
use super::underspend::ExplainUnderspend;
use crate::graphql::posting::{Malformed, PostingFields, PostingPayload, submit};

/// A command of a batch: give one.
#[derive(OneofObject)]
pub(super) enum BatchCommand {
    /// Establish a fund.
    EstablishFund(EstablishFund),
    /// Settle money on a fund.
    SettleFunding(SettleFunding),
    /// Earmark a fund's money for funds below it.
    Earmark(Earmark),
    /// Register an organisation.
    RegisterBody(RegisterBody),
    /// Close an organisation.
    CloseBody(CloseBody),
    /// Merge organisations.
    MergeBodies(MergeBodies),
    /// Open a programme.
    OpenProgramme(OpenProgramme),
    /// Give a programme another name.
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
    /// Set a line's monthly profile.
    SetProfile(SetProfile),
    /// Explain part of an underspend.
    ExplainUnderspend(ExplainUnderspend),
    /// Strike a named baseline.
    StrikeBaseline(StrikeBaseline),
    /// Close a month or a year.
    ClosePeriod(ClosePeriod),
    /// Reopen a softly closed month.
    ReopenPeriod(ReopenPeriod),
    /// Reverse an entry.
    Reverse(Reverse),
}

impl CommandInput for BatchCommand {
    fn command(self) -> Result<Command, Malformed> {
        match self {
            BatchCommand::EstablishFund(fields) => fields.command(),
            BatchCommand::SettleFunding(fields) => fields.command(),
            BatchCommand::Earmark(fields) => fields.command(),
            BatchCommand::RegisterBody(fields) => fields.command(),
            BatchCommand::CloseBody(fields) => fields.command(),
            BatchCommand::MergeBodies(fields) => fields.command(),
            BatchCommand::OpenProgramme(fields) => fields.command(),
            BatchCommand::RenameProgramme(fields) => fields.command(),
            BatchCommand::CloseProgramme(fields) => fields.command(),
            BatchCommand::CancelProgramme(fields) => fields.command(),
            BatchCommand::Allocate(fields) => fields.command(),
            BatchCommand::Cut(fields) => fields.command(),
            BatchCommand::Reallocate(fields) => fields.command(),
            BatchCommand::SplitLine(fields) => fields.command(),
            BatchCommand::ExchangeBudget(fields) => fields.command(),
            BatchCommand::Commit(fields) => fields.command(),
            BatchCommand::ReleaseCommitment(fields) => fields.command(),
            BatchCommand::Accrue(fields) => fields.command(),
            BatchCommand::RecordActual(fields) => fields.command(),
            BatchCommand::ReviseForecast(fields) => fields.command(),
            BatchCommand::SetProfile(fields) => fields.command(),
            BatchCommand::ExplainUnderspend(fields) => fields.command(),
            BatchCommand::StrikeBaseline(fields) => fields.command(),
            BatchCommand::ClosePeriod(fields) => fields.command(),
            BatchCommand::ReopenPeriod(fields) => fields.command(),
            BatchCommand::Reverse(fields) => fields.command(),
        }
    }
}

/// Commands to post as one entry, and what the posting says about itself.
#[derive(InputObject)]
pub(super) struct PostBatchInput {
    /// The commands, in order: each is judged after those before it, and all are posted or none.
    commands: Vec<BatchCommand>,
    #[graphql(flatten)]
    posting: PostingFields,
}

#[derive(Debug, Default)]
pub(super) struct BatchMutation;

#[Object]
impl BatchMutation {
    /// Post several commands as one entry: a journal. All are posted, or none.
    async fn post_batch(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to post, and why.")] input: PostBatchInput,
    ) -> Result<PostingPayload> {
        let PostBatchInput { commands, posting } = input;
        let commands = commands.into_iter().enumerate().map(|(number, command)| {
            command.command().map_err(|malformed| malformed.in_command(number))
        });
        submit(context, commands.collect::<Result<_, _>>().map(Command::Batch), posting).await
    }
}
