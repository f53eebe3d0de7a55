//! Systems: integrated care boards (ICBs) and their providers, with their investment and regime.

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

/// A body's investment in a programme.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Investments {
    /// Posted investments, oldest first.
    posted: Vec<InvestmentEntry>,
    /// Investments in proposals that wait.
    pending: Vec<InvestmentEntry>,
}

/// An investment that may count against a limit.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct InvestmentEntry {
    entry: Position,
    recorded: Timestamp,
    pence: Pence,
}

impl InvestmentEntry {
    const fn counted(&self, pending: bool) -> Counted {
        Counted { entry: self.entry, pending, pence: self.pence }
    }
}

/// The ICB of a body's system, found on the path of bodies and kinds from the body to the top.
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

/// The state of a system in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its regime.
    pub regime: Regime,
    /// The bodies whose forecasts exceed their budgets.
    pub deteriorations: Vec<Deterioration>,
}

impl Standing {
    /// The state of a system, from each body's forecast less budget (negative where improved) and
    /// the linked offsets in order.
    ///
    /// An offset counts only up to the improvement that remains.
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

/// A body whose reported revenue forecast exceeds its budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deterioration {
    /// The body.
    pub body: BodyCode,
    /// The excess.
    pub pence: Pence,
    /// The improvements that compensate it, as far as they remain.
    pub offsets: Vec<(BodyCode, Pence)>,
}

impl Deterioration {
    /// The part without compensation.
    pub fn uncompensated(&self) -> Pence {
        let offset = Pence::sum(self.offsets.iter().map(|(_, pence)| *pence));
        self.pence.minus(offset).max(Pence::ZERO)
    }
}

impl Ledger<'_> {
    /// The ICB of a body's system; an ICB belongs to its own.
    pub fn system_of(&self, body: BodyCode) -> Option<BodyCode> {
        system_on(self.path(body))
    }

    /// A body and those above it, each with its kind, up to the top.
    fn path(&self, body: BodyCode) -> impl Iterator<Item = (BodyCode, BodyKind)> {
        let mut next = Some(body);
        std::iter::from_fn(move || {
            let code = next?;
            let body = self.body(code)?;
            next = body.parent;
            Some((code, body.kind))
        })
    }

    /// A body and those that include its figures, up to the top. A merged body counts with its
    /// successor.
    pub fn counted_with(&self, body: BodyCode) -> impl Iterator<Item = BodyCode> {
        body.path(|code| {
            let body = self.body(code)?;
            body.successor.or(body.parent)
        })
    }

    /// The capacity that oversees a system at a tier. The department stands in for a missing ICB or
    /// region.
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

    /// The systems, each with its state in a year.
    pub fn systems(&self, year: FinancialYear) -> Vec<(BodyCode, Standing)> {
        let systems = self.bodies.sorted_keys().into_iter();
        let systems =
            systems.filter(|code| self.body(*code).is_some_and(|body| body.kind == BodyKind::Icb));
        systems.map(|system| (system, self.standing(system, year))).collect()
    }

    /// A body's reported revenue forecast less its revised budget, over its lines with a forecast.
    /// Positive is a deterioration, negative an improvement.
    pub fn deterioration(&self, body: BodyCode, year: FinancialYear) -> Pence {
        let lines = self.forecast_lines.get(&(body, year)).map_or(&[] as &[_], Vec::as_slice);
        Pence::sum(lines.iter().map(|line| {
            let revised = self.line(line).map(|line| line.revised).unwrap_or_default();
            self.reported_forecast(line).unwrap_or(revised).minus(revised)
        }))
    }

    /// The state of a system in a year.
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

    /// The other investments of a body in a programme since `since`, posted and pending, except
    /// those of one proposal.
    pub(in crate::domain) fn counted(
        &self,
        (body, programme): (BodyCode, ProgrammeCode),
        since: Timestamp,
        except: Option<Position>,
    ) -> Vec<Counted> {
        let Some(Investments { posted, pending }) = self.investments.get(&(body, programme)) else {
            return Vec::new();
        };
        let before = posted.partition_point(|one| one.recorded < since);
        let posted = posted.iter().skip(before).map(|one| one.counted(false));
        let pending = pending.iter().filter(|one| Some(one.entry) != except);
        posted.chain(pending.map(|one| one.counted(true))).collect()
    }

    fn investments_of(&mut self, body: BodyCode, programme: ProgrammeCode) -> &mut Investments {
        self.investments.get_or_insert_with(&(body, programme), Investments::default)
    }

    /// Records revenue that a waiting proposal would invest.
    pub(super) fn record_pending(&mut self, investment: &Investment, proposal: Position) {
        let Investment { body, programme, pence } = *investment;
        let recorded = self.recorded;
        let investment = InvestmentEntry { entry: proposal, recorded, pence };
        self.investments_of(body, programme).pending.push(investment);
        self.pending.get_or_insert_with(&proposal, Vec::new).push((body, programme));
    }

    /// Records revenue committed on a line, or allocated to it; or removes what a reversal undid.
    pub(super) fn record_investment(
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
        let Investments { posted, .. } = self.investments_of(body, programme);
        match undone {
            Some(undone) => posted.retain(|one| one.entry != undone),
            None => posted.push(InvestmentEntry { entry, recorded, pence }),
        }
    }

    /// The bodies that a waiting proposal would invest for.
    pub(in crate::domain) fn investors(
        &self,
        proposal: Position,
    ) -> impl Iterator<Item = BodyCode> + '_ {
        self.pending.get(&proposal).into_iter().flatten().map(|(body, _)| *body)
    }

    pub(super) fn remove_pending(&mut self, proposal: Position) {
        let Some(pending) = self.pending.get_mut(&proposal) else { return };
        for (body, programme) in std::mem::take(pending) {
            self.investments_of(body, programme).pending.retain(|one| one.entry != proposal);
        }
    }

    /// Whether the obligation discharged was made with a sign-off.
    pub(in crate::domain) fn rests_on_signed(&self, discharges: Option<&Discharge>) -> bool {
        let cited = discharges.and_then(|cited| self.obligation(&cited.reference));
        cited.is_some_and(|obligation| obligation.signed)
    }

    pub(super) fn record_provider(&mut self, body: BodyCode) {
        if let Some(system) = self.system_of(body)
            && system != body
        {
            self.providers.get_or_insert_with(&system, Vec::new).push(body);
        }
    }
}
