//! A year's flows: who paid whom, and the totals of each group.
//!
//! Answers the question: which programmes paid for the cyber uplift in a year, and how much is
//! unattributed?

use std::collections::BTreeMap;

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::money::Pence;

use super::party::{Grouping, Party, PartyInYear};
use super::sides::{Sides, Sum, Sums};
use crate::budget::BudgetQuery;
use crate::scope::Scope;
use crate::{Moment, QueryError, ReadModels};

/// A query for the flows of a year.
#[derive(Clone, Copy, Debug)]
pub struct FlowQuery {
    /// The financial year.
    pub year: FinancialYear,
    /// The parties lines are grouped into.
    pub by: Grouping,
    /// The depth of the tree at which parties are grouped, 0 for the root. None keeps each party
    /// apart.
    pub level: Option<usize>,
    /// Only flows of this programme or its descendants.
    pub programme: Option<ProgrammeCode>,
    /// Only flows of this body or its descendants.
    pub body: Option<BodyCode>,
    /// Only flows of lines of this class.
    pub class: Option<BudgetClass>,
    /// The moment the answer is as at.
    pub moment: Moment,
    /// Only what is effective up to this month; None for the full year.
    pub through: Option<Month>,
}

impl FlowQuery {
    /// The whole of a year, by programme.
    pub const fn of_year(year: FinancialYear, moment: Moment) -> Self {
        FlowQuery {
            year,
            by: Grouping::Programme,
            level: None,
            programme: None,
            body: None,
            class: None,
            moment,
            through: None,
        }
    }

    /// The lines the query selects.
    pub(super) const fn lines(&self) -> BudgetQuery {
        let FlowQuery { year, programme, body, class, moment, through, .. } = *self;
        BudgetQuery { year, programme, body, class, moment, through, rollup: None }
    }

    pub(super) fn month(&self) -> Month {
        self.through.unwrap_or(Month::M13)
    }
}

/// The money one party paid another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// The payer.
    pub from: PartyInYear,
    /// The payee.
    pub to: PartyInYear,
    /// The amount, net of reversals.
    pub pence: Pence,
    /// The part whose pairing is by rule: no entry states it pair by pair.
    pub by_rule: Pence,
}

impl Flow {
    /// Whether the payer or the payee is not known.
    pub fn is_unattributed(&self) -> bool {
        [self.from.party, self.to.party].contains(&Party::Unattributed)
    }
}

/// What a group paid and received, in pence. Entries state all of it: pairing by rule has no
/// effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowTotals {
    /// From funds and from outside the book.
    pub funded: Pence,
    /// To funds and out of the book.
    pub returned: Pence,
    /// From other parties of the year.
    pub received: Pence,
    /// To other parties of the year.
    pub given: Pence,
    /// From the year before.
    pub carried_in: Pence,
    /// To the next year.
    pub carried_out: Pence,
    /// Between parties within the group; in neither `received` nor `given`.
    pub eliminated: Pence,
}

impl FlowTotals {
    /// The net gain.
    pub fn net(&self) -> Pence {
        let came = self.funded.plus(self.received).plus(self.carried_in);
        came.minus(self.returned).minus(self.given).minus(self.carried_out)
    }

    fn add(&mut self, kind: Kind, pence: Pence) {
        let sum = match kind {
            Kind::Funded => &mut self.funded,
            Kind::Returned => &mut self.returned,
            Kind::Received => &mut self.received,
            Kind::Given => &mut self.given,
            Kind::CarriedIn => &mut self.carried_in,
            Kind::CarriedOut => &mut self.carried_out,
            Kind::Eliminated => &mut self.eliminated,
        };
        *sum = sum.plus(pence);
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Funded,
    Returned,
    Received,
    Given,
    CarriedIn,
    CarriedOut,
    Eliminated,
}

/// The totals of a party and its descendants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin {
    /// The party.
    pub party: Party,
    /// Its totals.
    pub totals: FlowTotals,
}

/// The flows of a year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct YearFlows {
    /// Sorted by payer.
    pub flows: Vec<Flow>,
    /// The totals of each party and its descendants.
    pub margins: Vec<Margin>,
    /// The totals of all selected lines as one group.
    pub totals: FlowTotals,
    /// Into suspense, less out of it.
    pub unattributed: Pence,
    /// Paid by one party to another within the year, without a fund.
    pub recycled: Pence,
    /// Between lines of one party: not a flow.
    pub within: Pence,
    /// Unsplit money split into capital and revenue: not a flow.
    pub reclassified: Pence,
}

