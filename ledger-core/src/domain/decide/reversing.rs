//! Reversals: the only way to correct a posting.
//!
//! A reversal names one whole entry, once. It repeats the entry's events with opposite amounts, so
//! applying it needs no look-up. It is posted in the same month if open, else the next open month
//! of that year. After a hard close, spend is reversed as a prior-period adjustment on the current
//! year's line; budget has lapsed and stays. A reversal that moves budget passes every rule of
//! movements; any other posts, and warns.

use super::case::Case;
use super::{Event, Ledger, PeriodRejection, Rejection, Warning};
use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::code::ProgrammeCode;
use crate::domain::command::Reverse;
use crate::domain::event::{
    Accrual, Actual, Discharge, Earmarked, Explanation, FundCancelled, FundingSettled, Obligation,
    ProposalEvent, Reversed, changed, with_undone,
};
use crate::domain::ledger::{Line, ProgrammeStatus};
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::movement::{Account, Leg, Legs, Movement};
use crate::domain::position::Position;
use crate::domain::text::Reference;

/// The period in which a reversal is posted.
#[derive(Clone, Copy)]
struct Period {
    year: FinancialYear,
    month: Month,
    concerns: Option<FinancialYear>,
}

impl Period {
    fn line(self, line: LineKey) -> LineKey {
        line.in_year(self.year)
    }
}

impl<'a> Case<'a> {
    pub(super) fn reverse(&mut self, command: &Reverse) -> Result<(), Rejection> {
        let entry = command.entry;
        let original = self.original(entry)?;
        if let Some(by) = self.ledger.reversed_by(entry) {
            return Err(Rejection::ReversedAlready { entry, by });
        }
        self.emit(Event::Reversed(Reversed { entry, events: None }));
        // A signed entry's effects are reversed, and its signatures stay. This includes signatures
        // of other steps in the same entry.
        let is_signature =
            |event: &Event| matches!(event, Event::Proposal(ProposalEvent::Signed(_)));
        // Of a correction, the replacement is reversed, and its own reversal stays.
        let posted: Vec<&Event> = with_undone(&original.events)
            .filter(|(event, undone)| undone.is_none() && !matches!(event, Event::Reversed(_)))
            .map(|(event, _)| event)
            .collect();
        if posted.iter().all(|event| is_signature(event)) && posted.len() < original.events.len() {
            return Err(Rejection::ReversalOfReversal { entry });
        }
        let has_posted = posted.iter().any(|event| !is_signature(event));
        // Events are undone in reverse order.
        for event in posted.into_iter().rev() {
            if !(has_posted && is_signature(event)) {
                self.reverse_event(entry, event)?;
            }
        }
        self.judge_result()?;
        self.forward_freed_by_reversal()
    }

    /// Judges the state that the reversal results in.
    fn judge_result(&mut self) -> Result<(), Rejection> {
        let after = self.ledger_after();
        let events = std::mem::take(&mut self.events);
        let legs = events.iter().flat_map(Event::legs);
        let of_funds = legs.filter(|leg| matches!(leg.account, Account::Fund(_)));
        self.balance_rules(&of_funds.copied().collect::<Legs>())?;
        let moves = events.iter().any(|event| !event.legs().is_empty());
        self.result_rules(&after, &events, moves)?;
        if !moves {
            for line in overdrawn(self.ledger, &after, &events) {
                let by = after.line(&line).map_or(Pence::ZERO, |line| line.available().negated());
                self.warnings.push(Warning::Overcommitted { line, by });
            }
        }
        self.events = events;
        Ok(())
    }

