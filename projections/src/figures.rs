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
    /// The credits in it that concern earlier years, line by line: 0.00 or less.
    pub prior_credit: Pence,
    /// The outturn: spend, and the accruals open when the year was hard-closed. None in an open
    /// year, and up to a month before M12.
    pub outturn: Option<Pence>,
    /// The latest reported full-year forecasts.
    pub forecast: ForecastSum,
    /// The latest internal full-year forecasts.
    pub internal_forecast: ForecastSum,
    /// Whether the year is hard-closed.
    pub closed: bool,
    /// Whether a month before M12 is asked for by name.
    pub to_month: bool,
    /// Whether an inferred entry contributes to any figure.
    pub inferred: bool,
}

/// The forecasts of the lines of a sum, in pence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ForecastSum {
    /// The sum of the forecasts stated; None without one, which differs from 0.00.
    pub known: Option<Pence>,
    /// The revised budget of the lines with a forecast.
    pub of: Pence,
    /// Whether a line with budget has none.
    pub in_part: bool,
}

impl ForecastSum {
    const fn of_line(stated: Option<Pence>, revised: Pence) -> Self {
        match stated {
            Some(_) => ForecastSum { known: stated, of: revised, in_part: false },
            None => ForecastSum { known: None, of: Pence::ZERO, in_part: !revised.is_zero() },
        }
    }

    fn add(&mut self, other: &ForecastSum) {
        add(&mut self.known, other.known);
        self.of = self.of.plus(other.of);
        self.in_part |= other.in_part;
    }

    /// The forecast of the sum; None unless every line with budget has one.
    pub const fn whole(&self) -> Option<Pence> {
        if self.in_part { None } else { self.known }
    }
}

/// Adds a figure that may be missing to one that may be.
const fn add(sum: &mut Option<Pence>, figure: Option<Pence>) {
    if let Some(figure) = figure {
        *sum = Some(match *sum {
            Some(sum) => sum.plus(figure),
            None => figure,
        });
    }
}

/// The two figures a variance compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VarianceBasis {
    /// Revised less outturn: the year is hard-closed.
    Outturn,
    /// Revised less forecast: every line with budget has a reported forecast.
    Forecast,
    /// The budget of the lines with a reported forecast, less their forecasts: in part.
    ForecastPart,
    /// Plan to date less actual: a month before M12 is named, or none of the above.
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
    /// The forecast is above the budget it covers.
    ForecastOver,
    /// The variance on outturn or forecast exceeds the policy's share of the budget it covers.
    Underspending,
    /// The year is open and has no reported forecast.
    NoForecast,
    /// None of the above.
    OnTrack,
}

impl Figures {
    pub(crate) fn of_line(measures: &Measures) -> Self {
        let pence = |measure| Pence::new(measures.get(measure));
        let stated = |lines, level| (measures.get(lines) > 0).then(|| pence(level));
        let revised = pence(Measure::Revised);
        let forecast = stated(Measure::ForecastLines, Measure::Forecast);
        let internal = stated(Measure::InternalLines, Measure::Internal);
        Figures {
            original: None,
            revised,
            plan_to_date: Pence::ZERO,
            through: None,
            committed: pence(Measure::Committed),
            accrued: pence(Measure::Accrued),
            actual: pence(Measure::Actual),
            prior_credit: Pence::ZERO,
            outturn: None,
            forecast: ForecastSum::of_line(forecast, revised),
            internal_forecast: ForecastSum::of_line(internal, revised),
            closed: false,
            to_month: false,
            inferred: false,
        }
    }

    /// Adds another line's figures.
    pub fn add(&mut self, other: &Figures) {
        add(&mut self.original, other.original);
        self.revised = self.revised.plus(other.revised);
        self.plan_to_date = self.plan_to_date.plus(other.plan_to_date);
        self.through = self.through.or(other.through);
        self.committed = self.committed.plus(other.committed);
        self.accrued = self.accrued.plus(other.accrued);
        self.actual = self.actual.plus(other.actual);
        self.prior_credit = self.prior_credit.plus(other.prior_credit);
        add(&mut self.outturn, other.outturn);
        self.forecast.add(&other.forecast);
        self.internal_forecast.add(&other.internal_forecast);
        self.closed |= other.closed;
        self.to_month |= other.to_month;
        self.inferred |= other.inferred;
    }

