//! The path of a programme's money: from settlements through funds, programmes and the year before,
//! to spend.
//!
//! Answers the question: which programmes paid for the cyber uplift in a year?

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::Account;
use ledger_core::domain::position::Position;

use super::matrix::{Flow, FlowQuery, paid};
use super::party::{Grouping, Party, PartyInYear};
use super::sides::Sides;
use crate::scope::Scope;
use crate::{QueryError, ReadModels};

/// A step of the path: one flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathStep {
    /// Steps from the programme: 0 for its own receipts and spend.
    pub distance: usize,
    /// The flow.
    pub flow: Flow,
}

/// One entry's contribution to a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowContribution {
    /// The entry.
    pub position: Position,
    /// The account that paid; None outside the scope.
    pub from: Option<Account>,
    /// The account that was paid; None outside the scope.
    pub to: Option<Account>,
    /// The effective month; None for settlements and earmarks.
    pub month: Option<Month>,
    /// The amount; negative for a reversal.
    pub pence: Pence,
    /// Whether the pair is by rule.
    pub by_rule: bool,
}

/// The flows into each party.
type Sources = BTreeMap<PartyInYear, Vec<Flow>>;

fn by_payee(flows: Vec<Flow>) -> Sources {
    let mut sources = Sources::new();
    for flow in flows {
        sources.entry(flow.to).or_default().push(flow);
    }
    sources
}

impl ReadModels {
    /// The path of a programme's money within a scope, nearest step first. A step is a whole flow,
    /// not just the part that reached the programme.
    pub(super) fn path_in(
        &self,
        query: &FlowQuery,
        programme: ProgrammeCode,
        scope: &Scope,
    ) -> Result<Vec<PathStep>, QueryError> {
        let whole = FlowQuery {
            by: Grouping::Programme,
            level: None,
            programme: None,
            body: None,
            ..*query
        };
        self.check_codes(&FlowQuery { programme: Some(programme), ..whole }.lines())?;
        let named = if programme == ProgrammeCode::SUSPENSE {
            Party::Unattributed
        } else {
            Party::Programme(programme)
        };
        let mut years: BTreeMap<FinancialYear, Sources> = BTreeMap::new();
        let funds = by_payee(self.flows_of_funds(&whole));
        let mut steps = Vec::new();
        let spent = self.origins_in(&FlowQuery { programme: Some(programme), ..whole }, scope)?;
        if !spent.spent.is_zero() {
            let (from, to) = (PartyInYear::asked(named), PartyInYear::asked(Party::Spend));
            let flow = Flow { from, to, pence: spent.spent, by_rule: Pence::ZERO };
            steps.push(PathStep { distance: 0, flow });
        }
        let first = (query.year, named);
        let (mut seen, mut next) = (BTreeSet::from([first]), VecDeque::from([(0, first)]));
        while let Some((distance, (year, party))) = next.pop_front() {
            let sources = if party.holds_lines() {
                if let std::collections::btree_map::Entry::Vacant(vacant) = years.entry(year) {
                    // The query's month applies to its own year.
                    let through = if year == query.year { query.through } else { None };
                    let flows = self.flows_in(&FlowQuery { year, through, ..whole }, scope)?.flows;
                    vacant.insert(by_payee(flows));
                }
                years.get(&year)
            } else {
                Some(&funds)
            };
            let sources = sources.and_then(|known| known.get(&PartyInYear::asked(party)));
            for flow in sources.into_iter().flatten() {
                let source = (flow.from.year.unwrap_or(year), flow.from.party);
                let dated = |side: PartyInYear| {
                    let of = side.year.unwrap_or(year);
                    let other = side.party.holds_lines() && of != query.year;
                    PartyInYear { year: other.then_some(of), party: side.party }
                };
                let flow = Flow { from: dated(flow.from), to: dated(flow.to), ..*flow };
                steps.push(PathStep { distance, flow });
                if flow.pence.is_positive()
                    && flow.from.party != Party::Hidden
                    && seen.insert(source)
                {
                    next.push_back((distance + 1, source));
                }
            }
        }
        Ok(steps)
    }

