//! A closed year as posted, and as restated by postings of later years.
//!
//! Answers the question: which postings hit a closed period, and what was restated?

use ledger_core::domain::money::Pence;

use super::BudgetQuery;
use crate::QueryError;
use crate::figures::Figures;
use crate::measure::Measure;
use crate::scope::Within;

/// A figure of a year as posted and as restated, in pence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restated {
    /// Revised, accrued or actual.
    pub measure: Measure,
    /// Posted in the year.
    pub posted: Pence,
    /// Posted in later years and concerning this one.
    pub adjusted: Pence,
}

impl Restated {
    /// Posted and adjusted together.
    pub const fn restated(&self) -> Pence {
        self.posted.plus(self.adjusted)
    }
}

impl Within<'_> {
    /// The restated figures of a query's lines. Empty without a line or an adjustment.
    ///
    /// They are full-year: an adjustment concerns a year, not a month. Nothing is rewritten.
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
