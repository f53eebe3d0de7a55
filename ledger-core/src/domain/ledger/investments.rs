//! What counts as investment of a body in a system, by whom, in which programme and when.
//!
//! Source: the protocol for changes to in-year revenue financial forecasts (NHS England, November
//! 2022). Revenue counts, and so does unsplit money, which may hold revenue.
//!
//! - *Received*: budget that reaches a body from outside. A split only reclassifies it.
//! - *Made*: commitments, and accruals beyond the commitment they discharge, less releases.
//! - *Unsigned*: the part of spend that no signature covers.
//!
//! A reversal takes back what its entry added, whenever that was. What a reversal brings back, such
//! as a commitment released or a budget cut, counts like new.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::tally::Tally;
use super::{Ledger, Obligation, Place};
use crate::domain::actor::ActorDigest;
use crate::domain::calendar::{FinancialYear, Timestamp};
use crate::domain::code::{BodyCode, ProgrammeCode};
use crate::domain::event::{Discharge, Investment, ObligationKind};
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::money::Pence;
use crate::domain::movement::Leg;
use crate::domain::position::Position;
use crate::domain::text::Reference;

/// Investments are kept for this long, or for the policy's window where that is longer.
const KEPT_DAYS: u32 = 400;

/// The investments that are counted together in one tally: received, then made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(in crate::domain) struct Investor {
    /// The body just below the ICB, or the ICB itself.
    pub(in crate::domain) provider: BodyCode,
    pub(in crate::domain) programme: ProgrammeCode,
    pub(in crate::domain) year: FinancialYear,
    /// The person who made them.
    pub(in crate::domain) by: ActorDigest,
}

/// Amounts of investment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::domain) struct Invested {
    /// Budget received.
    pub(in crate::domain) received: Pence,
    /// Commitments and accruals made.
    pub(in crate::domain) made: Pence,
}

/// The part of a window in which investments add up.
#[derive(Clone, Copy, Debug)]
pub(in crate::domain) struct Window {
    /// What was recorded earlier does not count.
    pub(in crate::domain) since: Timestamp,
    /// Budget received before this entry does not count: the body had it before the regime.
    pub(in crate::domain) began: Position,
}

/// An investment in a proposal that waits.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(in crate::domain) struct PendingInvestment {
    pub(in crate::domain) proposal: Position,
    pub(in crate::domain) recorded: Timestamp,
    pub(in crate::domain) by: ActorDigest,
    pub(in crate::domain) programme: ProgrammeCode,
    pub(in crate::domain) pence: Pence,
    /// Whether it is budget received.
    pub(in crate::domain) received: bool,
}

/// The parts of spend that no signature covers.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::domain) struct Unsigned {
    /// Of this posting.
    pub(in crate::domain) own: Pence,
    /// Spend that earlier postings have not counted.
    pub(in crate::domain) spent: Pence,
    /// Spend beyond the commitment or accrual that it discharges.
    pub(in crate::domain) beyond: Pence,
}

impl Unsigned {
    const fn amounts(self) -> [Pence; 2] {
        [self.spent, self.beyond]
    }
}

