//! Underspends by the reasons given for them, and where the money went.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::movement;
use ledger_core::domain::position::Position;
use projections::budget::{self, BudgetQuery};

use super::Limits;
use super::entry::Entry;
use super::event::{EventKind, Leg};
use super::fault::unanswerable;
use super::figures::BudgetClass;
use super::page::{self, Page, Slice};
use super::planned::{LineFilter, query};
use super::programme::Programme;
use super::scalars::{self, LogPosition, MoneyGbp};
use super::view::{AsAt, Root, View};
use crate::destination::destinations;

/// What underspends are summed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "budget::ReasonsBy")]
pub(super) enum ReasonsBy {
    /// Programmes, each with those below it; parents come first.
    Programme,
    /// Bodies, each with those below it; parents come first.
    Body,
    /// Budget classes.
    Class,
    /// The whole year.
    Year,
}

/// A year's underspends by the reasons given for them.
#[derive(Clone)]
pub(super) struct UnderspendsByReason {
    pub(super) view: View,
    pub(super) year: FinancialYear,
    pub(super) by: ReasonsBy,
    pub(super) filter: LineFilter,
    pub(super) through: Option<Month>,
}

impl UnderspendsByReason {
    fn query(&self, view: &View) -> BudgetQuery {
        query(self.year, &self.filter, view.moment, self.through, None)
    }
}

/// A year's underspends by the reasons given for them.
#[Object]
impl UnderspendsByReason {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.year.into()
    }

    /// The month up to which movements and spend count; null where all of them do.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.through.map(Into::into)
    }

    /// What underspends are summed into.
    async fn by(&self) -> ReasonsBy {
        self.by
    }

    /// The sums, of what has an underspend or a reason for one.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<ReasonedUnderspend>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.query(&slice.view);
        let within = slice.view.models();
        let rows = slice.view.within(&within).underspends_by_reason(&query, self.by.into());
        let rows = rows.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(rows, |row| ReasonedUnderspend {
            of: UnderspendsByReason { view: slice.view.clone(), ..self.clone() },
            row,
        }))
    }

    /// Where budget of all the lines went, whether they have an underspend or not: the entries that
    /// took some out, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn outflows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<Outflow>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.query(&slice.view);
        Outflow::page(&slice, query)
    }

    /// Whether these are the figures of a part of the book: of what the caller may read.
    async fn partial(&self) -> bool {
        self.view.is_partial()
    }

    /// The last entry that counts.
    async fn position(&self) -> LogPosition {
        self.view.position().into()
    }

    /// When that entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.recorded_at()
    }
}

/// An underspend, split by the reasons given for it.
pub(super) struct ReasonedUnderspend {
    of: UnderspendsByReason,
    row: budget::Reasons,
}

impl ReasonedUnderspend {
    /// The question whose answer is this row alone.
    fn narrowed(&self, view: &View) -> BudgetQuery {
        let query = self.of.query(view);
        BudgetQuery {
            programme: self.row.programme.or(query.programme),
            body: self.row.body.or(query.body),
            class: self.row.class.or(query.class),
            ..query
        }
    }
}

/// An underspend, split by the reasons given for it.
#[Object]
impl ReasonedUnderspend {
    /// The programme, where they are summed by that.
    async fn programme(&self) -> Option<Programme> {
        Programme::find(&self.of.view, self.row.programme?)
    }

    /// The body, where they are summed by that.
    async fn body(&self) -> Option<scalars::Body> {
        self.row.body.map(Into::into)
    }

    /// The class, where they are summed by that.
    async fn class(&self) -> Option<BudgetClass> {
        self.row.class.map(Into::into)
    }

    /// What the programme or the body was called.
    async fn name(&self) -> Option<&str> {
        self.row.name.as_deref()
    }

    /// What was not spent: by the outturn, else by the forecast, else by the spend so far.
    async fn underspend(&self) -> MoneyGbp {
        self.row.underspend.into()
    }

