//! What a server tells analysts, as far as it is asked for.

use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode, RingFence};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::Outside;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::Reference;
use serde::Deserialize;

use super::node::{Coded, FiguresNode, Page, member, text};
use super::wire::{Member, Pounds, Text};
use crate::cli::source::analyses::{MovedTo, Said, Who};

/// An answer that holds one list.
#[derive(Deserialize)]
#[serde(bound = "N: Deserialize<'de>")]
pub(super) struct Told<N> {
    pub(super) told: Option<Listed<N>>,
}

#[derive(Deserialize)]
#[serde(bound = "N: Deserialize<'de>")]
pub(super) struct Listed<N> {
    pub(super) rows: Page<N>,
}

/// Who posted an entry, and why.
#[derive(Deserialize)]
pub(super) struct SaidNode {
    pub(super) actor: String,
    pub(super) reason: String,
}

pub(super) fn who(
    position: Position,
    recorded: Option<Text<Timestamp>>,
    entry: Option<SaidNode>,
) -> Who {
    let said = entry.map(|SaidNode { actor, reason }| Said { actor, reason });
    Who { position, recorded: text(recorded), said }
}

pub(super) fn maybe(pounds: Option<Pounds>) -> Option<Pence> {
    pounds.map(|Pounds(pence)| pence)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TotalsNode {
    pub(super) position: Text<Position>,
    pub(super) struck_by: Option<Text<Position>>,
    pub(super) original: Option<Pounds>,
    pub(super) effective_later: Pounds,
    pub(super) revised: Pounds,
    pub(super) forecast: Option<Pounds>,
    pub(super) outturn: Pounds,
    pub(super) closed: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StepNode {
    pub(super) position: Text<Position>,
    pub(super) recorded_at: Option<Text<Timestamp>>,
    pub(super) amount: Pounds,
    pub(super) before: Option<Pounds>,
    pub(super) after: Option<Pounds>,
    pub(super) entry: Option<SaidNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DiffNode {
    pub(super) programme: Option<Coded<ProgrammeCode>>,
    pub(super) name: Option<String>,
    pub(super) body: Option<Coded<BodyCode>>,
    pub(super) class: Option<Member<BudgetClass>>,
    pub(super) ring_fence: Option<Text<RingFence>>,
    pub(super) through: Option<Text<Month>>,
    pub(super) before: Option<FiguresNode>,
    pub(super) after: Option<FiguresNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeNode {
    pub(super) position: Text<Position>,
    pub(super) recorded_at: Option<Text<Timestamp>>,
    pub(super) revised: Pounds,
    pub(super) committed: Pounds,
    pub(super) accrued: Pounds,
    pub(super) actual: Pounds,
    pub(super) forecast: Pounds,
    pub(super) internal_forecast: Pounds,
    pub(super) entry: Option<SaidNode>,
}

#[derive(Deserialize)]
pub(super) struct ReasonsNode {
    pub(super) programme: Option<Coded<ProgrammeCode>>,
    pub(super) body: Option<Text<BodyCode>>,
    pub(super) class: Option<Member<BudgetClass>>,
    pub(super) name: Option<String>,
    pub(super) underspend: Pounds,
    pub(super) slippage: Pounds,
    pub(super) saving: Pounds,
    pub(super) clawback: Pounds,
    pub(super) diversion: Pounds,
    pub(super) unknown: Pounds,
    pub(super) unexplained: Pounds,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OutflowNode {
    pub(super) position: Text<Position>,
    pub(super) recorded_at: Option<Text<Timestamp>>,
    pub(super) amount: Pounds,
    pub(super) destinations: Vec<DestinationNode>,
    pub(super) entry: Option<SaidNode>,
}

#[derive(Deserialize)]
pub(super) struct DestinationNode {
    pub(super) kind: Member<String>,
    pub(super) to: LegNode,
}

#[derive(Deserialize)]
pub(super) struct LegNode {
    pub(super) line: Option<Text<LineKey>>,
    pub(super) fund: Option<Text<FundCode>>,
    pub(super) class: Option<Member<BudgetClass>>,
    pub(super) outside: Option<Member<Outside>>,
    pub(super) amount: Pounds,
}

impl From<DestinationNode> for MovedTo {
    fn from(node: DestinationNode) -> Self {
        let LegNode { line, fund, class, outside, amount } = node.to;
        let fund = text(fund).zip(member(class)).map(|(fund, class)| format!("{fund}/{class}"));
        let beyond = member(outside).map(|outside| match outside {
            Outside::Treasury => "treasury".to_owned(),
            Outside::ExistingBudgets => "existingBudgets".to_owned(),
        });
        let line = text(line).map(|line| line.to_string());
        let account = line.or(fund).or(beyond).unwrap_or_default();
        MovedTo { how: node.kind.0, account, pence: amount.0 }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RevisionNode {
    pub(super) position: Text<Position>,
    pub(super) recorded_at: Option<Text<Timestamp>>,
    pub(super) line: Text<LineKey>,
    pub(super) month: Text<Month>,
    pub(super) before: Option<Pounds>,
    pub(super) after: Pounds,
    pub(super) entry: Option<SaidNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AtRiskNode {
    pub(super) line: Text<LineKey>,
    pub(super) reference: Text<Reference>,
    pub(super) made: Pounds,
    pub(super) open: Pounds,
    pub(super) made_by: Text<Position>,
    pub(super) recorded_at: Option<Text<Timestamp>>,
    pub(super) entry: Option<SaidNode>,
}

#[derive(Deserialize)]
pub(super) struct PatternNode {
    pub(super) programme: Option<Coded<ProgrammeCode>>,
    pub(super) name: Option<String>,
    pub(super) years: Vec<OutturnNode>,
}

#[derive(Deserialize)]
pub(super) struct OutturnNode {
    pub(super) year: Text<FinancialYear>,
    pub(super) revised: Pounds,
    pub(super) outturn: Pounds,
}

#[derive(Deserialize)]
pub(super) struct AccuracyNode {
    pub(super) year: Text<FinancialYear>,
    pub(super) programme: Option<Coded<ProgrammeCode>>,
    pub(super) name: Option<String>,
    pub(super) month: Text<Month>,
    pub(super) forecast: Pounds,
    pub(super) outturn: Pounds,
    pub(super) unforecast: Pounds,
}

#[derive(Deserialize)]
pub(super) struct BalanceNode {
    pub(super) year: Text<FinancialYear>,
    pub(super) class: Member<BudgetClass>,
    pub(super) revised: Pounds,
    pub(super) actual: Pounds,
    pub(super) accrued: Pounds,
    pub(super) committed: Pounds,
    pub(super) uncancelled: Pounds,
}
