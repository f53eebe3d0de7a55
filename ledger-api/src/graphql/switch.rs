//! Switches: movements in which capital paid for revenue, and the cap they used.

use async_graphql::{Context, Object, Result};
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::money::Pence;
use projections::switches;

use super::Limits;
use super::entry::Entry;
use super::page::{self, Page, Slice};
use super::scalars::{self, MoneyGbp};
use super::view::{AsAt, Root, View};

/// A movement in which capital paid for revenue. Money of no published split may hold either, so
/// what is unsplit and becomes revenue counts too, as does capital that becomes unsplit.
pub(super) struct Switch {
    view: View,
    told: switches::Switch,
}

/// A movement in which capital paid for revenue. Money of no published split may hold either, so
/// what is unsplit and becomes revenue counts too, as does capital that becomes unsplit.
#[Object]
impl Switch {
    /// The entry's position.
    async fn position(&self) -> scalars::LogPosition {
        self.told.position.into()
    }

    /// How much.
    async fn amount(&self) -> MoneyGbp {
        self.told.pence.into()
    }

    /// What the year's switches came to with it, less what earlier reversals had given back.
    async fn used(&self) -> MoneyGbp {
        self.told.used.into()
    }

    /// The year's cap in the policy that the entry was judged by; null where that sets none.
    async fn cap(&self) -> Option<MoneyGbp> {
        self.told.cap.map(Into::into)
    }

    /// The entry that recorded that policy.
    async fn policy(&self) -> Option<scalars::LogPosition> {
        self.told.policy.map(Into::into)
    }

    /// The entry that reversed it; null where none did.
    async fn reversed_by(&self) -> Option<scalars::LogPosition> {
        self.told.reversed_by.map(Into::into)
    }

    /// The lines it moved budget between.
    async fn lines(&self) -> Vec<scalars::Line> {
        self.told.lines.iter().copied().map(Into::into).collect()
    }

    /// The entry itself, with the authority it cites. Null where it concerns what the caller may
    /// not read as well.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.told.position).await
    }
}

/// Capital that paid for revenue in a year, at one moment.
pub(super) struct CapitalForRevenue {
    pub(super) view: View,
    pub(super) year: FinancialYear,
}

impl CapitalForRevenue {
    fn read(&self, view: &View) -> Vec<switches::Switch> {
        view.within(&view.models()).capital_for_revenue(self.year, view.position())
    }
}

/// Capital that paid for revenue in a year, at one moment.
#[Object]
impl CapitalForRevenue {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.year.into()
    }

    /// What stands of it: all that was switched, less what was reversed.
    async fn used(&self) -> MoneyGbp {
        let standing = self.read(&self.view).into_iter().filter(|told| told.reversed_by.is_none());
        Pence::sum(standing.map(|told| told.pence)).into()
    }

    /// The year's cap in the policy in force; null where that sets none.
    async fn cap(&self) -> Option<MoneyGbp> {
        let models = self.view.models();
        let caps = &models.policy(self.view.moment)?.policy.capital_to_revenue.caps;
        caps.get(&self.year).copied().map(Into::into)
    }

    /// Each movement, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<Switch>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let told = self.read(&slice.view);
        Ok(slice.page(told, |told| Switch { view: slice.view.clone(), told }))
    }

    /// The last entry that counts.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }

    /// When that entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.recorded_at()
    }

    /// Whether this is of a part of the book: movements whose every line the caller may read.
    async fn partial(&self) -> bool {
        self.view.is_partial()
    }
}

#[derive(Default)]
pub(super) struct SwitchQuery(pub(super) Root);

#[Object]
impl SwitchQuery {
    /// Whether capital paid for revenue in a year: each movement that did, its authority, the cap
    /// in force and what was used of it by then.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn capital_for_revenue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<CapitalForRevenue> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(CapitalForRevenue { view, year: year.0 })
    }
}