    /// The sum of some lines' figures; None without a line.
    pub fn sum<'f>(mut lines: impl Iterator<Item = &'f Figures>) -> Option<Figures> {
        let mut sum = *lines.next()?;
        lines.for_each(|line| sum.add(line));
        Some(sum)
    }

    /// What may still be spent: revised less actual, accruals and commitments. Credits that concern
    /// earlier years do not count.
    pub const fn available(&self) -> Pence {
        let spent = self.actual.minus(self.prior_credit);
        self.revised.minus(spent).minus(self.accrued).minus(self.committed)
    }

    /// The outturn once there is one, else the spend so far.
    pub fn spent(&self) -> Pence {
        self.outturn.unwrap_or(self.actual)
    }

    /// The unspent part of the revised budget, never below zero: by outturn, else by forecast, else
    /// by spend so far. Up to a month before M12, the unspent part of the plan to date.
    pub fn underspend(&self) -> Pence {
        let left = if self.to_month {
            self.plan_to_date.minus(self.actual)
        } else {
            let spent = self.outturn.or(self.forecast.whole()).unwrap_or(self.actual);
            self.revised.minus(spent)
        };
        left.max(Pence::ZERO)
    }

    /// The variance and its basis.
    pub const fn variance(&self) -> (Pence, VarianceBasis) {
        let Figures { revised, forecast, .. } = *self;
        match (self.outturn, forecast.known) {
            _ if self.to_month => {}
            (Some(outturn), _) => return (revised.minus(outturn), VarianceBasis::Outturn),
            (None, Some(known)) if forecast.in_part => {
                return (forecast.of.minus(known), VarianceBasis::ForecastPart);
            }
            (None, Some(known)) => return (revised.minus(known), VarianceBasis::Forecast),
            (None, None) => {}
        }
        (self.plan_to_date.minus(self.actual), VarianceBasis::ToDate)
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
        let ForecastSum { known, of, .. } = self.forecast;
        let (variance, basis) = self.variance();
        let covered = match basis {
            VarianceBasis::Outturn | VarianceBasis::Forecast => Some(self.revised),
            VarianceBasis::ForecastPart => Some(of),
            VarianceBasis::ToDate => None,
        };
        let spent = self.actual.max(self.spent());
        if self.revised.is_zero() && self.actual.is_zero() && spent.is_zero() {
            Status::NoBudget
        } else if spent > self.revised {
            Status::Overspent
        } else if !self.closed && known.is_some_and(|known| known > of) {
            Status::ForecastOver
        } else if covered.is_some_and(|covered| variance > covered.share(underspending_share)) {
            Status::Underspending
        } else if !self.closed && known.is_none() {
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
            forecast: ForecastSum::of_line(forecast.map(Pence::new), Pence::new(revised)),
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

    /// The figures of a hard-closed year.
    fn closed(revised: i64, actual: i64, accrued: i64) -> Figures {
        let (accrued, outturn) = (Pence::new(accrued), Some(Pence::new(actual + accrued)));
        Figures { closed: true, accrued, outturn, ..figures(revised, actual, Some(90)) }
    }

    #[test]
    fn the_basis_is_a_named_month_then_outturn_then_forecast_then_to_date() {
        let plan_to_date = Pence::new(50);
        let of = |figures: Figures| Figures { plan_to_date, ..figures }.variance();
        let (line, closed) = (figures(100, 40, Some(90)), closed(100, 40, 7));
        assert_eq!(of(line), (Pence::new(10), VarianceBasis::Forecast));
        assert_eq!(of(closed), (Pence::new(53), VarianceBasis::Outturn));
        for line in [line, closed] {
            let to_month = Figures { to_month: true, outturn: None, ..line };
            assert_eq!(of(to_month), (Pence::new(10), VarianceBasis::ToDate));
        }
        let open = figures(100, 60, None);
        assert_eq!(of(open), (Pence::new(-10), VarianceBasis::ToDate));
        assert_eq!(Figures { plan_to_date, ..open }.sense(), Sense::Adverse);
    }

    fn total(lines: [Figures; 2]) -> Figures {
        Figures::sum(lines.iter()).expect("two lines")
    }

    #[test]
    fn a_sum_has_a_forecast_only_where_every_line_with_budget_has_one() {
        let share = Decimal::new(1, 1);
        let sum = total([figures(100, 40, Some(85)), figures(200, 10, None)]);
        let part = ForecastSum { known: Some(Pence::new(85)), of: Pence::new(100), in_part: true };
        assert_eq!((sum.forecast, sum.forecast.whole()), (part, None));
        assert_eq!(sum.variance(), (Pence::new(15), VarianceBasis::ForecastPart));
        assert_eq!(sum.status(share), Status::Underspending);
        let over = total([figures(100, 40, Some(101)), figures(200, 10, None)]);
        assert_eq!(over.status(share), Status::ForecastOver);
        let near = total([figures(100, 40, Some(95)), figures(200, 10, None)]);
        assert_eq!(near.status(share), Status::OnTrack, "a forecast stands beside it");
        for without_budget in [figures(0, 0, None), figures(0, 5, None)] {
            let whole = total([figures(100, 40, Some(90)), without_budget]);
            assert_eq!(whole.variance(), (Pence::new(10), VarianceBasis::Forecast));
        }
    }

    #[test]
    fn the_status_is_the_first_that_holds() {
        let share = Decimal::new(1, 1);
        let table = [
            (figures(0, 0, None), Status::NoBudget),
            (figures(0, 5, None), Status::Overspent),
            (figures(100, 101, Some(100)), Status::Overspent),
            (figures(100, 50, Some(101)), Status::ForecastOver),
            (figures(100, 50, Some(89)), Status::Underspending),
            (figures(100, 50, Some(90)), Status::OnTrack),
            (figures(100, 50, None), Status::NoForecast),
            (closed(100, 89, 0), Status::Underspending),
            (closed(100, 85, 5), Status::OnTrack),
            (closed(100, 100, 0), Status::OnTrack),
            (closed(100, 99, 2), Status::Overspent),
            (closed(0, 0, 1), Status::Overspent),
        ];
        for (figures, status) in table {
            assert_eq!(figures.status(share), status, "{figures:?}");
        }
    }
}
