//! Forecasts as they were revised: each statement, what it put in the place of what, and when.
//!
//! Answers question 16 of `docs/questions.md`.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::event::Series;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;

use super::BudgetQuery;
use crate::QueryError;
use crate::measure::Measure;
use crate::scope::Within;

/// Which statements of forecasts are wanted.
#[derive(Clone, Copy, Debug)]
pub struct RevisionsQuery {
    /// Of which lines, as at when; stated up to which month.
    pub lines: BudgetQuery,
    /// Stated in this month or later.
    pub from_month: Option<Month>,
    /// Recorded after this entry.
    pub since: Position,
    /// Reported or internal.
    pub series: Series,
}

/// A forecast that was stated, and the one in whose place it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The entry.
    pub position: Position,
    /// The line.
    pub line: LineKey,
    /// The month in which it was stated.
    pub month: Month,
    /// The forecast that stood in that month before; none where none did.
    pub before: Option<Pence>,
    /// The forecast of the full year that was stated.
    pub after: Pence,
}

impl Revision {
    /// By how much the forecast changed; the whole of it where none stood before.
    pub fn change(&self) -> Pence {
        self.after.minus(self.before.unwrap_or_default())
    }
}

impl Within<'_> {
    /// The statements that a query wants, in order of position, from an entry on and without the
    /// first so many of it: at most so many.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn forecast_revisions(
        &self,
        query: &RevisionsQuery,
        from: Position,
        skipped: usize,
        count: usize,
    ) -> Result<Vec<Revision>, QueryError> {
        let Some((year, wanted)) = self.lines(&query.lines, None)? else { return Ok(Vec::new()) };
        let (level, lines) = match query.series {
            Series::Reported => (Measure::Forecast, Measure::ForecastLines),
            Series::Internal => (Measure::Internal, Measure::InternalLines),
        };
        let first = query.from_month.unwrap_or(Month::M1);
        let last = query.lines.through.unwrap_or(Month::M13);
        let before_page = Position::new(from.get().saturating_sub(1)).max(query.since);
        let (mut skipped, mut found) = (skipped, Vec::new());
        for stated in
            year.statements_after(&wanted, level, before_page, query.lines.moment.position)
        {
            if stated.month < first || stated.month > last {
                continue;
            }
            if stated.position == from && skipped > 0 {
                skipped -= 1;
                continue;
            }
            if found.len() == count {
                break;
            }
            let Some(line) = year.lines().get(stated.line) else { continue };
            let stood = year.line_measures_before(stated.line, stated.delta, stated.month);
            let before = (stood.get(lines) > 0).then(|| Pence::new(stood.get(level)));
            found.push(Revision {
                position: stated.position,
                line: line.key,
                month: stated.month,
                before,
                after: before.unwrap_or_default().plus(stated.change),
            });
        }
        Ok(found)
    }
}
