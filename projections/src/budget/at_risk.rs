//! Commitments that are open when a year ends, and are lost with it unless they are drawn down.
//!
//! Answers question 12 of `docs/questions.md`. Which references are open is told from the entries
//! behind a line's commitments, which are few: nothing is kept for it.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;

use super::BudgetQuery;
use crate::QueryError;
use crate::measure::Measure;
use crate::scope::Within;

/// A line with open commitments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtRisk {
    /// The line.
    pub line: LineKey,
    /// What of its commitments is open.
    pub open: Pence,
}

impl Within<'_> {
    /// The lines that a query wants with commitments open at the end of its month, or of M12, in
    /// order.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn at_risk(&self, query: &BudgetQuery) -> Result<Vec<AtRisk>, QueryError> {
        let query = BudgetQuery { through: query.through.or(Some(Month::M12)), ..*query };
        self.check(&query)?;
        self.models.check_codes(&query)?;
        let open = self.line_figures(&query).into_iter();
        let mut open: Vec<AtRisk> = open
            .filter(|(_, figures)| !figures.committed.is_zero())
            .map(|(line, figures)| AtRisk { line, open: figures.committed })
            .collect();
        open.sort_unstable_by_key(|at_risk| at_risk.line);
        Ok(open)
    }

    /// The entries that changed what is committed on a line, effective up to a month, in order of
    /// position, each once.
    pub fn committing(&self, line: &LineKey, at: Position, through: Month) -> Vec<Position> {
        let year = self.models.planned.year(line.year).filter(|_| self.scope.admits(line));
        let Some((year, number)) = year.and_then(|year| Some((year, year.find(line)?))) else {
            return Vec::new();
        };
        let behind = year.behind(number, at, through);
        let committed = behind.filter(|behind| behind.measure == Measure::Committed);
        let mut entries: Vec<Position> = committed.map(|behind| behind.position).collect();
        entries.reverse();
        entries.dedup();
        entries
    }
}
