//! Forecasts by month: which level stands through each month.
//!
//! A forecast is a level, not an amount; but tables are sums. So a statement becomes the change it
//! makes to the level in its month, and the opposite change in the next month that has a level of
//! its own. Summed up to any month, that gives the latest level stated up to it.

use hashbrown::HashMap;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::event::{Forecast, Series};
use ledger_core::domain::money::Pence;
use serde::{Deserialize, Serialize};

use super::deltas::Deltas;
use crate::measure::Measure;

/// The levels stated in each month, by line and series.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Forecasts {
    #[serde(with = "super::rows")]
    levels: HashMap<(u32, Series), [Option<i64>; Month::COUNT]>,
}

/// Month, measure and amount of each change.
pub(super) type Changes = Vec<(Month, Measure, i64)>;

impl Forecasts {
    /// What the deltas of a year say was stated: a month has a level of its own where a change of
    /// the level falls in it, and the level is what the changes up to it sum to.
    pub(super) fn of(deltas: &Deltas) -> Self {
        let mut levels: HashMap<(u32, Series), [Option<i64>; Month::COUNT]> = HashMap::new();
        deltas.for_each(0, deltas.len(), |key, amount| {
            let series = if key.measure() == Measure::Forecast.index() {
                Series::Reported
            } else if key.measure() == Measure::Internal.index() {
                Series::Internal
            } else {
                return;
            };
            let months = levels.entry((key.line() as u32, series)).or_default();
            let changed = &mut months[usize::from(key.month()) - 1];
            *changed = Some(changed.unwrap_or(0) + amount);
        });
        for months in levels.values_mut() {
            let mut level = 0;
            for changed in months.iter_mut().flatten() {
                level += *changed;
                *changed = level;
            }
        }
        Forecasts { levels }
    }

    /// The reported forecast of a line that stands, and the month it was stated in.
    pub(super) fn reported(&self, line: u32) -> Option<(Month, Pence)> {
        let levels = self.levels.get(&(line, Series::Reported))?;
        let stated = Month::all().zip(levels).filter_map(|(month, level)| Some((month, (*level)?)));
        stated.last().map(|(month, level)| (month, Pence::new(level)))
    }

    /// Takes in a statement; gives back what it changes. The change of its own month is among that
    /// even where the level stays as it was: the statement is behind it all the same.
    pub(super) fn state(&mut self, line: u32, forecast: &Forecast) -> Changes {
        let levels = self.levels.entry((line, forecast.series)).or_default();
        let (level, count) = match forecast.series {
            Series::Reported => (Measure::Forecast, Measure::ForecastLines),
            Series::Internal => (Measure::Internal, Measure::InternalLines),
        };
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
    use super::*;

    #[test]
    fn summed_up_to_a_month_changes_give_the_latest_level_stated_up_to_it() {
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
