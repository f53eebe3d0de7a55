//! Underspends by the reasons recorded for them, and where the money went.

use async_graphql::{ComplexObject, Context, Enum, Object, Result, SimpleObject};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::movement;
use ledger_core::domain::position::Position;
use projections::budget::{self, BudgetQuery};
use projections::flows::destinations;

use crate::graphql::Limits;
use crate::graphql::budget::figures::BudgetClass;
use crate::graphql::budget::planned::{LineFilter, query};
use crate::graphql::kit::as_of::AsOf;
use crate::graphql::kit::fault::unanswerable;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, LogPosition, MoneyGbp};
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::log::entry::Entry;
use crate::graphql::log::event::{EventKind, Leg};
use crate::graphql::register::programme::Programme;

/// What underspends are summed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "budget::ReasonsBy")]
pub(crate) enum ReasonsBy {
    /// By programme, each including those below it; parents first.
    Programme,
    /// By body, each including those below it; parents first.
    Body,
    /// By budget class.
    Class,
    /// The whole year.
    Year,
}

/// A year's underspends by the reasons recorded for them.
#[derive(Clone)]
pub(crate) struct UnderspendsByReason {
    pub(crate) view: View,
    pub(crate) year: FinancialYear,
    pub(crate) by: ReasonsBy,
    pub(crate) filter: LineFilter,
    pub(crate) through: Option<Month>,
}

impl UnderspendsByReason {
    fn query(&self, view: &View) -> BudgetQuery {
        query(self.year, &self.filter, view.moment, self.through, None)
    }
}

/// A year's underspends by the reasons recorded for them.
#[Object]
impl UnderspendsByReason {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.year.into()
    }

    /// Only movements and spend up to this month are counted; null for the full year.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.through.map(Into::into)
    }

    /// What underspends are summed by.
    async fn by(&self) -> ReasonsBy {
        self.by
    }

    /// One row per group that has an underspend, or a reason for one.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<ReasonedUnderspend>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.query(&slice.view);
        let within = slice.view.models();
        let rows = slice.view.within(&within).underspends_by_reason(&query, self.by.into());
        let rows = rows.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(rows, |row| {
            let of = UnderspendsByReason { view: slice.view.clone(), ..self.clone() };
            ReasonedUnderspend::new(of, row)
        }))
    }

    /// The entries that moved budget out of any of the lines, underspent or not, in order of
    /// position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn outflows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<Outflow>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.query(&slice.view);
        Outflow::page(&slice, query)
    }

    /// What it was read from.
    #[graphql(flatten)]
    async fn as_of(&self) -> AsOf {
        AsOf::new(&self.view)
    }
}

/// An underspend, split by the reasons recorded for it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct ReasonedUnderspend {
    #[graphql(skip)]
    of: UnderspendsByReason,
    #[graphql(skip)]
    programme_code: Option<ProgrammeCode>,
    /// The body, where underspends are summed by body.
    body: Option<scalars::Body>,
    /// The class, where underspends are summed by class.
    class: Option<BudgetClass>,
    /// The name of the programme or body.
    name: Option<String>,
    /// The code of the row that includes this one; null at the top of the answer. The rows at the top
    /// sum to the whole.
    parent: Option<String>,
    /// The number of rows that include this one.
    level: usize,
    /// Whether the row includes other rows of the answer, or is the whole year.
    is_total: bool,
    /// The revised budget less the outturn, the forecast or the spend so far: the first of these
    /// that is known.
    underspend: MoneyGbp,
    /// The part that will be spent later.
    slippage: MoneyGbp,
    /// The part that was not needed.
    saving: MoneyGbp,
    /// The part that was taken back.
    clawback: MoneyGbp,
    /// The part that was used for something else.
    diversion: MoneyGbp,
    /// The part recorded with the reason unknown.
    unknown: MoneyGbp,
    /// The part with no reason recorded.
    unexplained: MoneyGbp,
}

impl ReasonedUnderspend {
    fn new(of: UnderspendsByReason, row: budget::Reasons) -> Self {
        ReasonedUnderspend {
            of,
            programme_code: row.programme,
            body: row.body.map(Into::into),
            class: row.class.map(Into::into),
            underspend: row.underspend.into(),
            slippage: row.slippage.into(),
            saving: row.saving.into(),
            clawback: row.clawback.into(),
            diversion: row.diversion.into(),
            unknown: row.unknown.into(),
            unexplained: row.unexplained.into(),
            parent: row.parent,
            level: row.level,
            is_total: row.is_total,
            name: row.name,
        }
    }
}

