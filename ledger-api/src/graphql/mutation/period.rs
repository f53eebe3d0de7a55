//! Periods and baselines: close, reopen, strike.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::posting::{Malformed, PostingPayload, submit};
use crate::graphql::scalars::{Baseline, Year, YearMonth};
use crate::graphql::year::Close;

/// Strike a named baseline: it copies the revised figure of every line of the year.
#[derive(InputObject)]
pub(super) struct StrikeBaseline {
    /// The year.
    year: Year,
    /// Its name, unique in the year; the one called `original` is what original budgets are.
    name: Baseline,
}

impl CommandInput for StrikeBaseline {
    fn command(self) -> Result<Command, Malformed> {
        Ok(command::StrikeBaseline { year: self.year.0, name: self.name.0 }.into())
    }
}

mutation_input!(
    /// A baseline to strike, and what the posting says about itself.
    StrikeBaselineInput(StrikeBaseline)
);

/// Close a month for the whole book, or (hard only) a whole year.
#[derive(InputObject)]
pub(super) struct ClosePeriod {
    /// The year.
    year: Year,
    /// The month; the whole year where left out.
    month: Option<YearMonth>,
    /// Soft can be reopened; hard never.
    close: Close,
}

impl CommandInput for ClosePeriod {
    fn command(self) -> Result<Command, Malformed> {
        let ClosePeriod { year, month, close } = self;
        let (month, close) = (month.map(Into::into), close.into());
        Ok(command::ClosePeriod { year: year.0, month, close }.into())
    }
}

mutation_input!(
    /// A period to close, and what the posting says about itself.
    ClosePeriodInput(ClosePeriod)
);

/// Reopen a softly closed month. An authority is required.
#[derive(InputObject)]
pub(super) struct ReopenPeriod {
    /// The year.
    year: Year,
    /// The month.
    month: YearMonth,
}

impl CommandInput for ReopenPeriod {
    fn command(self) -> Result<Command, Malformed> {
        Ok(command::ReopenPeriod { year: self.year.0, month: self.month.0 }.into())
    }
}

mutation_input!(
    /// A period to reopen, and what the posting says about itself.
    ReopenPeriodInput(ReopenPeriod)
);

#[derive(Debug, Default)]
pub(super) struct PeriodMutation;

#[Object]
impl PeriodMutation {
    /// Strike a named baseline of a year. None is ever overwritten.
    async fn strike_baseline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to strike, and why.")] input: StrikeBaselineInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Close a month for the whole book, or (hard only) a whole year.
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
