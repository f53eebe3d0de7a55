//! A case: one command under decision, with the checks that commands share.

use super::{Breach, Context, Decision, Event, Events, Ledger, Rejection, Warning};
use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::code::{BodyCode, FundCode, ProgrammeCode};
use crate::domain::event::Close;
use crate::domain::ledger::{Body, Programme, ProgrammeStatus};
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::policy::{Policy, Severity};

/// A command under decision.
pub(super) struct Case<'a> {
    pub(super) ledger: &'a Ledger<'a>,
    pub(super) context: &'a Context<'a>,
    pub(super) policy: std::borrow::Cow<'a, Policy>,
    pub(super) warnings: Vec<Warning>,
    pub(super) events: Events,
}

impl<'a> Case<'a> {
    pub(super) fn new(ledger: &'a Ledger<'_>, context: &'a Context<'_>) -> Self {
        let policy = ledger
            .policy(context.recorded)
            .map_or_else(Default::default, |(_, policy)| std::borrow::Cow::Borrowed(policy));
        Case { ledger, context, policy, warnings: Vec::new(), events: Events::new() }
    }

    /// What the command comes to, once every rule has been held.
    pub(super) fn into_decision(self) -> Decision {
        Decision { events: self.events, warnings: self.warnings }
    }

    /// Holds a rule of the policy: blocks, or keeps the breach as a warning.
    pub(super) fn hold(&mut self, severity: Severity, breach: Breach) -> Result<(), Rejection> {
        match severity {
            Severity::Shall => Err(Rejection::Breach(breach)),
            Severity::Should => {
                self.warnings.push(Warning::Breach(breach));
                Ok(())
            }
        }
    }

