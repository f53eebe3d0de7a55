//! What a server tells of published figures, and of their scopes.

use chrono::NaiveDate;
use ledger_core::domain::calendar::{FinancialYear, Timestamp};
use ledger_core::domain::claim::{Bearer, ClaimMeasure, Figure, PenceRange};
use ledger_core::domain::code::{BodyCode, ClaimCode, FundCode, ProgrammeCode, ScopeCode};
use ledger_core::domain::event::{FigurePublished, ScopeDefined};
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::{Citation, Name, Words};
use projections::claims::{Claim, Explanation, Held, HeldClaim, TotalScope};
use serde::Deserialize;

use super::analysis::maybe;
use super::node::{member, text};
use super::wire::{Member, Pounds, Text};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScopeNode {
    code: Text<ScopeCode>,
    name: Text<Name>,
    programmes: Vec<Text<ProgrammeCode>>,
    bodies: Vec<Text<BodyCode>>,
    classes: Vec<Member<BudgetClass>>,
    defined_by: Text<Position>,
}

impl From<ScopeNode> for TotalScope {
    fn from(node: ScopeNode) -> Self {
        let definition = ScopeDefined {
            code: node.code.0,
            name: node.name.0,
            programmes: node.programmes.into_iter().map(|Text(code)| code).collect(),
            bodies: node.bodies.into_iter().map(|Text(code)| code).collect(),
            classes: node.classes.into_iter().map(|Member(class)| class).collect(),
        };
        TotalScope { defined_by: node.defined_by.0, definition }
    }
}

/// How surely a figure was stated.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Certainty {
    Exact,
    About,
    AtLeast,
    Range,
    Unquantified,
}

#[derive(Deserialize)]
struct ExplanationNode {
    scope: Text<ScopeCode>,
    ledger: Pounds,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeldNode {
    position: Text<Position>,
    ledger: Option<Pounds>,
    difference: Option<Pounds>,
    agrees: Option<bool>,
    explained_by: Vec<ExplanationNode>,
    unexplained: Option<Pounds>,
}

impl From<HeldNode> for Held {
    fn from(node: HeldNode) -> Self {
        let explained_by = node.explained_by.into_iter();
        Held {
            position: node.position.0,
            ledger: maybe(node.ledger),
            difference: maybe(node.difference),
            agrees: node.agrees,
            explained_by: explained_by
                .map(|one| Explanation { scope: one.scope.0, ledger: one.ledger.0 })
                .collect(),
            unexplained: maybe(node.unexplained),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClaimNode {
    code: Text<ClaimCode>,
    title: Text<Name>,
    scope: Option<Text<ScopeCode>>,
    fund: Option<Text<FundCode>>,
    year: Option<Text<FinancialYear>>,
    measure: Option<Member<ClaimMeasure>>,
    certainty: Member<Certainty>,
    amount: Option<Pounds>,
    low: Option<Pounds>,
    high: Option<Pounds>,
    words: Option<Text<Words>>,
    source: Text<Citation>,
    published_on: Text<NaiveDate>,
    bearer: Option<Member<Bearer>>,
    supersedes: Option<Text<ClaimCode>>,
    superseded_by: Option<Text<ClaimCode>>,
    recorded_by: Text<Position>,
    recorded_at: Option<Text<Timestamp>>,
    at_publication: HeldNode,
    now: HeldNode,
}

impl ClaimNode {
    /// The published figure; none where what states it is not told.
    pub(super) fn read(self) -> Option<HeldClaim> {
        let amount = maybe(self.amount);
        let figure = match self.certainty.0 {
            Certainty::Exact => Figure::Exact(amount?),
            Certainty::About => Figure::About(amount?),
            Certainty::AtLeast => Figure::AtLeast(amount?),
            Certainty::Range => {
                Figure::Range(PenceRange { low: maybe(self.low)?, high: maybe(self.high)? })
            }
            Certainty::Unquantified => Figure::Unquantified(text(self.words)?),
        };
        let published = FigurePublished {
            code: self.code.0,
            title: self.title.0,
            scope: text(self.scope),
            fund: text(self.fund),
            year: text(self.year),
            measure: member(self.measure),
            figure,
            source: self.source.0,
            published_on: self.published_on.0,
            bearer: member(self.bearer),
            supersedes: text(self.supersedes),
        };
        Some(HeldClaim {
            claim: Claim { recorded_by: self.recorded_by.0, published },
            recorded: text(self.recorded_at),
            superseded_by: text(self.superseded_by),
            at_publication: self.at_publication.into(),
            now: self.now.into(),
        })
    }
}
