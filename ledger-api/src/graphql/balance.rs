//! Uncancelled balances by year and class: budget that is neither spent nor promised.

use async_graphql::{Context, Object, Result, SimpleObject};
use projections::budget;

use super::Limits;
use super::fault::unanswerable;
use super::figures::BudgetClass;
use super::page::{self, Page, Slice};
use super::persistent::Years;
use super::planned::LineFilter;
use super::scalars::{self, LogPosition, MoneyGbp};
use super::view::{AsAt, Root, View};

/// Uncancelled balances by year and class.
pub(super) struct Balances {
    pub(super) view: View,
    pub(super) of: Years,
}

/// Uncancelled balances by year and class.
#[Object]
impl Balances {
    /// The balances, by year and class.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<Balance>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let rows = slice.view.within(&slice.view.models()).balances(&self.of.query(&slice.view));
        Ok(slice.page(rows.map_err(|error| unanswerable(&error))?, Balance::from))
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

/// What of a year's budget in one class is spent, promised, and neither.
#[derive(SimpleObject)]
pub(super) struct Balance {
    /// The financial year.
    year: scalars::Year,
    /// The budget class.
    class: BudgetClass,
    /// The revised budget.
    revised: MoneyGbp,
    /// Posted spend.
    actual: MoneyGbp,
    /// Open accruals.
    accrued: MoneyGbp,
    /// Open commitments.
    committed: MoneyGbp,
    /// What is left: revised less actual, accrued and committed.
    uncancelled: MoneyGbp,
}

impl From<budget::Balance> for Balance {
    fn from(balance: budget::Balance) -> Self {
        let budget::Balance { year, class, figures } = balance;
        Balance {
            year: year.into(),
            class: class.into(),
            revised: figures.revised.into(),
            actual: figures.actual.into(),
            accrued: figures.accrued.into(),
            committed: figures.committed.into(),
            uncancelled: figures.available().into(),
        }
    }
}

#[derive(Default)]
pub(super) struct BalanceQuery(pub(super) Root);

#[Object]
impl BalanceQuery {
    /// The uncancelled balance of a programme, or of all there is, by year and class. What a fund
    /// has not allocated is among the balances of `fund`.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn balances(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first year that counts.")] from: Option<scalars::Year>,
        #[graphql(desc = "The last year that counts.")] to: Option<scalars::Year>,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Balances> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(Balances { view, of: Years { from, to, filter: filter.unwrap_or_default() } })
    }
}