impl ReadModels {
    /// The flows of a year, within a scope.
    pub(super) fn flows_in(
        &self,
        query: &FlowQuery,
        scope: &Scope,
    ) -> Result<YearFlows, QueryError> {
        self.check_codes(&query.lines())?;
        let mut found = YearFlows::default();
        let mut sides = Sides::new(self, query, scope);
        let mut sums = Sums::default();
        for transfer in self.flows.transfers.of_year(Some(query.year), query.moment.position) {
            let Some(pair) = sides.of(transfer) else { continue };
            if transfer.reclassifies() {
                found.reclassified = found.reclassified.plus(Pence::new(transfer.pence));
            } else {
                sums.add(pair, transfer);
            }
        }
        let groups: Vec<Vec<Party>> = sides
            .all()
            .iter()
            .map(|side| if side.wanted { self.groups(side.party.party, query) } else { Vec::new() })
            .collect();
        let groups_of = |side: u32| {
            let index = (side as usize).checked_sub(1);
            index.and_then(|index| groups.get(index)).map(Vec::as_slice).unwrap_or_default()
        };
        let mut flows: BTreeMap<(PartyInYear, PartyInYear), Sum> = BTreeMap::new();
        let mut margins: BTreeMap<Party, FlowTotals> = BTreeMap::new();
        for ((from, to), (pence, by_rule)) in sums.into_sorted() {
            let (payers, payees) = (groups_of(from), groups_of(to));
            let (Some(from), Some(to)) = (sides.get(from), sides.get(to)) else { continue };
            let (gives, gets, amount) = (from.party, to.party, Pence::new(pence));
            add_to_margins(&mut margins, (payers, payees), (gives, gets), amount);
            found.add(gives, gets, from.wanted && to.wanted, from.wanted, amount);
            if gives != gets {
                let flow = flows.entry((gives, gets)).or_default();
                *flow = (flow.0.wrapping_add(pence), flow.1.wrapping_add(by_rule));
            }
        }
        found.margins =
            margins.into_iter().map(|(party, totals)| Margin { party, totals }).collect();
        found.flows = paid(flows);
        Ok(found)
    }
}

/// Sums of pairs as sorted flows, without pairs that sum to 0.00.
pub(super) fn paid(sums: BTreeMap<(PartyInYear, PartyInYear), Sum>) -> Vec<Flow> {
    let flows = sums.into_iter().filter(|(_, sum)| *sum != (0, 0));
    let flow = |((from, to), (pence, by_rule))| {
        let (pence, by_rule) = (Pence::new(pence), Pence::new(by_rule));
        Flow { from, to, pence, by_rule }
    };
    flows.map(flow).collect()
}

/// Adds a payment to the groups of both sides. Within one group it is eliminated.
fn add_to_margins(
    margins: &mut BTreeMap<Party, FlowTotals>,
    (payers, payees): (&[Party], &[Party]),
    (gives, gets): (PartyInYear, PartyInYear),
    pence: Pence,
) {
    for group in payers {
        let within = payees.contains(group);
        let kind = if within { Kind::Eliminated } else { payment_kind(gets) };
        margins.entry(*group).or_default().add(kind, pence);
    }
    for group in payees.iter().filter(|group| !payers.contains(group)) {
        margins.entry(*group).or_default().add(receipt_kind(gives), pence);
    }
}

/// The kind of a payment for its payer.
const fn payment_kind(to: PartyInYear) -> Kind {
    match to {
        PartyInYear { party, .. } if !party.holds_lines() => Kind::Returned,
        PartyInYear { year: Some(_), .. } => Kind::CarriedOut,
        PartyInYear { .. } => Kind::Given,
    }
}

/// The kind of a payment for its payee.
const fn receipt_kind(from: PartyInYear) -> Kind {
    match from {
        PartyInYear { party, .. } if !party.holds_lines() => Kind::Funded,
        PartyInYear { year: Some(_), .. } => Kind::CarriedIn,
        PartyInYear { .. } => Kind::Received,
    }
}

impl YearFlows {
    fn add(&mut self, gives: PartyInYear, gets: PartyInYear, both: bool, gave: bool, pence: Pence) {
        let kind = match (both, gave) {
            (true, _) => Kind::Eliminated,
            (false, true) => payment_kind(gets),
            (false, false) => receipt_kind(gives),
        };
        self.totals.add(kind, pence);
        let within = gives.year.is_none() && gets.year.is_none();
        let between_lines = gives.party.holds_lines() && gets.party.holds_lines();
        if gives == gets {
            self.within = self.within.plus(pence);
        } else if within && between_lines {
            self.recycled = self.recycled.plus(pence);
        }
        if gets == PartyInYear::asked(Party::Unattributed) {
            self.unattributed = self.unattributed.plus(pence);
        }
        if gives == PartyInYear::asked(Party::Unattributed) {
            self.unattributed = self.unattributed.minus(pence);
        }
    }
}
