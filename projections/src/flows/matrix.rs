//! A year's flows as at a moment: who paid whom, and what each group of them paid and got.

use std::collections::BTreeMap;

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::money::Pence;

use super::party::{Grouping, InYear, Party};
use super::sides::{Sides, Sum, Sums};
use crate::budget::BudgetQuery;
use crate::scope::Scope;
use crate::{Moment, QueryError, ReadModels};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct FlowQuery {
    /// The financial year.
    pub year: FinancialYear,
    /// What lines are summed into.
    pub by: Grouping,
    /// How far down the tree of programmes or bodies, 0 for its top: what is below is summed into
    /// it. Each stands on its own where absent.
    pub level: Option<usize>,
    /// Only what this programme, or one below it, gave or got.
    pub programme: Option<ProgrammeCode>,
    /// Only what this body, or one below it, gave or got.
    pub body: Option<BodyCode>,
    /// Only what lines of this class gave or got.
    pub class: Option<BudgetClass>,
    /// As known when.
    pub moment: Moment,
    /// Of what was effective up to this month; of all of it where absent.
    pub through: Option<Month>,
}

impl FlowQuery {
    /// All of a year, by programme.
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

    /// The lines that are asked for.
    pub(super) const fn lines(&self) -> BudgetQuery {
        let FlowQuery { year, programme, body, class, moment, through, .. } = *self;
        BudgetQuery { year, programme, body, class, moment, through, rollup: None }
    }

    pub(super) fn month(&self) -> Month {
        self.through.unwrap_or(Month::M13)
    }
}

/// One party paid another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Who paid.
    pub from: InYear,
    /// Who was paid.
    pub to: InYear,
    /// How much, net of what was reversed.
    pub pence: Pence,
    /// How much of it no entry states pair by pair: the share is the rule's.
    pub by_rule: Pence,
}

impl Flow {
    /// Whether nobody has named one of the two.
    pub fn is_unattributed(&self) -> bool {
        [self.from.party, self.to.party].contains(&Party::Unattributed)
    }
}

/// What a group paid and got, as entries state it: nothing here rests on how pairs are shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowTotals {
    /// From funds and from beyond the book.
    pub funded: Pence,
    /// Back to funds, and out of the book.
    pub returned: Pence,
    /// From others in the year.
    pub received: Pence,
    /// To others in the year.
    pub given: Pence,
    /// From the year before.
    pub carried_in: Pence,
    /// To the next year.
    pub carried_out: Pence,
    /// Between those within the group: in neither `received` nor `given`.
    pub eliminated: Pence,
}

impl FlowTotals {
    /// What all of it comes to.
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

/// What a party with those below it paid and got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin {
    /// Who.
    pub party: Party,
    /// What.
    pub totals: FlowTotals,
}

/// The flows of a year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct YearFlows {
    /// Who paid whom, in order of who paid.
    pub flows: Vec<Flow>,
    /// What each party, with those below it, paid and got.
    pub margins: Vec<Margin>,
    /// What all that were asked for paid and got.
    pub totals: FlowTotals,
    /// What went into suspense, less what came out of it.
    pub unattributed: Pence,
    /// What was recycled: paid by one party to another within the year, not by a fund.
    pub recycled: Pence,
    /// Between lines of one and the same party: no flow between parties.
    pub within: Pence,
    /// Unsplit money that was told to be capital or revenue: no flow.
    pub reclassified: Pence,
}

