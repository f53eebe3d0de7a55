//! Planned versus actual of a year: by line, or summed.
//!
//! Answers the questions:
//!
//! - What was the plan for a year as known on a date?
//! - What are capital and revenue by programme, region, ICB and trust?
//!
//! The submodules answer further questions about the same lines.

mod at_risk;
mod balances;
mod bridge;
mod diff;
mod line;
mod reasons;
mod restated;
mod revisions;
mod rollup;
mod underspend;
mod wanted;
mod years;

pub use at_risk::{AtRisk, Commitment, open_commitments};
pub use balances::Balance;
pub use bridge::{Bridge, MonthSpend, Stage, Step};
pub use diff::{DiffEntry, DiffRow, FigureChanges};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{BodyCode, ProgrammeCode, RingFence};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::position::Position;
use line::LineContext;
pub use reasons::{Outflow, Reasons, ReasonsBy};
pub use restated::Restated;
pub use revisions::{Revision, RevisionsQuery};
use rollup::Sum;
use serde::{Deserialize, Serialize};
pub use underspend::Underspend;
pub(crate) use wanted::Wanted;
pub use years::{Accuracy, Direction, Outturn, PersistentVariance, YearsQuery};

use crate::figures::{Figures, Status};
use crate::scope::Within;
use crate::year::{Adjustment, Contribution, Table};
use crate::{Moment, QueryError};

/// A query for the lines of a year.
#[derive(Clone, Copy, Debug)]
pub struct BudgetQuery {
    /// The financial year.
    pub year: FinancialYear,
    /// Only this programme and those below it.
    pub programme: Option<ProgrammeCode>,
    /// Only this body and those below it.
    pub body: Option<BodyCode>,
    /// Only this class.
    pub class: Option<BudgetClass>,
    /// The moment the answer is as at.
    pub moment: Moment,
    /// Only what is effective up to this month; None for the full year.
    pub through: Option<Month>,
    /// How lines are summed; None for one row per line.
    pub rollup: Option<Rollup>,
}

/// How lines are summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rollup {
    /// By programme, each including its descendants.
    Programme,
    /// By body, each including its descendants.
    Body,
    /// By budget class.
    Class,
    /// By ring-fence; lines without one form a row.
    RingFence,
    /// All lines together.
    Year,
    /// All lines together, through each month.
    Month,
}

/// A line, or a sum of lines. An attribute is None where the lines of a sum differ in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetRow {
    /// The financial year.
    pub year: FinancialYear,
    /// The programme.
    pub programme: Option<ProgrammeCode>,
    /// The name of the programme, or of the body in a sum by body.
    pub name: Option<String>,
    /// The body.
    pub body: Option<BodyCode>,
    /// The class.
    pub class: Option<BudgetClass>,
    /// The ring-fence.
    pub ring_fence: Option<RingFence>,
    /// The month, in a sum by month.
    pub through: Option<Month>,
    /// The code of the row that includes this one; None at the top of the answer.
    pub parent: Option<String>,
    /// The number of rows above it that include it.
    pub level: usize,
    /// Whether it includes other rows of the answer, or is the whole year.
    pub is_total: bool,
    /// The figures; None where the query names a programme without a line in the year, which
    /// differs from 0.00.
    pub figures: Option<Figures>,
    /// The status.
    pub status: Option<Status>,
    own: Own,
    /// The position the row is as at.
    pub position: Position,
}

/// What of a row's figures is its own.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Own {
    /// It has no line of its own.
    Nothing,
    /// No row is below it.
    Whole,
    Part(Box<(Figures, Status)>),
}

impl BudgetRow {
    /// The figures and status without those of the rows below it; None where it has no line of its
    /// own.
    pub fn own(&self) -> Option<(Figures, Status)> {
        match &self.own {
            Own::Nothing => None,
            Own::Whole => self.figures.zip(self.status),
            Own::Part(own) => Some(**own),
        }
    }
}

