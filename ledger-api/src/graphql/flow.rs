//! A flow: what one party paid another, and the entries behind it.

use async_graphql::{Context, Object, Result};
use ledger_core::domain::movement::{Account, Outside};
use projections::flows::{self, FlowQuery};

use super::Limits;
use super::entry::Entry;
use super::fault::unanswerable;
use super::flow_party::FlowParty;
use super::page::{self, Page, Slice};
use super::scalars::{self, MoneyGbp};
use super::view::View;

/// One entry's part in a flow.
pub(super) struct FlowEntry {
    view: View,
    told: flows::Transferred,
}

fn account(account: Option<Account>) -> Option<String> {
    account.map(|account| match account {
        Account::Line(line) => line.to_string(),
        Account::Fund(pot) => pot.to_string(),
        Account::Outside(Outside::Treasury) => "treasury".to_owned(),
        Account::Outside(Outside::ExistingBudgets) => "existingBudgets".to_owned(),
    })
}

/// One entry's part in a flow.
#[Object]
impl FlowEntry {
    /// The entry's position.
    async fn position(&self) -> scalars::LogPosition {
        self.told.position.into()
    }

    /// The line, fund and class, or outside account that paid; null where it may not be read.
    async fn from(&self) -> Option<String> {
        account(self.told.from)
    }

    /// The one that was paid; null where it may not be read, and of what was spent.
    async fn to(&self) -> Option<String> {
        account(self.told.to)
    }

    /// The effective month; null for settlements and earmarks, which have none.
    async fn month(&self) -> Option<scalars::YearMonth> {
        self.told.month.map(Into::into)
    }

    /// How much; negative where the entry undid it.
    async fn amount(&self) -> MoneyGbp {
        self.told.pence.into()
    }

    /// Whether the rule paired the two: the entry states the sums, and not who paid whom.
    async fn by_rule(&self) -> bool {
        self.told.by_rule
    }

    /// The entry itself: who posted it, when and why. Null where it concerns what the caller may
    /// not read as well.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.told.position).await
    }
}

/// One party paid another.
pub(super) struct Flow {
    pub(super) view: View,
    pub(super) query: FlowQuery,
    pub(super) flow: flows::Flow,
    /// How far from its end, where it is a step of a path.
    pub(super) distance: Option<usize>,
}

/// One party paid another.
#[Object]
impl Flow {
    /// Who paid.
    async fn from(&self) -> FlowParty {
        FlowParty::new(&self.view, self.flow.from)
    }

    /// Who was paid.
    async fn to(&self) -> FlowParty {
        FlowParty::new(&self.view, self.flow.to)
    }

    /// How much, net of what was reversed.
    async fn amount(&self) -> MoneyGbp {
        self.flow.pence.into()
    }

    /// How much of it entries state pair by pair.
    async fn stated(&self) -> MoneyGbp {
        self.flow.pence.minus(self.flow.by_rule).into()
    }

    /// How much of it is a share by the rule, and no source's: entries state what several gave and
    /// several got, and not who paid whom.
    async fn by_rule(&self) -> MoneyGbp {
        self.flow.by_rule.into()
    }

    /// Whether nobody has named one of the two.
    async fn unattributed(&self) -> bool {
        self.flow.is_unattributed()
    }

    /// In a path, how many steps it is from the end; null elsewhere.
    async fn distance(&self) -> Option<usize> {
        self.distance
    }

    /// The entries behind it, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<FlowEntry>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = FlowQuery { moment: slice.view.moment, ..self.query };
        let behind = {
            let models = slice.view.models();
            let within = slice.view.within(&models);
            match self.distance {
                Some(distance) => {
                    within.behind_step(&query, &flows::PathStep { distance, flow: self.flow })
                }
                None => within.behind_flow(&query, Some(self.flow.from), Some(self.flow.to)),
            }
        };
        let behind = behind.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(behind, |told| FlowEntry { view: slice.view.clone(), told }))
    }
}
