//! Forecast revisions: each statement, and the forecast it replaced.
//!
//! Answers the question: who revised a forecast in the last quarter, and by how much?

use ledger_core::domain::calendar::Month;
use ledger_core::domain::event::Series;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;

use super::BudgetQuery;
use crate::QueryError;
use crate::measure::Measure;
use crate::scope::Within;

/// A query for forecast revisions.
#[derive(Clone, Copy, Debug)]
pub struct RevisionsQuery {
    /// The lines and the moment. Its month is the last month of statement that counts.
    pub lines: BudgetQuery,
    /// The first month of statement that counts.
    pub from_month: Option<Month>,
    /// The entry after which statements count.
    pub since: Position,
    /// Reported or internal.
    pub series: Series,
}

/// A forecast statement, and the forecast it replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The entry.
    pub position: Position,
    /// The line.
    pub line: LineKey,
    /// The month the forecast was stated in.
    pub month: Month,
    /// The forecast of that month before; None without one.
    pub before: Option<Pence>,
    /// The full-year forecast stated.
    pub after: Pence,
}

impl Revision {
    /// After less before; the whole forecast without one.
    pub fn change(&self) -> Pence {
        self.after.minus(self.before.unwrap_or_default())
    }
}

impl Within<'_> {
    /// At most `count` revisions of a query, in order of position. The page starts at entry `from`,
    /// less the first `skipped` of its revisions.
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
            let measures = year.line_measures_before(stated.line, stated.delta, stated.month);
            let before = (measures.get(lines) > 0).then(|| Pence::new(measures.get(level)));
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
