//! Programmes that underspent, or overspent, several years running.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use projections::budget::{self, YearsQuery};

use crate::graphql::Limits;
use crate::graphql::budget::planned::LineFilter;
use crate::graphql::kit::as_of::AsOf;
use crate::graphql::kit::fault::{fault, unanswerable};
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, LogPosition, MoneyGbp, Percentage};
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::register::programme::Programme;

/// Whether the outturn was under or over budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "budget::Direction")]
pub(crate) enum Direction {
    /// Less was spent than budgeted.
    Underspent,
    /// More was spent than budgeted.
    Overspent,
}

/// A range of years, and a filter of their lines.
#[derive(Clone)]
pub(crate) struct YearsFilter {
    pub(crate) from: Option<scalars::Year>,
    pub(crate) to: Option<scalars::Year>,
    pub(crate) filter: LineFilter,
}

impl YearsFilter {
    pub(crate) fn query(&self, view: &View) -> YearsQuery {
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

/// Programmes that underspent, or overspent, several years running.
pub(crate) struct PersistentVariances {
    pub(crate) view: View,
    pub(crate) of: YearsFilter,
    pub(crate) direction: Direction,
    pub(crate) running: i32,
}

/// Programmes that underspent, or overspent, several years running.
#[Object]
impl PersistentVariances {
    /// Underspent or overspent.
    async fn direction(&self) -> Direction {
        self.direction
    }

    /// The minimum number of consecutive years.
    async fn running(&self) -> i32 {
        self.running
    }

    /// One row per programme and run of years, in order of the programme tree.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<PersistentVariance>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let running = usize::try_from(self.running).ok().filter(|running| *running > 0);
        let Some(running) = running else {
            return Err(fault("BAD_YEARS", "running must be 1 or more"));
        };
        let query = self.of.query(&slice.view);
        let models = slice.view.models();
        let rows =
            slice.view.within(&models).persistent_variances(&query, self.direction.into(), running);
        let rows = rows.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(rows, |row| PersistentVariance { view: slice.view.clone(), row }))
    }

    /// What it was read from.
    #[graphql(flatten)]
    async fn as_of(&self) -> AsOf {
        AsOf::new(&self.view)
    }
}

/// A programme, including those below it, that underspent or overspent several years running.
pub(crate) struct PersistentVariance {
    view: View,
    row: budget::PersistentVariance,
}

/// A programme's figures in a hard-closed year.
#[derive(SimpleObject)]
pub(crate) struct OutturnYear {
    /// The financial year.
    year: scalars::Year,
    /// The revised budget.
    revised: MoneyGbp,
    /// The spend.
    outturn: MoneyGbp,
    /// The revised budget less the spend; negative for an overspend.
    underspend: MoneyGbp,
    /// The underspend as a percentage of the revised budget; null where there was no budget.
    percent: Option<Percentage>,
}

/// A programme, including those below it, that underspent or overspent several years running.
#[Object]
impl PersistentVariance {
    /// The programme.
    async fn programme(&self) -> Option<Programme> {
        Programme::find(&self.view, self.row.programme)
    }

    /// The programme's name.
    async fn name(&self) -> Option<&str> {
        self.row.name.as_deref()
    }

    /// The underspend over all the years; negative for an overspend.
    async fn underspend(&self) -> MoneyGbp {
        self.row.underspend().into()
    }

    /// The consecutive years.
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
pub(crate) struct PersistentQuery(pub(crate) Root);

#[Object]
impl PersistentQuery {
    /// Programmes that underspent, or overspent, several years running. Only hard-closed years have
    /// an outturn.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn persistent_variances(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Underspent or overspent.", default_with = "Direction::Underspent")]
        direction: Direction,
        #[graphql(desc = "The minimum number of consecutive years.", default = 3)] running: i32,
        #[graphql(desc = "The first year to include.")] from: Option<scalars::Year>,
        #[graphql(desc = "The last year to include.")] to: Option<scalars::Year>,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<PersistentVariances> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let of = YearsFilter { from, to, filter: filter.unwrap_or_default() };
        Ok(PersistentVariances { view, of, direction, running })
    }
}
