//! Measures: the figures each year stores by line, month and position.

use serde::{Deserialize, Serialize};

/// A stored figure: entries add to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Measure {
    /// Posted movements of budget.
    Revised,
    /// Open commitments.
    Committed,
    /// Open accruals.
    Accrued,
    /// Posted spend.
    Actual,
    /// The latest reported forecast of the full year.
    Forecast,
    /// The number of lines with a reported forecast. Distinguishes no forecast from one of 0.00.
    ForecastLines,
    /// The latest internal forecast of the full year.
    Internal,
    /// The number of lines with an internal forecast.
    InternalLines,
}

impl Measure {
    /// The number of measures.
    pub const COUNT: usize = 8;

    /// Every measure, in table order.
    pub const ALL: [Measure; Measure::COUNT] = [
        Measure::Revised,
        Measure::Committed,
        Measure::Accrued,
        Measure::Actual,
        Measure::Forecast,
        Measure::ForecastLines,
        Measure::Internal,
        Measure::InternalLines,
    ];

    /// Its index in a table.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// One value of each measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures(pub [i64; Measure::COUNT]);

impl Measures {
    /// The value of one measure: pence, or a count of lines.
    pub const fn get(&self, measure: Measure) -> i64 {
        self.0[measure.index()]
    }

    /// Adds to one measure. Intermediate sums may wrap; a book's totals fit 64 bits.
    pub const fn add(&mut self, measure: Measure, amount: i64) {
        let value = &mut self.0[measure.index()];
        *value = value.wrapping_add(amount);
    }
}
