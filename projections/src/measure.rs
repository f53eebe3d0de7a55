//! Measures: the figures kept for every line, month and position.

use serde::{Deserialize, Serialize};

/// A figure that entries add to.
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
    /// How many lines have a reported forecast: what tells none from one of 0.00.
    ForecastLines,
    /// The latest internal forecast of the full year.
    Internal,
    /// How many lines have an internal forecast.
    InternalLines,
}

impl Measure {
    /// How many there are.
    pub const COUNT: usize = 8;

    /// All of them, in the order of their planes.
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

    /// Its plane.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// One value of each measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures(pub [i64; Measure::COUNT]);

impl Measures {
    /// The value of one measure: pence, or a number of lines.
    pub const fn get(&self, measure: Measure) -> i64 {
        self.0[measure.index()]
    }

    /// Adds to one measure. Wraps on the way, never in the end: a book's sums fit 64 bits.
    pub const fn add(&mut self, measure: Measure, amount: i64) {
        let value = &mut self.0[measure.index()];
        *value = value.wrapping_add(amount);
    }
}
