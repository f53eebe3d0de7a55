//! Periods and baselines: close, reopen, strike.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::budget::year::Close;
use crate::graphql::kit::scalars::{Baseline, Year, YearMonth};
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