    /// The flows into funds: settlements and earmarks, which have no year.
    fn flows_of_funds(&self, query: &FlowQuery) -> Vec<Flow> {
        let mut sums: BTreeMap<(PartyInYear, PartyInYear), (i64, i64)> = BTreeMap::new();
        let everything = Scope::everything();
        for transfer in self.flows.transfers.of_year(None, query.moment.position) {
            let accounts =
                (self.flows.accounts.get(transfer.from), self.flows.accounts.get(transfer.to()));
            let (Some(from), Some(to)) = accounts else { continue };
            let from = self.party(from, query, everything);
            let to = self.party(to, query, everything);
            let sum = sums.entry((from, to)).or_default();
            sum.0 = sum.0.wrapping_add(transfer.pence);
            sum.1 = sum.1.wrapping_add(if transfer.is_by_rule() { transfer.pence } else { 0 });
        }
        paid(sums)
    }

    /// The contributions to a flow, or to all flows of one party, within a scope, in order of
    /// position.
    pub(super) fn flow_contributions_in(
        &self,
        query: &FlowQuery,
        from: Option<PartyInYear>,
        to: Option<PartyInYear>,
        scope: &Scope,
    ) -> Result<Vec<FlowContribution>, QueryError> {
        self.check_codes(&query.lines())?;
        let at = query.moment.position;
        let wants = |gives: PartyInYear, gets: PartyInYear| {
            from.is_none_or(|from| from == gives) && to.is_none_or(|to| to == gets)
        };
        let readable_account = |number: u32| {
            self.flows.accounts.get(number).copied().filter(|account| match account {
                Account::Line(line) => scope.admits(line),
                Account::Fund(_) | Account::Outside(_) => true,
            })
        };
        let transferred = |transfer: super::Transfer| FlowContribution {
            position: Position::new(transfer.position),
            from: readable_account(transfer.from),
            to: readable_account(transfer.to()),
            month: Month::new(transfer.month()).ok(),
            pence: Pence::new(transfer.pence),
            by_rule: transfer.is_by_rule(),
        };
        let of_funds = [from, to].into_iter().flatten().all(|side| !side.party.holds_lines());
        if of_funds && from.is_some() && to.is_some() {
            let whole = self.flows.transfers.of_year(None, at).filter(|transfer| {
                let party = |number| {
                    let account = self.flows.accounts.get(number)?;
                    Some(self.party(account, query, scope))
                };
                let sides = party(transfer.from).zip(party(transfer.to()));
                sides.is_some_and(|(gives, gets)| wants(gives, gets))
            });
            return Ok(whole.map(transferred).collect());
        }
        let mut sides = Sides::new(self, query, scope);
        let of_year = self.flows.transfers.of_year(Some(query.year), at);
        let behind = of_year.filter(|transfer| {
            let sides = sides.parties(*transfer);
            !transfer.reclassifies() && sides.is_some_and(|(gives, gets)| wants(gives, gets))
        });
        Ok(behind.map(transferred).collect())
    }
}

impl FlowQuery {
    /// The query that a step answers, and its parties relative to that query's year.
    pub(super) fn of_step(&self, flow: &Flow) -> (FlowQuery, PartyInYear, PartyInYear) {
        let dated =
            |side: PartyInYear| side.party.holds_lines().then(|| side.year.unwrap_or(self.year));
        let year = dated(flow.to).or(dated(flow.from)).unwrap_or(self.year);
        let seen = |side: PartyInYear| {
            let other = dated(side).filter(|of| *of != year);
            PartyInYear { year: other, party: side.party }
        };
        let through = if year == self.year { self.through } else { None };
        let whole =
            FlowQuery { year, through, class: self.class, ..FlowQuery::of_year(year, self.moment) };
        (whole, seen(flow.from), seen(flow.to))
    }
}