impl Ledger<'_> {
    /// The place of a line's body in a system, where money on the line is investment.
    pub(in crate::domain) fn invests(&self, line: &LineKey) -> Option<Place> {
        match line.class {
            BudgetClass::Revenue | BudgetClass::Unsplit => self.place(line.body),
            BudgetClass::Capital => None,
        }
    }

    /// The investors of a provider in years that are open: all, or those of one maker.
    pub(in crate::domain) fn investors(
        &self,
        provider: BodyCode,
        by: Option<ActorDigest>,
    ) -> impl Iterator<Item = Investor> + '_ {
        let investors = self.investors.get(&provider).into_iter().flatten().copied();
        let investors = investors.filter(move |one| by.is_none_or(|maker| maker == one.by));
        investors.filter(|investor| !self.is_hard_closed(investor.year))
    }

    /// The providers of a system, and its ICB, that have invested or would by what waits.
    pub(in crate::domain) fn providers_of(&self, system: BodyCode) -> Vec<BodyCode> {
        let investing =
            |body: &BodyCode| self.investors.contains(body) || self.pending.contains(body);
        let providers = self.providers.get(&system).into_iter().flatten().copied();
        std::iter::once(system).chain(providers).filter(investing).collect()
    }

    /// What an investor has invested in a window.
    pub(in crate::domain) fn invested(&self, investor: &Investor, window: Window) -> Invested {
        let Some(tally) = self.investments.get(investor) else { return Invested::default() };
        let [received, _] = tally.since(window.since, window.began);
        let [_, made] = tally.since(window.since, Position::START);
        Invested { received, made }
    }

    /// The same, entry by entry.
    pub(in crate::domain) fn invested_by_entry(
        &self,
        investor: &Investor,
        window: Window,
    ) -> impl Iterator<Item = (Position, Invested)> + '_ {
        let tally = self.investments.get(investor).into_iter();
        let entries = tally.flat_map(move |tally| tally.entries(window.since, Position::START));
        entries.map(move |(entry, [received, made])| {
            let received = if entry < window.began { Pence::ZERO } else { received };
            (entry, Invested { received, made })
        })
    }

    /// The investments of a provider in proposals that wait.
    pub(in crate::domain) fn pending(&self, provider: BodyCode) -> &[PendingInvestment] {
        self.pending.get(&provider).map_or(&[], Vec::as_slice)
    }

    /// The providers that a waiting proposal would invest for.
    pub(in crate::domain) fn investors_in(&self, proposal: Position) -> &[BodyCode] {
        self.waiting.get(&proposal).map_or(&[], Vec::as_slice)
    }

    /// A provider's unsigned investment in a window: the greater of its unsigned spend, and of its
    /// unsigned commitments with the spend beyond them.
    pub(in crate::domain) fn unsigned(
        &self,
        provider: BodyCode,
        since: Timestamp,
        more: Unsigned,
    ) -> Pence {
        let tally = self.unsigned.get(&provider);
        let [spent, beyond] =
            tally.map_or([Pence::ZERO; 2], |tally| tally.since(since, Position::START));
        spent.plus(more.spent).max(beyond.plus(more.beyond))
    }

    /// The parts of spend, on what it discharges, that no signature covers.
    pub(in crate::domain) fn unsigned_parts(
        &self,
        pence: Pence,
        discharges: Option<&Discharge>,
    ) -> Unsigned {
        let pence = pence.max(Pence::ZERO);
        let Some(Discharge { kind, reference, pence: discharged, .. }) = discharges else {
            return Unsigned { own: pence, spent: pence, beyond: pence };
        };
        let signed = self.obligation(reference).map_or(Pence::ZERO, Obligation::signed_left);
        let own = pence.minus(signed.min(*discharged));
        let beyond = pence.minus(*discharged);
        let spent = match kind {
            ObligationKind::Commitment => own,
            // The accrual counted when it was made.
            ObligationKind::Accrual => beyond,
        };
        Unsigned { own, spent, beyond }
    }

    /// Records budget that a movement brings to bodies of systems from outside them.
    pub(super) fn record_received(&mut self, legs: &[Leg], undone: Option<Position>) {
        let received = |ledger: &Self, sign: fn(Pence) -> Pence| {
            let places = legs.iter().filter_map(|leg| {
                let line = leg.as_line()?;
                let provider = ledger.invests(&line)?.provider;
                Some((provider, line.programme, line.year, sign(leg.pence)))
            });
            from_outside(places.collect())
        };
        if let Some(undone) = undone {
            for (provider, programme, year, pence) in received(self, Pence::negated) {
                self.take_back((provider, programme, year), undone, [pence, Pence::ZERO]);
            }
        }
        for (provider, programme, year, pence) in received(self, |pence| pence) {
            self.add_investment((provider, programme, year), [pence, Pence::ZERO]);
        }
    }

    /// Records an amount committed or accrued on a line; or takes off what an entry added.
    pub(super) fn record_made(&mut self, line: &LineKey, pence: Pence, undone: Option<Position>) {
        let Some(Place { provider, .. }) = self.invests(line) else { return };
        let of = (provider, line.programme, line.year);
        match undone {
            Some(undone) => self.take_back(of, undone, [Pence::ZERO, pence.magnitude()]),
            None => self.add_investment(of, [Pence::ZERO, pence]),
        }
    }

    /// Records the unsigned parts of a line's investment; or takes off what an entry added.
    pub(super) fn record_unsigned(
        &mut self,
        line: &LineKey,
        unsigned: Unsigned,
        undone: Option<Position>,
    ) {
        let Some(Place { provider, .. }) = self.invests(line) else { return };
        let (entry, recorded, keep) = (self.position, self.recorded, self.kept_since());
        let amounts = unsigned.amounts();
        if amounts == [Pence::ZERO; 2] {
            return;
        }
        let tally = self.unsigned.get_or_insert_with(&provider, Tally::by_hour);
        match undone {
            Some(undone) => {
                tally.take_off(undone, amounts);
            }
            None => tally.add(entry, recorded, amounts, keep),
        }
    }

    /// Records a commitment; or takes off what an entry added.
    pub(super) fn record_commitment(
        &mut self,
        reference: &Reference,
        new: &Obligation,
        undone: Option<Position>,
    ) {
        let signed = match undone {
            None => new.signed,
            Some(_) => self.obligation(reference).map_or(Pence::ZERO, |made| made.signed),
        };
        let unsigned = new.amount.magnitude().minus(signed).max(Pence::ZERO);
        self.record_obligation(reference, new);
        self.record_made(&new.line, new.amount, undone);
        let unsigned = Unsigned { own: unsigned, spent: Pence::ZERO, beyond: unsigned };
        self.record_unsigned(&new.line, unsigned, undone);
    }

    /// Discharges what spend on a line cites, and records the parts that no signature covers; or
    /// takes off what an entry added. Returns the parts.
    pub(super) fn apply_spend(
        &mut self,
        line: &LineKey,
        pence: Pence,
        discharges: Option<&Discharge>,
        (signed, undone): (bool, Option<Position>),
    ) -> Unsigned {
        let unsigned = if undone.is_some() {
            // Undoing comes first: the parts are then those of the entry undone.
            self.discharge_on_line(line, discharges);
            let of = |discharge: &Discharge| Discharge {
                pence: discharge.pence.negated(),
                ..discharge.clone()
            };
            self.unsigned_parts(pence.negated(), discharges.map(of).as_ref())
        } else {
            let parts = self.unsigned_parts(pence, discharges);
            self.discharge_on_line(line, discharges);
            if signed { Unsigned::default() } else { parts }
        };
        self.record_unsigned(line, unsigned, undone);
        unsigned
    }

    /// Records a release: it takes off what the obligation added. A release undone adds it again.
    pub(super) fn record_release(&mut self, reference: &Reference, pence: Pence) {
        let Some(obligation) = self.obligation(reference).copied() else { return };
        let Obligation { kind, line, entry, .. } = obligation;
        let undone = pence.is_positive().then_some(entry);
        self.record_made(&line, pence.magnitude(), undone);
        let unsigned = pence.magnitude().min(obligation.amount.minus(obligation.signed));
        let spent = match kind {
            ObligationKind::Commitment => Pence::ZERO,
            ObligationKind::Accrual => unsigned,
        };
        self.record_unsigned(&line, Unsigned { own: unsigned, spent, beyond: unsigned }, undone);
    }

    fn add_investment(
        &mut self,
        (provider, programme, year): (BodyCode, ProgrammeCode, FinancialYear),
        amounts: [Pence; 2],
    ) {
        if amounts == [Pence::ZERO; 2] {
            return;
        }
        let (entry, recorded, keep) = (self.position, self.recorded, self.kept_since());
        let investor = Investor { provider, programme, year, by: self.by };
        if !self.investments.contains(&investor) {
            self.investors.get_or_insert_with(&provider, Vec::new).push(investor);
        }
        let tally = self.investments.get_or_insert_with(&investor, Tally::default);
        tally.add(entry, recorded, amounts, keep);
    }

    /// Takes off what an entry added, whoever made it.
    fn take_back(
        &mut self,
        of: (BodyCode, ProgrammeCode, FinancialYear),
        entry: Position,
        amounts: [Pence; 2],
    ) {
        let made_it = |investor: &Investor| {
            (investor.provider, investor.programme, investor.year) == of
                && self.investments.get(investor).is_some_and(|tally| tally.has(entry))
        };
        let mut investors = self.investors.get(&of.0).into_iter().flatten().copied();
        if let Some(investor) = investors.find(made_it)
            && let Some(tally) = self.investments.get_mut(&investor)
        {
            tally.take_off(entry, amounts);
        }
    }

    fn kept_since(&self) -> Timestamp {
        self.recorded.minus_days(self.window_days().max(KEPT_DAYS))
    }

    /// Records what a waiting proposal would invest.
    pub(super) fn record_pending(&mut self, investments: &[Investment], proposal: Position) {
        let (recorded, by) = (self.recorded, self.by);
        for investment in investments {
            let Investment { body, programme, pence, received } = *investment;
            let provider = self.place(body).map_or(body, |place| place.provider);
            let pending = PendingInvestment { proposal, recorded, by, programme, pence, received };
            self.pending.get_or_insert_with(&provider, Vec::new).push(pending);
            self.waiting.get_or_insert_with(&proposal, Vec::new).push(provider);
        }
    }

    pub(super) fn remove_pending(&mut self, proposal: Position) {
        let Some(providers) = self.waiting.get_mut(&proposal) else { return };
        for provider in std::mem::take(providers) {
            if let Some(pending) = self.pending.get_mut(&provider) {
                pending.retain(|one| one.proposal != proposal);
            }
        }
    }
}

/// An amount that a provider receives for a programme in a year.
type Received = (BodyCode, ProgrammeCode, FinancialYear, Pence);

/// The amounts that providers receive from outside, given the changes of their lines. What a
/// provider moves between its own lines is no receipt.
fn from_outside(mut changes: SmallVec<[Received; 2]>) -> SmallVec<[Received; 2]> {
    if changes.len() > 1 {
        changes
            .sort_unstable_by_key(|(provider, programme, year, _)| (*provider, *programme, *year));
    }
    let mut received: SmallVec<[Received; 2]> = SmallVec::new();
    for of_provider in changes.chunk_by(|(one, ..), (other, ..)| one == other) {
        let mut left = Pence::sum(of_provider.iter().map(|(.., pence)| *pence));
        let same = |one: &Received, other: &Received| (one.1, one.2) == (other.1, other.2);
        for of_programme in of_provider.chunk_by(same) {
            let pence = Pence::sum(of_programme.iter().map(|(.., pence)| *pence)).min(left);
            if let Some((provider, programme, year, _)) = of_programme.first().copied()
                && pence.is_positive()
            {
                left = left.minus(pence);
                received.push((provider, programme, year, pence));
            }
        }
    }
    received
}
