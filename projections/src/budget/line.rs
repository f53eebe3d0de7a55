//! One line: its figures, its version and the entries behind it.

use hashbrown::HashMap;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;

use crate::Moment;
use crate::figures::Figures;
use crate::scope::Within;
use crate::year::{Contribution, Year};

/// What completes the figures of a year's lines at a moment.
pub(super) struct LineContext<'y> {
    year: &'y Year,
    at: Position,
    through: Month,
    /// The last month of the plan to date; None before the year begins.
    planned: Option<Month>,
    closed: bool,
    to_month: bool,
    /// By line: the original budget.
    original: Option<&'y [i64]>,
    /// By line: the outturn.
    outturn: Option<&'y [i64]>,
    /// By line: spend that concerns earlier years.
    prior: HashMap<u32, Pence>,
}

impl<'y> LineContext<'y> {
    pub(super) fn new(year: &'y Year, moment: Moment, through: Option<Month>) -> Self {
        let to_month = through.is_some_and(|month| month < Month::M12);
        LineContext {
            year,
            at: moment.position,
            through: through.unwrap_or(Month::M13),
            planned: through.or_else(|| moment.month_of(year.year())),
            closed: year.is_hard_closed(moment.position),
            to_month,
            original: year.originals(moment.position),
            outturn: year.outturns(moment.position).filter(|_| !to_month),
            prior: year.prior_spend(moment.position, through.unwrap_or(Month::M13)),
        }
    }

    pub(super) fn complete(&self, line: usize, figures: Figures) -> Figures {
        let statements = self.year.statements();
        let prior = self.prior.get(&(line as u32)).copied().unwrap_or_default();
        // A line opened later has 0.00.
        let of_line = |list: &[i64]| Pence::new(list.get(line).copied().unwrap_or(0));
        let plan = |month| statements.profile(line, self.at).through(figures.revised, month);
        Figures {
            original: self.original.map(of_line),
            plan_to_date: self.planned.map(plan).unwrap_or_default(),
            through: self.planned,
            prior_credit: prior.min(Pence::ZERO),
            outturn: self.outturn.map(of_line),
            closed: self.closed,
            to_month: self.to_month,
            inferred: statements.is_inferred(line, self.at, self.through),
            ..figures
        }
    }
}

impl<'m> Within<'m> {
    /// A line's figures; None where it is not open, or not in the scope.
    pub fn line(&self, line: &LineKey, moment: Moment, through: Option<Month>) -> Option<Figures> {
        let (year, number) = self.find_line(line, moment.position)?;
        let month = through.unwrap_or(Month::M13);
        let figures = Figures::of_line(&year.line_measures(number, moment.position, month));
        Some(LineContext::new(year, moment, through).complete(number, figures))
    }

    /// The entry that opened a line; None where it is not open, or not in the scope.
    pub fn line_opened(&self, line: &LineKey, at: Position) -> Option<Position> {
        let (year, number) = self.find_line(line, at)?;
        year.lines().get(number).map(|line| line.opened)
    }

    /// A line's version: the last entry that named it. None where it is not open, or not in the
    /// scope.
    pub fn line_version(&self, line: &LineKey, at: Position) -> Option<Position> {
        let (year, number) = self.find_line(line, at)?;
        Some(year.version(number, at))
    }

    /// The contributions to a line up to a month, last first. Reads only as far as the caller
    /// iterates.
    pub fn line_contributions(
        &self,
        line: &LineKey,
        at: Position,
        through: Month,
    ) -> impl Iterator<Item = Contribution> + use<'m> {
        let found = self.find_line(line, at).into_iter();
        found.flat_map(move |(year, number)| year.contributions(number, at, through))
    }

    /// A line's year and number; None where it is not open, or not in the scope.
    pub(crate) fn find_line(&self, line: &LineKey, at: Position) -> Option<(&'m Year, usize)> {
        let year = self.models.planned.year(line.year).filter(|_| self.scope.admits(line))?;
        let number = year.find(line)?;
        (year.lines().get(number)?.opened <= at).then_some((year, number))
    }
}
