//! What changed between two moments: the figures before and after, and the entries between.

use async_graphql::{ComplexObject, Context, Object, Result, SimpleObject};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use projections::Moment;
use projections::budget::{self, BudgetQuery};
use projections::measure::Measure;

use crate::graphql::Limits;
use crate::graphql::budget::figures::{BudgetClass, Figures};
use crate::graphql::budget::planned::{LineFilter, Rollup, query};
use crate::graphql::kit::as_of::AsOf;
use crate::graphql::kit::fault::unanswerable;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, LogPosition, MoneyGbp};
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::log::entry::Entry;
use crate::graphql::register::body::Body;
use crate::graphql::register::programme::Programme;

/// The arguments of a comparison.
#[derive(Clone)]
pub(crate) struct DiffArguments {
    pub(crate) year: FinancialYear,
    pub(crate) filter: LineFilter,
    pub(crate) through: Option<Month>,
    pub(crate) rollup: Option<Rollup>,
}

/// What changed between two moments.
pub(crate) struct Diff {
    view: View,
    since: Moment,
    of: DiffArguments,
}

impl Diff {
    /// What changed since a moment.
    pub(crate) fn between(view: View, since: AsAt, of: DiffArguments) -> Result<Self> {
        let since = view.moment_before(since)?;
        Ok(Diff { view, since, of })
    }

    fn query(&self, view: &View) -> BudgetQuery {
        let DiffArguments { year, filter, through, rollup } = &self.of;
        query(*year, filter, view.moment, *through, rollup.map(Into::into))
    }
}

/// What changed between two moments. Both are read up to the same month.
#[Object]
impl Diff {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.of.year.into()
    }

    /// Only movements and spend up to this month are counted; null for the full year.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.of.through.map(Into::into)
    }

    /// What lines are summed by; null where each line is a row.
    async fn rollup(&self) -> Option<Rollup> {
        self.of.rollup
    }

    /// The position of the last entry counted at the earlier moment.
    async fn since(&self) -> LogPosition {
        self.since.position.into()
    }

    /// When that entry was recorded.
    async fn since_recorded_at(&self) -> Option<scalars::Moment> {
        self.view.models().times.recorded(self.since.position).map(Into::into)
    }

    /// The rows that changed, lines or sums of lines. A plan to date that grew only because months
    /// passed is not a change.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<DiffRow>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.query(&slice.view);
        let rows = slice.view.within(&slice.view.models()).diff(&query, self.since);
        let rows = rows.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(rows, |row| DiffRow::new(&slice.view, row)))
    }

    /// The entries between the two moments that changed the lines or the year, in order of
    /// position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<DiffEntry>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let (query, after) = (self.query(&slice.view), Position::new(slice.read));
        let found = {
            let models = slice.view.models();
            let within = slice.view.within(&models);
            let found = within.diff_entries(&query, self.since, after, slice.fetch_count());
            found.map_err(|error| unanswerable(&error))?
        };
        let entry = |entry| DiffEntry::new(&slice.view, &entry);
        Ok(slice.page_from(found, |entry| entry.position.get(), entry))
    }

    /// What it was read from.
    #[graphql(flatten)]
    async fn as_of(&self) -> AsOf {
        AsOf::new(&self.view)
    }
}

/// The change in each figure. A missing figure counts as 0.00.
#[derive(SimpleObject)]
pub(crate) struct FigureChanges {
    /// The change in the original budget.
    original: MoneyGbp,
    /// The change in the revised budget.
    revised: MoneyGbp,
    /// The change in the plan to date, which also grows as months pass.
    plan_to_date: MoneyGbp,
    /// The change in open commitments.
    committed: MoneyGbp,
    /// The change in open accruals.
    accrued: MoneyGbp,
    /// The change in spend.
    actual: MoneyGbp,
    /// The change in the reported forecast.
    forecast: MoneyGbp,
    /// The change in the sum of the reported forecasts that lines have.
    forecast_known: MoneyGbp,
    /// The change in the internal forecast.
    internal_forecast: MoneyGbp,
    /// The change in what is available.
    available: MoneyGbp,
    /// The change in the variance, whose basis may differ between the two moments.
    variance: MoneyGbp,
    /// The change in the underspend.
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
            forecast_known: changes.forecast_known.into(),
            internal_forecast: changes.internal_forecast.into(),
            available: changes.available.into(),
            variance: changes.variance.into(),
            underspend: changes.underspend.into(),
        }
    }
}

