//! A closed year as posted, and with what later years' postings add to it.

use ledger_core::domain::money::Pence;

use super::BudgetQuery;
use crate::QueryError;
use crate::figures::Figures;
use crate::measure::Measure;
use crate::scope::Within;

/// A figure of a year, as it was posted and restated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restated {
    /// Which figure: budget, accrual or actual.
    pub measure: Measure,
    /// What was posted in the year.
    pub posted: Pence,
    /// What was posted in later years and concerns it.
    pub adjusted: Pence,
}

impl Restated {
    /// The two together.
    pub const fn restated(&self) -> Pence {
        self.posted.plus(self.adjusted)
    }
}

impl Within<'_> {
    /// The figures of a year that prior-period adjustments may concern, restated: a view, which
    /// rewrites nothing. None where there is neither a line nor an adjustment. Of all months: an
    /// adjustment concerns a year, and none of its months.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn restated(&self, query: &BudgetQuery) -> Result<Vec<Restated>, QueryError> {
        let query = &BudgetQuery { through: None, ..*query };
        let adjustments = self.adjustments(query)?;
        let lines = self.line_figures(query);
        if lines.is_empty() && adjustments.is_empty() {
            return Ok(Vec::new());
        }
        let figure = |measure, posted: fn(&Figures) -> Pence| {
            let adjustments = adjustments.iter().filter(|adjusted| adjusted.measure == measure);
            Restated {
                measure,
                posted: Pence::sum(lines.iter().map(|(_, figures)| posted(figures))),
                adjusted: Pence::sum(adjustments.map(|adjusted| adjusted.pence)),
            }
        };
        Ok(vec![
            figure(Measure::Revised, |figures| figures.revised),
            figure(Measure::Accrued, |figures| figures.accrued),
            figure(Measure::Actual, |figures| figures.actual),
        ])
    }
}
