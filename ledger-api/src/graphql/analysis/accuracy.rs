//! Forecast accuracy: the forecast at a month compared with the outturn.

use async_graphql::{ComplexObject, Context, Object, Result, SimpleObject};
use ledger_core::domain::calendar::Month;
use ledger_core::domain::code::ProgrammeCode;
use projections::budget;

use crate::graphql::Limits;
use crate::graphql::analysis::persistent::YearsFilter;
use crate::graphql::budget::planned::LineFilter;
use crate::graphql::kit::as_of::AsOf;
use crate::graphql::kit::fault::unanswerable;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, LogPosition, MoneyGbp, Percentage};
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::register::programme::Programme;

/// Forecasts of closed years compared with their outturns.
pub(crate) struct ForecastAccuracy {
    pub(crate) view: View,
    pub(crate) of: YearsFilter,
    pub(crate) month: Option<Month>,
}

/// Forecasts of closed years compared with their outturns.
#[Object]
impl ForecastAccuracy {
    /// The month whose forecasts are compared; null for every month from M1 to M12.
    async fn month(&self) -> Option<scalars::YearMonth> {
        self.month.map(Into::into)
    }

    /// One row per programme, year and month, in order of the programme tree.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<AccuracyOfForecast>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.of.query(&slice.view);
        let models = slice.view.models();
        let rows = slice.view.within(&models).accuracy(&query, self.month);
        let rows = rows.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(rows, |row| AccuracyOfForecast::new(&slice.view, row)))
    }

    /// What it was read from.
    #[graphql(flatten)]
    async fn as_of(&self) -> AsOf {
        AsOf::new(&self.view)
    }
}

/// A programme's forecast at a month, compared with its outturn. The outturn covers only the lines
/// that had a forecast by that month.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct AccuracyOfForecast {
    #[graphql(skip)]
    view: View,
    #[graphql(skip)]
    code: ProgrammeCode,
    /// The financial year.
    year: scalars::Year,
    /// The programme's name.
    name: Option<String>,
    /// The month up to which forecasts are counted.
    month: scalars::YearMonth,
    /// The forecast at that month.
    forecast: MoneyGbp,
    /// The spend on the lines that were forecast.
    outturn: MoneyGbp,
    /// The outturn less the forecast; negative where less was spent.
    difference: MoneyGbp,
    /// The difference as a percentage of the forecast; null where the forecast was 0.00 or less.
    percent: Option<Percentage>,
    /// The spend on the programme's lines that had no forecast by then.
    unforecast: MoneyGbp,
}

impl AccuracyOfForecast {
    fn new(view: &View, row: budget::Accuracy) -> Self {
        AccuracyOfForecast {
            view: view.clone(),
            code: row.programme,
            year: row.year.into(),
            month: row.month.into(),
            forecast: row.forecast.into(),
            outturn: row.outturn.into(),
            difference: row.difference().into(),
            percent: row.percent().map(Into::into),
            unforecast: row.unforecast.into(),
            name: row.name,
        }
    }
}

#[ComplexObject]
impl AccuracyOfForecast {
    /// The programme, including the programmes below it.
    async fn programme(&self) -> Option<Programme> {
        Programme::find(&self.view, self.code)
    }
}

#[derive(Default)]
pub(crate) struct AccuracyQuery(pub(crate) Root);

#[Object]
impl AccuracyQuery {
    /// How accurate forecasts were: the forecast at a month of each hard-closed year, compared with
    /// the outturn.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn forecast_accuracy(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "The month whose forecasts to compare, such as M6; every month from M1 to M12 if omitted."
        )]
        month: Option<scalars::YearMonth>,
        #[graphql(desc = "The first year to include.")] from: Option<scalars::Year>,
        #[graphql(desc = "The last year to include.")] to: Option<scalars::Year>,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<ForecastAccuracy> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let of = YearsFilter { from, to, filter: filter.unwrap_or_default() };
        Ok(ForecastAccuracy { view, of, month: month.map(Into::into) })
    }
}
