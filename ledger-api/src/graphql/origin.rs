//! Origins: which settlement money came from.

use async_graphql::{Enum, SimpleObject};
use ledger_core::domain::movement::Outside;
use projections::flows;

use super::scalars::{self, MoneyGbp};

/// What sort of money a settlement brought.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum MoneyKind {
    /// From the Treasury.
    NewMoney,
    /// From budgets that existed before.
    Reannounced,
    /// It cannot be told.
    Unknown,
}

/// Money of one origin: what of a budget, and of what was spent of it, a settlement paid.
#[derive(SimpleObject)]
pub(super) struct OriginShare {
    /// The fund that the money was settled on; null where that cannot be told.
    fund: Option<scalars::Fund>,
    /// New, or re-announced.
    kind: MoneyKind,
    /// How much of the revised budget.
    budget: MoneyGbp,
    /// How much of the spend, in the proportions of the budget as at the moment asked for.
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
