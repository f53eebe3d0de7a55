//! How good forecasts were: what stood at a month against what came of it.

use async_graphql::{Context, Object, Result};
use ledger_core::domain::calendar::Month;
use projections::budget;

use super::Limits;
use super::fault::unanswerable;
use super::page::{self, Page, Slice};
use super::persistent::Years;
use super::planned::LineFilter;
use super::programme::Programme;
use super::scalars::{self, LogPosition, MoneyGbp, Percentage};
use super::view::{AsAt, Root, View};

/// Forecasts of closed years against their outturns.
pub(super) struct ForecastAccuracy {
    pub(super) view: View,
    pub(super) of: Years,
    pub(super) month: Option<Month>,
}

/// Forecasts of closed years against their outturns.
#[Object]
impl ForecastAccuracy {
    /// The month at which forecasts stood; null for each from M1 to M12.
    async fn month(&self) -> Option<scalars::YearMonth> {
        self.month.map(Into::into)
    }

    /// The programmes by year, in order of their tree, and by month.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<AccuracyOfForecast>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.of.query(&slice.view);
        let models = slice.view.models();
        let rows = slice.view.within(&models).accuracy(&query, self.month);
        let rows = rows.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(rows, |row| AccuracyOfForecast { view: slice.view.clone(), row }))
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

/// A programme's forecast as it stood at a month, against what came of it. Like is compared with
/// like: the outturn is that of the lines that had a forecast by then.
pub(super) struct AccuracyOfForecast {
    view: View,
    row: budget::Accuracy,
}

/// A programme's forecast as it stood at a month, against what came of it. Like is compared with
/// like: the outturn is that of the lines that had a forecast by then.
#[Object]
impl AccuracyOfForecast {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.row.year.into()
    }

    /// The programme, with those below it.
    async fn programme(&self) -> Option<Programme> {
        Programme::find(&self.view, self.row.programme)
    }

    /// What it was called.
    async fn name(&self) -> Option<&str> {
        self.row.name.as_deref()
    }

    /// The month up to which statements count.
    async fn month(&self) -> scalars::YearMonth {
        self.row.month.into()
    }

    /// The forecast that stood.
    async fn forecast(&self) -> MoneyGbp {
        self.row.forecast.into()
    }

    /// What was spent on the lines that it was of.
    async fn outturn(&self) -> MoneyGbp {
        self.row.outturn.into()
    }

    /// By how much more was spent than forecast; negative where less was.
    async fn difference(&self) -> MoneyGbp {
        self.row.difference().into()
    }

    /// That as a share of the forecast; null where that was not above 0.00.
    async fn percent(&self) -> Option<Percentage> {
        self.row.percent().map(Into::into)
    }

    /// What was spent on lines of the programme that nobody had forecast by then.
    async fn unforecast(&self) -> MoneyGbp {
        self.row.unforecast.into()
    }
}

#[derive(Default)]
pub(super) struct AccuracyQuery(pub(super) Root);

#[Object]
impl AccuracyQuery {
    /// How accurate forecasts were: what stood at a month of each year that is closed for good,
    /// against its outturn.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn forecast_accuracy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "At which month, such as M6; each from M1 to M12 where left out.")]
        month: Option<scalars::YearMonth>,
        #[graphql(desc = "The first year that counts.")] from: Option<scalars::Year>,
        #[graphql(desc = "The last year that counts.")] to: Option<scalars::Year>,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<ForecastAccuracy> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let of = Years { from, to, filter: filter.unwrap_or_default() };
        Ok(ForecastAccuracy { view, of, month: month.map(Into::into) })
    }
}
