//! Forecasts and profiles.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};
use ledger_core::domain::event;
use ledger_core::domain::profile::Profile;

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::posting::{Malformed, PostingPayload, submit};
use crate::graphql::scalars::{Line, MoneyGbp, YearMonth};

/// Which of two forecasts is meant: they are kept apart.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "event::Series")]
pub(in crate::graphql) enum Series {
    /// What is reported upwards.
    Reported,
    /// What managers work with.
    Internal,
}

/// State a full-year forecast.
#[derive(InputObject)]
pub(super) struct ReviseForecast {
    /// The line.
    line: Line,
    /// The month in which it is stated.
    month: YearMonth,
    /// Reported, or internal.
    #[graphql(default_with = "Series::Reported")]
    series: Series,
    /// The outturn expected for the whole year.
    amount: MoneyGbp,
    /// The same by month, twelve amounts from M1 to M12 that sum to it.
    phasing: Option<Vec<MoneyGbp>>,
}

impl CommandInput for ReviseForecast {
    fn command(self) -> Result<Command, Malformed> {
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
    /// A forecast to state, and what the posting says about itself.
    ReviseForecastInput(ReviseForecast)
);

/// Set a line's monthly profile, by which its plan to date is told.
#[derive(InputObject)]
pub(super) struct SetProfile {
    /// The line.
    line: Line,
    /// Twelve weights from 0 to 65535, April first, not all of them 0.
    weights: Vec<u16>,
}

impl CommandInput for SetProfile {
    fn command(self) -> Result<Command, Malformed> {
        let wrong = |error: &dyn std::fmt::Display| Malformed::new("weights", error);
        let count = self.weights.len();
        let weights = self.weights.try_into();
        let weights: [u16; 12] =
            weights.map_err(|_| wrong(&format!("there are {count} weights: give twelve")))?;
        let profile = Profile::new(weights).map_err(|error| wrong(&error))?;
        Ok(command::SetProfile { line: self.line.0, profile }.into())
    }
}

mutation_input!(
    /// A profile to set, and what the posting says about itself.
    SetProfileInput(SetProfile)
);

#[derive(Debug, Default)]
pub(super) struct ForecastMutation;

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
