//! What parties paid and received, as entries state it.

use async_graphql::SimpleObject;
use projections::flows;

use crate::graphql::flows::party::FlowParty;
use crate::graphql::kit::scalars::MoneyGbp;

/// What a party, or all parties together, paid and received, as entries state it. None of it
/// depends on the pairing rule.
#[derive(SimpleObject)]
pub(crate) struct FlowFigures {
    /// Received from funds and from outside the book.
    funded: MoneyGbp,
    /// Returned to funds and out of the book.
    returned: MoneyGbp,
    /// Received from other parties in the year.
    received: MoneyGbp,
    /// Paid to other parties in the year.
    given: MoneyGbp,
    /// Received from the year before, by budget exchange.
    carried_in: MoneyGbp,
    /// Moved to the next year, by budget exchange.
    carried_out: MoneyGbp,
    /// Paid between members of the group: counted in neither `received` nor `given`.
    eliminated: MoneyGbp,
    /// The net of all these amounts.
    net: MoneyGbp,
}

impl From<&flows::FlowTotals> for FlowFigures {
    fn from(totals: &flows::FlowTotals) -> Self {
        FlowFigures {
            funded: totals.funded.into(),
            returned: totals.returned.into(),
            received: totals.received.into(),
            given: totals.given.into(),
            carried_in: totals.carried_in.into(),
            carried_out: totals.carried_out.into(),
            eliminated: totals.eliminated.into(),
            net: totals.net().into(),
        }
    }
}

/// What a party, including those below it, paid and received.
#[derive(SimpleObject)]
pub(crate) struct FlowMargin {
    /// The party.
    pub(crate) party: FlowParty,
    /// The amounts paid and received.
    pub(crate) figures: FlowFigures,
}

/// The totals of a year's flows.
#[derive(SimpleObject)]
pub(crate) struct FlowTotals {
    /// What all parties together paid and received, without payments between them.
    pub(crate) figures: FlowFigures,
    /// Net payments into suspense, whose destination is not recorded.
    pub(crate) unattributed: MoneyGbp,
    /// Paid between parties within the year: recycled, not new from a fund.
    pub(crate) recycled: MoneyGbp,
    /// Paid between lines of the same party.
    pub(crate) within_parties: MoneyGbp,
    /// Unsplit money reclassified as capital or revenue. It is not a flow.
    pub(crate) reclassified: MoneyGbp,
    /// The revised budget that `origins` splits.
    pub(crate) budget: MoneyGbp,
    /// The spend that `origins` splits.
    pub(crate) spent: MoneyGbp,
}
