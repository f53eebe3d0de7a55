//! What changed between two moments: the figures before and after, and the entries between.

use async_graphql::{Context, Object, Result, SimpleObject};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use projections::Moment;
use projections::budget::{self, BudgetQuery};
use projections::measure::Measure;

use super::Limits;
use super::body::Body;
use super::entry::Entry;
use super::fault::unanswerable;
use super::figures::{BudgetClass, Figures};
use super::page::{self, Page, Slice};
use super::planned::{LineFilter, Rollup, query};
use super::programme::Programme;
use super::scalars::{self, LogPosition, MoneyGbp};
use super::view::{AsAt, Root, View};

/// What is compared.
#[derive(Clone)]
pub(super) struct Compared {
    pub(super) year: FinancialYear,
    pub(super) filter: LineFilter,
    pub(super) through: Option<Month>,
    pub(super) rollup: Option<Rollup>,
}

/// What changed between two moments.
pub(super) struct Diff {
    view: View,
    since: Moment,
    of: Compared,
}

impl Diff {
    /// What changed since a moment.
    pub(super) fn between(view: View, since: AsAt, of: Compared) -> Result<Self> {
        let since = view.moment_before(since)?;
        Ok(Diff { view, since, of })
    }

    fn query(&self, view: &View) -> BudgetQuery {
        let Compared { year, filter, through, rollup } = &self.of;
        query(*year, filter, view.moment, *through, rollup.map(Into::into))
    }
}

/// What changed between two moments: both are read through the same month.
#[Object]
impl Diff {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.of.year.into()
    }

    /// The month up to which movements and spend count; null where all of them do.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.of.through.map(Into::into)
    }

    /// What lines are summed into; null where each stands alone.
    async fn rollup(&self) -> Option<Rollup> {
        self.of.rollup
    }

    /// The last entry that counted at the earlier moment.
    async fn since(&self) -> LogPosition {
        self.since.position.into()
    }

    /// When that entry was recorded.
    async fn since_recorded_at(&self) -> Option<scalars::Moment> {
        self.view.models().times.recorded(self.since.position).map(Into::into)
    }

    /// The last entry that counts at the later moment.
    async fn position(&self) -> LogPosition {
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

    /// The rows that changed: lines in order, or sums of them. A plan to date that only grew with
    /// the calendar is no change.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<DiffRow>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.query(&slice.view);
        let rows = slice.view.within(&slice.view.models()).diff(&query, self.since);
        let rows = rows.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(rows, |row| DiffRow { view: slice.view.clone(), row }))
    }

    /// The entries between that changed something about the lines or the year, in order of
    /// position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<DiffEntry>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let (query, after) = (self.query(&slice.view), Position::new(slice.read));
        let found = {
            let models = slice.view.models();
            let within = slice.view.within(&models);
            let found = within.diff_entries(&query, self.since, after, slice.wanted());
            found.map_err(|error| unanswerable(&error))?
        };
        let entry = |entry| DiffEntry { view: slice.view.clone(), entry };
        Ok(slice.read_on(found, |entry| entry.position.get(), entry))
    }
}

/// By how much figures changed. What was not there counts as 0.00.
#[derive(SimpleObject)]
pub(super) struct FigureChanges {
    /// Of the original budget.
    original: MoneyGbp,
    /// Of the revised budget.
    revised: MoneyGbp,
    /// Of the plan to date, which also grows as months pass.
    plan_to_date: MoneyGbp,
    /// Of open commitments.
    committed: MoneyGbp,
    /// Of open accruals.
    accrued: MoneyGbp,
    /// Of spend.
    actual: MoneyGbp,
    /// Of the reported forecast.
    forecast: MoneyGbp,
    /// Of the internal forecast.
    internal_forecast: MoneyGbp,
    /// Of what may still leave.
    available: MoneyGbp,
    /// Of the variance, which may rest on another basis after than before.
    variance: MoneyGbp,
    /// Of the underspend.
    underspend: MoneyGbp,
}

