//! Systems: integrated care boards with the providers below them, what they invest, and the regime
//! that their forecasts put them under.

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::domain::actor::{Capacity, Tier};
use crate::domain::calendar::{FinancialYear, Timestamp};
use crate::domain::code::{BodyCode, ProgrammeCode};
use crate::domain::event::{BodyKind, Discharge, Investment, OffsetLinked};
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::money::Pence;
use crate::domain::position::Position;
use crate::domain::sign_off::{Counted, Regime};

/// What a body has invested in a programme.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Investments {
    /// By the entry that posted it, in order of time.
    posted: Vec<Invested>,
    /// By the proposal that it waits in.
    pending: Vec<Invested>,
}

/// Investment that may count against a limit.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Invested {
    entry: Position,
    recorded: Timestamp,
    pence: Pence,
}

impl Invested {
    const fn counted(&self, pending: bool) -> Counted {
        Counted { entry: self.entry, pending, pence: self.pence }
    }
}

/// The ICB whose system a body is of, given the body and those above it, each with its kind.
pub fn system_on(path: impl Iterator<Item = (BodyCode, BodyKind)>) -> Option<BodyCode> {
    let mut path = path.peekable();
    match path.peek()?.1 {
        BodyKind::Icb | BodyKind::Trust => {
            path.find(|(_, kind)| *kind == BodyKind::Icb).map(|(code, _)| code)
        }
        BodyKind::Department
        | BodyKind::NationalBody
        | BodyKind::Region
        | BodyKind::Ccg
        | BodyKind::GpPractice => None,
    }
}

/// How a system stands in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The regime it is under.
    pub regime: Regime,
    /// The bodies whose forecasts are above their budgets.
    pub deteriorations: Vec<Deterioration>,
}

impl Standing {
    /// How a system stands whose bodies' forecasts are above their budgets by so much (below them
    /// where negative), with the improvements that were linked to deteriorations, in order. What
    /// an improver has lost since counts no more.
    pub fn new(by_body: Vec<(BodyCode, Pence)>, links: &[OffsetLinked]) -> Self {
        let mut improvements: Vec<(BodyCode, Pence)> =
            by_body.iter().map(|(body, pence)| (*body, pence.negated().max(Pence::ZERO))).collect();
        let mut deteriorations: Vec<Deterioration> = by_body
            .into_iter()
            .filter(|(_, pence)| pence.is_positive())
            .map(|(body, pence)| Deterioration { body, pence, offsets: Vec::new() })
            .collect();
        for link in links {
            let left = improvements.iter_mut().find(|(body, _)| *body == link.by);
            let found = deteriorations.iter_mut().find(|found| found.body == link.deteriorated);
            if let (Some((_, left)), Some(found)) = (left, found) {
                let counts = link.pence.min(*left).min(found.uncompensated());
                *left = left.minus(counts);
                if counts.is_positive() {
                    found.offsets.push((link.by, counts));
                }
            }
        }
        let regime = if deteriorations.is_empty() {
            Regime::None
        } else if deteriorations.iter().all(|found| found.uncompensated().is_zero()) {
            Regime::ProviderDeteriorated
        } else {
            Regime::SystemDeficit
        };
        Standing { regime, deteriorations }
    }
}

/// A body whose reported revenue forecast is above its budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deterioration {
    /// The body.
    pub body: BodyCode,
    /// By how much.
    pub pence: Pence,
    /// The improvements that compensate it, as far as they still stand.
    pub offsets: Vec<(BodyCode, Pence)>,
}

impl Deterioration {
    /// What no improvement compensates.
    pub fn uncompensated(&self) -> Pence {
        let offset = Pence::sum(self.offsets.iter().map(|(_, pence)| *pence));
        self.pence.minus(offset).max(Pence::ZERO)
    }
}

