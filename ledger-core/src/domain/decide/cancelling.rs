//! Cancels programmes and moves the money they free, now and later.

use super::case::{Case, check_not_holding};
use super::registering::unreserved;
use super::required::required_sign_off;
use super::{Event, Rejection, Warning};
use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::code::ProgrammeCode;
use crate::domain::command::CancelProgramme;
use crate::domain::event::{Destination, ProgrammeCancelled};
use crate::domain::ledger::{Line, ProgrammeStatus};
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::movement::{Leg, Legs, Movement, Outside, Pot};

impl Case<'_> {
    pub(super) fn cancel_programme(&mut self, command: &CancelProgramme) -> Result<(), Rejection> {
        let CancelProgramme { programme: code, to, month } = *command;
        unreserved(code)?;
        match self.programme(code)?.status {
            ProgrammeStatus::Open => {}
            ProgrammeStatus::Closing(_) => return Err(Rejection::ProgrammeClosing { code }),
            ProgrammeStatus::Closed => return Err(Rejection::ProgrammeClosed { code }),
        }
        let programmes = self.open_subtree(code);
        self.check_destination(to, &programmes)?;
        let mut withdrawals: Vec<(FinancialYear, Legs)> = Vec::new();
        let mut lines = self.ledger.line_keys();
        lines.retain(|line| programmes.contains(&line.programme));
        lines.sort_by_key(|line| line.year);
        for line in lines {
            let freed = self.ledger.line(&line).map_or(Pence::ZERO, Line::transferable);
            if !freed.is_positive() || self.ledger.is_hard_closed(line.year) {
                continue;
            }
            let gets = self.destination_leg(to, line, freed);
            match withdrawals.last_mut() {
                Some((year, legs)) if *year == line.year => {
                    legs.extend([Leg::line(line, freed.negated()), gets]);
                }
                _ => withdrawals
                    .push((line.year, smallvec::smallvec![Leg::line(line, freed.negated()), gets])),
            }
        }
        let mut movements = Vec::new();
        for (year, legs) in withdrawals {
            let month = self.month_of_withdrawal(year, month)?;
            for line in legs.iter().filter(|leg| leg.pence.is_positive()).filter_map(Leg::as_line) {
                self.may_receive(&line, month)?;
            }
            self.movement_rules(year, &legs)?;
            movements.push(Movement { month, concerns: None, legs });
        }
        // --- nothing below can fail
        self.emit(Event::ProgrammeCancelled(ProgrammeCancelled { programmes, to }));
        for movement in movements {
            self.emit(Event::Withdrawn(movement));
        }
        Ok(())
    }

    /// The programme and every open programme below it, parents first.
    fn open_subtree(&self, root: ProgrammeCode) -> Vec<ProgrammeCode> {
        let all = self.ledger.programme_codes();
        let mut found = vec![root];
        let mut index = 0;
        while let Some(parent) = found.get(index).copied() {
            found.extend(all.iter().copied().filter(|code| {
                self.ledger.programme(*code).is_some_and(|programme| {
                    programme.parent == Some(parent) && programme.status == ProgrammeStatus::Open
                })
            }));
            index = index.saturating_add(1);
        }
        found
    }

    fn check_destination(
        &self,
        to: Destination,
        cancelled: &[ProgrammeCode],
    ) -> Result<(), Rejection> {
        match to {
            Destination::Treasury => Ok(()),
            Destination::Fund(fund) => self.known_fund(fund),
            Destination::Programme(code) => {
                check_not_holding(code)?;
                let status = self.programme(code)?.status;
                if status != ProgrammeStatus::Open || cancelled.contains(&code) {
                    return Err(Rejection::ProgrammeClosing { code });
                }
                Ok(())
            }
        }
    }

    fn destination_leg(&self, to: Destination, line: LineKey, freed: Pence) -> Leg {
        match to {
            Destination::Treasury => Leg::outside(Outside::Treasury, freed),
            Destination::Fund(fund) => Leg::fund(Pot { fund, class: line.class }, freed),
            Destination::Programme(ProgrammeCode::SUSPENSE) => {
                let suspense = self.ledger.suspense_line(line.year, line.class);
                Leg::line(suspense.unwrap_or(line), freed)
            }
            Destination::Programme(programme) => Leg::line(LineKey { programme, ..line }, freed),
        }
    }

    /// The month of a withdrawal: the one named for the current year, M1 for later years. Earlier
    /// years still open use their last open month.
    fn month_of_withdrawal(
        &mut self,
        year: FinancialYear,
        named: Month,
    ) -> Result<Month, Rejection> {
        let current = self.context.recorded.period().map_or(year, |(current, _)| current);
        let month = match year.cmp(&current) {
            std::cmp::Ordering::Equal => named,
            std::cmp::Ordering::Greater => Month::M1,
            std::cmp::Ordering::Less => {
                let open = |month: &Month| self.closed(year, *month).is_none();
                Month::all().rev().skip(1).find(open).unwrap_or(Month::M12)
            }
        };
        self.open_budget_month(year, month)?;
        Ok(month)
    }

    /// Moves money freed on a cancelled programme's line to the cancellation's destination, unless
    /// a rule refuses the movement or wants it signed.
    pub(super) fn forward_freed_money(
        &mut self,
        line: LineKey,
        month: Month,
    ) -> Result<(), Rejection> {
        let ProgrammeStatus::Closing(to) = self.programme(line.programme)?.status else {
            return Ok(());
        };
        let after = self.ledger_after();
        let freed = after.line(&line).map_or(Pence::ZERO, Line::transferable);
        if !freed.is_positive() {
            return Ok(());
        }
        let gets = self.destination_leg(to, line, freed);
        // No movement is allowed in M13, so money freed there moves in March.
        let month = month.min(Month::M12);
        let legs: Legs = smallvec::smallvec![Leg::line(line, freed.negated()), gets];
        let mut case = Case::new(&after, self.context);
        let can_move = gets.as_line().is_none_or(|line| case.may_receive(&line, month).is_ok())
            && case.closed(line.year, month).is_none()
            && case.movement_rules(line.year, &legs).is_ok();
        case.emit(Event::Withdrawn(Movement { month, concerns: None, legs }));
        let decision = case.into_decision();
        if can_move && required_sign_off(&after, &decision, self.context.making()).passes() {
            self.events.extend(decision.events);
            self.warnings.extend(decision.warnings);
        } else {
            self.warnings.push(Warning::FreedMoneyStays { line, pence: freed });
        }
        Ok(())
    }
}