impl From<budget::FigureChanges> for FigureChanges {
    fn from(changes: budget::FigureChanges) -> Self {
        FigureChanges {
            original: changes.original.into(),
            revised: changes.revised.into(),
            plan_to_date: changes.plan_to_date.into(),
            committed: changes.committed.into(),
            accrued: changes.accrued.into(),
            actual: changes.actual.into(),
            forecast: changes.forecast.into(),
            internal_forecast: changes.internal_forecast.into(),
            available: changes.available.into(),
            variance: changes.variance.into(),
            underspend: changes.underspend.into(),
        }
    }
}

/// A line, or a sum of lines, that changed. What differs among the lines of a sum is null.
pub(super) struct DiffRow {
    view: View,
    row: budget::DiffRow,
}

/// A line, or a sum of lines, that changed. What differs among the lines of a sum is null.
#[Object]
impl DiffRow {
    /// The programme.
    async fn programme(&self) -> Option<Programme> {
        Programme::find(&self.view, self.row.after.programme?)
    }

    /// What the programme, or in a sum by body the body, was called at the later moment.
    async fn name(&self) -> Option<&str> {
        self.row.after.name.as_deref()
    }

    /// The body.
    async fn body(&self) -> Option<Body> {
        Body::find(&self.view, self.row.after.body?)
    }

    /// The budget class.
    async fn class(&self) -> Option<BudgetClass> {
        self.row.after.class.map(Into::into)
    }

    /// The named ring-fence; null where there is none.
    async fn ring_fence(&self) -> Option<scalars::Fence> {
        self.row.after.ring_fence.map(Into::into)
    }

    /// The month up to which movements and spend count, in a sum by month.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.row.after.through.map(Into::into)
    }

    /// The figures at the earlier moment; null where there was no such line yet.
    async fn before(&self) -> Option<Figures> {
        self.row.before.as_ref().and_then(Figures::of_row)
    }

    /// The figures at the later moment.
    async fn after(&self) -> Option<Figures> {
        Figures::of_row(&self.row.after)
    }

    /// By how much each figure changed.
    async fn change(&self) -> FigureChanges {
        self.row.changes().into()
    }
}

/// An entry between two moments, and what it changed: all of its parts on the lines together.
pub(super) struct DiffEntry {
    view: View,
    entry: budget::DiffEntry,
}

impl DiffEntry {
    fn change(&self, measure: Measure) -> MoneyGbp {
        Pence::new(self.entry.measures.get(measure)).into()
    }
}

/// An entry between two moments, and what it changed: all of its parts on the lines together. All
/// of it is 0.00 for one that changed no amount, such as a baseline.
#[Object]
impl DiffEntry {
    /// The entry's position.
    async fn position(&self) -> LogPosition {
        self.entry.position.into()
    }

    /// When the entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.models().times.recorded(self.entry.position).map(Into::into)
    }

    /// What it added to the revised budget.
    async fn revised(&self) -> MoneyGbp {
        self.change(Measure::Revised)
    }

    /// What it added to open commitments.
    async fn committed(&self) -> MoneyGbp {
        self.change(Measure::Committed)
    }

    /// What it added to open accruals.
    async fn accrued(&self) -> MoneyGbp {
        self.change(Measure::Accrued)
    }

    /// What it added to spend.
    async fn actual(&self) -> MoneyGbp {
        self.change(Measure::Actual)
    }

    /// What it added to the reported forecast.
    async fn forecast(&self) -> MoneyGbp {
        self.change(Measure::Forecast)
    }

    /// What it added to the internal forecast.
    async fn internal_forecast(&self) -> MoneyGbp {
        self.change(Measure::Internal)
    }

    /// The entry itself: who posted it, when and why. Null where it concerns what the caller may
    /// not read as well.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.entry.position).await
    }
}

#[derive(Default)]
pub(super) struct DiffQuery(pub(super) Root);

#[Object]
impl DiffQuery {
    /// What changed in a year between two moments: the figures before and after, and the entries
    /// between.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn diff(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(
            desc = "The earlier moment; a time counts what had been recorded by then, and nothing that is supposed."
        )]
        since: AsAt,
        #[graphql(desc = "What to sum lines into; each stands alone where left out.")]
        rollup: Option<Rollup>,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The later moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Diff> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let (filter, through) = (filter.unwrap_or_default(), through.map(Into::into));
        Diff::between(view, since, Compared { year: year.0, filter, through, rollup })
    }
}
