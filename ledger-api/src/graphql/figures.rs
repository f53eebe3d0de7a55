//! The figures of a line or of a sum of lines.

use async_graphql::{Enum, SimpleObject};
use ledger_core::domain::line;
use projections::budget::BudgetRow;
use projections::figures;

use super::scalars::{MoneyGbp, Percentage};

/// The Treasury's budget classes, which are separate limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "line::BudgetClass")]
pub(super) enum BudgetClass {
    /// Capital (CDEL).
    Capital,
    /// Revenue (RDEL), which the Treasury calls resource.
    Revenue,
    /// A published figure that gives no split.
    Unsplit,
}

/// What a variance compares.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "figures::VarianceBasis")]
pub(super) enum VarianceBasis {
    /// The year is closed for good: revised less actual.
    Outturn,
    /// A reported forecast stands: revised less forecast.
    Forecast,
    /// Neither: plan to date less actual.
    ToDate,
}

/// Whether a variance is good news.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "figures::Sense")]
pub(super) enum Sense {
    /// Less is spent than planned.
    Favourable,
    /// More is spent than planned.
    Adverse,
    /// Neither.
    OnBudget,
}

/// What deserves attention about figures: the first of these that holds.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "figures::Status")]
pub(super) enum Status {
    /// No budget and no spend.
    NoBudget,
    /// Spend above the revised budget.
    Overspent,
    /// A forecast above the revised budget.
    ForecastOver,
    /// A variance above the policy's share of the revised budget, on outturn or forecast.
    Underspending,
    /// The year is open and no forecast stands.
    NoForecast,
    /// None of these.
    OnTrack,
}

/// Figures at one moment, all of the full year unless said otherwise.
#[derive(SimpleObject)]
pub(super) struct Figures {
    /// The budget when the original baseline was struck; null before.
    original: Option<MoneyGbp>,
    /// The budget now: the sum of posted movements.
    revised: MoneyGbp,
    /// The profiled part of the revised budget up to the month.
    plan_to_date: MoneyGbp,
    /// Open commitments: promised and not yet spent.
    committed: MoneyGbp,
    /// Open accruals: spent and not yet paid.
    accrued: MoneyGbp,
    /// Posted spend; credits count against it.
    actual: MoneyGbp,
    /// The latest reported forecast of the outturn; null where there is none, which is not 0.00.
    forecast: Option<MoneyGbp>,
    /// The latest internal forecast, which is kept apart; null where there is none.
    internal_forecast: Option<MoneyGbp>,
    /// What may still leave: revised less actual, accrued and committed.
    available: MoneyGbp,
    /// What is not spent of what was planned; negative where more is spent. See its basis.
    variance: MoneyGbp,
    /// What the variance compares.
    variance_basis: VarianceBasis,
    /// Whether the variance is good news.
    sense: Sense,
    /// What is not spent of the revised budget by the outturn, else by the forecast, else by the
    /// spend so far; never below zero.
    underspend: MoneyGbp,
    /// Spend as a share of the revised budget; null where there is no budget.
    percent_used: Option<Percentage>,
    /// What deserves attention, the first that holds.
    status: Status,
    /// Whether an entry that no source states, but that was derived, is behind any of them.
    inferred: bool,
    /// Whether the year is closed for good: the actual is the outturn.
    closed: bool,
}

impl Figures {
    pub(super) fn new(figures: &figures::Figures, status: figures::Status) -> Self {
        let (variance, basis) = figures.variance();
        Figures {
            original: figures.original.map(Into::into),
            revised: figures.revised.into(),
            plan_to_date: figures.plan_to_date.into(),
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

    /// The figures of a row; none where nothing is known.
    pub(super) fn of_row(row: &BudgetRow) -> Option<Self> {
        row.figures.as_ref().zip(row.status).map(|(figures, status)| Self::new(figures, status))
    }
}
