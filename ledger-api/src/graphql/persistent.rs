//! Programmes whose outturn was off the same way several years running.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use projections::budget::{self, YearsQuery};

use super::Limits;
use super::fault::{fault, unanswerable};
use super::page::{self, Page, Slice};
use super::planned::LineFilter;
use super::programme::Programme;
use super::scalars::{self, LogPosition, MoneyGbp, Percentage};
use super::view::{AsAt, Root, View};

/// Which way outturns were off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "budget::Direction")]
pub(super) enum Direction {
    /// Less was spent than budgeted.
    Underspent,
    /// More was.
    Overspent,
}

/// Of which years, and which lines.
#[derive(Clone)]
pub(super) struct Years {
    pub(super) from: Option<scalars::Year>,
    pub(super) to: Option<scalars::Year>,
    pub(super) filter: LineFilter,
}

impl Years {
    pub(super) fn query(&self, view: &View) -> YearsQuery {
        let LineFilter { programme, body, class } = &self.filter;
        YearsQuery {
            from: self.from.as_ref().map(|year| year.0),
            to: self.to.as_ref().map(|year| year.0),
            programme: programme.as_ref().map(|code| code.0),
            body: body.as_ref().map(|code| code.0),
            class: class.map(Into::into),
            moment: view.moment,
        }
    }
}

/// Programmes whose outturn was off the same way several years running.
pub(super) struct PersistentVariances {
    pub(super) view: View,
    pub(super) of: Years,
    pub(super) direction: Direction,
    pub(super) running: i32,
}

/// Programmes whose outturn was off the same way several years running.
#[Object]
impl PersistentVariances {
    /// Which way.
    async fn direction(&self) -> Direction {
        self.direction
    }

    /// How many years running, at least.
    async fn running(&self) -> i32 {
        self.running
    }

    /// The programmes in order of their tree, once for each run of years.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<PersistentVariance>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let running = usize::try_from(self.running).ok().filter(|running| *running > 0);
        let Some(running) = running else {
            return Err(fault("BAD_YEARS", "running must be 1 or more"));
        };
        let query = self.of.query(&slice.view);
        let models = slice.view.models();
        let rows = slice.view.within(&models).patterns(&query, self.direction.into(), running);
        let rows = rows.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(rows, |row| PersistentVariance { view: slice.view.clone(), row }))
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

/// A programme, with those below it, that was off the same way in several years running.
pub(super) struct PersistentVariance {
    view: View,
    row: budget::Pattern,
}

/// A programme's year that was closed for good.
#[derive(SimpleObject)]
pub(super) struct OutturnYear {
    /// The financial year.
    year: scalars::Year,
    /// The revised budget.
    revised: MoneyGbp,
    /// The spend.
    outturn: MoneyGbp,
    /// What was not spent; negative where more was.
    underspend: MoneyGbp,
    /// That as a share of the revised budget; null where there was none.
    percent: Option<Percentage>,
}

/// A programme, with those below it, that was off the same way in several years running.
#[Object]
impl PersistentVariance {
    /// The programme.
    async fn programme(&self) -> Option<Programme> {
        Programme::find(&self.view, self.row.programme)
    }

    /// What it was called.
    async fn name(&self) -> Option<&str> {
        self.row.name.as_deref()
    }

    /// What was not spent in all of the years; negative where more was.
    async fn underspend(&self) -> MoneyGbp {
        self.row.underspend().into()
    }

    /// The years, one after the other.
    #[graphql(complexity = "page::times(12, child_complexity)")]
    async fn years(&self) -> Vec<OutturnYear> {
        let years = self.row.years.iter().map(|year| OutturnYear {
            year: year.year.into(),
            revised: year.revised.into(),
            outturn: year.outturn.into(),
            underspend: year.underspend().into(),
            percent: year.percent().map(Into::into),
        });
        years.collect()
    }
}

#[derive(Default)]
pub(super) struct PersistentQuery(pub(super) Root);

#[Object]
impl PersistentQuery {
    /// Programmes that underspent, or overspent, several years running. Only years that are closed
    /// for good have an outturn.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn persistent_variances(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which way.", default_with = "Direction::Underspent")]
        direction: Direction,
        #[graphql(desc = "How many years running, at least.", default = 3)] running: i32,
        #[graphql(desc = "The first year that counts.")] from: Option<scalars::Year>,
        #[graphql(desc = "The last year that counts.")] to: Option<scalars::Year>,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<PersistentVariances> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let of = Years { from, to, filter: filter.unwrap_or_default() };
        Ok(PersistentVariances { view, of, direction, running })
    }
}
