//! Uncancelled balances by year and class: budget that is neither spent nor promised.

use async_graphql::{Context, Object, Result, SimpleObject};
use projections::budget;

use crate::graphql::Limits;
use crate::graphql::analysis::persistent::YearsFilter;
use crate::graphql::budget::figures::BudgetClass;
use crate::graphql::budget::planned::LineFilter;
use crate::graphql::kit::as_of::AsOf;
use crate::graphql::kit::fault::unanswerable;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, LogPosition, MoneyGbp};
use crate::graphql::kit::view::{AsAt, Root, View};

/// Uncancelled balances by year and class.
pub(crate) struct Balances {
    pub(crate) view: View,
    pub(crate) of: YearsFilter,
}

/// Uncancelled balances by year and class.
#[Object]
impl Balances {
    /// The balances, by year and class.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<Balance>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let rows = slice.view.within(&slice.view.models()).balances(&self.of.query(&slice.view));
        Ok(slice.page(rows.map_err(|error| unanswerable(&error))?, Balance::from))
    }

    /// What it was read from.
    #[graphql(flatten)]
    async fn as_of(&self) -> AsOf {
        AsOf::new(&self.view)
    }
}

/// A year's budget in one class: what is spent, what is promised and what is left.
#[derive(SimpleObject)]
pub(crate) struct Balance {
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
    /// What is left: revised budget less actual, accrued and committed.
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
pub(crate) struct BalanceQuery(pub(crate) Root);

#[Object]
impl BalanceQuery {
    /// The uncancelled balance of a programme, or of the whole book, by year and class. Money a
    /// fund has not allocated is in the balances of `fund`.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn balances(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first year to include.")] from: Option<scalars::Year>,
        #[graphql(desc = "The last year to include.")] to: Option<scalars::Year>,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Balances> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(Balances { view, of: YearsFilter { from, to, filter: filter.unwrap_or_default() } })
    }
}
