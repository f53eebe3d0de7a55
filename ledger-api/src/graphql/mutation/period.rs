//! Years, periods and baselines: open, close, reopen, strike, withdraw.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::budget::year::Close;
use crate::graphql::kit::scalars::{Baseline, Body, Fund, Programme, Year, YearMonth};
use crate::graphql::mutation::posting::{FieldError, PostingPayload, submit};

/// Strike a named baseline: a copy of every line's revised budget in the year.
#[derive(InputObject)]
pub(crate) struct StrikeBaseline {
    /// The year.
    year: Year,
    /// The name, unique in the year. The baseline `original` sets the original budgets.
    name: Baseline,
}

impl CommandInput for StrikeBaseline {
    fn command(self) -> Result<Command, FieldError> {
        Ok(command::StrikeBaseline { year: self.year.0, name: self.name.0 }.into())
    }
}

mutation_input!(
    /// The baseline to strike, and the posting fields.
    StrikeBaselineInput(StrikeBaseline)
);

/// Withdraw a baseline that was struck by mistake.
#[derive(InputObject)]
pub(crate) struct WithdrawBaseline {
    /// The year.
    year: Year,
    /// The name, which is free again afterwards.
    name: Baseline,
}

impl CommandInput for WithdrawBaseline {
    fn command(self) -> Result<Command, FieldError> {
        Ok(command::WithdrawBaseline { year: self.year.0, name: self.name.0 }.into())
    }
}

mutation_input!(
    /// The baseline to withdraw, and the posting fields.
    WithdrawBaselineInput(WithdrawBaseline)
);

/// Open the lines of a year in the next year. Lines that are open there already stay as they are;
/// those whose programme or body has ended are left out, and so are restricted programmes that are
/// not named.
#[derive(InputObject)]
pub(crate) struct OpenYear {
    /// The year whose lines are opened in the next.
    from: Year,
    /// The fund that opens them, and pays recurring budget.
    fund: Fund,
    /// Whether each line is allocated its revised budget again. Otherwise lines open at 0.00.
    #[graphql(default)]
    recurring: bool,
    /// Only lines of this programme and those below it.
    programme: Option<Programme>,
    /// Only lines of this body and those below it.
    body: Option<Body>,
    /// The effective month in the next year.
    month: YearMonth,
}

impl CommandInput for OpenYear {
    fn command(self) -> Result<Command, FieldError> {
        let OpenYear { from, fund, recurring, programme, body, month } = self;
        Ok(command::OpenYear {
            from: from.0,
            fund: fund.0,
            recurring,
            programme: programme.map(Into::into),
            body: body.map(Into::into),
            month: month.0,
        }
        .into())
    }
}

mutation_input!(
    /// The lines to open in the next year, and the posting fields.
    OpenYearInput(OpenYear)
);

/// Close a month for the whole book, or a whole year (hard only).
#[derive(InputObject)]
pub(crate) struct ClosePeriod {
    /// The year.
    year: Year,
    /// The month; the whole year if omitted.
    month: Option<YearMonth>,
    /// A soft close can be reopened, a hard close never.
    close: Close,
}

impl CommandInput for ClosePeriod {
    fn command(self) -> Result<Command, FieldError> {
        let ClosePeriod { year, month, close } = self;
        let (month, close) = (month.map(Into::into), close.into());
        Ok(command::ClosePeriod { year: year.0, month, close }.into())
    }
}

mutation_input!(
    /// The period to close, and the posting fields.
    ClosePeriodInput(ClosePeriod)
);

/// Reopen a softly closed month. An authority is required.
#[derive(InputObject)]
pub(crate) struct ReopenPeriod {
    /// The year.
    year: Year,
    /// The month.
    month: YearMonth,
}

impl CommandInput for ReopenPeriod {
    fn command(self) -> Result<Command, FieldError> {
        Ok(command::ReopenPeriod { year: self.year.0, month: self.month.0 }.into())
    }
}

mutation_input!(
    /// The period to reopen, and the posting fields.
    ReopenPeriodInput(ReopenPeriod)
);

#[derive(Debug, Default)]
pub(crate) struct PeriodMutation;

#[Object]
impl PeriodMutation {
    /// Strike a named baseline of a year. Baselines are never overwritten.
    async fn strike_baseline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to strike, and why.")] input: StrikeBaselineInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Withdraw a baseline that was struck by mistake. It always waits for a department approver's
    /// signature.
    async fn withdraw_baseline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to withdraw, and why.")] input: WithdrawBaselineInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Open the lines of a year in the next year, as one entry: at 0.00, or with their budget. A dry
    /// run shows every line.
    async fn open_year(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to open, and why.")] input: OpenYearInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Close a month for the whole book, or a whole year (hard only).
    async fn close_period(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to close, and why.")] input: ClosePeriodInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Reopen a softly closed month. An authority is required.
    async fn reopen_period(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to reopen, and why.")] input: ReopenPeriodInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
