//! Commitments, accruals and actual spend.

use super::case::{Case, positive};
use super::{Event, Rejection, Warning};
use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::command::{Accrue, Commit, RecordActual, ReleaseCommitment};
use crate::domain::event::{Accrual, Actual, Discharge, Obligation, ObligationKind};
use crate::domain::ledger::{self, Line, ProgrammeStatus};
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::money::Pence;
use crate::domain::text::Reference;

impl Case<'_> {
    pub(super) fn commit(&mut self, command: &Commit) -> Result<(), Rejection> {
        let Commit { line, month, amount, reference } = command.clone();
        positive(amount)?;
        self.check_new_reference(&reference)?;
        self.may_receive(&line, month)?;
        self.open_budget_month(line.year, month)?;
        let balances = self.balances(&line);
        self.line_fits(balances.committed, balances.committed.plus(amount))?;
        // --- nothing below can fail
        let left = balances.available().minus(amount);
        if left.is_negative() {
            self.warnings.push(Warning::Overcommitted { line, by: left.negated() });
        }
        self.emit(Event::Committed(Obligation { line, month, reference, pence: amount }));
        Ok(())
    }

    pub(super) fn release_commitment(
        &mut self,
        command: &ReleaseCommitment,
    ) -> Result<(), Rejection> {
        let ReleaseCommitment { reference, month, amount } = command.clone();
        let (line, open, kind) = {
            let obligation = self.obligation(&reference)?;
            (obligation.line, obligation.open, obligation.kind)
        };
        let pence = amount.unwrap_or(open);
        if pence > open || open.is_zero() {
            return Err(Rejection::BeyondOpen { reference, open });
        }
        positive(pence)?;
        if kind == ObligationKind::Accrual && self.ledger.is_hard_closed(line.year) {
            return self.release_closed_accrual(line, month, reference, pence);
        }
        self.check_not_before(&reference, month)?;
        self.open_month(line.year, month)?;
        // --- nothing below can fail
        let released = Obligation { line, month, reference, pence };
        self.emit(match kind {
            ObligationKind::Commitment => Event::CommitmentReleased(released),
            ObligationKind::Accrual => Event::AccrualReleased(released),
        });
        self.forward_freed_money(line, month)
    }

    /// Releases an accrual of a hard-closed year. That year's outturn holds it, so the release is a
    /// credit in the current year that concerns the closed one.
    fn release_closed_accrual(
        &mut self,
        accrued: LineKey,
        month: Month,
        reference: Reference,
        pence: Pence,
    ) -> Result<(), Rejection> {
        let concerns = accrued.year;
        let current = self.context.recorded.period().map_or(concerns, |(year, _)| year);
        let line = accrued.in_year(current);
        self.may_receive_spend(&line, month, true)?;
        self.open_month(line.year, month)?;
        // --- nothing below can fail
        let discharge =
            Discharge { kind: ObligationKind::Accrual, reference, pence, year: Some(concerns) };
        self.emit(Event::ActualRecorded(Actual {
            line,
            month,
            pence: Pence::ZERO,
            transaction: None,
            accounting_class: None,
            discharges: Some(discharge),
            concerns: Some(concerns),
        }));
        Ok(())
    }

    pub(super) fn accrue(&mut self, command: &Accrue) -> Result<(), Rejection> {
        let Accrue { line, month, amount, reference, discharges, concerns } = command.clone();
        positive(amount)?;
        self.check_new_reference(&reference)?;
        self.may_receive_spend(&line, month, discharges.is_some())?;
        self.open_month(line.year, month)?;
        self.check_prior_period(line.year, concerns)?;
        if let Some(cited) = &discharges
            && self.obligation(cited)?.kind == ObligationKind::Accrual
        {
            return Err(Rejection::NotACommitment { reference: cited.clone() });
        }
        let discharges = self.discharge(&line, month, amount, discharges)?;
        let accrued = self.balances(&line).accrued;
        self.line_fits(accrued, accrued.plus(amount))?;
        // --- nothing below can fail
        self.unsigned_rule(line, amount, discharges.as_ref(), true);
        self.warn_of_future_month(line, month);
        let accrual = Accrual { line, month, reference, pence: amount, discharges, concerns };
        self.emit(Event::Accrued(accrual));
        self.forward_freed_money(line, month)
    }

    /// Records spend. Spend is a fact: it is never refused for exceeding a budget or having none.
    pub(super) fn record_actual(&mut self, command: &RecordActual) -> Result<(), Rejection> {
        let RecordActual {
            line,
            month,
            amount,
            transaction,
            accounting_class,
            discharges,
            concerns,
        } = command.clone();
        if amount.is_zero() {
            return Err(Rejection::Zero);
        }
        if amount.is_negative() && discharges.is_some() {
            return Err(Rejection::CreditDischarges);
        }
        self.may_receive_spend(&line, month, discharges.is_some())?;
        self.open_month(line.year, month)?;
        self.check_prior_period(line.year, concerns)?;
        let discharges = self.discharge(&line, month, amount, discharges)?;
        // A payment takes over the year that its accrual concerns, unless it names another.
        let cited = discharges.as_ref().and_then(|one| self.ledger.obligation(&one.reference));
        let accrued_in = discharges.as_ref().and_then(|one| one.year);
        let concerns = concerns.or(accrued_in).or(cited.and_then(|obligation| obligation.concerns));
        let spend = Actual {
            line,
            month,
            pence: amount,
            transaction,
            accounting_class,
            discharges,
            concerns,
        };
        let balances = self.balances(&line);
        let actual = balances.actual.plus(spend.counted());
        self.line_fits(balances.actual, actual)?;
        // --- nothing below can fail
        if balances.revised.is_zero() {
            self.warnings.push(Warning::NoBudget { line });
        } else if actual > balances.revised && amount.is_positive() {
            let by = actual.minus(balances.revised);
            self.warnings.push(Warning::Overspent { line, by });
        }
        if let Some(accounted) = accounting_class
            && accounted != line.class
            && line.class != BudgetClass::Unsplit
        {
            self.warnings.push(Warning::ClassMismatch { line, accounted });
        }
        self.unsigned_rule(line, amount, spend.discharges.as_ref(), false);
        self.warn_of_future_month(line, month);
        self.warn_of_like_entry(&spend);
        self.emit(Event::ActualRecorded(spend));
        self.forward_freed_money(line, month)
    }

    fn balances(&self, line: &LineKey) -> Line {
        self.ledger.line(line).copied().unwrap_or_default()
    }

    fn obligation(&self, reference: &Reference) -> Result<&ledger::Obligation, Rejection> {
        let found = self.ledger.obligation(reference);
        found.ok_or_else(|| Rejection::UnknownReference { reference: reference.clone() })
    }

    fn check_new_reference(&self, reference: &Reference) -> Result<(), Rejection> {
        match self.ledger.obligation(reference) {
            None => Ok(()),
            Some(taken) if self.replaces(reference, taken) => Ok(()),
            Some(taken) => {
                let (reference, line) = (reference.clone(), taken.line);
                Err(Rejection::ReferenceTaken { reference, line })
            }
        }
    }

    fn check_not_before(&self, reference: &Reference, month: Month) -> Result<(), Rejection> {
        let made = self.obligation(reference)?.made;
        if month < made {
            return Err(Rejection::DischargedTooEarly { reference: reference.clone(), made });
        }
        Ok(())
    }

    /// Checks that the line accepts spend. A cancelled programme still accepts discharges.
    fn may_receive_spend(
        &self,
        line: &LineKey,
        month: Month,
        discharges: bool,
    ) -> Result<(), Rejection> {
        let closing = matches!(self.programme(line.programme)?.status, ProgrammeStatus::Closing(_));
        if closing && discharges {
            return self.body_exists(line, month);
        }
        self.may_receive(line, month)
    }

    /// The discharge of a cited obligation: the amount, up to what is open.
    fn discharge(
        &self,
        line: &LineKey,
        month: Month,
        amount: Pence,
        cited: Option<Reference>,
    ) -> Result<Option<Discharge>, Rejection> {
        let Some(reference) = cited else { return Ok(None) };
        let obligation = self.obligation(&reference)?;
        let year = self.closed_year_of(obligation, line);
        if year.is_none() {
            if obligation.line != *line {
                return Err(Rejection::ReferenceElsewhere { reference, line: obligation.line });
            }
            self.check_not_before(&reference, month)?;
        }
        if !obligation.open.is_positive() {
            return Err(Rejection::BeyondOpen { reference, open: obligation.open });
        }
        let (kind, pence) = (obligation.kind, amount.min(obligation.open));
        Ok(Some(Discharge { kind, reference, pence, year }))
    }

    /// The hard-closed year of an accrual, where this line is the same line of a later year.
    fn closed_year_of(
        &self,
        obligation: &ledger::Obligation,
        line: &LineKey,
    ) -> Option<FinancialYear> {
        let year = obligation.line.year;
        let is_later = year < line.year && obligation.line.in_year(line.year) == *line;
        let is_accrual = obligation.kind == ObligationKind::Accrual;
        (is_accrual && is_later && self.ledger.is_hard_closed(year)).then_some(year)
    }

    /// Warns of a statement about a month that has not begun.
    pub(super) fn warn_of_future_month(&mut self, line: LineKey, month: Month) {
        if self.context.recorded.is_before(line.year.first_day(month)) {
            self.warnings.push(Warning::FutureMonth { line, month });
        }
    }

    /// Warns of an earlier payment with the same line, transaction and amount.
    fn warn_of_like_entry(&mut self, spend: &Actual) {
        if let Some(entry) = self.ledger.like_payment(spend) {
            self.warnings.push(Warning::LikeEntry { entry });
        }
    }
}
