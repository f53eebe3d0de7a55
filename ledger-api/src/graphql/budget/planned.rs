//! Planned versus actual of a year: by line, or summed.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use ledger_core::domain::calendar::{FinancialYear, Month};
use projections::Moment;
use projections::budget::{self, BudgetQuery, BudgetRow};

use crate::graphql::Limits;
use crate::graphql::budget::adjustment::{Adjustment, RestatedFigure};
use crate::graphql::budget::contribution::{Contribution, ContributionQuery, Measure};
use crate::graphql::budget::figures::BudgetClass;
use crate::graphql::budget::restatement::{Restatement, Restatements};
use crate::graphql::budget::row::PlannedVersusActualRow;
use crate::graphql::budget::underspend::Underspend;
use crate::graphql::kit::fault::unanswerable;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars;
use crate::graphql::kit::view::{AsAt, Root, View};

/// A filter of budget lines.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct LineFilter {
    /// Only this programme and those below it.
    pub(crate) programme: Option<scalars::Programme>,
    /// Only this body and those below it.
    pub(crate) body: Option<scalars::Body>,
    /// Only this class.
    pub(crate) class: Option<BudgetClass>,
}

/// What lines are summed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "budget::Rollup")]
pub(crate) enum Rollup {
    /// By programme, each including those below it; parents first.
    Programme,
    /// By body, each including those below it; parents first.
    Body,
    /// By budget class.
    Class,
    /// By ring-fence, with one row for unfenced money.
    RingFence,
    /// The whole year.
    Year,
    /// The whole year, cumulatively by month.
    Month,
}

pub(crate) fn query(
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
pub(crate) fn rows(
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
pub(crate) struct PlannedVersusActual {
    pub(crate) view: View,
    pub(crate) year: FinancialYear,
    pub(crate) filter: LineFilter,
    pub(crate) through: Option<Month>,
    pub(crate) rollup: Option<Rollup>,
    pub(crate) restatement: Option<Restatement>,
}

impl PlannedVersusActual {
    /// Planned versus actual now, with the last restatement.
    pub(crate) fn now(
        view: View,
        restatements: &Restatements,
        year: FinancialYear,
        filter: LineFilter,
        through: Option<Month>,
        rollup: Option<Rollup>,
    ) -> Self {
        // A restatement may be of an unreadable line, and is known only for the real book.
        let kept = !view.is_partial() && view.supposed.is_none();
        let restatement = if kept { restatements.last(&view, year) } else { None };
        PlannedVersusActual { view, year, filter, through, rollup, restatement }
    }
}

impl PlannedVersusActual {
    /// The lines that count, each on its own.
    fn query(&self, view: &View) -> BudgetQuery {
        query(self.year, &self.filter, view.moment, self.through, None)
    }
}

/// Planned versus actual of a year at one moment.
#[Object]
impl PlannedVersusActual {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.year.into()
    }

    /// The month of the plan to date: the one asked for, up to which movements and spend are counted
    /// too; else the month of the day it stands at, M12 of a past year, null before the year.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.view.month(self.year, self.through)
    }

    /// What lines are summed by; null where each line is a row.
    async fn rollup(&self) -> Option<Rollup> {
        self.rollup
    }

    /// The position of the last entry counted.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }

    /// When that entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.recorded_at()
    }

    /// The day the answer stands at, in UK time.
    async fn on(&self) -> scalars::Day {
        self.view.day()
    }

    /// Whether the caller may read only part of the book: the figures cover that part.
    async fn partial(&self) -> bool {
        self.view.is_partial()
    }

    /// The rows: lines in order, or sums of lines.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
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

    /// The entries behind the figures, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    pub(crate) async fn contributions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only contributions to this figure.")] measure: Option<Measure>,
    ) -> Result<Page<Contribution>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let wanted = ContributionQuery::for_lines_of(
            &slice.view,
            &self.query(&slice.view),
            measure,
            |_| true,
        )?;
        Contribution::page(context, slice, wanted).await
    }

    /// The underspent lines, with the reasons recorded.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    pub(crate) async fn underspends(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<Underspend>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.query(&slice.view);
        let underspends = slice.view.within(&slice.view.models()).underspends(&query);
        let underspends = underspends.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(underspends, Underspend::from))
    }

    /// Adjustments to this year posted in later years, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    pub(crate) async fn adjustments(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<Adjustment>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.query(&slice.view);
        let adjustments = slice.view.within(&slice.view.models()).adjustments(&query);
        let adjustments = adjustments.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(adjustments, |adjustment| Adjustment::new(&slice.view, &adjustment)))
    }

    /// Budget, accruals and spend of the year, as posted and as restated with later adjustments.
    #[graphql(complexity = "page::one(page::times(3, child_complexity))")]
    pub(crate) async fn restated(&self) -> Result<Vec<RestatedFigure>> {
        let restated = self.view.within(&self.view.models()).restated(&self.query(&self.view));
        let restated = restated.map_err(|error| unanswerable(&error))?;
        Ok(restated.into_iter().map(Into::into).collect())
    }

    /// The last posting into an earlier month than one already posted to, which restates the
    /// figures up to that month. Null where there is none, at a named moment, and for callers who
    /// may read only part of the book.
    async fn last_restatement(&self) -> Option<&Restatement> {
        self.restatement.as_ref()
    }

    /// The last adjustment to this closed year posted in a later year; null where there is none.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn closed_year_touched(&self) -> Result<Option<Adjustment>> {
        let query = query(self.year, &LineFilter::default(), self.view.moment, None, None);
        let adjustments = self.view.within(&self.view.models()).adjustments(&query);
        let adjustments = adjustments.map_err(|error| unanswerable(&error))?;
        Ok(adjustments.last().map(|last| Adjustment::new(&self.view, last)))
    }
}

#[derive(Default)]
pub(crate) struct PlannedQuery(pub(crate) Root);

#[Object]
impl PlannedQuery {
    /// Planned versus actual of a year. A year without a line has no rows.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn planned_versus_actual(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "What to sum lines into; a row per line if omitted.")] rollup: Option<
            Rollup,
        >,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<PlannedVersusActual> {
        let view = self.0.view_on(context, as_at, on, at_least_position).await?;
        let (filter, through) = (filter.unwrap_or_default(), through.map(Into::into));
        let restatements = context.data::<Restatements>()?;
        Ok(PlannedVersusActual::now(view, restatements, year.0, filter, through, rollup))
    }
}
