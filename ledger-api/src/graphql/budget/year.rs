//! Financial years: their periods, baselines and figures.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::event;

use crate::graphql::Limits;
use crate::graphql::budget::adjustment::{Adjustment, RestatedFigure};
use crate::graphql::budget::contribution::{Contribution, Measure};
use crate::graphql::budget::planned::{LineFilter, PlannedVersusActual, Rollup};
use crate::graphql::budget::restatement::Restatements;
use crate::graphql::budget::underspend::Underspend;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, YearMonth};
use crate::graphql::kit::view::{AsAt, Root, View};

/// How firmly a period is closed.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "event::Close")]
pub(crate) enum Close {
    /// Can be reopened, with an authority.
    Soft,
    /// Never reopens: year end.
    Hard,
}

/// A month of a year. It is open or closed for the whole book.
#[derive(SimpleObject)]
pub(crate) struct Period {
    /// The month.
    month: YearMonth,
    /// How it is closed; null while it is open.
    close: Option<Close>,
}

/// A financial year of the book.
pub(crate) struct BudgetYear {
    pub(crate) view: View,
    pub(crate) year: FinancialYear,
    pub(crate) through: Option<Month>,
}

impl BudgetYear {
    /// Finds a year; `None` where it had no line then.
    pub(crate) fn find(view: &View, year: FinancialYear, through: Option<Month>) -> Option<Self> {
        let found = view.within(&view.models()).has_year(year, view.position());
        found.then(|| BudgetYear { view: view.clone(), year, through })
    }

    /// Its lines, or those of them that count.
    fn lines(&self, filter: Option<LineFilter>) -> PlannedVersusActual {
        PlannedVersusActual {
            view: self.view.clone(),
            year: self.year,
            filter: filter.unwrap_or_default(),
            through: self.through,
            rollup: None,
            restatement: None,
        }
    }
}

/// A financial year of the book.
#[Object]
impl BudgetYear {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        ID(format!("BudgetYear:{}", self.year))
    }

    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.year.into()
    }

    /// The month of the plan to date: the one asked for, up to which movements and spend are counted
    /// too; else the month of the day it stands at, M12 of a past year, null before the year.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.view.month(self.year, self.through)
    }

    /// The thirteen periods of the year, and how each is closed: by an entry, or by the calendar of the
    /// policy in force.
    #[graphql(complexity = "page::times(13, child_complexity)")]
    async fn periods(&self) -> Vec<Period> {
        let periods = self.view.within(&self.view.models()).periods(self.year, self.view.moment);
        let period = |(month, close): (Month, Option<_>)| Period {
            month: month.into(),
            close: close.map(Into::into),
        };
        periods.into_iter().map(period).collect()
    }

    /// Whether the whole year is hard-closed.
    async fn hard_closed(&self) -> bool {
        let models = self.view.models();
        self.view.within(&models).is_hard_closed(self.year, self.view.position())
    }

    /// The names of the baselines struck so far.
    async fn baselines(&self) -> Vec<String> {
        let models = self.view.models();
        let names = self.view.within(&models).baselines(self.year, self.view.position());
        names.map(str::to_owned).collect()
    }

    /// Planned versus actual: by line, or rolled up.
    async fn planned_versus_actual(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to sum lines by; each line is a row if omitted.")] rollup: Option<
            Rollup,
        >,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
    ) -> Result<PlannedVersusActual> {
        let (view, filter) = (self.view.clone(), filter.unwrap_or_default());
        let restatements = context.data::<Restatements>()?;
        Ok(PlannedVersusActual::now(view, restatements, self.year, filter, self.through, rollup))
    }

    /// The entries behind its figures, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn contributions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "Only contributions to this figure.")] measure: Option<Measure>,
    ) -> Result<Page<Contribution>> {
        self.lines(filter).contributions(context, first, after, measure).await
    }

    /// The underspent lines, with the reasons recorded.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn underspends(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
    ) -> Result<Page<Underspend>> {
        self.lines(filter).underspends(context, first, after).await
    }

    /// Adjustments to this year posted in later years, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn adjustments(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
    ) -> Result<Page<Adjustment>> {
        self.lines(filter).adjustments(context, first, after).await
    }

    /// Budget, accruals and spend of the year, as posted and as restated with later adjustments.
    #[graphql(complexity = "page::one(page::times(3, child_complexity))")]
    async fn restated(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
    ) -> Result<Vec<RestatedFigure>> {
        self.lines(filter).restated(context).await
    }

    /// Whether the caller may read only part of the book: the figures cover that part.
    async fn partial(&self) -> bool {
        self.view.is_partial()
    }

    /// The position the answer was read at.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }

    /// The day the answer stands at, in UK time.
    async fn on(&self) -> scalars::Day {
        self.view.day()
    }

    /// When the entry at that position was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.recorded_at()
    }
}

#[derive(Default)]
pub(crate) struct YearQuery(pub(crate) Root);

#[Object]
impl YearQuery {
    /// A financial year; null where it had no budget line at the moment.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn financial_year(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<BudgetYear>> {
        let view = self.0.view_on(context, as_at, on, at_least_position).await?;
        Ok(BudgetYear::find(&view, year.0, through.map(Into::into)))
    }

    /// The financial years that have a budget line, in order.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn financial_years(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Page<BudgetYear>> {
        let view = self.0.view_on(context, as_at, on, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let years: Vec<FinancialYear> = {
            let models = slice.view.models();
            slice.view.within(&models).financial_years().collect()
        };
        let years = years.into_iter().filter_map(|year| BudgetYear::find(&slice.view, year, None));
        Ok(slice.page(years, |year| year))
    }
}