    /// Forwards money freed on lines of cancelled programmes, except of programmes that this
    /// reversal reinstates.
    fn forward_freed_by_reversal(&mut self) -> Result<(), Rejection> {
        let mut freed: Vec<(LineKey, Month)> = Vec::new();
        let mut reinstated: Vec<ProgrammeCode> = Vec::new();
        for event in &self.events {
            if let Event::ProgrammeReinstated(again) = event {
                reinstated.extend(&again.programmes);
            }
            let Some(month) = event.month() else { continue };
            for line in event.lines() {
                if !freed.iter().any(|(found, _)| *found == line) {
                    freed.push((line, month));
                }
            }
        }
        for (line, month) in freed {
            if !reinstated.contains(&line.programme) {
                self.forward_freed_money(line, month)?;
            }
        }
        Ok(())
    }

    fn reverse_event(&mut self, entry: Position, event: &Event) -> Result<(), Rejection> {
        let no = |what, instead| Err(Rejection::NotReversible { entry, what, instead });
        let reversed = match event {
            Event::FundingSettled(settled) => Event::FundingSettled(FundingSettled {
                legs: negated(&settled.legs),
                ..settled.clone()
            }),
            Event::Earmarked(earmarked) => {
                Event::Earmarked(Earmarked { legs: negated(&earmarked.legs) })
            }
            Event::FundCancelled(cancelled) => Event::FundCancelled(FundCancelled {
                legs: negated(&cancelled.legs),
                ..cancelled.clone()
            }),
            Event::Allocated(movement) => Event::Allocated(self.undo_movement(entry, movement)?),
            Event::Cut(movement) => Event::Cut(self.undo_movement(entry, movement)?),
            Event::Reallocated(movement) => {
                Event::Reallocated(self.undo_movement(entry, movement)?)
            }
            Event::Withdrawn(movement) => Event::Withdrawn(self.undo_movement(entry, movement)?),
            Event::LineSplit(movement) => Event::LineSplit(self.undo_split(entry, movement)?),
            Event::BudgetExchanged(movement) => {
                Event::BudgetExchanged(self.undo_exchange(entry, movement)?)
            }
            Event::ProgrammeCancelled(cancelled) => {
                self.check_reinstatement(&cancelled.programmes)?;
                Event::ProgrammeReinstated(cancelled.clone())
            }
            Event::Committed(made) => {
                self.check_undischarged(&made.reference, made.pence)?;
                Event::Committed(self.undo_obligation(made)?)
            }
            Event::CommitmentReleased(released) => {
                Event::CommitmentReleased(self.undo_obligation(released)?)
            }
            Event::AccrualReleased(released) => {
                Event::AccrualReleased(self.undo_obligation(released)?)
            }
            Event::Accrued(accrual) => {
                self.check_undischarged(&accrual.reference, accrual.pence)?;
                let period = self.obligation_month(accrual.line, accrual.month)?;
                Event::Accrued(Accrual {
                    month: period,
                    pence: accrual.pence.negated(),
                    discharges: accrual.discharges.as_ref().map(negated_discharge),
                    ..accrual.clone()
                })
            }
            Event::ActualRecorded(actual) => Event::ActualRecorded(self.undo_actual(actual)?),
            Event::UnderspendExplained(explained) => Event::UnderspendExplained(Explanation {
                pence: explained.pence.negated(),
                ..*explained
            }),
            Event::Reversed(_) => return Err(Rejection::ReversalOfReversal { entry }),
            Event::BookOpened(_) => return no("opened the book", "start another book"),
            Event::ForecastRevised(_) => {
                return no("stated a forecast", "withdraw it, or state a new one");
            }
            Event::ForecastWithdrawn(_) => return no("withdrew a forecast", "state it again"),
            Event::BaselineStruck(_) => return no("struck a baseline", "withdraw the baseline"),
            Event::BaselineWithdrawn(_) => return no("withdrew a baseline", "strike it again"),
            Event::ProfileSet(_) => return no("set a profile", "set it again"),
            Event::PeriodClosed(_) => {
                return no("closed a period", "reopen it if the close is soft");
            }
            Event::PeriodReopened(_) => return no("reopened a period", "close it"),
            Event::BodyRegistered(_) | Event::BodyClosed(_) | Event::BodiesMerged(_) => {
                return no("changed the register of bodies", "register the correct body");
            }
            Event::ProgrammeOpened(_)
            | Event::ProgrammeClosed(_)
            | Event::ProgrammeReinstated(_) => {
                return no("opened or closed a programme", "close the programme or open another");
            }
            Event::ProgrammeRenamed(_) => return no("renamed a programme", "rename it again"),
            Event::FundEstablished(_) => return no("established a fund", "leave it without money"),
            Event::PolicyAdopted(_) => return no("adopted a policy", "adopt another"),
            Event::Delegation(_) => {
                return no("gave or ended a delegation", "end it or give another");
            }
            Event::OffsetLinked(_) => return no("linked an offset", "state the forecasts anew"),
            Event::ScopeDefined(_) => return no("defined a scope", "define another"),
            Event::FigurePublished(_) => {
                return no("recorded a published figure", "publish one that supersedes it");
            }
            Event::Proposal(_) => {
                return no("is about a proposal", "withdraw or reject the proposal");
            }
        };
        self.emit(reversed);
        Ok(())
    }

