//! The figures of a line or of a sum of lines: available, variance, status, percent used.
//!
//! Exact meanings are in `docs/glossary.md`.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::money::Pence;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::measure::{Measure, Measures};

/// The figures of a line or sum, in pence, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The budget in the original baseline; None where none was struck.
    pub original: Option<Pence>,
    /// The sum of posted movements. Always full-year.
    pub revised: Pence,
    /// The revised budget, profiled up to the month.
    pub plan_to_date: Pence,
    /// That month; None before the year begins.
    pub through: Option<Month>,
    /// Open commitments.
    pub committed: Pence,
    /// Open accruals.
    pub accrued: Pence,
    /// Spend.
    pub actual: Pence,
    /// The latest reported full-year forecast; None without one.
    pub forecast: Option<Pence>,
    /// The latest internal full-year forecast; None without one.
    pub internal_forecast: Option<Pence>,
    /// Whether the year is hard-closed: the actual is then the outturn.
    pub closed: bool,
    /// Whether every line with budget or spend has a reported forecast.
    pub wholly_forecast: bool,
    /// Whether an inferred entry contributes to any figure.
    pub inferred: bool,
}

/// The two figures a variance compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VarianceBasis {
    /// Revised less outturn: the year is hard-closed.
    Outturn,
    /// Revised less forecast: there is a reported forecast.
    Forecast,
    /// Plan to date less actual: neither of the above.
    ToDate,
}

/// The direction of a variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Sense {
    /// Less spent than planned.
    Favourable,
    /// More spent than planned.
    Adverse,
    /// Spent as planned.
    OnBudget,
}

/// What deserves attention: the first status that holds, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// No budget and no spend.
    NoBudget,
    /// Spend is above the revised budget.
    Overspent,
    /// The forecast is above the revised budget.
    ForecastOver,
    /// The variance on outturn or forecast exceeds the policy's share of the revised budget.
    Underspending,
    /// The year is open and not fully forecast.
    NoForecast,
    /// None of the above.
    OnTrack,
}

impl Figures {
    pub(crate) fn of_line(measures: &Measures) -> Self {
        let pence = |measure| Pence::new(measures.get(measure));
        let stated = |lines, level| (measures.get(lines) > 0).then(|| pence(level));
        let (revised, actual) = (pence(Measure::Revised), pence(Measure::Actual));
        let forecast = stated(Measure::ForecastLines, Measure::Forecast);
        Figures {
            original: None,
            revised,
            plan_to_date: Pence::ZERO,
            through: None,
            committed: pence(Measure::Committed),
            accrued: pence(Measure::Accrued),
            actual,
            forecast,
            internal_forecast: stated(Measure::InternalLines, Measure::Internal),
            closed: false,
            wholly_forecast: forecast.is_some() || (revised.is_zero() && actual.is_zero()),
            inferred: false,
        }
    }

    /// Adds another line's figures. Where only some lines have a forecast, the variance falls back
    /// to the plan to date.
    #[must_use]
    pub fn plus(&self, other: &Figures) -> Figures {
        let both = |a: Option<Pence>, b: Option<Pence>| match (a, b) {
            (Some(a), Some(b)) => Some(a.plus(b)),
            (one, other) => one.or(other),
        };
        Figures {
            original: both(self.original, other.original),
            revised: self.revised.plus(other.revised),
            plan_to_date: self.plan_to_date.plus(other.plan_to_date),
            through: self.through.or(other.through),
            committed: self.committed.plus(other.committed),
            accrued: self.accrued.plus(other.accrued),
            actual: self.actual.plus(other.actual),
            forecast: both(self.forecast, other.forecast),
            internal_forecast: both(self.internal_forecast, other.internal_forecast),
            closed: self.closed || other.closed,
            wholly_forecast: self.wholly_forecast && other.wholly_forecast,
            inferred: self.inferred || other.inferred,
        }
    }

    /// The budget that may still leave the line: revised less actual, accruals and commitments.
    pub const fn available(&self) -> Pence {
        self.revised.minus(self.actual).minus(self.accrued).minus(self.committed)
    }

    /// The unspent part of the revised budget, never below zero: by outturn if closed, else by
    /// forecast, else by actual.
    pub fn underspend(&self) -> Pence {
        let spent = match self.forecast {
            Some(forecast) if !self.closed => forecast,
            _ => self.actual,
        };
        self.revised.minus(spent).max(Pence::ZERO)
    }

    /// The variance and its basis.
    pub const fn variance(&self) -> (Pence, VarianceBasis) {
        match self.forecast {
            _ if self.closed => (self.revised.minus(self.actual), VarianceBasis::Outturn),
            Some(forecast) if self.wholly_forecast => {
                (self.revised.minus(forecast), VarianceBasis::Forecast)
            }
            _ => (self.plan_to_date.minus(self.actual), VarianceBasis::ToDate),
        }
    }

