//! Forecasts and profiles.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};
use ledger_core::domain::event;
use ledger_core::domain::profile::Profile;

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::kit::scalars::{Line, LogPosition, MoneyGbp, YearMonth};
use crate::graphql::mutation::posting::{FieldError, PostingPayload, submit};

/// One of the two forecast series, which are kept apart.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "event::Series")]
pub(crate) enum Series {
    /// The forecast reported upwards.
    Reported,
    /// The forecast managers work with.
    Internal,
}

/// State a full-year forecast.
#[derive(InputObject)]
pub(crate) struct ReviseForecast {
    /// The line.
    line: Line,
    /// The month the forecast is stated in.
    month: YearMonth,
    /// Reported or internal.
    #[graphql(default_with = "Series::Reported")]
    series: Series,
    /// The outturn expected for the whole year.
    amount: MoneyGbp,
    /// The outturn by month: twelve amounts from M1 to M12 that sum to it.
    phasing: Option<Vec<MoneyGbp>>,
}

impl CommandInput for ReviseForecast {
    fn command(self) -> Result<Command, FieldError> {
        let ReviseForecast { line, month, series, amount, phasing } = self;
        let phased = |months: Vec<MoneyGbp>| {
            months.into_iter().map(|month| command::PhasedAmount(month.0)).collect()
        };
        Ok(command::ReviseForecast {
            line: line.0,
            month: month.0,
            series: series.into(),
            amount: amount.0,
            phasing: phasing.map(phased),
        }
        .into())
    }
}

mutation_input!(
    /// The forecast to state, and the posting fields.
    ReviseForecastInput(ReviseForecast)
);

/// Withdraw the forecasts that an entry stated.
#[derive(InputObject)]
pub(crate) struct WithdrawForecast {
    /// The position of the entry.
    entry: LogPosition,
    /// Only those of this line.
    line: Option<Line>,
}

impl CommandInput for WithdrawForecast {
    fn command(self) -> Result<Command, FieldError> {
        let (entry, line) = (self.entry.0, self.line.map(Into::into));
        Ok(command::WithdrawForecast { entry, line }.into())
    }
}

mutation_input!(
    /// The forecasts to withdraw, and the posting fields.
    WithdrawForecastInput(WithdrawForecast)
);

/// Set a line's monthly profile, which decides its plan to date.
#[derive(InputObject)]
pub(crate) struct SetProfile {
    /// The line.
    line: Line,
    /// Twelve weights from 0 to 65535, April first, not all of them 0.
    weights: Vec<u16>,
}

impl CommandInput for SetProfile {
    fn command(self) -> Result<Command, FieldError> {
        let wrong = |error: &dyn std::fmt::Display| FieldError::new("weights", error);
        let count = self.weights.len();
        let weights = self.weights.try_into();
        let weights: [u16; 12] =
            weights.map_err(|_| wrong(&format!("there are {count} weights: give twelve")))?;
        let profile = Profile::new(weights).map_err(|error| wrong(&error))?;
        Ok(command::SetProfile { line: self.line.0, profile }.into())
    }
}

mutation_input!(
    /// The profile to set, and the posting fields.
    SetProfileInput(SetProfile)
);

#[derive(Debug, Default)]
pub(crate) struct ForecastMutation;

#[Object]
impl ForecastMutation {
    /// State a full-year forecast.
    async fn revise_forecast(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to state, and why.")] input: ReviseForecastInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Withdraw the forecasts that an entry stated. The latest other one of the line then stands, or
    /// none.
    async fn withdraw_forecast(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to withdraw, and why.")] input: WithdrawForecastInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Set a line's monthly profile.
    async fn set_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to set, and why.")] input: SetProfileInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
