//! A line month by month: plan, spend and forecast.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::event::Series;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::profile::Profile;

use crate::Moment;
use crate::measure::Measure;
use crate::scope::Within;

/// A line's figures in one month, in pence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthFigures {
    /// The month.
    pub month: Month,
    /// The month's share of the revised budget; 0.00 in M13.
    pub plan: Pence,
    /// Spend in the month.
    pub actual: Pence,
    /// The month's share of the reported forecast; None where there is no forecast.
    pub forecast: Option<Pence>,
}

impl Within<'_> {
    /// A line's figures for M1 to M13; None where the line is not open, or not in the scope.
    pub fn months(&self, line: &LineKey, moment: Moment) -> Option<Vec<MonthFigures>> {
        let figures = self.line(line, moment, None)?;
        let (year, number) = self.find_line(line, moment.position)?;
        let plan = year.statements().profile(number, moment.position).spread(figures.revised);
        let mut actual = [Pence::ZERO; Month::COUNT];
        let mut last_stated = Month::M1;
        for contribution in year.contributions(number, moment.position, Month::M13) {
            if contribution.measure == Measure::Actual {
                let spent = &mut actual[contribution.month.index()];
                *spent = spent.plus(contribution.pence);
            }
            let (at, month) = (moment.position, contribution.month);
            if contribution.measure == Measure::Forecast && year.has_forecast_of(number, at, month)
            {
                last_stated = last_stated.max(contribution.month);
            }
        }
        let forecast = figures.forecast.known.map(|level| {
            let stated = year.statements().phasings(number, moment.position);
            let reported = stated.filter(|phasing| phasing.series == Series::Reported);
            let latest = reported.max_by_key(|phasing| (phasing.stated, phasing.position));
            // A phasing counts only where no later forecast replaced it.
            let standing = latest.filter(|phasing| phasing.stated == last_stated.number());
            let phased = standing.and_then(|phasing| phasing.months);
            phased.unwrap_or_else(|| straight_line(level, &actual, last_stated))
        });
        let months = Month::all().map(|month| MonthFigures {
            month,
            plan: plan.get(month.index()).copied().unwrap_or_default(),
            actual: actual[month.index()],
            forecast: forecast.map(|f| f.get(month.index()).copied().unwrap_or_default()),
        });
        Some(months.collect())
    }
}

/// Spend up to the month of the forecast, then the rest of the forecast in equal parts.
fn straight_line(level: Pence, actual: &[Pence; Month::COUNT], stated: Month) -> [Pence; 12] {
    let mut months = [Pence::ZERO; 12];
    let past = usize::from(stated.min(Month::M12).number());
    let spent = &actual[..past];
    months[..past].copy_from_slice(spent);
    let left = level.minus(Pence::sum(spent.iter().copied()));
    match Profile::new(std::array::from_fn(|month| u16::from(month >= past))) {
        Ok(ahead) => {
            for (month, part) in months.iter_mut().zip(ahead.spread(left)) {
                *month = month.plus(part);
            }
        }
        // A forecast of M12 or M13 leaves no later month: the rest falls in M12.
        Err(_) => months[11] = months[11].plus(left),
    }
    months
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forecast_without_phasing_is_spend_to_date_and_then_a_straight_line() {
        let mut actual = [Pence::ZERO; Month::COUNT];
        (actual[0], actual[1]) = (Pence::new(100), Pence::new(50));
        let month = |number| Month::new(number).expect("a month");
        let line = |level, stated| {
            straight_line(Pence::new(level), &actual, month(stated)).map(Pence::get)
        };
        assert_eq!(line(1150, 2), [100, 50, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100]);
        assert_eq!(line(161, 2), [100, 50, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!(line(200, 12), [100, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 50]);
        assert_eq!(line(200, 11)[10..], [0, 50]);
    }
}
