//! A line month by month: plan, spend and forecast.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::event::Series;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::profile::Profile;

use crate::measure::Measure;
use crate::{Moment, ReadModels};

/// A line's figures in one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthFigures {
    /// The month.
    pub month: Month,
    /// The month's part of the revised budget; nothing in M13.
    pub plan: Pence,
    /// Spend in the month.
    pub actual: Pence,
    /// The month's part of the reported forecast; none where there is none.
    pub forecast: Option<Pence>,
}

impl ReadModels {
    /// A line's months; none where it was not open then.
    pub fn months(&self, line: &LineKey, moment: Moment) -> Option<Vec<MonthFigures>> {
        let figures = self.line(line, moment, None)?;
        let year = self.planned.year(line.year)?;
        let number = year.find(line)?;
        let plan = year.statements().profile(number, moment.position).spread(figures.revised);
        let mut actual = [Pence::ZERO; Month::COUNT];
        for contribution in year.behind(number, moment.position, Month::M13) {
            if contribution.measure == Measure::Actual {
                let spent = &mut actual[contribution.month.index()];
                *spent = spent.plus(contribution.pence);
            }
        }
        let forecast = figures.forecast.map(|level| {
            let stated = year.statements().phasings(number, moment.position);
            let reported = stated.filter(|phasing| phasing.series == Series::Reported);
            let latest = reported.max_by_key(|phasing| (phasing.stated, phasing.position));
            // A later statement without phasing has replaced it if the sums differ.
            let latest = latest.filter(|p| Pence::sum(p.months) == level);
            latest.map_or_else(|| straight_line(level, &actual, year.year(), moment), |p| p.months)
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

/// Spend to date, then what is left of the forecast in equal parts.
fn straight_line(
    level: Pence,
    actual: &[Pence; Month::COUNT],
    year: ledger_core::domain::calendar::FinancialYear,
    moment: Moment,
) -> [Pence; 12] {
    let mut months = [Pence::ZERO; 12];
    let current = moment.time.period().ok();
    let past = match current {
        Some((current, month)) if current == year => usize::from(month.number()),
        Some((current, _)) if current > year => 12,
        _ => 0,
    };
    let spent = &actual[..past];
    months[..past].copy_from_slice(spent);
    let left = level.minus(Pence::sum(spent.iter().copied()));
    let weights = std::array::from_fn(|month| u16::from(month >= past));
    match Profile::new(weights) {
        Ok(ahead) => {
            for (month, part) in months.iter_mut().zip(ahead.spread(left)) {
                *month = month.plus(part);
            }
        }
        // The year is over: what the forecast has beyond spend falls in its last month.
        Err(_) => months[11] = months[11].plus(left),
    }
    months
}
