//! Forecasts by month: the level that stands through each month.
//!
//! A forecast is a level, but tables hold sums. So a statement becomes two deltas: the change of
//! the level in its month, and the opposite change in the next month with a level of its own. The
//! sum up to a month is then the latest level stated up to it.

use hashbrown::HashMap;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::event::{Forecast, Series};
use serde::{Deserialize, Serialize};

use super::deltas::Key;
use crate::measure::Measure;

/// The levels stated in each month, by line and series.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Forecasts {
    #[serde(with = "super::rows")]
    levels: HashMap<(u32, Series), Levels>,
    /// In a copy of a year, by line: the months stated before the copy was taken. Their levels are
    /// read from the tables when needed.
    #[serde(skip)]
    before: Vec<StatedMonths>,
}

/// The level stated in each month, if any.
pub(super) type Levels = [Option<i64>; Month::COUNT];

/// The months in which a line's forecasts were stated, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct StatedMonths(u32);

impl StatedMonths {
    /// Notes a delta of the line. Every statement has one in its month, even of 0.00.
    pub(super) const fn note(&mut self, key: Key) {
        let measure = key.measure();
        let shift = if measure == Measure::Forecast.index() {
            Self::shift(Series::Reported)
        } else if measure == Measure::Internal.index() {
            Self::shift(Series::Internal)
        } else {
            return;
        };
        self.0 |= 1 << (shift + key.month());
    }

    const fn shift(series: Series) -> u8 {
        match series {
            Series::Reported => 0,
            Series::Internal => 16,
        }
    }

    fn months(self, series: Series) -> impl DoubleEndedIterator<Item = Month> {
        let of = move |month: &Month| self.0 >> (Self::shift(series) + month.number()) & 1 == 1;
        Month::all().filter(of)
    }
}

/// The measures of a series: the level, and the number of lines with one.
pub(crate) const fn measures(series: Series) -> (Measure, Measure) {
    match series {
        Series::Reported => (Measure::Forecast, Measure::ForecastLines),
        Series::Internal => (Measure::Internal, Measure::InternalLines),
    }
}

/// The month, measure and amount of each delta.
pub(super) type Changes = Vec<(Month, Measure, i64)>;

impl Forecasts {
    /// The forecasts of a copy of a year.
    pub(super) fn of_copy(before: Vec<StatedMonths>) -> Self {
        Forecasts { levels: HashMap::new(), before }
    }

    /// The months stated before the copy was taken whose levels are not known yet.
    pub(super) fn unread_months(&self, line: u32, series: Series) -> Vec<Month> {
        let stated = self.before.get(line as usize).copied().unwrap_or_default();
        if stated == StatedMonths::default() || self.levels.contains_key(&(line, series)) {
            return Vec::new();
        }
        stated.months(series).collect()
    }

    /// Adds the levels of a line from before the copy was taken.
    pub(super) fn set_levels(&mut self, line: u32, series: Series, levels: Levels) {
        self.levels.insert((line, series), levels);
    }

    /// The last month in which a reported forecast of the line was stated.
    pub(super) fn last_reported_month(&self, line: u32) -> Option<Month> {
        if let Some(levels) = self.levels.get(&(line, Series::Reported)) {
            return Month::all().rfind(|month| levels[month.index()].is_some());
        }
        self.before.get(line as usize)?.months(Series::Reported).next_back()
    }

    /// Adds a statement and returns its deltas. Its own month always has one, even of 0.00, so that
    /// the statement counts as a contribution.
    pub(super) fn state(&mut self, line: u32, forecast: &Forecast) -> Changes {
        let levels = self.levels.entry((line, forecast.series)).or_default();
        let (level, count) = measures(forecast.series);
        let index = forecast.month.index();
        let before = levels[..=index].iter().rev().find_map(|level| *level);
        let pence = forecast.pence.get();
        levels[index] = Some(pence);
        let change = pence - before.unwrap_or(0);
        let mut changes = vec![(forecast.month, level, change)];
        let later = Month::all().find(|m| *m > forecast.month && levels[m.index()].is_some());
        changes.extend(later.filter(|_| change != 0).map(|month| (month, level, -change)));
        if before.is_none() {
            changes.push((forecast.month, count, 1));
            changes.extend(later.map(|month| (month, count, -1)));
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::domain::money::Pence;

    use super::*;

    #[test]
    fn the_sum_up_to_a_month_is_the_latest_level_stated_up_to_it() {
        let statements = [(6, 100), (3, 80), (6, 90), (9, 0), (3, -5), (12, 7), (1, 1)];
        let mut forecasts = Forecasts::default();
        let mut stated = [None; Month::COUNT];
        let mut changes = Changes::new();
        for (month, pence) in statements {
            let month = Month::new(month).expect("a month");
            let forecast = Forecast {
                line: "A/B/2017-18/capital".parse().expect("a line"),
                month,
                series: Series::Reported,
                pence: Pence::new(pence),
                phasing: None,
            };
            stated[month.index()] = Some(pence);
            changes.extend(forecasts.state(0, &forecast));
            for through in Month::all() {
                let sum = |wanted| -> i64 {
                    let up_to = changes
                        .iter()
                        .filter(|(m, measure, _)| *m <= through && *measure == wanted);
                    up_to.map(|(_, _, amount)| amount).sum()
                };
                let latest = stated[..=through.index()].iter().rev().find_map(|level| *level);
                assert_eq!(sum(Measure::Forecast), latest.unwrap_or(0), "through {through}");
                let lines = i64::from(latest.is_some());
                assert_eq!(sum(Measure::ForecastLines), lines, "through {through}");
            }
        }
    }
}