    pub(super) fn programme(&self, code: ProgrammeCode) -> Result<&'a Programme, Rejection> {
        self.ledger.programme(code).ok_or_else(|| {
            let known = self.ledger.programme_codes();
            let like = most_like(code.as_str(), known.iter().map(ProgrammeCode::as_str));
            Rejection::UnknownProgramme { code, like }
        })
    }

    pub(super) fn body(&self, code: BodyCode) -> Result<&'a Body, Rejection> {
        self.ledger.body(code).ok_or_else(|| {
            let known = self.ledger.body_codes();
            let like = most_like(code.as_str(), known.iter().map(BodyCode::as_str));
            Rejection::UnknownBody { code, like }
        })
    }

    pub(super) fn known_fund(&self, code: FundCode) -> Result<(), Rejection> {
        if self.ledger.fund(code).is_some() {
            return Ok(());
        }
        let known = self.ledger.fund_codes();
        let like = most_like(code.as_str(), known.iter().map(FundCode::as_str));
        Err(Rejection::UnknownFund { code, like })
    }

    /// The month takes postings.
    pub(super) fn open_month(
        &mut self,
        year: FinancialYear,
        month: Month,
    ) -> Result<(), Rejection> {
        match self.closed(year, month) {
            None => Ok(()),
            Some(Close::Soft) => {
                self.hold(self.policy.closed_period, Breach::ClosedPeriod { year, month })
            }
            Some(Close::Hard) => Err(Rejection::HardClosed { year, month }),
        }
    }

    /// How a month is closed, be it by the policy's calendar.
    pub(super) fn closed(&self, year: FinancialYear, month: Month) -> Option<Close> {
        let by_calendar = || {
            let closed = self.policy.has_closed(year, month, self.context.recorded);
            (closed && !self.ledger.was_reopened(year, month)).then_some(Close::Soft)
        };
        self.ledger.close(year, month).or_else(by_calendar)
    }

    /// The month takes movements, commitments and forecasts: M13 does not.
    pub(super) fn open_budget_month(
        &mut self,
        year: FinancialYear,
        month: Month,
    ) -> Result<(), Rejection> {
        if month == Month::M13 {
            return Err(Rejection::OutturnPeriod);
        }
        self.open_month(year, month)
    }

    /// The line's programme takes what is new, and its body exists in the month.
    pub(super) fn takes_money(&self, line: &LineKey, month: Month) -> Result<(), Rejection> {
        self.open_programme_of(line)?;
        self.body_exists(line, month)?;
        not_holding(line.programme)?;
        self.well_placed(line)
    }

    /// A cancelled programme's money goes where the cancellation said; a closed one may still give
    /// up what a reversal left on it.
    pub(super) fn gives_money(&self, line: &LineKey) -> Result<(), Rejection> {
        let code = line.programme;
        match self.programme(code)?.status {
            ProgrammeStatus::Open | ProgrammeStatus::Closed => Ok(()),
            ProgrammeStatus::Closing(_) => Err(Rejection::ProgrammeClosing { code }),
        }
    }

    /// Suspense and exchanged budget are held by the department.
    pub(super) fn well_placed(&self, line: &LineKey) -> Result<(), Rejection> {
        let at_department = Some(line.body) == self.ledger.department();
        if line.is_suspense() && (!at_department || line.ring_fence.is_some()) {
            let instead = "suspense is a line of the department without a ring-fence";
            return Err(Rejection::ReservedProgramme { code: line.programme, instead });
        }
        Ok(())
    }

    pub(super) fn open_programme_of(&self, line: &LineKey) -> Result<(), Rejection> {
        let code = line.programme;
        match self.programme(code)?.status {
            ProgrammeStatus::Open => Ok(()),
            ProgrammeStatus::Closing(_) => Err(Rejection::ProgrammeClosing { code }),
            ProgrammeStatus::Closed => Err(Rejection::ProgrammeClosed { code }),
        }
    }

    /// The body exists on at least one day of the month.
    pub(super) fn body_exists(&self, line: &LineKey, month: Month) -> Result<(), Rejection> {
        let (code, body) = (line.body, self.body(line.body)?);
        if let Some(on) = body.closed_on
            && on < line.year.first_day(month)
        {
            return Err(Rejection::BodyClosed { code, on, successor: body.successor });
        }
        if let Some(on) = body.opened_on
            && on > line.year.last_day(month)
        {
            return Err(Rejection::BodyNotOpen { code, on });
        }
        Ok(())
    }

    /// The line has been posted to.
    pub(super) fn open_line(&self, line: &LineKey) -> Result<(), Rejection> {
        if self.ledger.line(line).is_some() {
            return Ok(());
        }
        self.programme(line.programme)?;
        self.body(line.body)?;
        Err(Rejection::UnknownLine { line: *line })
    }

    /// A prior-period adjustment concerns an earlier year that is closed for good.
    pub(super) fn prior_period(
        &self,
        year: FinancialYear,
        concerns: Option<FinancialYear>,
    ) -> Result<(), Rejection> {
        match concerns {
            Some(concerns) if concerns >= year || !self.ledger.is_hard_closed(concerns) => {
                Err(Rejection::NotPriorPeriod { year, concerns })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.events.push(event);
    }
}

pub(super) fn positive(pence: Pence) -> Result<(), Rejection> {
    if pence.is_positive() { Ok(()) } else { Err(Rejection::NotPositive { pence }) }
}

/// Exchanged budget comes by exchange, and no other way.
pub(super) fn not_holding(code: ProgrammeCode) -> Result<(), Rejection> {
    if code == ProgrammeCode::EXCHANGE {
        let instead = "it holds what `exchange` carries into a year, and gives it by reallocation";
        return Err(Rejection::ReservedProgramme { code, instead });
    }
    Ok(())
}

/// The known code that is most like a mistaken one, if any is close.
pub(super) fn most_like<'c>(
    mistaken: &str,
    known: impl Iterator<Item = &'c str>,
) -> Option<String> {
    known
        .map(|code| (strsim::damerau_levenshtein(mistaken, code), code))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, code)| code.to_owned())
}