    /// The direction of the variance.
    pub const fn sense(&self) -> Sense {
        let (variance, _) = self.variance();
        if variance.is_positive() {
            Sense::Favourable
        } else if variance.is_negative() {
            Sense::Adverse
        } else {
            Sense::OnBudget
        }
    }

    /// Spend as a percentage of the revised budget, to one decimal, half up; None where the budget
    /// is 0.00 or less.
    pub fn percent_used(&self) -> Option<Decimal> {
        percent(self.actual, self.revised)
    }

    /// The status. `underspending_share` is the policy's threshold.
    pub fn status(&self, underspending_share: Decimal) -> Status {
        let (variance, basis) = self.variance();
        let full_year = basis != VarianceBasis::ToDate;
        if self.revised.is_zero() && self.actual.is_zero() {
            Status::NoBudget
        } else if self.actual > self.revised {
            Status::Overspent
        } else if !self.closed && self.forecast.is_some_and(|forecast| forecast > self.revised) {
            Status::ForecastOver
        } else if full_year && variance > self.revised.share(underspending_share) {
            Status::Underspending
        } else if basis == VarianceBasis::ToDate {
            Status::NoForecast
        } else {
            Status::OnTrack
        }
    }
}

/// A part as a percentage of a whole, to one decimal, half up; None where the whole is 0.00 or
/// less.
pub fn percent(part: Pence, whole: Pence) -> Option<Decimal> {
    if !whole.is_positive() {
        return None;
    }
    let (part, whole) = (i128::from(part.get()), i128::from(whole.get()));
    // Tenths of a percent, half up: the floor of the value plus one half.
    let tenths = (part * 2000 + whole).div_euclid(whole * 2);
    Some(Decimal::from_i128_with_scale(tenths, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(revised: i64, actual: i64, forecast: Option<i64>) -> Figures {
        Figures {
            revised: Pence::new(revised),
            actual: Pence::new(actual),
            forecast: forecast.map(Pence::new),
            wholly_forecast: forecast.is_some(),
            ..Figures::default()
        }
    }

    #[test]
    fn percent_used_is_rounded_half_up_to_one_decimal() {
        let table = [
            (1000, 0, "0.0"),
            (1000, 1000, "100.0"),
            (2000, 1001, "50.1"),
            (3, 1, "33.3"),
            (3, 2, "66.7"),
            (2000, 1, "0.1"),
            (2000, -1, "0.0"),
            (2000, -3, "-0.1"),
            (10, 25, "250.0"),
        ];
        for (revised, actual, percent) in table {
            let used = figures(revised, actual, None).percent_used().map(|p| p.to_string());
            assert_eq!(used.as_deref(), Some(percent), "{actual} of {revised}");
        }
        assert_eq!(figures(0, 5, None).percent_used(), None);
        assert_eq!(figures(-5, 5, None).percent_used(), None);
    }

    #[test]
    fn the_basis_is_outturn_then_forecast_then_to_date() {
        let mut line = figures(100, 40, Some(90));
        assert_eq!(line.variance(), (Pence::new(10), VarianceBasis::Forecast));
        line.closed = true;
        assert_eq!(line.variance(), (Pence::new(60), VarianceBasis::Outturn));
        let open = Figures { plan_to_date: Pence::new(50), ..figures(100, 60, None) };
        assert_eq!(open.variance(), (Pence::new(-10), VarianceBasis::ToDate));
        assert_eq!(open.sense(), Sense::Adverse);
    }

    #[test]
    fn a_partly_forecast_sum_has_the_basis_to_date() {
        let sum = figures(100, 40, Some(90)).plus(&figures(100, 10, None));
        assert_eq!(sum.forecast, Some(Pence::new(90)));
        assert_eq!(sum.variance().1, VarianceBasis::ToDate);
        let idle = Figures { wholly_forecast: true, ..figures(0, 0, None) };
        assert_eq!(figures(100, 40, Some(90)).plus(&idle).variance().1, VarianceBasis::Forecast);
    }

    #[test]
    fn the_status_is_the_first_that_holds() {
        let share = Decimal::new(1, 1);
        let closed = |revised, actual| Figures { closed: true, ..figures(revised, actual, None) };
        let table = [
            (figures(0, 0, None), Status::NoBudget),
            (figures(0, 5, None), Status::Overspent),
            (figures(100, 101, Some(100)), Status::Overspent),
            (figures(100, 50, Some(101)), Status::ForecastOver),
            (figures(100, 50, Some(89)), Status::Underspending),
            (figures(100, 50, Some(90)), Status::OnTrack),
            (figures(100, 50, None), Status::NoForecast),
            (closed(100, 89), Status::Underspending),
            (closed(100, 90), Status::OnTrack),
            (closed(100, 100), Status::OnTrack),
        ];
        for (figures, status) in table {
            assert_eq!(figures.status(share), status, "{figures:?}");
        }
    }
}
