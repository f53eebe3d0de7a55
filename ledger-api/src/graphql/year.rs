//! Financial years: their periods, baselines and figures.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::event;
use projections::budget::BudgetQuery;

use super::Limits;
use super::adjustment::{Adjustment, RestatedFigure};
use super::contribution::{Contribution, Measure, Wanted};
use super::fault::unanswerable;
use super::page::{self, Page, Slice};
use super::planned::{LineFilter, PlannedVersusActual, Rollup, query};
use super::restatement::Restatements;
use super::scalars::{self, YearMonth};
use super::underspend::Underspend;
use super::view::{AsAt, Root, View};

/// How firmly a period is closed.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "event::Close")]
pub(super) enum Close {
    /// It can be reopened under an authority.
    Soft,
    /// It never reopens: year end.
    Hard,
}

/// A month of a year, for the whole book.
#[derive(SimpleObject)]
pub(super) struct Period {
    /// The month.
    month: YearMonth,
    /// How it was closed; null while it is open.
    close: Option<Close>,
}

/// A financial year of the book.
pub(super) struct BudgetYear {
    pub(super) view: View,
    pub(super) year: FinancialYear,
    pub(super) through: Option<Month>,
}

impl BudgetYear {
    /// A year as at a view; none where it had no line then.
    pub(super) fn find(view: &View, year: FinancialYear, through: Option<Month>) -> Option<Self> {
        {
            let models = view.models();
            let lines = models.planned.year(year)?.lines();
            lines.first().filter(|line| line.opened <= view.position())?;
        }
        Some(BudgetYear { view: view.clone(), year, through })
    }

    fn query(&self, view: &View, filter: Option<LineFilter>) -> BudgetQuery {
        query(self.year, &filter.unwrap_or_default(), view.moment, self.through, None)
    }
}

/// A financial year of the book.
#[Object]
impl BudgetYear {
    /// The global id.
    pub(super) async fn id(&self) -> ID {
        ID(format!("BudgetYear:{}", self.year))
    }

    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.year.into()
    }

    /// The month up to which movements and spend count; null where all of them do.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.through.map(Into::into)
    }

    /// Its thirteen periods, and how each was closed.
    #[graphql(complexity = "page::times(13, child_complexity)")]
    async fn periods(&self) -> Vec<Period> {
        let models = self.view.models();
        let Some(year) = models.planned.year(self.year) else { return Vec::new() };
        let at = self.view.position();
        let period = |month: Month| Period {
            month: month.into(),
            close: year.period(at, month).map(Into::into),
        };
        Month::all().map(period).collect()
    }

    /// Whether the whole year was closed for good.
    async fn hard_closed(&self) -> bool {
        let models = self.view.models();
        models.planned.year(self.year).is_some_and(|y| y.is_hard_closed(self.view.position()))
    }

    /// The names of the baselines struck by then.
    async fn baselines(&self) -> Vec<String> {
        let models = self.view.models();
        let year = models.planned.year(self.year);
        let names = year.into_iter().flat_map(|year| year.baselines(self.view.position()));
        names.map(str::to_owned).collect()
    }

    /// Planned versus actual: by line, or rolled up.
    async fn planned_versus_actual(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to sum lines into; each stands alone where left out.")]
        rollup: Option<Rollup>,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
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
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "Only those to this figure.")] measure: Option<Measure>,
    ) -> Result<Page<Contribution>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.query(&slice.view, filter);
        let wanted = Wanted::of_query(&slice.view, &query, measure, |_| true)?;
        Contribution::page(slice, wanted).await
    }

    /// The lines that are underspent, and why as far as anyone has said.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn underspends(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
    ) -> Result<Page<Underspend>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.query(&slice.view, filter);
        let underspends = slice.view.within(&slice.view.models()).underspends(&query);
        let underspends = underspends.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(underspends, Underspend::from))
    }

    /// Adjustments posted in later years that concern this one, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn adjustments(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
    ) -> Result<Page<Adjustment>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.query(&slice.view, filter);
        let adjustments = slice.view.within(&slice.view.models()).adjustments(&query);
        let adjustments = adjustments.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(adjustments, |adjustment| Adjustment::new(&slice.view, &adjustment)))
    }

    /// Its budget, accruals and spend as posted, and restated with the adjustments that concern it: a
    /// view, which rewrites nothing.
    #[graphql(complexity = "page::one(page::times(3, child_complexity))")]
    async fn restated(
        &self,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
    ) -> Result<Vec<RestatedFigure>> {
        let query = self.query(&self.view, filter);
        let restated = self.view.within(&self.view.models()).restated(&query);
        let restated = restated.map_err(|error| unanswerable(&error))?;
        Ok(restated.into_iter().map(Into::into).collect())
    }

    /// Whether its figures are those of a part of the book: of what the caller may read.
    async fn partial(&self) -> bool {
        self.view.is_partial()
    }

    /// The position it is told as at.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }

    /// When the entry at that position was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.recorded_at()
    }
}

#[derive(Default)]
pub(super) struct YearQuery(pub(super) Root);

#[Object]
impl YearQuery {
    /// A financial year; null where it had no budget line then.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn financial_year(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which one.")] year: scalars::Year,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<BudgetYear>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(BudgetYear::find(&view, year.0, through.map(Into::into)))
    }

    /// The financial years that have a budget line, in order.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn financial_years(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Page<BudgetYear>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let years: Vec<FinancialYear> = {
            let models = slice.view.models();
            models.planned.years().map(projections::year::Year::year).collect()
        };
        let years = years.into_iter().filter_map(|year| BudgetYear::find(&slice.view, year, None));
        Ok(slice.page(years, |year| year))
    }
}
