//! Budget lines: every figure belongs to one.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use projections::monthly;

use crate::graphql::Limits;
use crate::graphql::budget::contribution::{Contribution, ContributionQuery, Measure};
use crate::graphql::budget::figures::{BudgetClass, Figures};
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, MoneyGbp, YearMonth};
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::register::body::Body;
use crate::graphql::register::programme::Programme;

/// A line's figures in one month.
#[derive(SimpleObject)]
pub(crate) struct MonthFigures {
    /// The month.
    month: YearMonth,
    /// The month's share of the revised budget; 0.00 in M13.
    plan: MoneyGbp,
    /// Spend in the month.
    actual: MoneyGbp,
    /// The month's share of the reported forecast; null where there is none.
    forecast: Option<MoneyGbp>,
}

impl From<monthly::MonthFigures> for MonthFigures {
    fn from(figures: monthly::MonthFigures) -> Self {
        MonthFigures {
            month: figures.month.into(),
            plan: figures.plan.into(),
            actual: figures.actual.into(),
            forecast: figures.forecast.map(Into::into),
        }
    }
}

/// A budget line: a programme's money of one body, financial year, class and ring-fence.
pub(crate) struct BudgetLine {
    pub(crate) view: View,
    pub(crate) key: LineKey,
}

impl BudgetLine {
    /// Finds a line; `None` where it was not open then, or the caller may not read it.
    pub(crate) fn find(view: &View, key: LineKey) -> Option<Self> {
        let line = BudgetLine { view: view.clone(), key };
        line.opened().map(|_| line)
    }

    fn opened(&self) -> Option<Position> {
        self.view.within(&self.view.models()).line_opened(&self.key, self.view.position())
    }

    fn version_now(&self) -> Position {
        let models = self.view.models();
        let version = self.view.within(&models).line_version(&self.key, self.view.position());
        version.unwrap_or(Position::START)
    }
}

/// A budget line: a programme's money of one body, financial year, class and ring-fence.
#[Object]
impl BudgetLine {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        ID(format!("BudgetLine:{}", self.key))
    }

    /// The key of the line: programme, body, year, class and ring-fence.
    async fn key(&self) -> scalars::Line {
        self.key.into()
    }

    /// The programme the money is planned for.
    async fn programme(&self) -> Option<Programme> {
        Programme::find(&self.view, self.key.programme)
    }

    /// The body whose money it is.
    async fn body(&self) -> Option<Body> {
        Body::find(&self.view, self.key.body)
    }

    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.key.year.into()
    }

    /// The budget class.
    async fn class(&self) -> BudgetClass {
        self.key.class.into()
    }

    /// The named ring-fence; null where it is not fenced.
    async fn ring_fence(&self) -> Option<scalars::Fence> {
        self.key.ring_fence.map(Into::into)
    }

    /// The position of the entry that opened the line.
    async fn opened_by(&self) -> scalars::LogPosition {
        self.opened().unwrap_or_default().into()
    }

    /// The last entry that changed the line. Give it in `expectedVersions` to post only if the line
    /// has not changed since. Null where the query names a moment.
    async fn version(&self) -> Option<scalars::LogPosition> {
        (!self.view.fixed).then(|| self.version_now().into())
    }

    /// The figures of the line.
    async fn figures(
        &self,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
    ) -> Option<Figures> {
        let models = self.view.models();
        let within = self.view.within(&models);
        let figures = within.line(&self.key, self.view.moment, through.map(Into::into))?;
        let policy = models.policy(self.view.moment);
        let share = policy.map(|adopted| adopted.policy.underspending_share).unwrap_or_default();
        Some(Figures::new(&figures, figures.status(share)))
    }

    /// Plan, spend and forecast month by month.
    #[graphql(complexity = "page::times(13, child_complexity)")]
    async fn months(&self) -> Vec<MonthFigures> {
        let months = self.view.within(&self.view.models()).months(&self.key, self.view.moment);
        months.unwrap_or_default().into_iter().map(Into::into).collect()
    }

    /// The entries behind its figures, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn contributions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "Only contributions to this figure.")] measure: Option<Measure>,
    ) -> Result<Page<Contribution>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let wanted =
            ContributionQuery { lines: vec![self.key], through: through.map(Into::into), measure };
        Contribution::page(context, slice, wanted).await
    }

    /// The position the answer was read at.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }

    /// The day the answer stands at, in UK time.
    async fn on(&self) -> scalars::Day {
        self.view.day()
    }
}

#[derive(Default)]
pub(crate) struct LineQuery(pub(crate) Root);

#[Object]
impl LineQuery {
    /// A budget line; null where it was not open at the moment.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn line(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The key of the line.")] key: scalars::Line,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<BudgetLine>> {
        let view = self.0.view_on(context, as_at, on, at_least_position).await?;
        Ok(BudgetLine::find(&view, key.0))
    }
}
