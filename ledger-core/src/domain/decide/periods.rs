//! Closing and reopening periods.

use super::case::Case;
use super::{Event, PeriodRejection, Rejection, Warning};
use crate::domain::calendar::Month;
use crate::domain::command::{ClosePeriod, ReopenPeriod};
use crate::domain::event::{Close, PeriodClosed, PeriodReopened};
use crate::domain::line::BudgetClass;

impl Case<'_> {
    pub(super) fn close_period(&mut self, command: &ClosePeriod) -> Result<(), Rejection> {
        let ClosePeriod { year, month, close } = *command;
        if close == Close::Soft && month.is_none() {
            return Err(PeriodRejection::SoftCloseNeedsMonth.into());
        }
        let last = month.unwrap_or(Month::M13);
        let standing = self.ledger.close(year, last);
        let whole_year_stands = month.is_none() && self.ledger.is_hard_closed(year);
        let month_stands =
            month.is_some() && (standing == Some(Close::Hard) || standing == Some(close));
        if whole_year_stands || month_stands {
            return Err(PeriodRejection::ClosedAlready { year, month: last }.into());
        }
        let ends = if close == Close::Hard { Month::M13 } else { last };
        if !year.has_ended(ends, self.context.recorded) {
            return Err(PeriodRejection::NotEnded { year, month: ends }.into());
        }
        // --- nothing below can fail
        if close == Close::Hard && month.is_none_or(|month| month == Month::M13) {
            for class in BudgetClass::ALL {
                let Some(line) = self.ledger.suspense_line(year, class) else { continue };
                let pence = self.ledger.line(&line).map(|line| line.revised).unwrap_or_default();
                if !pence.is_zero() {
                    self.warnings.push(Warning::SuspenseAtClose { year, line, pence });
                }
            }
        }
        self.emit(Event::PeriodClosed(PeriodClosed { year, month, close }));
        Ok(())
    }

    pub(super) fn reopen_period(&mut self, command: &ReopenPeriod) -> Result<(), Rejection> {
        let ReopenPeriod { year, month } = *command;
        if !self.context.has_authority {
            return Err(Rejection::AuthorityRequired);
        }
        if self.closed(year, month) != Some(Close::Soft) {
            return Err(PeriodRejection::NotSoftlyClosed { year, month }.into());
        }
        // --- nothing below can fail
        self.emit(Event::PeriodReopened(PeriodReopened { year, month }));
        Ok(())
    }
}
