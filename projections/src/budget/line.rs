//! What completes a line's figures beside its measures.

use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::position::Position;

use crate::Moment;
use crate::figures::Figures;
use crate::year::Year;

/// A year as at a moment, seen from one of its lines.
pub(super) struct LineContext<'y> {
    year: &'y Year,
    at: Position,
    through: Month,
    /// The last month of the plan to date; none before the year begins.
    planned: Option<Month>,
    closed: bool,
}

impl<'y> LineContext<'y> {
    pub(super) fn new(year: &'y Year, moment: Moment, through: Option<Month>) -> Self {
        LineContext {
            year,
            at: moment.position,
            through: through.unwrap_or(Month::M13),
            planned: through.or_else(|| month_within(year.year(), moment.time)),
            closed: year.is_hard_closed(moment.position),
        }
    }

    pub(super) fn complete(&self, line: usize, figures: Figures) -> Figures {
        let statements = self.year.statements();
        let plan = |month| statements.profile(line, self.at).through(figures.revised, month);
        Figures {
            original: self.year.original(line, self.at),
            plan_to_date: self.planned.map(plan).unwrap_or_default(),
            closed: self.closed,
            inferred: statements.is_inferred(line, self.at, self.through),
            ..figures
        }
    }
}

/// The month of a year that a moment falls in: none before the year, its last after it.
fn month_within(year: FinancialYear, moment: Timestamp) -> Option<Month> {
    let (current, month) = moment.period().ok()?;
    match current.cmp(&year) {
        std::cmp::Ordering::Less => None,
        std::cmp::Ordering::Equal => Some(month),
        std::cmp::Ordering::Greater => Some(Month::M12),
    }
}
