//! The figures of a line or of a sum of lines.

use async_graphql::{Enum, SimpleObject};
use ledger_core::domain::line;
use projections::budget::BudgetRow;
use projections::figures;

use crate::graphql::kit::scalars::{MoneyGbp, Percentage, YearMonth};

/// The Treasury's budget classes. Each is a separate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "line::BudgetClass")]
pub(crate) enum BudgetClass {
    /// Capital (CDEL).
    Capital,
    /// Revenue (RDEL), which the Treasury calls resource.
    Revenue,
    /// Published without a split.
    Unsplit,
}

/// What the variance compares.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "figures::VarianceBasis")]
pub(crate) enum VarianceBasis {
    /// The year is hard-closed: revised budget less outturn.
    Outturn,
    /// Every line with budget has a reported forecast: revised budget less forecast.
    Forecast,
    /// Some lines with budget have a reported forecast: `forecastOf` less `forecastKnown`. The
    /// variance is in part only.
    ForecastPart,
    /// Up to a month before M12, or where there is no forecast: plan to date less actual.
    ToDate,
}

/// Whether a variance is favourable.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "figures::Sense")]
pub(crate) enum Sense {
    /// Less is spent than planned.
    Favourable,
    /// More is spent than planned.
    Adverse,
    /// Exactly what was planned is spent.
    OnBudget,
}

/// The status of figures: the first of these that applies.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "figures::Status")]
pub(crate) enum Status {
    /// No budget and no spend.
    NoBudget,
    /// Spend above the revised budget.
    Overspent,
    /// A forecast above the budget it covers.
    ForecastOver,
    /// An underspend, by outturn or forecast, above the policy's share of the budget it covers.
    Underspending,
    /// The year is open and has no reported forecast.
    NoForecast,
    /// None of these.
    OnTrack,
}

/// Figures at one moment, of the full year unless stated otherwise.
#[derive(SimpleObject)]
pub(crate) struct Figures {
    /// The budget when the original baseline was struck; null before that.
    original: Option<MoneyGbp>,
    /// The budget now: the sum of posted movements.
    revised: MoneyGbp,
    /// The profiled part of the revised budget up to the month.
    plan_to_date: MoneyGbp,
    /// The month the plan to date runs to; null before the year begins.
    through: Option<YearMonth>,
    /// Open commitments: promised and not yet spent.
    committed: MoneyGbp,
    /// Open accruals: spent and not yet paid.
    accrued: MoneyGbp,
    /// Posted spend; credits count against it.
    actual: MoneyGbp,
    /// The outturn of a hard-closed year: its spend, and the accruals open when it was closed. Null
    /// in an open year, and up to a month before M12.
    outturn: Option<MoneyGbp>,
    /// The latest reported forecast of the outturn; null, not 0.00, unless every line with budget
    /// has one.
    forecast: Option<MoneyGbp>,
    /// The sum of the reported forecasts that lines have; null where none has one.
    forecast_known: Option<MoneyGbp>,
    /// The revised budget of the lines in `forecastKnown`; null where there are none.
    forecast_of: Option<MoneyGbp>,
    /// The latest internal forecast, kept apart from the reported one; null unless every line with
    /// budget has one.
    internal_forecast: Option<MoneyGbp>,
    /// What can still be moved or committed: revised less actual, accrued and committed.
    available: MoneyGbp,
    /// Planned less spent, on the basis in `varianceBasis`; negative for an overspend.
    variance: MoneyGbp,
    /// What the variance compares.
    variance_basis: VarianceBasis,
    /// Whether the variance is favourable.
    sense: Sense,
    /// The revised budget less the outturn, the forecast or the spend so far, the first of these
    /// that is known; up to a month before M12, the plan to date less the spend. Never negative.
    underspend: MoneyGbp,
    /// Spend as a share of the revised budget; null where there is no budget.
    percent_used: Option<Percentage>,
    /// The status: the first that applies.
    status: Status,
    /// Whether any figure rests on an inferred entry, one that no source states.
    inferred: bool,
    /// Whether the year is hard-closed.
    closed: bool,
}

impl Figures {
    pub(crate) fn new(figures: &figures::Figures, status: figures::Status) -> Self {
        let (variance, basis) = figures.variance();
        Figures {
            original: figures.original.map(Into::into),
            revised: figures.revised.into(),
            plan_to_date: figures.plan_to_date.into(),
            through: figures.through.map(Into::into),
            committed: figures.committed.into(),
            accrued: figures.accrued.into(),
            actual: figures.actual.into(),
            outturn: figures.outturn.map(Into::into),
            forecast: figures.forecast.whole().map(Into::into),
            forecast_known: figures.forecast.known.map(Into::into),
            forecast_of: figures.forecast.known.map(|_| figures.forecast.of.into()),
            internal_forecast: figures.internal_forecast.whole().map(Into::into),
            available: figures.available().into(),
            variance: variance.into(),
            variance_basis: basis.into(),
            sense: figures.sense().into(),
            underspend: figures.underspend().into(),
            percent_used: figures.percent_used().map(Into::into),
            status: status.into(),
            inferred: figures.inferred,
            closed: figures.closed,
        }
    }

    /// The figures of a row; `None` where it has none.
    pub(crate) fn of_row(row: &BudgetRow) -> Option<Self> {
        row.figures.as_ref().zip(row.status).map(|(figures, status)| Self::new(figures, status))
    }
}
