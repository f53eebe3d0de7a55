//! A flow: what one party paid another, and the entries behind it.

use async_graphql::{ComplexObject, Context, Result, SimpleObject};
use ledger_core::domain::movement::{Account, Outside};
use projections::flows::{self, FlowQuery};

use crate::graphql::Limits;
use crate::graphql::flows::party::FlowParty;
use crate::graphql::kit::fault::unanswerable;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, MoneyGbp};
use crate::graphql::kit::view::View;
use crate::graphql::log::entry::Entry;

/// One entry's contribution to a flow.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct FlowEntry {
    #[graphql(skip)]
    view: View,
    /// The position of the entry.
    position: scalars::LogPosition,
    /// The paying account: a line, a fund and class, or an outside account; null where the caller
    /// may not read it.
    from: Option<String>,
    /// The receiving account; null for spend, and where the caller may not read it.
    to: Option<String>,
    /// The effective month; null for settlements and earmarks.
    month: Option<scalars::YearMonth>,
    /// The amount; negative for a reversal.
    amount: MoneyGbp,
    /// Whether the pairing rule chose the two: the entry states only the sums.
    by_rule: bool,
}

impl FlowEntry {
    fn new(view: &View, transfer: &flows::FlowContribution) -> Self {
        FlowEntry {
            view: view.clone(),
            position: transfer.position.into(),
            from: account(transfer.from),
            to: account(transfer.to),
            month: transfer.month.map(Into::into),
            amount: transfer.pence.into(),
            by_rule: transfer.by_rule,
        }
    }
}

fn account(account: Option<Account>) -> Option<String> {
    account.map(|account| match account {
        Account::Line(line) => line.to_string(),
        Account::Fund(pot) => pot.to_string(),
        Account::Outside(Outside::Treasury) => "treasury".to_owned(),
        Account::Outside(Outside::ExistingBudgets) => "existingBudgets".to_owned(),
    })
}

#[ComplexObject]
impl FlowEntry {
    /// The entry: who posted it, when and why. Null where the entry also concerns lines the caller
    /// may not read.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.position.0).await
    }
}

/// What one party paid another.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Flow {
    #[graphql(skip)]
    view: View,
    #[graphql(skip)]
    query: FlowQuery,
    #[graphql(skip)]
    flow: flows::Flow,
    /// The amount, net of reversals.
    amount: MoneyGbp,
    /// The part that entries state pair by pair.
    stated: MoneyGbp,
    /// The part shared out by the pairing rule, where entries state several payers and several
    /// receivers but not who paid whom.
    by_rule: MoneyGbp,
    /// Whether one of the two parties is not recorded.
    unattributed: bool,
    /// In a path, the number of steps from the end; null elsewhere.
    distance: Option<usize>,
}

impl Flow {
    /// A flow of a query; `distance` is set for a step of a path.
    pub(crate) fn new(
        view: &View,
        query: FlowQuery,
        flow: flows::Flow,
        distance: Option<usize>,
    ) -> Self {
        Flow {
            view: view.clone(),
            query,
            flow,
            amount: flow.pence.into(),
            stated: flow.pence.minus(flow.by_rule).into(),
            by_rule: flow.by_rule.into(),
            unattributed: flow.is_unattributed(),
            distance,
        }
    }
}

#[ComplexObject]
impl Flow {
    /// The party that paid.
    async fn from(&self) -> FlowParty {
        FlowParty::new(&self.view, self.flow.from)
    }

    /// The party that was paid.
    async fn to(&self) -> FlowParty {
        FlowParty::new(&self.view, self.flow.to)
    }

    /// The entries behind the flow, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<FlowEntry>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = FlowQuery { moment: slice.view.moment, ..self.query };
        let behind = {
            let models = slice.view.models();
            let within = slice.view.within(&models);
            match self.distance {
                Some(distance) => within
                    .step_contributions(&query, &flows::PathStep { distance, flow: self.flow }),
                None => within.flow_contributions(&query, Some(self.flow.from), Some(self.flow.to)),
            }
        };
        let behind = behind.map_err(|error| unanswerable(&error))?;
        Ok(slice.page(behind, |transfer| FlowEntry::new(&slice.view, &transfer)))
    }
}
