//! Budget lines: the unit every figure hangs on.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use projections::monthly;

use super::Limits;
use super::body::Body;
use super::contribution::{Contribution, Measure, Wanted};
use super::figures::{BudgetClass, Figures};
use super::page::{self, Page, Slice};
use super::programme::Programme;
use super::scalars::{self, MoneyGbp, YearMonth};
use super::view::{AsAt, Root, View};

/// A line's figures in one month.
#[derive(SimpleObject)]
pub(super) struct MonthFigures {
    /// The month.
    month: YearMonth,
    /// The month's part of the revised budget; nothing in M13.
    plan: MoneyGbp,
    /// Spend in the month.
    actual: MoneyGbp,
    /// The month's part of the reported forecast; null where there is none.
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
pub(super) struct BudgetLine {
    pub(super) view: View,
    pub(super) key: LineKey,
}

impl BudgetLine {
    /// A line as at a view; none where it was not open then, or may not be read.
    pub(super) fn find(view: &View, key: LineKey) -> Option<Self> {
        if !view.scope.admits(&key) {
            return None;
        }
        let line = BudgetLine { view: view.clone(), key };
        line.opened().map(|_| line)
    }

    fn opened(&self) -> Option<Position> {
        let models = self.view.models();
        let year = models.planned.year(self.key.year)?;
        let line = year.lines().get(year.find(&self.key)?)?;
        (line.opened <= self.view.position()).then_some(line.opened)
    }

    fn version_now(&self) -> Position {
        let models = self.view.models();
        let year = models.planned.year(self.key.year);
        let number = year.and_then(|year| Some((year, year.find(&self.key)?)));
        number.map_or(Position::START, |(year, line)| year.version(line, self.view.position()))
    }
}

/// A budget line: a programme's money of one body, financial year, class and ring-fence.
#[Object]
impl BudgetLine {
    /// The global id.
    pub(super) async fn id(&self) -> ID {
        ID(format!("BudgetLine:{}", self.key))
    }

    /// What identifies it: programme, body, year, class and ring-fence.
    async fn key(&self) -> scalars::Line {
        self.key.into()
    }

    /// What the money is planned for.
    async fn programme(&self) -> Option<Programme> {
        Programme::find(&self.view, self.key.programme)
    }

    /// Whose money it is.
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

    /// The entry that opened it.
    async fn opened_by(&self) -> scalars::LogPosition {
        self.opened().unwrap_or_default().into()
    }

    /// The last entry that changed it: give it in `expectedVersions` to post only if nobody has
    /// changed the line since. Null as at a named moment: who posts has read the line as it stands.
    async fn version(&self) -> Option<scalars::LogPosition> {
        (!self.view.fixed).then(|| self.version_now().into())
    }

    /// Its figures.
    async fn figures(
        &self,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
    ) -> Option<Figures> {
        let models = self.view.models();
        let figures = models.line(&self.key, self.view.moment, through.map(Into::into))?;
        let policy = models.policy(self.view.moment);
        let share = policy.map(|adopted| adopted.policy.underspending_share).unwrap_or_default();
        Some(Figures::new(&figures, figures.status(share)))
    }

    /// Plan, spend and forecast month by month.
    #[graphql(complexity = "page::times(13, child_complexity)")]
    async fn months(&self) -> Vec<MonthFigures> {
        let months = self.view.models().months(&self.key, self.view.moment);
        months.unwrap_or_default().into_iter().map(Into::into).collect()
    }

    /// The entries behind its figures, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn contributions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "Only those to this figure.")] measure: Option<Measure>,
    ) -> Result<Page<Contribution>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let (year, through) = (self.key.year, through.map(Into::into));
        Contribution::page(slice, Wanted { year, lines: vec![self.key], through, measure }).await
    }

    /// The position it is told as at.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }
}

#[derive(Default)]
pub(super) struct LineQuery(pub(super) Root);

#[Object]
impl LineQuery {
    /// A budget line; null where it was not open then.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn line(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What identifies it.")] key: scalars::Line,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<BudgetLine>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(BudgetLine::find(&view, key.0))
    }
}
