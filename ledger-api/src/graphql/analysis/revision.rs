//! Forecast revisions: who replaced which forecast, by how much, and when.

use async_graphql::{ComplexObject, Context, Object, Result, SimpleObject};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::position::Position;
use projections::budget::{self, RevisionsQuery, YearsQuery};

use crate::graphql::Limits;
use crate::graphql::budget::planned::LineFilter;
use crate::graphql::kit::as_of::AsOf;
use crate::graphql::kit::fault::unanswerable;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, LogPosition, MoneyGbp};
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::log::entry::Entry;
use crate::graphql::mutation::forecast::Series;

/// The arguments of the list of forecast revisions.
#[derive(Clone)]
pub(crate) struct RevisionArguments {
    pub(crate) year: Option<FinancialYear>,
    pub(crate) filter: LineFilter,
    pub(crate) series: Series,
    pub(crate) from_month: Option<Month>,
    pub(crate) through: Option<Month>,
    pub(crate) since: Position,
    pub(crate) until: Option<Position>,
}

impl RevisionArguments {
    /// The statements of all moments.
    pub(crate) fn new(
        year: Option<scalars::Year>,
        filter: Option<LineFilter>,
        series: Series,
        from_month: Option<Month>,
        through: Option<Month>,
    ) -> Self {
        let (year, filter) = (year.map(|year| year.0), filter.unwrap_or_default());
        let (since, until) = (Position::START, None);
        RevisionArguments { year, filter, series, from_month, through, since, until }
    }

    /// Narrows the list to statements after one moment and up to another, where they are named.
    pub(crate) fn between(
        self,
        view: &View,
        since: Option<AsAt>,
        until: Option<AsAt>,
    ) -> Result<Self> {
        let moment = |as_at: AsAt| view.moment_before(as_at).map(|moment| moment.position);
        let since = since.map_or(Ok(Position::START), moment)?;
        Ok(RevisionArguments { since, until: until.map(moment).transpose()?, ..self })
    }

    fn query(&self, view: &View) -> RevisionsQuery {
        let LineFilter { programme, body, class } = &self.filter;
        RevisionsQuery {
            lines: YearsQuery {
                from: self.year,
                to: self.year,
                programme: programme.as_ref().map(|code| code.0),
                body: body.as_ref().map(|code| code.0),
                class: class.map(Into::into),
                moment: view.moment,
            },
            from_month: self.from_month,
            through: self.through,
            since: self.since,
            until: self.until,
            series: self.series.into(),
        }
    }
}

/// The low bits of a place in the list count the revisions of an entry; the high bits are its
/// position.
const OWN_BITS: u32 = 16;

/// The forecast revisions of a year, or of every year.
pub(crate) struct ForecastRevisions {
    pub(crate) view: View,
    pub(crate) of: RevisionArguments,
}

/// The forecast revisions of a year, or of every year.
#[Object]
impl ForecastRevisions {
    /// The financial year; null for every year.
    async fn year(&self) -> Option<scalars::Year> {
        self.of.year.map(Into::into)
    }

    /// The statements, in order of position. A first statement is no revision.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<ForecastRevision>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let from = Position::new(slice.read >> OWN_BITS);
        let skipped = slice.read & ((1 << OWN_BITS) - 1);
        let found = {
            let models = slice.view.models();
            let (query, count) = (self.of.query(&slice.view), slice.fetch_count());
            let own = usize::try_from(skipped).unwrap_or(usize::MAX);
            let within = slice.view.within(&models);
            let found = within.forecast_revisions(&query, from, own, count);
            found.map_err(|error| unanswerable(&error))?
        };
        let (mut entry, mut own) = (from, skipped);
        let place = |revision: &budget::Revision| {
            if revision.position != entry {
                (entry, own) = (revision.position, 0);
            }
            own += 1;
            (entry.get() << OWN_BITS) | own
        };
        Ok(slice.page_from(found, place, |found| ForecastRevision::new(&slice.view, &found)))
    }

    /// What it was read from.
    #[graphql(flatten)]
    async fn as_of(&self) -> AsOf {
        AsOf::new(&self.view)
    }
}

/// A forecast, and the one it replaced.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct ForecastRevision {
    #[graphql(skip)]
    view: View,
    /// The position of the entry.
    position: LogPosition,
    /// The line.
    line: scalars::Line,
    /// The month the forecast was stated in.
    month: scalars::YearMonth,
    /// The forecast before, in the same month; null where there was none.
    before: Option<MoneyGbp>,
    /// The full-year forecast after; null where a withdrawal left none.
    after: Option<MoneyGbp>,
    /// Whether it is a first statement, which replaces no forecast and is no revision.
    first_statement: bool,
    /// The change in the forecast; the whole forecast where there was none before or after.
    change: MoneyGbp,
}

impl ForecastRevision {
    fn new(view: &View, revision: &budget::Revision) -> Self {
        ForecastRevision {
            view: view.clone(),
            position: revision.position.into(),
            line: revision.line.into(),
            month: revision.month.into(),
            before: revision.before.map(Into::into),
            after: revision.after.map(Into::into),
            first_statement: revision.before.is_none(),
            change: revision.change().into(),
        }
    }
}

#[ComplexObject]
impl ForecastRevision {
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
pub(crate) struct RevisionQuery(pub(crate) Root);

#[Object]
impl RevisionQuery {
    /// Who revised forecasts, and by how much: in a range of months, such as M10 to M12, or between
    /// two moments.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn forecast_revisions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year; every year if omitted.")] year: Option<scalars::Year>,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(
            desc = "The reported or the internal forecast.",
            default_with = "Series::Reported"
        )]
        series: Series,
        #[graphql(desc = "Only forecasts stated in this month or later.")] from_month: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "Only forecasts stated up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "Only entries after this position, or recorded after this time.")]
        since: Option<AsAt>,
        #[graphql(desc = "Only entries up to this position, or recorded by this time.")]
        until: Option<AsAt>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<ForecastRevisions> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let (from_month, through) = (from_month.map(Into::into), through.map(Into::into));
        let of = RevisionArguments::new(year, filter, series, from_month, through);
        let of = of.between(&view, since, until)?;
        Ok(ForecastRevisions { view, of })
    }
}