    /// What will be spent later.
    async fn slippage(&self) -> MoneyGbp {
        self.row.slippage.into()
    }

    /// What was not needed.
    async fn saving(&self) -> MoneyGbp {
        self.row.saving.into()
    }

    /// What was taken back.
    async fn clawback(&self) -> MoneyGbp {
        self.row.clawback.into()
    }

    /// What was used for something else.
    async fn diversion(&self) -> MoneyGbp {
        self.row.diversion.into()
    }

    /// What somebody said that nobody knows the reason of.
    async fn unknown(&self) -> MoneyGbp {
        self.row.unknown.into()
    }

    /// What nobody has said anything about.
    async fn unexplained(&self) -> MoneyGbp {
        self.row.unexplained.into()
    }

    /// Where budget went: the entries that took some out, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn outflows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<Outflow>> {
        let limits = context.data::<Limits>()?;
        let slice = Slice::new(&self.of.view, limits, first, after.as_deref())?;
        let query = self.narrowed(&slice.view);
        Outflow::page(&slice, query)
    }
}

/// An entry that took budget out: all of its parts together.
pub(super) struct Outflow {
    view: View,
    query: BudgetQuery,
    outflow: budget::Outflow,
}

impl Outflow {
    /// A page of outflows of a query's lines.
    fn page(slice: &Slice, query: BudgetQuery) -> Result<Page<Self>> {
        let (after, count) = (Position::new(slice.read), slice.wanted());
        let found = slice.view.within(&slice.view.models()).outflows(&query, after, count);
        let found = found.map_err(|error| unanswerable(&error))?;
        let outflow = |outflow| Outflow { view: slice.view.clone(), query, outflow };
        Ok(slice.read_on(found, |outflow| outflow.position.get(), outflow))
    }
}

/// Where an entry moved budget to.
#[derive(SimpleObject)]
pub(super) struct OutflowDestination {
    /// What moved it: a cut, a reallocation, an exchange into the next year.
    kind: EventKind,
    /// The account that got it, and how much.
    to: Leg,
}

/// An entry that took budget out: all of its parts together.
#[Object]
impl Outflow {
    /// The entry's position.
    async fn position(&self) -> LogPosition {
        self.outflow.position.into()
    }

    /// When the entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.models().times.recorded(self.outflow.position).map(Into::into)
    }

    /// How much it took.
    async fn amount(&self) -> MoneyGbp {
        self.outflow.amount.into()
    }

    /// Where to. An entry may bring together what several lines give: then these can be more than
    /// was taken here. Empty where the entry concerns what the caller may not read as well.
    #[graphql(complexity = "page::one(page::times(5, child_complexity))")]
    async fn destinations(&self) -> Result<Vec<OutflowDestination>> {
        let Some(entry) = Entry::readable(&self.view, self.outflow.position).await? else {
            return Ok(Vec::new());
        };
        let stored = entry.stored().await?;
        let models = self.view.models();
        let within = self.view.within(&models);
        let wants = within.wants(&self.query).map_err(|error| unanswerable(&error))?;
        let found = destinations(&stored.entry.events, wants);
        let told = found.iter().map(|found| {
            let leg = movement::Leg { account: found.account, pence: found.pence };
            OutflowDestination { kind: found.event.into(), to: (&leg).into() }
        });
        Ok(told.collect())
    }

    /// The entry itself: who posted it, when and why. Null where it concerns what the caller may
    /// not read as well.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.outflow.position).await
    }
}

#[derive(Default)]
pub(super) struct ReasonsQuery(pub(super) Root);

#[Object]
impl ReasonsQuery {
    /// Underspends of a year by the reasons given for them: slippage, saving, clawback, diversion;
    /// and where the money went.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn underspends_by_reason(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "What to sum underspends into.", default_with = "ReasonsBy::Programme")]
        by: ReasonsBy,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<UnderspendsByReason> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let (filter, through) = (filter.unwrap_or_default(), through.map(Into::into));
        Ok(UnderspendsByReason { view, year: year.0, by, filter, through })
    }
}
