//! The bridge: original to revised to forecast to outturn, and the entry behind each step.

use async_graphql::{Context, Enum, Object, Result};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use projections::budget::{self, BudgetQuery};

use super::Limits;
use super::entry::Entry;
use super::fault::{fault, unanswerable};
use super::page::{self, Page, Slice};
use super::planned::{LineFilter, query};
use super::scalars::{self, LogPosition, MoneyGbp};
use super::view::{AsAt, Root, View};

/// A part of the way from the original budget to the outturn.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "budget::Stage")]
pub(super) enum BridgeStage {
    /// From the original budget to the revised one: movements since the baseline was struck, or all
    /// of them where none was.
    Revised,
    /// From no forecast to the one that stands: statements that changed the reported level.
    Forecast,
    /// From nothing spent to the outturn.
    Outturn,
}

/// What is bridged.
#[derive(Clone)]
pub(super) struct Bridged {
    pub(super) year: FinancialYear,
    pub(super) filter: LineFilter,
    pub(super) line: Option<LineKey>,
    pub(super) through: Option<Month>,
}

impl Bridged {
    fn query(&self, view: &View) -> BudgetQuery {
        query(self.year, &self.filter, view.moment, self.through, None)
    }
}

/// The way from original to revised to forecast to outturn: its totals, and each step.
pub(super) struct Bridge {
    view: View,
    of: Bridged,
    bridge: budget::Bridge,
}

impl Bridge {
    /// As at a view; none where there was no such line then.
    pub(super) fn find(view: View, of: Bridged) -> Result<Option<Self>> {
        if of.line.is_some_and(|line| line.year != of.year) {
            let message = format!("the line is not of {}: give its own year", of.year);
            return Err(fault("OTHER_YEAR", message));
        }
        let query = of.query(&view);
        let bridge = view.within(&view.models()).bridge(&query, of.line.as_ref());
        let bridge = bridge.map_err(|error| unanswerable(&error))?;
        Ok(bridge.map(|bridge| Bridge { view, of, bridge }))
    }
}

/// The way from original to revised to forecast to outturn: its totals, and each step.
#[Object]
impl Bridge {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.of.year.into()
    }

    /// The month up to which movements and spend count; null where all of them do.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.of.through.map(Into::into)
    }

    /// The entry that struck the original baseline; null where none was struck.
    async fn struck_by(&self) -> Option<LogPosition> {
        self.bridge.struck_by.map(Into::into)
    }

    /// The original budget; null where no baseline was struck, and the movements begin at 0.00.
    async fn original(&self) -> Option<MoneyGbp> {
        self.bridge.figures.original.map(Into::into)
    }

    /// What of the original budget is effective only after the month, taken off again: the revised
    /// figure does not hold it either. 0.00 where all months count.
    async fn effective_later(&self) -> MoneyGbp {
        self.bridge.effective_later.into()
    }

    /// The sum of the steps to the revised budget.
    async fn movements(&self) -> MoneyGbp {
        self.bridge.movements.into()
    }

    /// The revised budget: original, what is effective later, and movements together.
    async fn revised(&self) -> MoneyGbp {
        self.bridge.figures.revised.into()
    }

    /// What lies between the revised budget and the forecast; null where there is no forecast.
    async fn revised_to_forecast(&self) -> Option<MoneyGbp> {
        self.bridge.to_forecast().map(Into::into)
    }

    /// The forecast that stands, the sum of its steps; null where there is none, which is not 0.00.
    async fn forecast(&self) -> Option<MoneyGbp> {
        self.bridge.figures.forecast.map(Into::into)
    }

    /// Whether every line with budget or spend has a forecast.
    async fn wholly_forecast(&self) -> bool {
        self.bridge.figures.wholly_forecast
    }

    /// What lies between the forecast, or the revised budget where there is none, and the outturn.
    async fn to_outturn(&self) -> MoneyGbp {
        self.bridge.to_outturn().into()
    }

    /// The spend, the sum of its steps: the outturn once the year is closed for good.
    async fn outturn(&self) -> MoneyGbp {
        self.bridge.figures.actual.into()
    }

    /// Whether the year is closed for good.
    async fn closed(&self) -> bool {
        self.bridge.figures.closed
    }

    /// Whether an entry that no source states, but that was derived, is behind any of them.
    async fn inferred(&self) -> bool {
        self.bridge.figures.inferred
    }

    /// The steps of a stage, in order of position. The parts of one entry are one step; an entry
    /// whose parts cancel each other out, such as a reallocation inside the programme, is none.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn steps(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Of which stage.")] stage: BridgeStage,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<BridgeStep>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let (query, after) = (self.of.query(&slice.view), Position::new(slice.read));
        let (line, count) = (self.of.line.as_ref(), slice.wanted());
        let steps = {
            let models = slice.view.models();
            let within = slice.view.within(&models);
            let steps = within.bridge_steps(&query, line, stage.into(), after, count);
            steps.map_err(|error| unanswerable(&error))?
        };
        let step = |step| BridgeStep { view: slice.view.clone(), step };
        Ok(slice.read_on(steps, |step| step.position.get(), step))
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

/// What one entry did to a running figure: all of its parts on the lines together.
pub(super) struct BridgeStep {
    view: View,
    step: budget::Step,
}

/// What one entry did to a running figure: all of its parts on the lines together.
#[Object]
impl BridgeStep {
    /// The entry's position.
    async fn position(&self) -> LogPosition {
        self.step.position.into()
    }

    /// When the entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.models().times.recorded(self.step.position).map(Into::into)
    }

    /// By how much.
    async fn amount(&self) -> MoneyGbp {
        self.step.amount.into()
    }

    /// The running figure before it; null where no forecast stood.
    async fn before(&self) -> Option<MoneyGbp> {
        self.step.before.map(Into::into)
    }

    /// The running figure after it.
    async fn after(&self) -> Option<MoneyGbp> {
        self.step.after.map(Into::into)
    }

    /// The entry itself: who posted it, when and why. Null where it concerns what the caller may
    /// not read as well.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.step.position).await
    }
}

#[derive(Default)]
pub(super) struct BridgeQuery(pub(super) Root);

#[Object]
impl BridgeQuery {
    /// The way from original to revised to forecast to outturn of a year, a programme or a line,
    /// with the entry behind each step; null where there was no such line then.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn bridge(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "Only this line.")] line: Option<scalars::Line>,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Option<Bridge>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let (filter, line) = (filter.unwrap_or_default(), line.map(|line| line.0));
        Bridge::find(view, Bridged { year: year.0, filter, line, through: through.map(Into::into) })
    }
}