    /// Checks that no programme has closed since, and that none would open below a cancelled one.
    fn check_reinstatement(&self, programmes: &[ProgrammeCode]) -> Result<(), Rejection> {
        for code in programmes.iter().copied() {
            let programme = self.programme(code)?;
            if programme.status == ProgrammeStatus::Closed {
                return Err(Rejection::ProgrammeClosed { code });
            }
            if let Some(code) = programme.parent
                && !programmes.contains(&code)
                && self.programme(code)?.status != ProgrammeStatus::Open
            {
                return Err(Rejection::ProgrammeClosing { code });
            }
        }
        Ok(())
    }

    /// Reverses a movement. It passes the rules of class and ring-fence like any other.
    fn undo_movement(
        &mut self,
        entry: Position,
        movement: &Movement,
    ) -> Result<Movement, Rejection> {
        let undone = self.undo_split(entry, movement)?;
        if let Some(line) = undone.legs.iter().find_map(Leg::as_line) {
            self.class_rule(line.year, &undone.legs)?;
            self.ring_fence_rule(&undone.legs)?;
        }
        Ok(undone)
    }

    /// Reverses a movement or a split, in its own year. A split is a reclassification: class rules
    /// do not apply to its reversal either.
    fn undo_split(&mut self, entry: Position, movement: &Movement) -> Result<Movement, Rejection> {
        let legs = negated(&movement.legs);
        let month = match legs.iter().find_map(Leg::as_line) {
            Some(line) => self.month_of_budget(entry, line.year, movement.month)?,
            None => movement.month,
        };
        Ok(Movement { month, legs, ..movement.clone() })
    }

    /// The month for reversing budget, which must stay in its year: it lapses at the hard close.
    fn month_of_budget(
        &mut self,
        entry: Position,
        year: FinancialYear,
        month: Month,
    ) -> Result<Month, Rejection> {
        let period = self.period(year, month, Month::M12)?;
        if period.concerns.is_some() {
            let what = "moved budget of a year that is hard-closed, so the budget has lapsed";
            let instead = "reallocate budget of an open year";
            return Err(Rejection::NotReversible { entry, what, instead });
        }
        Ok(period.month)
    }

    /// Reverses an exchange. It cannot be reversed once its first year is hard-closed.
    fn undo_exchange(
        &mut self,
        entry: Position,
        movement: &Movement,
    ) -> Result<Movement, Rejection> {
        let mut years: Vec<_> = movement.legs.iter().filter_map(Leg::as_line).collect();
        years.sort_by_key(|line| line.year);
        let month = match years.first() {
            Some(line) if self.ledger.is_hard_closed(line.year) => {
                let instead = "reallocate from the holding line of the later year";
                let what = "exchanged budget out of a year that is hard-closed";
                return Err(Rejection::NotReversible { entry, what, instead });
            }
            Some(line) => self.month_of_budget(entry, line.year, movement.month)?,
            None => movement.month,
        };
        if let Some(later) = years.last() {
            self.open_month(later.year, Month::M1)?;
        }
        Ok(Movement { month, concerns: None, legs: negated(&movement.legs) })
    }