/// A line, or a sum of lines, that changed. A key that differs between the lines of a sum is null.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct DiffRow {
    #[graphql(skip)]
    view: View,
    #[graphql(skip)]
    programme_code: Option<ProgrammeCode>,
    #[graphql(skip)]
    body_code: Option<BodyCode>,
    /// The name of the programme at the later moment, or of the body in a sum by body.
    name: Option<String>,
    /// The budget class.
    class: Option<BudgetClass>,
    /// The named ring-fence; null where there is none.
    ring_fence: Option<scalars::Fence>,
    /// In a sum by month, the month up to which movements and spend are counted.
    through: Option<scalars::YearMonth>,
    /// The code of the row that would include this one; null at the top.
    parent: Option<String>,
    /// The number of rows that would include this one.
    level: usize,
    /// Whether the row includes other rows of planned versus actual, or is the whole year.
    is_total: bool,
    /// The figures at the earlier moment; null where the line was not open yet.
    before: Option<Figures>,
    /// The figures at the later moment.
    after: Option<Figures>,
    /// The change in each figure.
    change: FigureChanges,
}

impl DiffRow {
    fn new(view: &View, row: budget::DiffRow) -> Self {
        DiffRow {
            view: view.clone(),
            programme_code: row.after.programme,
            body_code: row.after.body,
            class: row.after.class.map(Into::into),
            ring_fence: row.after.ring_fence.map(Into::into),
            through: row.after.through.map(Into::into),
            parent: row.after.parent.clone(),
            level: row.after.level,
            is_total: row.after.is_total,
            before: row.before.as_ref().and_then(Figures::of_row),
            after: Figures::of_row(&row.after),
            change: row.changes().into(),
            name: row.after.name,
        }
    }
}

#[ComplexObject]
impl DiffRow {
    /// The programme.
    async fn programme(&self) -> Option<Programme> {
        Programme::find(&self.view, self.programme_code?)
    }

    /// The body.
    async fn body(&self) -> Option<Body> {
        Body::find(&self.view, self.body_code?)
    }
}

/// An entry between two moments, and its net effect on each figure. All are 0.00 for an entry that
/// changed no amount, such as a baseline.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct DiffEntry {
    #[graphql(skip)]
    view: View,
    /// The position of the entry.
    position: LogPosition,
    /// The amount added to the revised budget.
    revised: MoneyGbp,
    /// The amount added to open commitments.
    committed: MoneyGbp,
    /// The amount added to open accruals.
    accrued: MoneyGbp,
    /// The amount added to spend.
    actual: MoneyGbp,
    /// The amount added to the reported forecast.
    forecast: MoneyGbp,
    /// The amount added to the internal forecast.
    internal_forecast: MoneyGbp,
}

impl DiffEntry {
    fn new(view: &View, entry: &budget::DiffEntry) -> Self {
        let change = |measure| Pence::new(entry.measures.get(measure)).into();
        DiffEntry {
            view: view.clone(),
            position: entry.position.into(),
            revised: change(Measure::Revised),
            committed: change(Measure::Committed),
            accrued: change(Measure::Accrued),
            actual: change(Measure::Actual),
            forecast: change(Measure::Forecast),
            internal_forecast: change(Measure::Internal),
        }
    }
}

#[ComplexObject]
impl DiffEntry {
    /// When the entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.models().times.recorded(self.position.0).map(Into::into)
    }

    /// The entry: who posted it, when and why. Null where the entry also concerns lines the caller
    /// may not read.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.position.0).await
    }
}

#[derive(Default)]
pub(crate) struct DiffQuery(pub(crate) Root);

#[Object]
impl DiffQuery {
    /// What changed in a year between two moments: the figures before and after, and the entries in
    /// between.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn diff(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(
            desc = "The earlier moment. A time covers what was recorded by then, without the postings of a what-if."
        )]
        since: AsAt,
        #[graphql(desc = "What to sum lines by; each line is a row if omitted.")] rollup: Option<
            Rollup,
        >,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The later moment; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Diff> {
        let view = self.0.view_on(context, as_at, on, at_least_position).await?;
        let (filter, through) = (filter.unwrap_or_default(), through.map(Into::into));
        Diff::between(view, since, DiffArguments { year: year.0, filter, through, rollup })
    }
}