impl Ledger<'_> {
    /// The ICB whose system a provider, or the ICB itself, belongs to.
    pub fn system_of(&self, body: BodyCode) -> Option<BodyCode> {
        system_on(self.path(body))
    }

    /// A body and those above it, from itself to the top, each with its kind.
    fn path(&self, body: BodyCode) -> impl Iterator<Item = (BodyCode, BodyKind)> {
        let mut next = Some(body);
        std::iter::from_fn(move || {
            let code = next?;
            let body = self.body(code)?;
            next = body.parent;
            Some((code, body.kind))
        })
    }

    /// A body and those that its figures count with, from itself to the top: one that was merged
    /// counts with the body it was merged into.
    pub fn counted_with(&self, body: BodyCode) -> impl Iterator<Item = BodyCode> {
        body.path(|code| {
            let body = self.body(code)?;
            body.successor.or(body.parent)
        })
    }

    /// Who has a tier over a system: where no region is above an ICB, the department stands in.
    pub fn overseer(&self, tier: Tier, system: Option<BodyCode>) -> Option<Capacity> {
        let region = system.and_then(|system| {
            self.path(system).find(|(_, kind)| *kind == BodyKind::Region).map(|(code, _)| code)
        });
        match (tier, system, region) {
            (Tier::Icb, Some(body), _) | (Tier::Region, _, Some(body)) => {
                Some(Capacity { tier, body })
            }
            _ => Some(Capacity { tier: Tier::Department, body: self.department()? }),
        }
    }

    /// The ICB and its providers.
    pub fn bodies_of(&self, system: BodyCode) -> Vec<BodyCode> {
        let providers = self.providers.get(&system).map_or(&[] as &[_], Vec::as_slice);
        std::iter::once(system).chain(providers.iter().copied()).collect()
    }

    /// The systems that have a forecast in a year, each with how it stands.
    pub fn systems(&self, year: FinancialYear) -> Vec<(BodyCode, Standing)> {
        let systems = self.bodies.sorted_keys().into_iter();
        let systems =
            systems.filter(|code| self.body(*code).is_some_and(|body| body.kind == BodyKind::Icb));
        systems.map(|system| (system, self.standing(system, year))).collect()
    }

    /// The reported revenue forecast of a body over its lines less their revised budgets: above
    /// zero a deterioration, below it an improvement.
    pub fn deterioration(&self, body: BodyCode, year: FinancialYear) -> Pence {
        let lines = self.forecast_lines.get(&(body, year)).map_or(&[] as &[_], Vec::as_slice);
        Pence::sum(lines.iter().map(|line| {
            let revised = self.line(line).map(|line| line.revised).unwrap_or_default();
            self.reported_forecast(line).unwrap_or(revised).minus(revised)
        }))
    }

    /// How a system stands in a year.
    pub fn standing(&self, system: BodyCode, year: FinancialYear) -> Standing {
        let bodies = self.bodies_of(system).into_iter();
        let by_body = bodies.map(|body| (body, self.deterioration(body, year)));
        Standing::new(by_body.collect(), self.offsets(system, year))
    }

    pub(in crate::domain) fn offsets(
        &self,
        system: BodyCode,
        year: FinancialYear,
    ) -> &[OffsetLinked] {
        self.offsets.get(&(system, year)).map_or(&[], Vec::as_slice)
    }

    /// What else counts beside an investment of a body in a programme: posted and pending within
    /// the window, but for one proposal.
    pub(in crate::domain) fn counted(
        &self,
        (body, programme): (BodyCode, ProgrammeCode),
        since: Timestamp,
        but: Option<Position>,
    ) -> Vec<Counted> {
        let Some(Investments { posted, pending }) = self.investments.get(&(body, programme)) else {
            return Vec::new();
        };
        let before = posted.partition_point(|one| one.recorded < since);
        let posted = posted.iter().skip(before).map(|one| one.counted(false));
        let pending = pending.iter().filter(|one| Some(one.entry) != but);
        posted.chain(pending.map(|one| one.counted(true))).collect()
    }

    fn invested(&mut self, body: BodyCode, programme: ProgrammeCode) -> &mut Investments {
        self.investments.get_or_insert_with(&(body, programme), Investments::default)
    }

    /// Revenue that a proposal would invest while it waits.
    pub(super) fn note_pending(&mut self, investment: &Investment, proposal: Position) {
        let Investment { body, programme, pence } = *investment;
        let recorded = self.recorded;
        let invested = Invested { entry: proposal, recorded, pence };
        self.invested(body, programme).pending.push(invested);
        self.pending.get_or_insert_with(&proposal, Vec::new).push((body, programme));
    }

    /// Revenue that was committed on a line, or allocated to it.
    pub(super) fn note_investment(
        &mut self,
        line: &LineKey,
        pence: Pence,
        undone: Option<Position>,
    ) {
        let LineKey { programme, body, class, .. } = *line;
        let counts = undone.is_some() || pence.is_positive();
        if class != BudgetClass::Revenue || !counts || self.system_of(body).is_none() {
            return;
        }
        let (entry, recorded) = (self.position, self.recorded);
        let Investments { posted, .. } = self.invested(body, programme);
        match undone {
            Some(undone) => posted.retain(|one| one.entry != undone),
            None => posted.push(Invested { entry, recorded, pence }),
        }
    }

    /// The bodies of systems that a proposal which waits would invest for.
    pub(in crate::domain) fn investors(
        &self,
        proposal: Position,
    ) -> impl Iterator<Item = BodyCode> + '_ {
        self.pending.get(&proposal).into_iter().flatten().map(|(body, _)| *body)
    }

    pub(super) fn forget_pending(&mut self, proposal: Position) {
        let Some(pending) = self.pending.get_mut(&proposal) else { return };
        for (body, programme) in std::mem::take(pending) {
            self.invested(body, programme).pending.retain(|one| one.entry != proposal);
        }
    }

    /// Whether what discharges an obligation rests on one that was made with a sign-off.
    pub(in crate::domain) fn rests_on_signed(&self, discharges: Option<&Discharge>) -> bool {
        let cited = discharges.and_then(|cited| self.obligation(&cited.reference));
        cited.is_some_and(|obligation| obligation.signed)
    }

    pub(super) fn note_provider(&mut self, body: BodyCode) {
        if let Some(system) = self.system_of(body)
            && system != body
        {
            self.providers.get_or_insert_with(&system, Vec::new).push(body);
        }
    }
}
