//! Forecasts as they were revised: who stated what in the place of what, and when.

use async_graphql::{Context, Object, Result};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::position::Position;
use projections::budget::{self, RevisionsQuery};

use super::Limits;
use super::entry::Entry;
use super::fault::unanswerable;
use super::mutation::forecast::Series;
use super::page::{self, Page, Slice};
use super::planned::{LineFilter, query};
use super::scalars::{self, LogPosition, MoneyGbp};
use super::view::{AsAt, Root, View};

/// Which statements are wanted.
#[derive(Clone)]
pub(super) struct Wanted {
    pub(super) year: FinancialYear,
    pub(super) filter: LineFilter,
    pub(super) series: Series,
    pub(super) from_month: Option<Month>,
    pub(super) through: Option<Month>,
    pub(super) since: Position,
}

impl Wanted {
    /// Those after a moment, or from the first on.
    pub(super) fn after(self, view: &View, since: Option<AsAt>) -> Result<Self> {
        Ok(Wanted { since: view.position_before(since)?, ..self })
    }

    fn query(&self, view: &View) -> RevisionsQuery {
        RevisionsQuery {
            lines: query(self.year, &self.filter, view.moment, self.through, None),
            from_month: self.from_month,
            since: self.since,
            series: self.series.into(),
        }
    }
}

/// How far a list was read: the entry, and how many of its own, as for contributions.
const OWN_BITS: u32 = 16;

/// The statements of a year's forecasts.
pub(super) struct ForecastRevisions {
    pub(super) view: View,
    pub(super) of: Wanted,
}

/// The statements of a year's forecasts.
#[Object]
impl ForecastRevisions {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.of.year.into()
    }

    /// The statements, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<ForecastRevision>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let from = Position::new(slice.read >> OWN_BITS);
        let skipped = slice.read & ((1 << OWN_BITS) - 1);
        let found = {
            let models = slice.view.models();
            let (query, count) = (self.of.query(&slice.view), slice.wanted());
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
        Ok(slice.read_on(found, place, |found| ForecastRevision::new(&slice.view, found)))
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

/// A forecast that was stated, and the one in whose place it came.
pub(super) struct ForecastRevision {
    view: View,
    revision: budget::Revision,
}

impl ForecastRevision {
    fn new(view: &View, revision: budget::Revision) -> Self {
        ForecastRevision { view: view.clone(), revision }
    }
}

/// A forecast that was stated, and the one in whose place it came.
#[Object]
impl ForecastRevision {
    /// The entry's position.
    async fn position(&self) -> LogPosition {
        self.revision.position.into()
    }

    /// When the entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.models().times.recorded(self.revision.position).map(Into::into)
    }

    /// The line.
    async fn line(&self) -> scalars::Line {
        self.revision.line.into()
    }

    /// The month in which it was stated.
    async fn month(&self) -> scalars::YearMonth {
        self.revision.month.into()
    }

    /// The forecast that stood in that month before; null where none did.
    async fn before(&self) -> Option<MoneyGbp> {
        self.revision.before.map(Into::into)
    }

    /// The forecast of the full year that was stated.
    async fn after(&self) -> MoneyGbp {
        self.revision.after.into()
    }

    /// By how much the forecast changed; the whole of it where none stood before.
    async fn change(&self) -> MoneyGbp {
        self.revision.change().into()
    }

    /// The entry itself: who posted it, when and why. Null where it concerns what the caller may
    /// not read as well.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.revision.position).await
    }
}

#[derive(Default)]
pub(super) struct RevisionQuery(pub(super) Root);

#[Object]
impl RevisionQuery {
    /// Who revised a forecast of a year and by how much: of the last quarter from M10 through M12,
    /// or of what was recorded between two moments.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn forecast_revisions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "Reported or internal.", default_with = "Series::Reported")]
        series: Series,
        #[graphql(desc = "Only what was stated in this month or later.")] from_month: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "Only what was stated up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "Only entries after this position, or recorded after this time.")]
        since: Option<AsAt>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<ForecastRevisions> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let (from_month, through) = (from_month.map(Into::into), through.map(Into::into));
        let (year, filter) = (year.0, filter.unwrap_or_default());
        let of = Wanted { year, filter, series, from_month, through, since: Position::START };
        let of = of.after(&view, since)?;
        Ok(ForecastRevisions { view, of })
    }
}
