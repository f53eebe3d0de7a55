//! Planned versus actual of a year: by line, or rolled up.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::line;
use projections::Moment;
use projections::budget::{self, BudgetQuery, BudgetRow};

use super::Limits;
use super::adjustment::Adjustment;
use super::body::Body;
use super::contribution::{self, Contribution, Measure, Wanted};
use super::fault::unanswerable;
use super::figures::{BudgetClass, Figures};
use super::line::BudgetLine;
use super::page::{self, Page, Slice};
use super::programme::Programme;
use super::restatement::{Restatement, Restatements};
use super::scalars;
use super::view::View;

/// Which lines count.
#[derive(Clone, Debug, Default, InputObject)]
pub(super) struct LineFilter {
    /// Only this programme and those below it.
    pub(super) programme: Option<scalars::Programme>,
    /// Only this body and those below it.
    pub(super) body: Option<scalars::Body>,
    /// Only this class.
    pub(super) class: Option<BudgetClass>,
}

/// What lines are summed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "budget::Rollup")]
pub(super) enum Rollup {
    /// Programmes, each with those below it; parents come first.
    Programme,
    /// Bodies, each with those below it; parents come first.
    Body,
    /// Budget classes.
    Class,
    /// Ring-fences, and what is not fenced.
    RingFence,
    /// The whole year.
    Year,
    /// The whole year through each of its months.
    Month,
}

pub(super) fn query(
    year: FinancialYear,
    filter: &LineFilter,
    moment: Moment,
    through: Option<Month>,
    rollup: Option<budget::Rollup>,
) -> BudgetQuery {
    let LineFilter { programme, body, class } = filter;
    BudgetQuery {
        year,
        programme: programme.as_ref().map(|code| code.0),
        body: body.as_ref().map(|code| code.0),
        class: class.map(Into::into),
        moment,
        through,
        rollup,
    }
}

/// The rows of a year.
pub(super) fn rows(
    view: &View,
    year: FinancialYear,
    filter: &LineFilter,
    through: Option<Month>,
    rollup: Option<budget::Rollup>,
) -> Result<Vec<BudgetRow>> {
    let query = query(year, filter, view.moment, through, rollup);
    view.within(&view.models()).budget(&query).map_err(|error| unanswerable(&error))
}

/// Planned versus actual of a year at one moment.
pub(super) struct PlannedVersusActual {
    pub(super) view: View,
    pub(super) year: FinancialYear,
    pub(super) filter: LineFilter,
    pub(super) through: Option<Month>,
    pub(super) rollup: Option<Rollup>,
    pub(super) restatement: Option<Restatement>,
}

impl PlannedVersusActual {
    /// The figures as they stand, with what was restated last.
    pub(super) fn now(
        view: View,
        restatements: &Restatements,
        year: FinancialYear,
        filter: LineFilter,
        through: Option<Month>,
        rollup: Option<Rollup>,
    ) -> Self {
        // It may be of a line that the caller may not read, and is kept of what has happened.
        let told = !view.is_partial() && view.supposed.is_none();
        let restatement = if told { restatements.last(&view, year) } else { None };
        PlannedVersusActual { view, year, filter, through, rollup, restatement }
    }
}

