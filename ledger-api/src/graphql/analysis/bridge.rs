//! The bridge from original to revised to forecast to outturn, with the entry of each step.

use async_graphql::{ComplexObject, Context, Enum, Object, Result, SimpleObject};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use projections::budget::{self, BudgetQuery};

use crate::graphql::Limits;
use crate::graphql::budget::planned::{LineFilter, query};
use crate::graphql::kit::as_of::AsOf;
use crate::graphql::kit::fault::{fault, unanswerable};
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, LogPosition, MoneyGbp};
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::log::entry::Entry;

/// A stage of the bridge from the original budget to the outturn.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "budget::Stage")]
pub(crate) enum BridgeStage {
    /// From the original to the revised budget: movements since the baseline was struck, or all
    /// movements where there is no baseline.
    Revised,
    /// From no forecast to the current one: each statement that changed the reported forecast.
    Forecast,
    /// From no spend to the outturn.
    Outturn,
}

/// The arguments of a bridge.
#[derive(Clone)]
pub(crate) struct BridgeArguments {
    pub(crate) year: FinancialYear,
    pub(crate) filter: LineFilter,
    pub(crate) line: Option<LineKey>,
    pub(crate) through: Option<Month>,
}

impl BridgeArguments {
    fn query(&self, view: &View) -> BudgetQuery {
        query(self.year, &self.filter, view.moment, self.through, None)
    }
}

/// The bridge from original to revised to forecast to outturn: its totals and its steps.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Bridge {
    #[graphql(skip)]
    view: View,
    #[graphql(flatten)]
    as_of: AsOf,
    #[graphql(skip)]
    of: BridgeArguments,
    /// The financial year.
    year: scalars::Year,
    /// Only movements and spend up to this month are counted; null for the full year.
    through: Option<scalars::YearMonth>,
    /// The entry that struck the original baseline; null where none was struck.
    struck_by: Option<LogPosition>,
    /// The original budget; null where no baseline was struck, so that movements start from 0.00.
    original: Option<MoneyGbp>,
    /// The part of the original budget that takes effect after the month, with its sign reversed:
    /// the revised budget leaves it out. 0.00 for the full year.
    effective_later: MoneyGbp,
    /// The sum of the steps to the revised budget.
    movements: MoneyGbp,
    /// The revised budget: `original`, `effectiveLater` and `movements` together.
    revised: MoneyGbp,
    /// The forecast less the revised budget; null where there is no forecast.
    revised_to_forecast: Option<MoneyGbp>,
    /// The current forecast; null, not 0.00, unless every line with budget has one.
    forecast: Option<MoneyGbp>,
    /// The sum of the steps of the forecast; null where no line has one.
    forecast_known: Option<MoneyGbp>,
    /// The revised budget of the lines in `forecastKnown`; null where there are none.
    forecast_of: Option<MoneyGbp>,
    /// Whether every line with budget has a forecast.
    wholly_forecast: bool,
    /// The outturn less the forecast, or less the revised budget where there is no forecast.
    to_outturn: MoneyGbp,
    /// The accruals open when the year was hard-closed, which are in its outturn. 0.00 before, and up
    /// to a month before M12.
    open_at_close: MoneyGbp,
    /// The spend, the sum of its steps, and `openAtClose`: the outturn once the year is hard-closed.
    outturn: MoneyGbp,
    /// Whether the year is hard-closed.
    closed: bool,
    /// Whether any figure rests on an inferred entry, one that no source states.
    inferred: bool,
}

impl Bridge {
    fn new(view: View, of: BridgeArguments, bridge: &budget::Bridge) -> Self {
        let figures = &bridge.figures;
        Bridge {
            as_of: AsOf::new(&view),
            view,
            year: of.year.into(),
            through: of.through.map(Into::into),
            struck_by: bridge.struck_by.map(Into::into),
            original: figures.original.map(Into::into),
            effective_later: bridge.effective_later.into(),
            movements: bridge.movements.into(),
            revised: figures.revised.into(),
            revised_to_forecast: bridge.to_forecast().map(Into::into),
            forecast: figures.forecast.whole().map(Into::into),
            forecast_known: figures.forecast.known.map(Into::into),
            forecast_of: figures.forecast.known.map(|_| figures.forecast.of.into()),
            wholly_forecast: !figures.forecast.in_part,
            to_outturn: bridge.to_outturn().into(),
            open_at_close: figures.spent().minus(figures.actual).into(),
            outturn: figures.spent().into(),
            closed: figures.closed,
            inferred: figures.inferred,
            of,
        }
    }
}

