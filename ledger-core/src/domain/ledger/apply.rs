//! Applies entries to the state. It never fails: a stored fact is not judged again.

use std::sync::Arc;

use chrono::NaiveDate;

use super::rows::{Body, Fund, Line, Obligation, Programme, ProgrammeStatus};
use super::{Adopted, Ledger, StatedForecast};
use crate::domain::actor::ActorDigest;
use crate::domain::calendar::{FinancialYear, Month, Timestamp};
use crate::domain::code::{BodyCode, ProgrammeCode};
use crate::domain::event::{self, BodyKind, Discharge, Event, ObligationKind};
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::movement::{Account, ClassSwitch, Leg, Movement};
use crate::domain::policy::Policy;
use crate::domain::position::Position;
use crate::domain::text::Reference;

impl Ledger<'_> {
    /// Applies the events of one entry, posted by a person.
    pub fn apply(
        &mut self,
        position: Position,
        recorded: Timestamp,
        by: ActorDigest,
        events: &[Event],
    ) {
        self.position = position;
        self.recorded = recorded;
        self.by = by;
        let mut signed = false;
        for (event, undone) in event::with_undone(events) {
            self.apply_event(event, undone, signed);
            if let Event::Proposal(proposal) = event {
                signed = true;
                self.act_for_maker(proposal);
            }
        }
        self.review_regimes();
    }

    /// What a signature posts was made by the maker of the version, not by its signer.
    fn act_for_maker(&mut self, event: &event::ProposalEvent) {
        if let event::ProposalEvent::Signed(signed) = event
            && let Some(proposal) = self.proposal(signed.proposal)
        {
            self.by = proposal.maker();
        }
    }

    /// Applies one event. `undone` is the entry it is_undone; `signed` is whether it was signed off.
    fn apply_event(&mut self, event: &Event, undone: Option<Position>, signed: bool) {
        let is_undone = undone.is_some();
        match event {
            Event::BookOpened(opened) => self.open_book(opened),
            Event::BodyRegistered(registered) => {
                let event::BodyRegistered { code, kind, parent, opened_on, .. } = registered;
                self.bodies.insert(*code, new_body(*kind, *parent, *opened_on));
                self.record_place(*code);
            }
            Event::BodyClosed(closed) => {
                if let Some(body) = self.bodies.get_mut(&closed.code) {
                    body.closed_on = Some(closed.on);
                }
            }
            Event::BodiesMerged(merged) => {
                for code in &merged.from {
                    if let Some(body) = self.bodies.get_mut(code) {
                        body.closed_on = Some(merged.on);
                        body.successor = Some(merged.into);
                    }
                }
            }
            Event::ProgrammeOpened(opened) => {
                self.programmes.insert(opened.code, open_programme(opened.parent));
            }
            Event::ProgrammeRenamed(_) => {}
            Event::ProfileSet(set) => self.mark_changed(&set.line),
            Event::ProgrammeClosed(closed) => {
                self.set_status(closed.code, ProgrammeStatus::Closed);
            }
            Event::ProgrammeCancelled(cancelled) => {
                for code in &cancelled.programmes {
                    self.set_status(*code, ProgrammeStatus::Closing(cancelled.to));
                }
            }
            Event::ProgrammeReinstated(reinstated) => {
                for code in &reinstated.programmes {
                    self.set_status(*code, ProgrammeStatus::Open);
                }
            }
            Event::FundEstablished(established) => {
                let parent = established.parent;
                self.funds.insert(established.code, Fund { parent });
            }
            Event::FundingSettled(settled) => {
                self.apply_legs(&settled.legs);
                for leg in &settled.legs {
                    if let Account::Fund(pot) = leg.account {
                        let state = self.pots.get_or_insert_with(&pot, Default::default);
                        state.record_settlement((settled.from, settled.to), is_undone);
                    }
                }
            }
            Event::Earmarked(earmarked) => {
                self.record_outflow(&earmarked.legs);
                self.apply_legs(&earmarked.legs);
            }
            Event::FundCancelled(cancelled) => {
                self.record_outflow(&cancelled.legs);
                self.apply_legs(&cancelled.legs);
            }
            Event::Allocated(movement) => {
                self.record_outflow(&movement.legs);
                self.apply_legs(&movement.legs);
                self.record_class_switch(movement);
                self.record_payers(&movement.legs);
                self.record_received(&movement.legs, undone);
            }
            Event::Cut(movement) | Event::Withdrawn(movement) => {
                self.record_outflow(&movement.legs);
                self.apply_legs(&movement.legs);
                self.record_received(&movement.legs, undone);
            }
            Event::LineSplit(movement) => {
                self.record_outflow(&movement.legs);
                self.apply_legs(&movement.legs);
            }
            Event::Reallocated(movement) => {
                self.record_outflow(&movement.legs);
                self.apply_legs(&movement.legs);
                self.record_class_switch(movement);
                self.record_received(&movement.legs, undone);
            }
            Event::BudgetExchanged(movement) => {
                self.record_outflow(&movement.legs);
                self.record_exchange(&movement.legs);
                self.apply_legs(&movement.legs);
                self.record_received(&movement.legs, undone);
            }
            Event::Committed(made) => {
                self.change_line(&made.line, made.pence, |line| &mut line.committed);
                let covered = if signed { made.pence } else { Pence::ZERO };
                let new = Obligation {
                    kind: ObligationKind::Commitment,
                    line: made.line,
                    made: made.month,
                    amount: made.pence,
                    open: made.pence,
                    signed: covered,
                    entry: self.position,
                    concerns: None,
                };
                self.record_commitment(&made.reference, &new, undone);
            }
            Event::CommitmentReleased(released) => {
                self.change_line(&released.line, released.pence.negated(), |line| {
                    &mut line.committed
                });
                self.record_release(&released.reference, released.pence);
                self.discharge(&released.reference, released.pence);
            }
            Event::Accrued(accrual) => {
                self.change_line(&accrual.line, accrual.pence, |line| &mut line.accrued);
                let event::Accrual { line, pence, ref discharges, .. } = *accrual;
                let discharges = discharges.as_ref();
                let unsigned = self.apply_spend(&line, pence, discharges, (signed, undone));
                let discharged = discharges.map_or(Pence::ZERO, |discharge| discharge.pence);
                self.record_made(&line, pence.minus(discharged), undone);
                let new = Obligation {
                    kind: ObligationKind::Accrual,
                    line: accrual.line,
                    made: accrual.month,
                    amount: accrual.pence,
                    open: accrual.pence,
                    signed: accrual.pence.minus(unsigned.own),
                    entry: self.position,
                    concerns: accrual.concerns,
                };
                self.record_obligation(&accrual.reference, &new);
            }
            Event::AccrualReleased(released) => {
                self.change_line(&released.line, released.pence.negated(), |line| {
                    &mut line.accrued
                });
                self.record_release(&released.reference, released.pence);
                self.discharge(&released.reference, released.pence);
            }
            Event::ActualRecorded(actual) => {
                let counted = actual.counted();
                self.change_line(&actual.line, counted, |line| &mut line.actual);
                if actual.concerns.is_some() {
                    self.change_line(&actual.line, counted, |line| &mut line.prior);
                }
                let event::Actual { line, pence, ref discharges, .. } = *actual;
                self.apply_spend(&line, pence, discharges.as_ref(), (signed, undone));
                self.record_payment(actual, undone);
            }
            Event::ForecastRevised(forecast) => {
                self.mark_changed(&forecast.line);
                self.record_forecast(forecast.line, StatedForecast::of(self.position, forecast));
            }
            Event::ForecastWithdrawn(withdrawn) => self.withdraw_forecast(withdrawn),
            Event::UnderspendExplained(explained) => {
                self.mark_changed(&explained.line);
                let sum = self.explained.get_or_insert_with(&explained.line, Pence::default);
                *sum = sum.plus(explained.pence);
            }
            Event::BaselineStruck(struck) => {
                self.baselines.insert((struck.year, struck.name.clone()), Some(self.position));
            }
            Event::BaselineWithdrawn(withdrawn) => {
                self.baselines.insert((withdrawn.year, withdrawn.name.clone()), None);
            }
            Event::PeriodClosed(closed) => {
                let months = closed.month.map_or_else(|| Month::all().collect(), |m| vec![m]);
                for month in months {
                    self.set_close(closed.year, month, Some(closed.close));
                }
            }
            Event::PeriodReopened(reopened) => {
                self.set_close(reopened.year, reopened.month, None);
            }
            Event::Reversed(reversed) => {
                self.reversed.insert(reversed.entry, self.position);
                self.return_switches(reversed.entry);
            }
            Event::PolicyAdopted(adopted) => {
                let policy = Arc::new(Policy::clone(&adopted.policy));
                let effective = Some(adopted.effective);
                Arc::make_mut(&mut self.policies).push(Adopted {
                    at: self.position,
                    effective,
                    policy,
                });
            }
            Event::Proposal(event) => self.apply_proposal(event),
            Event::Delegation(event) => self.apply_delegation(event),
            Event::OffsetLinked(linked) => self.record_offset(linked),
            Event::ScopeDefined(defined) => self.scopes.insert(defined.code, ()),
            Event::FigurePublished(published) => self.record_published_figure(published),
        }
    }

    fn open_book(&mut self, opened: &event::BookOpened) {
        let event::BookOpened { book, department, policy, .. } = opened;
        self.book = Some(*book);
        self.department = Some(*department);
        let policy: Arc<Policy> = Arc::new(Policy::clone(policy));
        self.policies = Arc::new(vec![Adopted { at: self.position, effective: None, policy }]);
        self.bodies.insert(*department, new_body(BodyKind::Department, None, None));
        for code in [ProgrammeCode::SUSPENSE, ProgrammeCode::EXCHANGE] {
            self.programmes.insert(code, open_programme(None));
        }
    }

    fn apply_legs(&mut self, legs: &[Leg]) {
        for leg in legs {
            match leg.account {
                Account::Line(line) => {
                    self.change_line(&line, leg.pence, |line| &mut line.revised);
                    self.note_budget(&line, leg.pence);
                }
                Account::Fund(pot) => {
                    let state = self.pots.get_or_insert_with(&pot, Default::default);
                    state.unallocated = state.unallocated.plus(leg.pence);
                }
                Account::Outside(outside) => {
                    let balance = self.outside_mut(outside);
                    *balance = balance.plus(leg.pence);
                }
            }
        }
    }

    fn change_line(
        &mut self,
        key: &LineKey,
        pence: Pence,
        figure: impl FnOnce(&mut Line) -> &mut Pence,
    ) {
        let position = self.position;
        let line = self.lines.get_or_insert_with(key, Line::default);
        line.version = position;
        let figure = figure(line);
        *figure = figure.plus(pence);
    }

    /// Opens a line, or marks it as changed, without changing its balances.
    pub(super) fn mark_changed(&mut self, key: &LineKey) {
        self.change_line(key, Pence::ZERO, |line| &mut line.revised);
    }

    /// Records an obligation. A reversal adds a negative amount to an existing one; a correction then
    /// replaces it.
    pub(super) fn record_obligation(&mut self, reference: &Reference, new: &Obligation) {
        let (amount, open, signed) = (Pence::ZERO, Pence::ZERO, Pence::ZERO);
        let closed = || Obligation { amount, open, signed, ..*new };
        if new.amount.is_positive() {
            self.obligations.insert(reference.clone(), closed());
        }
        let obligation = self.obligations.get_or_insert_with(reference, closed);
        obligation.amount = obligation.amount.plus(new.amount);
        obligation.open = obligation.open.plus(new.open);
        if new.amount.is_positive() {
            obligation.signed = obligation.signed.plus(new.signed);
            obligation.entry = new.entry;
        } else {
            obligation.signed = obligation.signed.min(obligation.amount);
        }
    }

    fn discharge(&mut self, reference: &Reference, pence: Pence) {
        if let Some(obligation) = self.obligations.get_mut(reference) {
            obligation.open = obligation.open.minus(pence);
        }
    }

    /// Discharges what spend on a line cites. An accrual of a hard-closed year stays on its line.
    pub(super) fn discharge_on_line(&mut self, line: &LineKey, discharge: Option<&Discharge>) {
        let Some(Discharge { kind, reference, pence, year }) = discharge else { return };
        self.discharge(reference, *pence);
        if year.is_some() {
            return;
        }
        self.change_line(line, pence.negated(), |line| match kind {
            ObligationKind::Commitment => &mut line.committed,
            ObligationKind::Accrual => &mut line.accrued,
        });
    }

    fn record_payers(&mut self, legs: &[Leg]) {
        let pots = legs.iter().filter_map(|leg| match leg.account {
            Account::Fund(pot) => leg.pence.is_negative().then_some(pot.fund),
            Account::Line(_) | Account::Outside(_) => None,
        });
        let mut pots = pots;
        let Some(payer) = pots.next() else { return };
        for leg in legs {
            if let Some(key) = leg.as_line()
                && leg.pence.is_positive()
                && let Some(line) = self.lines.get_mut(&key)
            {
                line.payer = line.payer.and(payer);
            }
        }
    }

    /// Counts capital switched to revenue against the cap of the movement's year.
    fn record_class_switch(&mut self, movement: &Movement) {
        let year = movement.legs.iter().find_map(Leg::as_line).map(|line| line.year);
        let pence = ClassSwitch::of(&movement.legs).to_revenue;
        if let Some(year) = year
            && pence.is_positive()
        {
            self.record_switch(self.position, year, pence);
        }
    }

    pub(super) fn record_switch(&mut self, entry: Position, year: FinancialYear, pence: Pence) {
        let used = self.switched.get_or_insert_with(&year, Pence::default);
        *used = used.plus(pence);
        self.switches.get_or_insert_with(&entry, Vec::new).push((year, pence));
    }

    /// Returns what a reversed entry used of a cap, whatever month the reversal is in.
    pub(super) fn return_switches(&mut self, entry: Position) {
        for (year, pence) in self.switches.get(&entry).cloned().unwrap_or_default() {
            let used = self.switched.get_or_insert_with(&year, Pence::default);
            *used = used.minus(pence);
        }
    }

    fn record_exchange(&mut self, legs: &[Leg]) {
        let source = legs.iter().filter_map(|leg| Some((leg.as_line()?, leg.pence)));
        let Some((line, pence)) = source.min_by_key(|(line, _)| line.year) else { return };
        let exchanged = self.exchanges.get_or_insert_with(&(line.year, line.class), Pence::default);
        *exchanged = exchanged.minus(pence);
    }

    fn set_status(&mut self, code: ProgrammeCode, status: ProgrammeStatus) {
        if let Some(programme) = self.programmes.get_mut(&code) {
            programme.status = status;
        }
    }

    fn set_close(&mut self, year: FinancialYear, month: Month, close: Option<event::Close>) {
        self.periods.get_or_insert_with(&year, Default::default).set(month, close);
    }
}

const fn new_body(kind: BodyKind, parent: Option<BodyCode>, opened_on: Option<NaiveDate>) -> Body {
    Body { kind, parent, opened_on, closed_on: None, successor: None }
}

const fn open_programme(parent: Option<ProgrammeCode>) -> Programme {
    Programme { parent, status: ProgrammeStatus::Open }
}
