//! A case: one command being decided, with the checks that commands share.

use super::{
    Availability, Breach, Context, Decision, Event, Events, Ledger, Original, PeriodRejection,
    Rejection, Warning,
};
use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::code::{BodyCode, FundCode, ProgrammeCode};
use crate::domain::event::Close;
use crate::domain::ledger::{Body, Programme, ProgrammeStatus};
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::policy::{Policy, Severity};
use crate::domain::position::Position;

pub(super) struct Case<'a> {
    pub(super) ledger: &'a Ledger<'a>,
    pub(super) context: &'a Context<'a>,
    pub(super) policy: std::borrow::Cow<'a, Policy>,
    pub(super) availability: Availability,
    pub(super) warnings: Vec<Warning>,
    pub(super) events: Events,
    /// Whether the authority cited has lifted a rule.
    pub(super) by_authority: bool,
}

impl<'a> Case<'a> {
    pub(super) fn new(ledger: &'a Ledger<'_>, context: &'a Context<'_>) -> Self {
        let policy = ledger
            .policy(context.recorded)
            .map_or_else(Default::default, |(_, policy)| std::borrow::Cow::Borrowed(policy));
        let (warnings, events, availability) = (Vec::new(), Events::new(), Availability::Alone);
        Case { ledger, context, policy, availability, warnings, events, by_authority: false }
    }

    /// The decision, once every rule has been checked.
    pub(super) fn into_decision(self) -> Decision {
        let Case { events, warnings, by_authority, .. } = self;
        Decision { events, warnings, by_authority }
    }

    /// Applies a policy rule to a breach: refuses, or records a warning.
    pub(super) fn enforce(&mut self, severity: Severity, breach: Breach) -> Result<(), Rejection> {
        match severity {
            Severity::Shall => Err(Rejection::Breach(breach)),
            Severity::Should => {
                self.warnings.push(Warning::Breach(breach));
                Ok(())
            }
        }
    }

    /// The entry that the command undoes.
    pub(super) fn original(&self, entry: Position) -> Result<&'a Original, Rejection> {
        let mut originals = self.context.originals.iter();
        let found = originals.find(|original| original.position == entry);
        found.ok_or(Rejection::UnknownEntry { entry })
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

    /// Checks that the month is open.
    pub(super) fn open_month(
        &mut self,
        year: FinancialYear,
        month: Month,
    ) -> Result<(), Rejection> {
        match self.closed(year, month) {
            None => Ok(()),
            Some(Close::Soft) => {
                self.enforce(self.policy.closed_period, Breach::ClosedPeriod { year, month })
            }
            Some(Close::Hard) => Err(PeriodRejection::HardClosed { year, month }.into()),
        }
    }

    /// The close of a month, by a command or by the policy's calendar.
    pub(super) fn closed(&self, year: FinancialYear, month: Month) -> Option<Close> {
        let by_calendar = || {
            let closed = self.policy.has_closed(year, month, self.context.recorded);
            (closed && !self.ledger.was_reopened(year, month)).then_some(Close::Soft)
        };
        self.ledger.close(year, month).or_else(by_calendar)
    }

    /// Checks that the month is open for budget, commitments and forecasts, which excludes M13.
    pub(super) fn open_budget_month(
        &mut self,
        year: FinancialYear,
        month: Month,
    ) -> Result<(), Rejection> {
        if month == Month::M13 {
            return Err(PeriodRejection::OutturnPeriod.into());
        }
        self.open_month(year, month)
    }

    /// Checks that the line may receive money: open programme, existing body, no reserved
    /// programme.
    pub(super) fn may_receive(&self, line: &LineKey, month: Month) -> Result<(), Rejection> {
        self.open_programme_of(line)?;
        self.body_exists(line, month)?;
        check_not_holding(line.programme)?;
        self.check_suspense(line)
    }

    /// Checks that the line may give money. A cancelled programme's money has its own destination.
    /// A closed programme may return what a reversal left on it.
    pub(super) fn may_give(&self, line: &LineKey) -> Result<(), Rejection> {
        let code = line.programme;
        match self.programme(code)?.status {
            ProgrammeStatus::Open | ProgrammeStatus::Closed => Ok(()),
            ProgrammeStatus::Closing(_) => Err(Rejection::ProgrammeClosing { code }),
        }
    }

    /// Checks that a suspense line is the department's, without a ring-fence.
    pub(super) fn check_suspense(&self, line: &LineKey) -> Result<(), Rejection> {
        let at_department = Some(line.body) == self.ledger.department();
        if line.is_suspense() && (!at_department || line.ring_fence.is_some()) {
            let instead = "use the department's suspense line, without a ring-fence";
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

    /// Checks that the body exists on at least one day of the month.
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

    /// Checks that the line is open.
    pub(super) fn open_line(&self, line: &LineKey) -> Result<(), Rejection> {
        if self.ledger.line(line).is_some() {
            return Ok(());
        }
        self.programme(line.programme)?;
        self.body(line.body)?;
        Err(Rejection::UnknownLine { line: *line })
    }

    /// Checks that the year concerned is an earlier, hard-closed year.
    pub(super) fn check_prior_period(
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

/// Refuses the holding programme, which receives money only by exchange.
pub(super) fn check_not_holding(code: ProgrammeCode) -> Result<(), Rejection> {
    if code == ProgrammeCode::EXCHANGE {
        let instead =
            "it holds budget exchanged into a year; reallocate from it, or exchange budget into it";
        return Err(Rejection::ReservedProgramme { code, instead });
    }
    Ok(())
}

/// The known code most similar to a mistaken one, at most two edits away.
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
