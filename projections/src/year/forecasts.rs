//! Forecasts by month: the level that stands through each month.
//!
//! A forecast is a level, but tables hold sums. So a statement becomes two deltas: the change of
//! the level in its month, and the opposite change in the next month with a level of its own. The
//! sum up to a month is then the latest level stated up to it. A withdrawal changes the level of its
//! month likewise, to that of another statement, or to none.

use hashbrown::HashMap;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::event::{Forecast, ForecastWithdrawn, Series};
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use serde::{Deserialize, Serialize};

use super::Year;
use super::deltas::{Delta, Key};
use crate::measure::Measure;

/// The levels stated in each month, by line and series.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Forecasts {
    #[serde(with = "super::rows")]
    levels: HashMap<(u32, Series), Levels>,
    /// Of lines with a month left without a forecast: each such withdrawal, and the statements that
    /// follow.
    #[serde(with = "super::rows")]
    emptied: HashMap<(u32, Series), Vec<Emptied>>,
    /// In a copy of a year, by line: the months stated before the copy was taken. Their levels are
    /// read from the tables when needed.
    #[serde(skip)]
    before: Vec<StatedMonths>,
}

/// A month that a withdrawal left without a forecast, or that a later statement gave one again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Emptied {
    at: Position,
    month: Month,
    stated: bool,
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

    const fn set(&mut self, series: Series, month: Month, stated: bool) {
        let bit = 1 << (Self::shift(series) + month.number());
        if stated {
            self.0 |= bit;
        } else {
            self.0 &= !bit;
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
    /// The forecasts of a copy of a year as at a position. `before` has the months with deltas.
    pub(super) fn until(&self, at: Position, mut before: Vec<StatedMonths>) -> Self {
        let by_then = |rows: &[Emptied]| -> Vec<Emptied> {
            rows.iter().take_while(|one| one.at <= at).copied().collect()
        };
        let emptied = self.emptied.iter().map(|(key, rows)| (*key, by_then(rows)));
        let emptied: HashMap<_, _> = emptied.filter(|(_, rows)| !rows.is_empty()).collect();
        for ((line, series), rows) in &emptied {
            let Some(months) = before.get_mut(*line as usize) else { continue };
            rows.iter().for_each(|one| months.set(*series, one.month, one.stated));
        }
        Forecasts { levels: HashMap::new(), emptied, before }
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

    /// The last month in which a forecast of the line was stated.
    pub(super) fn last_month(&self, line: u32, series: Series) -> Option<Month> {
        if let Some(levels) = self.levels.get(&(line, series)) {
            return Month::all().rfind(|month| levels[month.index()].is_some());
        }
        self.before.get(line as usize)?.months(series).next_back()
    }

    /// Whether a withdrawal left a month without a reported forecast.
    pub(super) fn is_emptied(&self, line: u32, at: Position, month: Month) -> bool {
        let rows = self.emptied.get(&(line, Series::Reported)).map_or(&[][..], Vec::as_slice);
        let of_month = |one: &&Emptied| one.at <= at && one.month == month;
        rows.iter().rfind(of_month).is_some_and(|one| !one.stated)
    }

    /// Adds a statement and returns its deltas. Its own month always has one, even of 0.00, so that
    /// the statement counts as a contribution.
    pub(super) fn state(&mut self, at: Position, line: u32, forecast: &Forecast) -> Changes {
        let Forecast { series, month, pence, .. } = *forecast;
        if let Some(emptied) = self.emptied.get_mut(&(line, series)) {
            emptied.push(Emptied { at, month, stated: true });
        }
        self.set(line, series, month, Some(pence.get()))
    }

    /// Adds a withdrawal and returns its deltas, as of a statement.
    pub(super) fn withdraw(
        &mut self,
        at: Position,
        line: u32,
        withdrawn: &ForecastWithdrawn,
    ) -> Changes {
        let ForecastWithdrawn { series, month, stands, .. } = *withdrawn;
        if stands.is_none() {
            let emptied = self.emptied.entry((line, series)).or_default();
            emptied.push(Emptied { at, month, stated: false });
        }
        self.set(line, series, month, stands.map(Pence::get))
    }

    /// Sets the level of a month.
    fn set(&mut self, line: u32, series: Series, month: Month, new: Option<i64>) -> Changes {
        let levels = self.levels.entry((line, series)).or_default();
        let (level, count) = measures(series);
        let index = month.index();
        let up_to = |levels: &Levels| levels[..=index].iter().rev().find_map(|level| *level);
        let before = up_to(levels);
        levels[index] = new;
        let after = up_to(levels);
        let later = Month::all().find(|later| *later > month && levels[later.index()].is_some());
        let change = after.unwrap_or(0) - before.unwrap_or(0);
        let mut changes = vec![(month, level, change)];
        changes.extend(later.filter(|_| change != 0).map(|later| (later, level, -change)));
        let lines = i64::from(after.is_some()) - i64::from(before.is_some());
        if lines != 0 {
            changes.push((month, count, lines));
            changes.extend(later.map(|later| (later, count, -lines)));
        }
        changes
    }
}

impl Year {
    /// Adds a forecast: a level that stands until the next month with one.
    pub(crate) fn state_forecast(&mut self, at: Position, line: u32, forecast: &Forecast) {
        self.read_levels(line, forecast.series);
        let changes = self.forecasts.state(at, line, forecast);
        self.push_all(at, line, changes);
        self.statements.phase(at, line, forecast);
    }

    /// Takes a forecast away: its month's level is then that of another statement, or of the months
    /// before.
    pub(crate) fn withdraw_forecast(
        &mut self,
        at: Position,
        line: u32,
        withdrawn: &ForecastWithdrawn,
    ) {
        self.read_levels(line, withdrawn.series);
        let changes = self.forecasts.withdraw(at, line, withdrawn);
        self.push_all(at, line, changes);
        self.statements.withdraw_phasing(at, line, withdrawn);
    }

    fn push_all(&mut self, at: Position, line: u32, changes: Changes) {
        for (month, measure, amount) in changes {
            let key = Key::new(month, measure, line);
            self.push(Delta { position: at.get(), key, amount });
        }
    }

    /// In a copy, reads the levels from before it was taken.
    fn read_levels(&mut self, line: u32, series: Series) {
        let unread = self.forecasts.unread_months(line, series);
        if !unread.is_empty() {
            let levels = self.levels(line, series, &unread);
            self.forecasts.set_levels(line, series, levels);
        }
    }

    /// The levels of the months in `stated`, read from the tables.
    fn levels(&self, line: u32, series: Series, stated: &[Month]) -> Levels {
        let (measure, _) = measures(series);
        let mut levels = Levels::default();
        for month in stated {
            let now = self.line_measures(line as usize, Position::new(u64::MAX), *month);
            levels[month.index()] = Some(now.get(measure));
        }
        levels
    }
}

#[cfg(test)]
mod tests {
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
            changes.extend(forecasts.state(Position::START, 0, &forecast));
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
