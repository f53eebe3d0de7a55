//! The calendar: what changes in a book as time passes, without an entry.

use std::cmp::Ordering;

use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};

use crate::{Moment, ReadModels};

impl Moment {
    /// The month of a year at the moment: None before the year begins, M12 once it has ended.
    pub fn month_of(self, year: FinancialYear) -> Option<Month> {
        let (current, month) = self.time.period().ok()?;
        match current.cmp(&year) {
            Ordering::Less => None,
            Ordering::Equal => Some(month),
            Ordering::Greater => Some(Month::M12),
        }
    }
}

impl ReadModels {
    /// The book as it is now: every entry posted so far, at the clock's time. It is never before the
    /// last entry, as the writer records none earlier.
    pub fn now(&self, clock: Timestamp) -> Moment {
        let position = self.times.head();
        Moment { position, time: self.times.recorded(position).unwrap_or_default().max(clock) }
    }

    /// The next time at which an answer may change without an entry: a month begins, a policy takes
    /// effect, its calendar closes a month, or a delegation begins or ends.
    pub fn next_change(&self, moment: Moment) -> Option<Timestamp> {
        let Moment { position, time } = moment;
        let month = time.period().ok().map(|(year, month)| after(year.last_day(month)));
        let effective = self.policies_recorded(position).filter_map(|adopted| adopted.effective);
        let in_force = self.policy(moment).into_iter();
        let calendar = in_force.flat_map(|adopted| adopted.policy.close_calendar.values());
        let closes = calendar.flat_map(|months| months.values()).map(|day| after(*day));
        let terms = self.proposals.terms(position).flat_map(|(begins, ends)| [begins, ends]);
        let changes = month.into_iter().chain(effective).chain(closes).chain(terms);
        changes.filter(|change| *change > time).min()
    }
}

/// The first moment after a day.
fn after(day: chrono::NaiveDate) -> Timestamp {
    Timestamp::from_micros(Timestamp::end_of_day(day).micros().saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Moment {
        Moment { position: Default::default(), time: time.parse().expect("a time") }
    }

    #[test]
    fn a_year_has_no_month_before_it_and_the_last_one_after_it() {
        let year = "2026-27".parse().expect("a year");
        let table = [
            ("2026-03-31T22:59:59Z", None),
            ("2026-03-31T23:00:00Z", Some(1)),
            ("2026-11-30T12:00:00Z", Some(8)),
            ("2027-03-31T22:59:59Z", Some(12)),
            ("2027-03-31T23:00:00Z", Some(12)),
            ("2031-05-01T00:00:00Z", Some(12)),
        ];
        for (time, month) in table {
            assert_eq!(at(time).month_of(year).map(Month::number), month, "{time}");
        }
    }

    #[test]
    fn the_next_month_begins_at_midnight_in_the_uk() {
        let models = ReadModels::default();
        let table = [
            ("2027-03-31T22:59:59.999999Z", "2027-03-31T23:00:00.000000Z"),
            ("2027-03-31T23:00:00Z", "2027-04-30T23:00:00.000000Z"),
            ("2028-02-29T12:00:00Z", "2028-03-01T00:00:00.000000Z"),
            ("2026-12-31T23:59:59Z", "2027-01-01T00:00:00.000000Z"),
        ];
        for (time, next) in table {
            let found = models.next_change(at(time)).map(|next| next.to_string());
            assert_eq!(found.as_deref(), Some(next), "{time}");
        }
    }
}
