//! Movements of capital to revenue, and the cap they use.

use async_graphql::{ComplexObject, Context, Object, Result, SimpleObject};
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::money::Pence;
use projections::switches;

use crate::graphql::Limits;
use crate::graphql::kit::as_of::AsOf;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, MoneyGbp};
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::log::entry::Entry;

/// A movement of capital to revenue. Unsplit money may be either, so moves from unsplit to revenue
/// and from capital to unsplit count too.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Switch {
    #[graphql(skip)]
    view: View,
    /// The position of the entry.
    position: scalars::LogPosition,
    /// The amount.
    amount: MoneyGbp,
    /// The year's total including this movement, less earlier reversals.
    used: MoneyGbp,
    /// The year's cap in the policy that judged the entry; null where there is no cap.
    cap: Option<MoneyGbp>,
    /// The position of the entry that recorded that policy.
    policy: Option<scalars::LogPosition>,
    /// The position of the entry that reversed it; null where it was not reversed.
    reversed_by: Option<scalars::LogPosition>,
    /// The lines the budget moved between.
    lines: Vec<scalars::Line>,
}

impl Switch {
    fn new(view: &View, switch: switches::Switch) -> Self {
        Switch {
            view: view.clone(),
            position: switch.position.into(),
            amount: switch.pence.into(),
            used: switch.used.into(),
            cap: switch.cap.map(Into::into),
            policy: switch.policy.map(Into::into),
            reversed_by: switch.reversed_by.map(Into::into),
            lines: switch.lines.into_iter().map(Into::into).collect(),
        }
    }
}

#[ComplexObject]
impl Switch {
    /// The entry, with the authority it cites. Null where the entry also concerns lines the caller
    /// may not read.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.position.0).await
    }
}

/// The capital used for revenue in a year, at one moment.
pub(crate) struct CapitalForRevenue {
    pub(crate) view: View,
    pub(crate) year: FinancialYear,
}

impl CapitalForRevenue {
    fn read(&self, view: &View) -> Vec<switches::Switch> {
        view.within(&view.models()).switches(self.year, view.position())
    }
}

/// The capital used for revenue in a year, at one moment. A caller who may read only part of the
/// book sees the movements whose every line is readable.
#[Object]
impl CapitalForRevenue {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.year.into()
    }

    /// The total moved, less reversals.
    async fn used(&self) -> MoneyGbp {
        let standing =
            self.read(&self.view).into_iter().filter(|switch| switch.reversed_by.is_none());
        Pence::sum(standing.map(|switch| switch.pence)).into()
    }

    /// The year's cap in the policy in force; null where there is no cap.
    async fn cap(&self) -> Option<MoneyGbp> {
        let models = self.view.models();
        let caps = &models.policy(self.view.moment)?.policy.capital_to_revenue.caps;
        caps.get(&self.year).copied().map(Into::into)
    }

    /// The movements, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<Switch>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let switches = self.read(&slice.view);
        Ok(slice.page(switches, |switch| Switch::new(&slice.view, switch)))
    }

    /// What it was read from.
    #[graphql(flatten)]
    async fn as_of(&self) -> AsOf {
        AsOf::new(&self.view)
    }
}

#[derive(Default)]
pub(crate) struct CapitalForRevenueQuery(pub(crate) Root);

#[Object]
impl CapitalForRevenueQuery {
    /// The movements of capital to revenue in a year: each with its authority, the cap in force and
    /// the amount used by then.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn capital_for_revenue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<CapitalForRevenue> {
        let view = self.0.view_on(context, as_at, on, at_least_position).await?;
        Ok(CapitalForRevenue { view, year: year.0 })
    }
}
