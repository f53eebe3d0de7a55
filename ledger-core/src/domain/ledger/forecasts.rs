//! The forecasts of lines that still stand, by entry.

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::domain::calendar::Month;
use crate::domain::event::{Forecast, ForecastWithdrawn, Series};
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::position::Position;

/// A forecast that an entry stated and nobody has withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedForecast {
    /// The entry.
    pub entry: Position,
    /// The month in which it was stated.
    pub month: Month,
    /// Reported, or internal.
    pub series: Series,
    /// The outturn expected for the whole year.
    pub pence: Pence,
}

impl StatedForecast {
    /// The forecast that an entry stated.
    pub(super) const fn of(entry: Position, forecast: &Forecast) -> Self {
        let Forecast { month, series, pence, .. } = *forecast;
        StatedForecast { entry, month, series, pence }
    }
}

/// A line's forecasts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct LineForecasts {
    /// By month; of one month, in order of entry.
    stated: Vec<StatedForecast>,
}

impl LineForecasts {
    fn latest(&self, series: Series) -> Option<&StatedForecast> {
        self.stated.iter().rev().find(|stated| stated.series == series)
    }
}

impl Ledger<'_> {
    /// A line's forecasts of both series, by month.
    pub fn stated_forecasts(&self, line: &LineKey) -> &[StatedForecast] {
        self.forecasts.get(line).map_or(&[], |forecasts| &forecasts.stated)
    }

    /// The forecast that stands: the last of the latest month.
    pub fn latest_forecast(&self, line: &LineKey, series: Series) -> Option<&StatedForecast> {
        self.forecasts.get(line)?.latest(series)
    }

    pub(in crate::domain) fn reported_forecast(&self, line: &LineKey) -> Option<Pence> {
        self.latest_forecast(line, Series::Reported).map(|stated| stated.pence)
    }

    pub(super) fn record_forecast(&mut self, line: LineKey, stated: StatedForecast) {
        self.change_forecasts(&line, |all| {
            let place = all.partition_point(|before| before.month <= stated.month);
            all.insert(place, stated);
        });
    }

    pub(super) fn withdraw_forecast(&mut self, withdrawn: &ForecastWithdrawn) {
        let ForecastWithdrawn { entry, line, month, series, .. } = withdrawn;
        let is_it = |stated: &StatedForecast| {
            (stated.entry, stated.month, stated.series) == (*entry, *month, *series)
        };
        self.mark_changed(line);
        self.change_forecasts(line, |all| all.retain(|stated| !is_it(stated)));
    }

    fn change_forecasts(&mut self, line: &LineKey, change: impl FnOnce(&mut Vec<StatedForecast>)) {
        let before = self.reported_forecast(line);
        change(&mut self.forecasts.get_or_insert_with(line, LineForecasts::default).stated);
        let after = self.reported_forecast(line);
        if before != after {
            self.note_forecast(line, before, after);
        }
    }
}
