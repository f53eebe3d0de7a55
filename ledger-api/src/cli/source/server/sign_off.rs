//! Proposals, systems and policy as a server tells them.

use ledger_core::domain::actor::{Capacity, Tier};
use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::ActorId;
use projections::sign_off_times::By;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::node::Page;
use super::wire::{Member, Pounds, Text};
use crate::cli::source::answer::{
    DelegationRow, PolicyRow, ProposalRow, SignOffTimeRow, SystemRow, Waits,
};

/// A proposal.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProposalNode {
    number: Text<Position>,
    version: u32,
    status: Member<String>,
    summary: String,
    preparers: Vec<String>,
    waits_for: Option<StepNode>,
}

/// A step that a proposal waits for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StepNode {
    tier: Member<Tier>,
    body: Text<BodyCode>,
    waiting_since: Text<Timestamp>,
    rule: String,
    limit: Option<Pounds>,
    since: Option<Text<Timestamp>>,
}

impl From<ProposalNode> for ProposalRow {
    fn from(node: ProposalNode) -> Self {
        ProposalRow {
            number: node.number.0,
            version: node.version,
            status: node.status.0,
            proposes: node.summary,
            preparers: node.preparers,
            waits: node.waits_for.map(|step| Waits {
                tier: step.tier.0,
                body: step.body.0,
                since: step.waiting_since.0,
                rule: step.rule,
                limit: step.limit.map(|Pounds(pence)| pence),
                rule_since: step.since.map(|Text(moment)| moment),
            }),
        }
    }
}

/// What signatures are counted by, as the schema has it.
pub(super) const fn by(by: By) -> &'static str {
    match by {
        By::Step => "STEP",
        By::Approver => "APPROVER",
    }
}

/// How long sign-off took.
#[derive(Deserialize)]
pub(super) struct SignOffTimes {
    pub(super) rows: Page<SignOffTimeNode>,
}

/// How long some signatures took.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SignOffTimeNode {
    year: Text<FinancialYear>,
    month: Text<Month>,
    step: u32,
    tier: Member<Tier>,
    approver: Option<String>,
    signatures: u64,
    total_hours: Text<Decimal>,
    average_hours: Text<Decimal>,
    longest_hours: Text<Decimal>,
}

impl From<SignOffTimeNode> for SignOffTimeRow {
    fn from(node: SignOffTimeNode) -> Self {
        SignOffTimeRow {
            year: node.year.0,
            month: node.month.0,
            step: node.step,
            tier: node.tier.0,
            approver: node.approver,
            signatures: node.signatures,
            total: node.total_hours.0,
            average: node.average_hours.0,
            longest: node.longest_hours.0,
        }
    }
}

/// The integrated care systems that may be read.
#[derive(Deserialize)]
pub(super) struct SystemsNode {
    pub(super) partial: bool,
    pub(super) position: Text<Position>,
    pub(super) rows: Vec<SystemNode>,
}

/// An integrated care system.
#[derive(Deserialize)]
pub(super) struct SystemNode {
    icb: Text<BodyCode>,
    regime: Member<String>,
    deteriorations: Vec<DeteriorationNode>,
}

#[derive(Deserialize)]
struct DeteriorationNode {
    body: Text<BodyCode>,
    amount: Pounds,
    uncompensated: Pounds,
}

impl SystemNode {
    pub(super) fn rows(self) -> Vec<SystemRow> {
        let found = self.deteriorations.into_iter();
        let found = found.map(|node| (node.body.0, node.amount.0, node.uncompensated.0));
        SystemRow::of(self.icb.0, &self.regime.0, found)
    }
}

/// A delegation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DelegationNode {
    number: Text<Position>,
    from: Text<ActorId>,
    to: Text<ActorId>,
    tier: Member<Tier>,
    body: Text<BodyCode>,
    begins: Text<Timestamp>,
    ends: Text<Timestamp>,
    ended_by: Option<Text<Position>>,
    lapsed: Option<bool>,
}

impl From<DelegationNode> for DelegationRow {
    fn from(node: DelegationNode) -> Self {
        DelegationRow {
            number: node.number.0,
            from: node.from.0,
            to: node.to.0,
            capacity: Capacity { tier: node.tier.0, body: node.body.0 },
            begins: node.begins.0,
            ends: node.ends.0,
            ended: node.ended_by.map(|Text(position)| position),
            lapsed: node.lapsed,
        }
    }
}

/// A policy.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyNode {
    recorded_by: Text<Position>,
    effective: Option<Text<Timestamp>>,
    canonical: String,
}

impl From<PolicyNode> for PolicyRow {
    fn from(node: PolicyNode) -> Self {
        PolicyRow {
            recorded_by: node.recorded_by.0,
            effective: node.effective.map(|Text(moment)| moment),
            canonical: node.canonical,
        }
    }
}