impl Bridge {
    /// Reads a bridge; `None` where the line is not open at the moment.
    pub(crate) fn find(view: View, of: BridgeArguments) -> Result<Option<Self>> {
        if of.line.is_some_and(|line| line.year != of.year) {
            let message = format!("the line is not in {}: give the year of the line", of.year);
            return Err(fault("OTHER_YEAR", message));
        }
        let query = of.query(&view);
        let bridge = view.within(&view.models()).bridge(&query, of.line.as_ref());
        let bridge = bridge.map_err(|error| unanswerable(&error))?;
        Ok(bridge.map(|bridge| Bridge::new(view, of, &bridge)))
    }
}

#[ComplexObject]
impl Bridge {
    /// The months with spend, in order: the steps of the stage to the outturn, summed.
    #[graphql(complexity = "page::one(page::times(13, child_complexity))")]
    async fn spend_by_month(&self) -> Result<Vec<MonthSpend>> {
        let (query, line) = (self.of.query(&self.view), self.of.line.as_ref());
        let months = self.view.within(&self.view.models()).spend_by_month(&query, line);
        let months = months.map_err(|error| unanswerable(&error))?;
        Ok(months.iter().map(|month| MonthSpend::new(&self.view, month)).collect())
    }

    /// The steps of a stage, in order of position. Each entry is one step; an entry that nets to
    /// 0.00, such as a reallocation inside the programme, is left out.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn steps(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The stage.")] stage: BridgeStage,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<BridgeStep>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let (query, after) = (self.of.query(&slice.view), Position::new(slice.read));
        let (line, count) = (self.of.line.as_ref(), slice.fetch_count());
        let steps = {
            let models = slice.view.models();
            let within = slice.view.within(&models);
            let steps = within.bridge_steps(&query, line, stage.into(), after, count);
            steps.map_err(|error| unanswerable(&error))?
        };
        let step = |step| BridgeStep::new(&slice.view, &step);
        Ok(slice.page_from(steps, |step| step.position.get(), step))
    }
}

/// The spend of a month.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct MonthSpend {
    #[graphql(skip)]
    view: View,
    /// The effective month.
    month: scalars::YearMonth,
    /// The number of entries summed.
    entries: usize,
    /// The position of the entry; null where there are several.
    position: Option<LogPosition>,
    /// The spend of the month.
    amount: MoneyGbp,
    /// The spend of the months before.
    before: MoneyGbp,
    /// The spend up to the month.
    after: MoneyGbp,
}

impl MonthSpend {
    fn new(view: &View, spend: &budget::MonthSpend) -> Self {
        MonthSpend {
            view: view.clone(),
            month: spend.month.into(),
            entries: spend.entries,
            position: spend.only.map(Into::into),
            amount: spend.amount.into(),
            before: spend.before.into(),
            after: spend.after.into(),
        }
    }
}

#[ComplexObject]
impl MonthSpend {
    /// When the entry was recorded; null where there are several.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.models().times.recorded(self.position.as_ref()?.0).map(Into::into)
    }

    /// The entry. Null where there are several, or where it also concerns lines the caller may not
    /// read.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        let Some(position) = &self.position else { return Ok(None) };
        Entry::readable(&self.view, position.0).await
    }
}

/// The net effect of one entry on a running figure.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct BridgeStep {
    #[graphql(skip)]
    view: View,
    /// The position of the entry.
    position: LogPosition,
    /// The amount of the change.
    amount: MoneyGbp,
    /// The figure before the entry; null where there was no forecast.
    before: Option<MoneyGbp>,
    /// The figure after the entry.
    after: Option<MoneyGbp>,
}

impl BridgeStep {
    fn new(view: &View, step: &budget::Step) -> Self {
        BridgeStep {
            view: view.clone(),
            position: step.position.into(),
            amount: step.amount.into(),
            before: step.before.map(Into::into),
            after: step.after.map(Into::into),
        }
    }
}

#[ComplexObject]
impl BridgeStep {
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
pub(crate) struct BridgeQuery(pub(crate) Root);

#[Object]
impl BridgeQuery {
    /// The bridge from original to revised to forecast to outturn of a year, a programme or a line,
    /// with the entry of each step; null where the line was not open.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn bridge(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "Only this line.")] line: Option<scalars::Line>,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Option<Bridge>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let (filter, line) = (filter.unwrap_or_default(), line.map(|line| line.0));
        Bridge::find(
            view,
            BridgeArguments { year: year.0, filter, line, through: through.map(Into::into) },
        )
    }
}