impl ReadModels {
    /// The flows of a year, of a scope.
    pub(super) fn flows_in(
        &self,
        query: &FlowQuery,
        scope: &Scope,
    ) -> Result<YearFlows, QueryError> {
        self.check_codes(&query.lines())?;
        let mut told = YearFlows::default();
        let mut sides = Sides::new(self, query, scope);
        let mut sums = Sums::default();
        for transfer in self.flows.transfers.of_year(Some(query.year), query.moment.position) {
            let Some(pair) = sides.of(transfer) else { continue };
            if transfer.reclassifies() {
                told.reclassified = told.reclassified.plus(Pence::new(transfer.pence));
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
        let mut flows: BTreeMap<(InYear, InYear), Sum> = BTreeMap::new();
        let mut margins: BTreeMap<Party, FlowTotals> = BTreeMap::new();
        for ((from, to), (pence, by_rule)) in sums.into_sorted() {
            let (givers, takers) = (groups_of(from), groups_of(to));
            let (Some(from), Some(to)) = (sides.get(from), sides.get(to)) else { continue };
            let (gives, gets, amount) = (from.party, to.party, Pence::new(pence));
            add_to_margins(&mut margins, (givers, takers), (gives, gets), amount);
            told.add(gives, gets, from.wanted && to.wanted, from.wanted, amount);
            if gives != gets {
                let flow = flows.entry((gives, gets)).or_default();
                *flow = (flow.0.wrapping_add(pence), flow.1.wrapping_add(by_rule));
            }
        }
        told.margins =
            margins.into_iter().map(|(party, totals)| Margin { party, totals }).collect();
        told.flows = paid(flows);
        Ok(told)
    }
}

/// The flows that sums of pairs make up, in order; none of a pair that came to nothing.
pub(super) fn paid(sums: BTreeMap<(InYear, InYear), Sum>) -> Vec<Flow> {
    let flows = sums.into_iter().filter(|(_, sum)| *sum != (0, 0));
    let flow = |((from, to), (pence, by_rule))| {
        let (pence, by_rule) = (Pence::new(pence), Pence::new(by_rule));
        Flow { from, to, pence, by_rule }
    };
    flows.map(flow).collect()
}

/// Adds to each group that either side belongs to; what stays within one is eliminated there.
fn add_to_margins(
    margins: &mut BTreeMap<Party, FlowTotals>,
    (givers, takers): (&[Party], &[Party]),
    (gives, gets): (InYear, InYear),
    pence: Pence,
) {
    for group in givers {
        let within = takers.contains(group);
        let kind = if within { Kind::Eliminated } else { kind_of_gift(gets) };
        margins.entry(*group).or_default().add(kind, pence);
    }
    for group in takers.iter().filter(|group| !givers.contains(group)) {
        margins.entry(*group).or_default().add(kind_of_receipt(gives), pence);
    }
}

/// What a giver's payment is, by who gets it.
const fn kind_of_gift(to: InYear) -> Kind {
    match to {
        InYear { party, .. } if !party.holds_lines() => Kind::Returned,
        InYear { year: Some(_), .. } => Kind::CarriedOut,
        InYear { .. } => Kind::Given,
    }
}

/// What a taker's receipt is, by who gives it.
const fn kind_of_receipt(from: InYear) -> Kind {
    match from {
        InYear { party, .. } if !party.holds_lines() => Kind::Funded,
        InYear { year: Some(_), .. } => Kind::CarriedIn,
        InYear { .. } => Kind::Received,
    }
}

impl YearFlows {
    fn add(&mut self, gives: InYear, gets: InYear, both: bool, gave: bool, pence: Pence) {
        let kind = match (both, gave) {
            (true, _) => Kind::Eliminated,
            (false, true) => kind_of_gift(gets),
            (false, false) => kind_of_receipt(gives),
        };
        self.totals.add(kind, pence);
        let within = gives.year.is_none() && gets.year.is_none();
        let between_lines = gives.party.holds_lines() && gets.party.holds_lines();
        if gives == gets {
            self.within = self.within.plus(pence);
        } else if within && between_lines {
            self.recycled = self.recycled.plus(pence);
        }
        if gets == InYear::asked(Party::Unattributed) {
            self.unattributed = self.unattributed.plus(pence);
        }
        if gives == InYear::asked(Party::Unattributed) {
            self.unattributed = self.unattributed.minus(pence);
        }
    }
}
