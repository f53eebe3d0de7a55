//! Underspends, and the reasons given for them.

use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;

use super::BudgetQuery;
use crate::year::Explained;
use crate::{QueryError, ReadModels};

/// A line's underspend, and what has been said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Underspend {
    /// The line.
    pub line: LineKey,
    /// Revised less outturn, or while the year is open less the forecast, or less the spend.
    pub underspend: Pence,
    /// The reasons given.
    pub explained: Vec<Explained>,
    /// What is left without one.
    pub unexplained: Pence,
}

impl ReadModels {
    /// The lines that are underspent, and why as far as anyone has said.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn underspends(&self, query: &BudgetQuery) -> Result<Vec<Underspend>, QueryError> {
        self.check_codes(query)?;
        let Some(year) = self.planned.year(query.year) else { return Ok(Vec::new()) };
        let mut lines = self.line_figures(query);
        lines.sort_unstable_by_key(|(line, _)| *line);
        let underspends = lines.into_iter().filter_map(|(line, figures)| {
            let underspend = figures.underspend();
            let number = year.find(&line)?;
            let explained: Vec<Explained> =
                year.explained(number, query.moment.position).copied().collect();
            let sum = Pence::sum(explained.iter().map(|explained| explained.pence));
            let unexplained = underspend.minus(sum);
            let tells = underspend.is_positive() || !explained.is_empty();
            tells.then_some(Underspend { line, underspend, explained, unexplained })
        });
        Ok(underspends.collect())
    }
}
