//! What parties paid and got, in figures that entries state.

use async_graphql::SimpleObject;
use projections::flows;

use super::flow_party::FlowParty;
use super::scalars::MoneyGbp;

/// What a party, or all that were asked for, paid and got, as entries state it: nothing here rests
/// on how pairs are shared.
#[derive(SimpleObject)]
pub(super) struct FlowFigures {
    /// From funds and from beyond the book.
    funded: MoneyGbp,
    /// Back to funds, and out of the book.
    returned: MoneyGbp,
    /// From others in the year.
    received: MoneyGbp,
    /// To others in the year.
    given: MoneyGbp,
    /// From the year before, by budget exchange.
    carried_in: MoneyGbp,
    /// To the next year, by budget exchange.
    carried_out: MoneyGbp,
    /// Between those within the group: in neither what is received nor what is given.
    eliminated: MoneyGbp,
    /// What all of it comes to.
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

/// What a party with those below it paid and got.
#[derive(SimpleObject)]
pub(super) struct FlowMargin {
    /// Who it is.
    pub(super) party: FlowParty,
    /// What it paid and got.
    pub(super) figures: FlowFigures,
}

/// All flows of a year together.
#[derive(SimpleObject)]
pub(super) struct FlowTotals {
    /// What all that were asked for paid and got; what they paid each other is eliminated.
    pub(super) figures: FlowFigures,
    /// What went into suspense, less what came out of it: nobody has said where it went.
    pub(super) unattributed: MoneyGbp,
    /// What one party paid another within the year: recycled, and not new from a fund.
    pub(super) recycled: MoneyGbp,
    /// Between lines of one and the same party.
    pub(super) within_parties: MoneyGbp,
    /// Unsplit money that was told to be capital or revenue: a reclassification, and no flow.
    pub(super) reclassified: MoneyGbp,
    /// The revised budget whose origins `origins` tells.
    pub(super) budget: MoneyGbp,
    /// The spend whose origins it tells.
    pub(super) spent: MoneyGbp,
}
