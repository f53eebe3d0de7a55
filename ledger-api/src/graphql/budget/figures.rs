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
    /// There is a reported forecast: revised budget less forecast.
    Forecast,
    /// Otherwise: plan to date less actual.
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
    /// A forecast above the revised budget.
    ForecastOver,
    /// An underspend, by outturn or forecast, above the policy's share of the revised budget.
    Underspending,
    /// The year is open and has no forecast.
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
    /// The latest reported forecast of the outturn; null, not 0.00, where there is none.
    forecast: Option<MoneyGbp>,
    /// The latest internal forecast, kept apart from the reported one; null where there is none.
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
    /// that is known; never negative.
    underspend: MoneyGbp,
    /// Spend as a share of the revised budget; null where there is no budget.
    percent_used: Option<Percentage>,
    /// The status: the first that applies.
    status: Status,
    /// Whether any figure rests on an inferred entry, one that no source states.
    inferred: bool,
    /// Whether the year is hard-closed, so that `actual` is the outturn.
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
            forecast: figures.forecast.map(Into::into),
            internal_forecast: figures.internal_forecast.map(Into::into),
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
