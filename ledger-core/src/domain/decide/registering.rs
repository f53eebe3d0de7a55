//! Registers bodies, programmes and funds.

use chrono::NaiveDate;

use super::case::Case;
use super::{Event, Rejection};
use crate::domain::code::{BodyCode, FundCode, ProgrammeCode};
use crate::domain::command::{
    CloseBody, CloseProgramme, EstablishFund, MergeBodies, OpenProgramme, RegisterBody,
    RenameProgramme,
};
use crate::domain::event::{
    BodiesMerged, BodyClosed, BodyKind, BodyRegistered, FundEstablished, ProgrammeOpened,
    ProgrammeRenamed, ProgrammeStatusChanged,
};
use crate::domain::ledger::{Body, ProgrammeStatus};

impl Case<'_> {
    pub(super) fn register_body(&mut self, command: &RegisterBody) -> Result<(), Rejection> {
        let RegisterBody { code, name, kind, parent, opened_on } = command.clone();
        if self.ledger.body(code).is_some() {
            return Err(taken("body", code.as_str()));
        }
        if let Some(parent) = parent
            && !may_stand_below(kind, self.body(parent)?.kind)
        {
            return Err(Rejection::BodyOutOfOrder { code, parent });
        }
        // --- nothing below can fail
        self.emit(Event::BodyRegistered(BodyRegistered { code, name, kind, parent, opened_on }));
        Ok(())
    }

    pub(super) fn close_body(&mut self, command: &CloseBody) -> Result<(), Rejection> {
        let CloseBody { code, on } = *command;
        self.may_end(code, on)?;
        // --- nothing below can fail
        self.emit(Event::BodyClosed(BodyClosed { code, on }));
        Ok(())
    }

    pub(super) fn merge_bodies(&mut self, command: &MergeBodies) -> Result<(), Rejection> {
        let MergeBodies { from, into, on } = command.clone();
        self.still_open(into)?;
        if from.is_empty() {
            return Err(Rejection::NoLegs);
        }
        for (index, code) in from.iter().enumerate() {
            self.may_end(*code, on)?;
            if *code == into || from.iter().take(index).any(|earlier| earlier == code) {
                return Err(taken("body of this merger", code.as_str()));
            }
            if self.ledger.counted_with(into).any(|above| above == *code) {
                return Err(Rejection::MergedIntoPart(*code, into));
            }
            let kinds = (self.body(*code)?.kind, self.body(into)?.kind);
            if kinds.0 != kinds.1 && !may_stand_below(kinds.0, kinds.1) {
                return Err(Rejection::BodyOutOfOrder { code: *code, parent: into });
            }
        }
        // --- nothing below can fail
        self.emit(Event::BodiesMerged(BodiesMerged { from, into, on }));
        Ok(())
    }

    /// The body may end on this day. The department may not: it holds suspense and exchanged
    /// budget.
    fn may_end(&self, code: BodyCode, last_day: NaiveDate) -> Result<(), Rejection> {
        if self.ledger.department() == Some(code) {
            return Err(Rejection::DepartmentStays { code });
        }
        match self.still_open(code)?.opened_on {
            Some(on) if on > last_day => Err(Rejection::BodyNotOpen { code, on }),
            _ => Ok(()),
        }
    }

    /// The body, where it exists and has no last day.
    fn still_open(&self, code: BodyCode) -> Result<&Body, Rejection> {
        let body = self.body(code)?;
        match body.closed_on {
            Some(on) => Err(Rejection::BodyClosed { code, on, successor: body.successor }),
            None => Ok(body),
        }
    }

    pub(super) fn open_programme(&mut self, command: &OpenProgramme) -> Result<(), Rejection> {
        let OpenProgramme { code, name, parent } = command.clone();
        if self.ledger.programme(code).is_some() {
            return Err(taken("programme", code.as_str()));
        }
        if let Some(code) = parent {
            unreserved(code)?;
            match self.programme(code)?.status {
                ProgrammeStatus::Open => {}
                ProgrammeStatus::Closing(_) => return Err(Rejection::ProgrammeClosing { code }),
                ProgrammeStatus::Closed => return Err(Rejection::ProgrammeClosed { code }),
            }
        }
        // --- nothing below can fail
        self.emit(Event::ProgrammeOpened(ProgrammeOpened { code, name, parent }));
        Ok(())
    }

    pub(super) fn rename_programme(&mut self, command: &RenameProgramme) -> Result<(), Rejection> {
        let RenameProgramme { code, name } = command.clone();
        unreserved(code)?;
        self.programme(code)?;
        // --- nothing below can fail
        self.emit(Event::ProgrammeRenamed(ProgrammeRenamed { code, name }));
        Ok(())
    }

    pub(super) fn close_programme(&mut self, command: &CloseProgramme) -> Result<(), Rejection> {
        let CloseProgramme { code } = *command;
        unreserved(code)?;
        if self.programme(code)?.status == ProgrammeStatus::Closed {
            return Err(Rejection::ProgrammeClosed { code });
        }
        let in_use = |what: String| Err(Rejection::ProgrammeInUse { code, what });
        for child in self.ledger.programme_codes() {
            let programme = self.programme(child)?;
            if programme.parent == Some(code) && programme.status != ProgrammeStatus::Closed {
                return in_use(format!("{child} below it is not closed"));
            }
        }
        for key in self.ledger.line_keys() {
            let Some(line) = self.ledger.line(&key) else { continue };
            if key.programme != code || self.ledger.is_hard_closed(key.year) {
                continue;
            }
            if line.available().is_positive() {
                return in_use(format!("{key} has {:#} available", line.available()));
            }
            if !line.committed.is_zero() || !line.accrued.is_zero() {
                return in_use(format!("{key} has open commitments or accruals"));
            }
        }
        // --- nothing below can fail
        self.emit(Event::ProgrammeClosed(ProgrammeStatusChanged { code }));
        Ok(())
    }

    pub(super) fn establish_fund(&mut self, command: &EstablishFund) -> Result<(), Rejection> {
        let EstablishFund { code, name, parent } = command.clone();
        if self.ledger.fund(code).is_some() {
            return Err(taken("fund", code.as_str()));
        }
        if let Some(parent) = parent {
            self.known_fund(parent)?;
        }
        // --- nothing below can fail
        self.emit(Event::FundEstablished(FundEstablished { code, name, parent }));
        Ok(())
    }

    /// The fund directly above.
    pub(super) fn parent_of(&self, code: FundCode) -> Option<FundCode> {
        self.ledger.fund(code).and_then(|fund| fund.parent)
    }
}

/// Whether a body of a kind may stand below another. What oversees providers stands below none of
/// them, so that no provider chooses its overseer.
const fn may_stand_below(kind: BodyKind, above: BodyKind) -> bool {
    let oversees = matches!(kind, BodyKind::Department | BodyKind::Region | BodyKind::Icb);
    let is_overseen =
        matches!(above, BodyKind::Icb | BodyKind::Trust | BodyKind::Ccg | BodyKind::GpPractice);
    !(oversees && is_overseen)
}

pub(super) fn taken(what: &'static str, code: &str) -> Rejection {
    Rejection::CodeTaken { what, code: code.to_owned() }
}

pub(super) fn unreserved(code: ProgrammeCode) -> Result<(), Rejection> {
    if code == ProgrammeCode::SUSPENSE || code == ProgrammeCode::EXCHANGE {
        let instead = "use another programme";
        return Err(Rejection::ReservedProgramme { code, instead });
    }
    Ok(())
}
