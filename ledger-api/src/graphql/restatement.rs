//! Restatements: postings into a month after a later month of the same year had been posted to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::SimpleObject;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::position::Position;

use super::scalars::{LogPosition, Year, YearMonth};
use super::view::View;

/// A posting that changed what a year had been through an earlier month.
#[derive(Clone, SimpleObject)]
pub(super) struct Restatement {
    /// The entry.
    position: LogPosition,
    /// The month it is effective in.
    month: YearMonth,
    /// The financial year.
    year: Year,
}

/// For each month of a year, the first and the last entry that is effective in it.
#[derive(Clone, Copy, Default)]
struct Months {
    known: Position,
    first: [Option<Position>; Month::COUNT],
    last: [Option<Position>; Month::COUNT],
}

impl Months {
    fn add(&mut self, month: Month, at: Position) {
        let month = month.index();
        if let Some(first) = self.first.get_mut(month) {
            *first = Some(first.map_or(at, |known| known.min(at)));
        }
        if let Some(last) = self.last.get_mut(month) {
            *last = (*last).max(Some(at));
        }
    }

    /// The last entry in a month that came after one in a later month.
    fn restated(&self) -> Option<(Position, Month)> {
        let restated = Month::all().zip(self.last).filter_map(|(month, last)| {
            let later = self.first.iter().skip(month.index() + 1).flatten();
            later.min().filter(|first| Some(**first) < last)?;
            Some((last?, month))
        });
        restated.max()
    }
}

/// What is known about restatements of each year: kept beside the read models and caught up with
/// when it is asked for, from the entries since.
#[derive(Clone, Default)]
pub(super) struct Restatements(Arc<Mutex<HashMap<FinancialYear, Months>>>);

impl Restatements {
    /// The last restatement of a year, where the view is of the newest entry and nobody named it.
    pub(super) fn last(&self, view: &View, year: FinancialYear) -> Option<Restatement> {
        let (head, lines) = {
            let models = view.models();
            (models.times.head(), models.planned.year(year)?.lines().len())
        };
        if view.fixed || view.position() != head {
            return None;
        }
        // Whoever waits for this lock must not hold the read models meanwhile.
        let mut years = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let months = years.entry(year).or_default();
        if months.known < head {
            let mut caught_up = *months;
            for number in 0..lines {
                // Let go of between lines: the first time there may be millions of entries.
                let models = view.models();
                let behind = models.planned.year(year)?.behind(number, head, Month::M13);
                for new in behind.take_while(|new| new.position > months.known) {
                    caught_up.add(new.month, new.position);
                }
            }
            caught_up.known = head;
            *months = caught_up;
        }
        let (position, month) = months.restated()?;
        Some(Restatement { position: position.into(), month: month.into(), year: year.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restated(postings: &[(u64, u8)]) -> Option<(u64, u8)> {
        let mut months = Months::default();
        for (position, month) in postings {
            months.add(Month::new(*month).expect("a month"), Position::new(*position));
        }
        months.restated().map(|(position, month)| (position.get(), month.number()))
    }

    #[test]
    fn a_posting_into_a_month_after_a_later_one_restates_it() {
        assert_eq!(restated(&[]), None);
        assert_eq!(restated(&[(1, 1), (2, 1), (3, 4), (4, 4), (5, 6)]), None);
        assert_eq!(restated(&[(1, 1), (2, 4), (3, 1), (4, 5)]), Some((3, 1)));
        assert_eq!(restated(&[(1, 4), (2, 1), (3, 3), (4, 13)]), Some((3, 3)));
        assert_eq!(restated(&[(1, 12), (2, 12), (9, 13)]), None);
        // Legs of one entry in two months restate nothing.
        assert_eq!(restated(&[(7, 3), (7, 5)]), None);
    }
}