    fn undo_obligation(&mut self, obligation: &Obligation) -> Result<Obligation, Rejection> {
        let month = self.obligation_month(obligation.line, obligation.month)?;
        Ok(Obligation { month, pence: obligation.pence.negated(), ..obligation.clone() })
    }

    /// The month for reversing an obligation, which must stay in its line's year.
    fn obligation_month(&mut self, line: LineKey, month: Month) -> Result<Month, Rejection> {
        let period = self.period(line.year, month, Month::M13)?;
        if period.concerns.is_some() {
            return Err(PeriodRejection::HardClosed { year: line.year, month }.into());
        }
        Ok(period.month)
    }

    /// Reverses spend. It needs only an open period.
    fn undo_actual(&mut self, actual: &Actual) -> Result<Actual, Rejection> {
        let period = self.period(actual.line.year, actual.month, Month::M13)?;
        let line = period.line(actual.line);
        let pence = actual.pence.negated();
        // The obligation it discharged reopens, unless its balance is of a hard-closed year.
        let discharges = match period.concerns {
            None => actual.discharges.as_ref(),
            Some(_) => actual.discharges.as_ref().filter(|discharge| discharge.year.is_some()),
        };
        let discharges = discharges.map(negated_discharge);
        Ok(Actual {
            line,
            month: period.month,
            pence,
            discharges,
            concerns: actual.concerns.or(period.concerns),
            ..actual.clone()
        })
    }

    /// Checks that an obligation is undischarged, apart from discharges this reversal has undone.
    fn check_undischarged(&self, reference: &Reference, pence: Pence) -> Result<(), Rejection> {
        let after = self.ledger_after();
        let open = after.obligation(reference).map(|o| o.open).unwrap_or_default();
        if open < pence {
            return Err(Rejection::BeyondOpen { reference: reference.clone(), open });
        }
        Ok(())
    }

    /// The period for a reversal: the month if open, else the next open month up to `last`. After a
    /// hard close it is an open month of the current year, as a prior-period adjustment.
    fn period(
        &mut self,
        year: FinancialYear,
        month: Month,
        last: Month,
    ) -> Result<Period, Rejection> {
        let open_from = |year, first: Month| {
            let mut months = Month::all().filter(|month| (first..=last).contains(month));
            months.find(|month| self.closed(year, *month).is_none())
        };
        if let Some(month) = open_from(year, month) {
            return Ok(Period { year, month, concerns: None });
        }
        let current = self.context.recorded.period().ok();
        if let Some((current, now)) = current
            && current > year
            && self.ledger.is_hard_closed(year)
            && let Some(month) = open_from(current, now)
        {
            return Ok(Period { year: current, month, concerns: Some(year) });
        }
        Err(PeriodRejection::NoOpenPeriod { year, month }.into())
    }
}

/// The lines that events leave with less than nothing available, and with less than before.
fn overdrawn(before: &Ledger<'_>, after: &Ledger<'_>, events: &[Event]) -> Vec<LineKey> {
    let available =
        |ledger: &Ledger<'_>, key: &LineKey| ledger.line(key).map_or(Pence::ZERO, Line::available);
    let is_overdrawn = |key: &LineKey| {
        let left = available(after, key);
        left.is_negative() && left < available(before, key)
    };
    changed(events).0.into_iter().filter(is_overdrawn).collect()
}

fn negated(legs: &Legs) -> Legs {
    legs.iter().map(|leg| Leg { pence: leg.pence.negated(), ..*leg }).collect()
}

fn negated_discharge(discharge: &Discharge) -> Discharge {
    Discharge { pence: discharge.pence.negated(), ..discharge.clone() }
}
