//! Flows as the schema tells them.

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::{FundCode, ProgrammeCode};
use ledger_core::domain::position::Position;
use projections::flows::FlowTotals;
use serde::Deserialize;

use super::{ExchangedRow, FlowRow, MarginRow, OriginRow, PartyRow, SwitchRow};
use crate::cli::source::server::node::Page;
use crate::cli::source::server::wire::{Member, Pounds, Text};

/// A page of what is told of a year's flows.
#[derive(Deserialize)]
#[serde(bound = "N: Deserialize<'de>")]
pub(super) struct Told<N> {
    pub(super) told: RowsOf<N>,
}

#[derive(Deserialize)]
#[serde(bound = "N: Deserialize<'de>")]
pub(super) struct RowsOf<N> {
    pub(super) rows: Page<N>,
}

/// What was deferred, and a page of the programmes.
#[derive(Deserialize)]
pub(super) struct ToldExchanges {
    pub(super) told: ExchangesNode,
}

#[derive(Deserialize)]
pub(super) struct ExchangesNode {
    deferred: Pounds,
    arrived: Pounds,
    elsewhere: Pounds,
    waiting: Pounds,
    pub(super) rows: Page<ExchangedNode>,
}

#[derive(Deserialize)]
struct PartyNode {
    kind: Member<String>,
    code: Option<String>,
    year: Option<Text<FinancialYear>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FlowNode {
    distance: Option<usize>,
    from: PartyNode,
    to: PartyNode,
    amount: Pounds,
    by_rule: Pounds,
    unattributed: bool,
}

#[derive(Deserialize)]
pub(super) struct MarginNode {
    party: PartyNode,
    figures: FiguresNode,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FiguresNode {
    funded: Pounds,
    returned: Pounds,
    received: Pounds,
    given: Pounds,
    carried_in: Pounds,
    carried_out: Pounds,
    eliminated: Pounds,
}

#[derive(Deserialize)]
pub(super) struct OriginNode {
    fund: Option<Text<FundCode>>,
    kind: Member<String>,
    budget: Pounds,
    spent: Pounds,
}

#[derive(Deserialize)]
pub(super) struct ExchangedNode {
    programme: Text<ProgrammeCode>,
    deferred: Pounds,
    arrived: Pounds,
}

#[derive(Deserialize)]
struct EntryNode {
    authority: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SwitchNode {
    position: Text<Position>,
    amount: Pounds,
    used: Pounds,
    cap: Option<Pounds>,
    policy: Option<Text<Position>>,
    reversed_by: Option<Text<Position>>,
    entry: Option<EntryNode>,
}

impl From<PartyNode> for PartyRow {
    fn from(node: PartyNode) -> Self {
        PartyRow { kind: node.kind.0, code: node.code, year: node.year.map(|year| year.0) }
    }
}

impl From<FlowNode> for FlowRow {
    fn from(node: FlowNode) -> Self {
        FlowRow {
            distance: node.distance,
            from: node.from.into(),
            to: node.to.into(),
            pence: node.amount.0,
            by_rule: node.by_rule.0,
            unattributed: node.unattributed,
        }
    }
}

impl From<MarginNode> for MarginRow {
    fn from(node: MarginNode) -> Self {
        let figures = node.figures;
        let totals = FlowTotals {
            funded: figures.funded.0,
            returned: figures.returned.0,
            received: figures.received.0,
            given: figures.given.0,
            carried_in: figures.carried_in.0,
            carried_out: figures.carried_out.0,
            eliminated: figures.eliminated.0,
        };
        MarginRow { party: node.party.into(), totals }
    }
}

impl From<OriginNode> for OriginRow {
    fn from(node: OriginNode) -> Self {
        OriginRow {
            fund: node.fund.map(|fund| fund.0),
            kind: node.kind.0,
            budget: node.budget.0,
            spent: node.spent.0,
        }
    }
}

impl From<ExchangedNode> for ExchangedRow {
    fn from(node: ExchangedNode) -> Self {
        ExchangedRow {
            programme: Some(node.programme.0),
            deferred: node.deferred.0,
            arrived: node.arrived.0,
            elsewhere: None,
            waiting: None,
        }
    }
}

impl ExchangesNode {
    /// All that was deferred, and what became of it.
    pub(super) const fn whole(&self) -> ExchangedRow {
        ExchangedRow {
            programme: None,
            deferred: self.deferred.0,
            arrived: self.arrived.0,
            elsewhere: Some(self.elsewhere.0),
            waiting: Some(self.waiting.0),
        }
    }
}

impl From<SwitchNode> for SwitchRow {
    fn from(node: SwitchNode) -> Self {
        SwitchRow {
            entry: node.position.0,
            pence: node.amount.0,
            used: node.used.0,
            cap: node.cap.map(|cap| cap.0),
            authority: node.entry.and_then(|entry| entry.authority),
            policy: node.policy.map(|policy| policy.0),
            reversed_by: node.reversed_by.map(|entry| entry.0),
        }
    }
}
