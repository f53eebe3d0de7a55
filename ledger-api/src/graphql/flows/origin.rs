//! Origins: the settlements money came from.

use async_graphql::{Enum, SimpleObject};
use ledger_core::domain::movement::Outside;
use projections::flows;

use crate::graphql::kit::scalars::{self, MoneyGbp};

/// The kind of money a settlement brought.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum MoneyKind {
    /// From the Treasury.
    NewMoney,
    /// From existing budgets.
    Reannounced,
    /// Not known.
    Unknown,
}

/// The share of a budget, and of its spend, that one settlement paid.
#[derive(SimpleObject)]
pub(crate) struct OriginShare {
    /// The fund the money was settled on; null where not known.
    fund: Option<scalars::Fund>,
    /// New or re-announced money.
    kind: MoneyKind,
    /// The share of the revised budget.
    budget: MoneyGbp,
    /// The share of the spend, in the proportions of the budget at the moment.
    spent: MoneyGbp,
}

impl From<flows::OriginShare> for OriginShare {
    fn from(share: flows::OriginShare) -> Self {
        let kind = share.origin.map_or(MoneyKind::Unknown, |origin| match origin.from {
            Outside::Treasury => MoneyKind::NewMoney,
            Outside::ExistingBudgets => MoneyKind::Reannounced,
        });
        OriginShare {
            fund: share.origin.map(|origin| origin.fund.into()),
            kind,
            budget: share.budget.into(),
            spent: share.spent.into(),
        }
    }
}