impl Within<'_> {
    /// Planned versus actual of a year. Sums cover the scope alone.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn budget(&self, query: &BudgetQuery) -> Result<Vec<BudgetRow>, QueryError> {
        self.check(query)?;
        self.models.check_codes(query)?;
        if query.rollup == Some(Rollup::Month) {
            return Ok(self.by_month(query));
        }
        let (models, mut lines) = (self.models, self.line_figures(query));
        let rows = match query.rollup {
            None => {
                lines.sort_unstable_by_key(|(line, _)| *line);
                let sums = lines.iter().map(|(line, figures)| Sum::of(line, *figures));
                sums.map(|sum| models.row(query, &sum)).collect()
            }
            Some(Rollup::Programme) => models.by_programme(query, &lines),
            Some(Rollup::Body) => models.by_body(query, &lines),
            Some(Rollup::Class) => models.by(query, &lines, |line| line.class),
            Some(Rollup::RingFence) => models.by(query, &lines, |line| line.ring_fence),
            Some(Rollup::Year | Rollup::Month) => {
                let rows = models.by(query, &lines, |_| ()).into_iter();
                rows.map(|row| BudgetRow { is_total: true, ..row }).collect()
            }
        };
        Ok(rows)
    }

    /// The sum of all lines through each month of the query.
    fn by_month(&self, query: &BudgetQuery) -> Vec<BudgetRow> {
        let last = query.through.unwrap_or(Month::M13);
        let months = Month::all().take_while(|month| *month <= last);
        let of_month = |month| {
            let through = BudgetQuery { through: Some(month), ..*query };
            let lines = self.line_figures(&through);
            let rows = self.models.by(&through, &lines, |_| ());
            rows.into_iter().map(move |row| BudgetRow {
                through: Some(month),
                is_total: true,
                ..row
            })
        };
        months.flat_map(of_month).collect()
    }

    /// The contributions to the figures of [`Within::budget`], in order of position.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn contributions(&self, query: &BudgetQuery) -> Result<Vec<Contribution>, QueryError> {
        self.check(query)?;
        self.models.check_codes(query)?;
        let Some(year) = self.models.planned.year(query.year) else { return Ok(Vec::new()) };
        let (at, through) = (query.moment.position, query.through.unwrap_or(Month::M13));
        let wanted = self.models.wanted(query);
        let mut contributions: Vec<Contribution> = year
            .lines()
            .iter()
            .enumerate()
            .filter(|(_, line)| wanted.has(&line.key) && self.scope.admits(&line.key))
            .flat_map(|(number, _)| year.contributions(number, at, through))
            .collect();
        // Each line gives its last entry first.
        contributions.reverse();
        contributions.sort_by_key(|contribution| (contribution.position, contribution.line));
        Ok(contributions)
    }

    /// The figures of a query's lines, in the order the lines were opened.
    pub fn line_figures(&self, query: &BudgetQuery) -> Vec<(LineKey, Figures)> {
        let Some(year) = self.models.planned.year(query.year) else { return Vec::new() };
        let (at, through) = (query.moment.position, query.through.unwrap_or(Month::M13));
        let mut table = Table::default();
        year.line_table(at, through, &mut table);
        let wanted = self.models.wanted(query);
        let context = LineContext::new(year, query.moment, query.through);
        let lines = year.lines().iter().enumerate();
        lines
            .filter(|(_, line)| {
                line.opened <= at && wanted.has(&line.key) && self.scope.admits(&line.key)
            })
            .map(|(number, line)| {
                let figures = Figures::of_line(&table.measures(number));
                (line.key, context.complete(number, figures))
            })
            .collect()
    }

    /// The prior-period adjustments that concern a query's lines.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn adjustments(&self, query: &BudgetQuery) -> Result<Vec<Adjustment>, QueryError> {
        self.check(query)?;
        self.models.check_codes(query)?;
        let Some(year) = self.models.planned.year(query.year) else { return Ok(Vec::new()) };
        let wanted = self.models.wanted(query);
        let all = year.adjustments(query.moment.position);
        let readable = |line: &LineKey| wanted.has(line) && self.scope.admits(line);
        Ok(all.filter(|adjustment| readable(&adjustment.posted_on)).copied().collect())
    }
}