impl ReasonedUnderspend {
    /// The query that selects this row only.
    fn narrowed(&self, view: &View) -> BudgetQuery {
        let query = self.of.query(view);
        BudgetQuery {
            programme: self.programme_code.or(query.programme),
            body: self.body.as_ref().map(|body| body.0).or(query.body),
            class: self.class.map(Into::into).or(query.class),
            ..query
        }
    }
}

#[ComplexObject]
impl ReasonedUnderspend {
    /// The programme, where underspends are summed by programme.
    async fn programme(&self) -> Option<Programme> {
        Programme::find(&self.of.view, self.programme_code?)
    }

    /// The entries that moved budget out, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn outflows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<Outflow>> {
        let limits = context.data::<Limits>()?;
        let slice = Slice::new(&self.of.view, limits, first, after.as_deref())?;
        let query = self.narrowed(&slice.view);
        Outflow::page(&slice, query)
    }
}

/// An entry that moved budget out, with the net amount.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Outflow {
    #[graphql(skip)]
    view: View,
    #[graphql(skip)]
    query: BudgetQuery,
    /// The position of the entry.
    position: LogPosition,
    /// The net amount moved out.
    amount: MoneyGbp,
}

impl Outflow {
    fn new(view: &View, query: BudgetQuery, outflow: &budget::Outflow) -> Self {
        Outflow {
            view: view.clone(),
            query,
            position: outflow.position.into(),
            amount: outflow.amount.into(),
        }
    }
}

impl Outflow {
    /// A page of the outflows of a query's lines.
    fn page(slice: &Slice, query: BudgetQuery) -> Result<Page<Self>> {
        let (after, count) = (Position::new(slice.read), slice.fetch_count());
        let found = slice.view.within(&slice.view.models()).outflows(&query, after, count);
        let found = found.map_err(|error| unanswerable(&error))?;
        let outflow = |outflow| Outflow::new(&slice.view, query, &outflow);
        Ok(slice.page_from(found, |outflow| outflow.position.get(), outflow))
    }
}

/// An account an entry moved budget to.
#[derive(SimpleObject)]
pub(crate) struct OutflowDestination {
    /// The kind of movement: a cut, a reallocation or an exchange into the next year.
    kind: EventKind,
    /// The receiving account and the amount.
    to: Leg,
}

#[ComplexObject]
impl Outflow {
    /// When the entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.models().times.recorded(self.position.0).map(Into::into)
    }

    /// The receiving accounts. Where an entry takes from several lines, their total may exceed
    /// `amount`. Empty where the entry also concerns lines the caller may not read.
    #[graphql(complexity = "page::one(page::times(5, child_complexity))")]
    async fn destinations(&self) -> Result<Vec<OutflowDestination>> {
        let Some(entry) = Entry::readable(&self.view, self.position.0).await? else {
            return Ok(Vec::new());
        };
        let stored = entry.stored().await?;
        let models = self.view.models();
        let within = self.view.within(&models);
        let wants = within.wants(&self.query).map_err(|error| unanswerable(&error))?;
        let found = destinations(&stored.entry.events, wants);
        let destinations = found.iter().map(|found| {
            let leg = movement::Leg { account: found.account, pence: found.pence };
            OutflowDestination { kind: found.event.into(), to: (&leg).into() }
        });
        Ok(destinations.collect())
    }

    /// The entry: who posted it, when and why. Null where the entry also concerns lines the caller
    /// may not read.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.position.0).await
    }
}

#[derive(Default)]
pub(crate) struct ReasonsQuery(pub(crate) Root);

#[Object]
impl ReasonsQuery {
    /// Underspends of a year by the reason recorded: slippage, saving, clawback or diversion; and
    /// where the money went.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn underspends_by_reason(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "What to sum underspends by.", default_with = "ReasonsBy::Programme")]
        by: ReasonsBy,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<UnderspendsByReason> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let (filter, through) = (filter.unwrap_or_default(), through.map(Into::into));
        Ok(UnderspendsByReason { view, year: year.0, by, filter, through })
    }
}
