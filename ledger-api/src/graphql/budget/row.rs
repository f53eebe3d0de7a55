//! A row of planned versus actual: a line, or a sum of lines.

use async_graphql::{Context, Object, Result};
use ledger_core::domain::calendar::Month;
use ledger_core::domain::line;
use projections::budget::{BudgetQuery, BudgetRow};

use crate::graphql::Limits;
use crate::graphql::budget::contribution::{self, Contribution, ContributionQuery, Measure};
use crate::graphql::budget::figures::{BudgetClass, Figures};
use crate::graphql::budget::line::BudgetLine;
use crate::graphql::budget::planned::{LineFilter, Rollup, query};
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars;
use crate::graphql::kit::view::View;
use crate::graphql::register::body::Body;
use crate::graphql::register::programme::Programme;

/// A line, or a sum of lines. A key that differs between the lines of a sum is null.
pub(crate) struct PlannedVersusActualRow {
    pub(super) view: View,
    pub(super) filter: LineFilter,
    pub(super) through: Option<Month>,
    pub(super) rollup: Option<Rollup>,
    pub(super) row: BudgetRow,
}

impl PlannedVersusActualRow {
    fn key(&self) -> Option<line::LineKey> {
        if self.rollup.is_some() { None } else { contribution::line(&self.row) }
    }

    /// The query that selects this row only.
    fn narrowed(&self) -> BudgetQuery {
        let row = &self.row;
        let mut query = query(row.year, &self.filter, self.view.moment, self.through, None);
        match self.rollup {
            None | Some(Rollup::RingFence | Rollup::Year | Rollup::Month) => {}
            Some(Rollup::Programme) => query.programme = row.programme,
            Some(Rollup::Body) => query.body = row.body,
            Some(Rollup::Class) => query.class = row.class,
        }
        query
    }
}

/// A line, or a sum of lines. A key that differs between the lines of a sum is null.
#[Object]
impl PlannedVersusActualRow {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.row.year.into()
    }

    /// The programme.
    async fn programme(&self) -> Option<Programme> {
        Programme::find(&self.view, self.row.programme?)
    }

    /// The name of the programme, or of the body in a sum by body.
    async fn name(&self) -> Option<&str> {
        self.row.name.as_deref()
    }

    /// The body.
    async fn body(&self) -> Option<Body> {
        Body::find(&self.view, self.row.body?)
    }

    /// The budget class.
    async fn class(&self) -> Option<BudgetClass> {
        self.row.class.map(Into::into)
    }

    /// The named ring-fence; null where there is none.
    async fn ring_fence(&self) -> Option<scalars::Fence> {
        self.row.ring_fence.map(Into::into)
    }

    /// The month of the plan to date: the one asked for, up to which movements and spend are counted
    /// too; else the month of the day it stands at, M12 of a past year, null before the year.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.view.month(self.row.year, self.through)
    }

    /// The line itself; null for a sum.
    async fn line(&self) -> Option<BudgetLine> {
        BudgetLine::find(&self.view, self.key()?)
    }

    /// The code of the row that includes this one; null at the top of the answer. The rows at the top
    /// sum to the whole.
    async fn parent(&self) -> Option<&str> {
        self.row.parent.as_deref()
    }

    /// The number of rows that include this one.
    async fn level(&self) -> usize {
        self.row.level
    }

    /// Whether the row includes other rows of the answer, or is the whole year.
    async fn is_total(&self) -> bool {
        self.row.is_total
    }

    /// The figures; null, not 0.00, for a programme with no line in the year.
    async fn figures(&self) -> Option<Figures> {
        Figures::of_row(&self.row)
    }

    /// The figures without those of the rows below it, so that these sum to the whole; null, not
    /// 0.00, where the row has no line of its own.
    async fn own(&self) -> Option<Figures> {
        self.row.own().map(|(figures, status)| Figures::new(&figures, status))
    }

    /// The entries behind the figures, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn contributions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only contributions to this figure.")] measure: Option<Measure>,
    ) -> Result<Page<Contribution>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let wanted = match self.key() {
            Some(key) => ContributionQuery { lines: vec![key], through: self.through, measure },
            None => {
                let fenced = self.rollup == Some(Rollup::RingFence);
                let fence = fenced.then_some(self.row.ring_fence);
                ContributionQuery::for_lines_of(&slice.view, &self.narrowed(), measure, |line| {
                    fence.is_none_or(|fence| line.ring_fence == fence)
                })?
            }
        };
        Contribution::page(context, slice, wanted).await
    }

    /// The position the figures were read at.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }
}