/// Planned versus actual of a year at one moment.
#[Object]
impl PlannedVersusActual {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.year.into()
    }

    /// The month up to which movements and spend count; null where all of them do.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.through.map(Into::into)
    }

    /// What lines are summed into; null where each stands alone.
    async fn rollup(&self) -> Option<Rollup> {
        self.rollup
    }

    /// The last entry that counts.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }

    /// When that entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.recorded_at()
    }

    /// Whether these are the figures of a part of the book: of what the caller may read.
    async fn partial(&self) -> bool {
        self.view.is_partial()
    }

    /// The rows: lines in order, or sums of them.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<PlannedVersusActualRow>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let rollup = self.rollup.map(Into::into);
        let rows = rows(&slice.view, self.year, &self.filter, self.through, rollup)?;
        Ok(slice.page(rows, |row| PlannedVersusActualRow {
            view: slice.view.clone(),
            filter: self.filter.clone(),
            through: row.through.or(self.through),
            rollup: self.rollup,
            row,
        }))
    }

    /// The last posting into a month after a later month had been posted to: it restated what the
    /// year had been through that month. Null where there was none, as at a named moment, of which
    /// it is not kept, and to those who may read only a part of the book.
    async fn last_restatement(&self) -> Option<&Restatement> {
        self.restatement.as_ref()
    }

    /// The last adjustment that was posted in a later year and concerns this one, which is closed;
    /// null where there was none.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn closed_year_touched(&self) -> Result<Option<Adjustment>> {
        let query = query(self.year, &LineFilter::default(), self.view.moment, None, None);
        let adjustments = self.view.within(&self.view.models()).adjustments(&query);
        let adjustments = adjustments.map_err(|error| unanswerable(&error))?;
        Ok(adjustments.last().map(|last| Adjustment::new(&self.view, last)))
    }
}

/// A line, or a sum of lines. What differs among the lines of a sum is null.
pub(super) struct PlannedVersusActualRow {
    view: View,
    filter: LineFilter,
    through: Option<Month>,
    rollup: Option<Rollup>,
    row: BudgetRow,
}

impl PlannedVersusActualRow {
    fn key(&self) -> Option<line::LineKey> {
        if self.rollup.is_some() { None } else { contribution::line(&self.row) }
    }

    /// The question whose answer is this row alone.
    fn narrowed(&self) -> BudgetQuery {
        let row = &self.row;
        let mut query = query(row.year, &self.filter, self.view.moment, self.through, None);
        match self.rollup {
            None | Some(Rollup::RingFence | Rollup::Year | Rollup::Month) => {}
            Some(Rollup::Programme) => query.programme = row.programme,
            Some(Rollup::Body) => query.body = row.body,
            Some(Rollup::Class) => query.class = row.class,
        }
        query
    }
}

/// A line, or a sum of lines. What differs among the lines of a sum is null.
#[Object]
impl PlannedVersusActualRow {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.row.year.into()
    }

    /// The programme.
    async fn programme(&self) -> Option<Programme> {
        Programme::find(&self.view, self.row.programme?)
    }

    /// What the programme, or in a sum by body the body, was called.
    async fn name(&self) -> Option<&str> {
        self.row.name.as_deref()
    }

    /// The body.
    async fn body(&self) -> Option<Body> {
        Body::find(&self.view, self.row.body?)
    }

    /// The budget class.
    async fn class(&self) -> Option<BudgetClass> {
        self.row.class.map(Into::into)
    }

    /// The named ring-fence; null where there is none.
    async fn ring_fence(&self) -> Option<scalars::Fence> {
        self.row.ring_fence.map(Into::into)
    }

    /// The month up to which movements and spend count; null where all of them do.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.through.map(Into::into)
    }

    /// The line itself; null for a sum.
    async fn line(&self) -> Option<BudgetLine> {
        BudgetLine::find(&self.view, self.key()?)
    }

    /// The figures; null where a programme was asked for that has no line in the year, which is not
    /// 0.00.
    async fn figures(&self) -> Option<Figures> {
        Figures::of_row(&self.row)
    }

    /// The entries behind the figures, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn contributions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
        #[graphql(desc = "Only those to this figure.")] measure: Option<Measure>,
    ) -> Result<Page<Contribution>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let wanted = match self.key() {
            Some(key) => {
                let (year, through) = (key.year, self.through);
                Wanted { year, lines: vec![key], through, measure }
            }
            None => {
                let fenced = self.rollup == Some(Rollup::RingFence);
                let fence = fenced.then_some(self.row.ring_fence);
                Wanted::of_query(&slice.view, &self.narrowed(), measure, |line| {
                    fence.is_none_or(|fence| line.ring_fence == fence)
                })?
            }
        };
        Contribution::page(slice, wanted).await
    }

    /// The position the figures are as at.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }
}
