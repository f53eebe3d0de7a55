//! Underspends by line, and the reasons given for them.
//!
//! Helps to answer the question: is an underspend slippage, saving, clawback or diversion?

use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;

use super::BudgetQuery;
use crate::QueryError;
use crate::scope::Within;
use crate::year::UnderspendExplanation;

/// A line's underspend and its explanations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Underspend {
    /// The line.
    pub line: LineKey,
    /// Revised less outturn; in an open year, less the forecast, else less the spend. Up to a month
    /// before M12, the plan to date less the spend.
    pub underspend: Pence,
    /// The explanations.
    pub explained: Vec<UnderspendExplanation>,
    /// The part without an explanation.
    pub unexplained: Pence,
}

impl Within<'_> {
    /// The lines with an underspend or an explanation, in order.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn underspends(&self, query: &BudgetQuery) -> Result<Vec<Underspend>, QueryError> {
        self.check(query)?;
        self.models.check_codes(query)?;
        let Some(year) = self.models.planned.year(query.year) else { return Ok(Vec::new()) };
        let mut lines = self.line_figures(query);
        lines.sort_unstable_by_key(|(line, _)| *line);
        let underspends = lines.into_iter().filter_map(|(line, figures)| {
            let underspend = figures.underspend();
            let number = year.find(&line)?;
            let explained: Vec<UnderspendExplanation> =
                year.explained(number, query.moment.position).copied().collect();
            let sum = Pence::sum(explained.iter().map(|explained| explained.pence));
            let unexplained = underspend.minus(sum);
            let has_row = underspend.is_positive() || !explained.is_empty();
            has_row.then_some(Underspend { line, underspend, explained, unexplained })
        });
        Ok(underspends.collect())
    }
}
