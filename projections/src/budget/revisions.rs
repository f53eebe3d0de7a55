//! Forecast revisions: each statement or withdrawal, and the forecast it replaced. A first statement
//! replaces none and is no revision.
//!
//! Answers the question: who revised a forecast in the last quarter, and by how much?

use ledger_core::domain::calendar::Month;
use ledger_core::domain::event::Series;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;

use super::YearsQuery;
use crate::QueryError;
use crate::scope::Within;
use crate::year::{ForecastStatement, Selection, Year, measures};

/// A query for forecast revisions.
#[derive(Clone, Copy, Debug)]
pub struct RevisionsQuery {
    /// The years, the lines and the moment.
    pub lines: YearsQuery,
    /// The first month of statement that counts.
    pub from_month: Option<Month>,
    /// The last month of statement that counts.
    pub through: Option<Month>,
    /// The entry after which statements count.
    pub since: Position,
    /// The last entry whose statements count; None for the moment's.
    pub until: Option<Position>,
    /// Reported or internal.
    pub series: Series,
}

/// A forecast statement or withdrawal, and the forecast it replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The entry.
    pub position: Position,
    /// The line.
    pub line: LineKey,
    /// The month the forecast was stated in.
    pub month: Month,
    /// The forecast of that month before; None for a first statement.
    pub before: Option<Pence>,
    /// The forecast of that month after; None where a withdrawal left none.
    pub after: Option<Pence>,
}

impl Revision {
    /// After less before, each 0.00 without a forecast.
    pub fn change(&self) -> Pence {
        self.after.unwrap_or_default().minus(self.before.unwrap_or_default())
    }
}

impl Within<'_> {
    /// At most `count` statements of a query, in order of position, then of year. The page starts at
    /// entry `from`, less the first `skipped` of its statements.
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
        let of = measures(query.series);
        let first = query.from_month.unwrap_or(Month::M1);
        let last = query.through.unwrap_or(Month::M13);
        let after = Position::new(from.get().saturating_sub(1)).max(query.since);
        let at = query.lines.moment.position;
        let to = query.until.map_or(at, |until| until.min(at));
        let select = |year| {
            let lines = query.lines.of(Year::year(year));
            (year, self.models.selection(year, &lines, None, self.scope))
        };
        let years: Vec<(&Year, Selection)> = self.years(&query.lines)?.map(select).collect();
        let statements = |(year, wanted)| {
            let statements = Year::statements_after(year, wanted, of, after, to);
            statements.filter(|stated| (first..=last).contains(&stated.month)).peekable()
        };
        let mut of_years: Vec<_> =
            years.iter().map(|(y, wanted)| statements((*y, wanted))).collect();
        let mut next = || {
            let heads = of_years.iter_mut().enumerate();
            let heads = heads.filter_map(|(year, of)| Some((of.peek()?.position, year)));
            let (_, year) = heads.min()?;
            Some((years.get(year)?.0, of_years.get_mut(year)?.next()?))
        };
        let (mut skipped, mut found) = (skipped, Vec::new());
        while let Some((year, stated)) = next() {
            if stated.position == from && skipped > 0 {
                skipped -= 1;
                continue;
            }
            if found.len() == count {
                break;
            }
            found.extend(revision(year, query.series, stated));
        }
        Ok(found)
    }
}

/// A statement, with the forecast it replaced.
fn revision(year: &Year, series: Series, stated: ForecastStatement) -> Option<Revision> {
    let ForecastStatement { position, month, change, .. } = stated;
    let line = year.lines().get(stated.line)?.key;
    let (level, lines) = measures(series);
    let earlier = year.line_measures_before(stated.line, stated.delta, month);
    let known = earlier.get(lines);
    let before = (known > 0).then(|| Pence::new(earlier.get(level)));
    let after = before.unwrap_or_default().plus(change);
    let after = (known + stated.lines > 0).then_some(after);
    Some(Revision { position, line, month, before, after })
}
