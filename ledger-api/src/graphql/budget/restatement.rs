//! Restatements: postings into an earlier month than one already posted to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::SimpleObject;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::position::Position;
use projections::ReadModels;
use projections::scope::{Scope, Within};

use crate::graphql::kit::scalars::{LogPosition, Year, YearMonth};
use crate::graphql::kit::view::View;

/// A posting that changed the figures of a year up to an earlier month.
#[derive(Clone, SimpleObject)]
pub(crate) struct Restatement {
    /// The position of the entry.
    position: LogPosition,
    /// The effective month of the posting.
    month: YearMonth,
    /// The financial year.
    year: Year,
}

/// The first and last entry that takes effect in each month of a year.
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

    /// The last entry posted after an entry of a later month.
    fn restated(&self) -> Option<(Position, Month)> {
        let restated = Month::all().zip(self.last).filter_map(|(month, last)| {
            let later = self.first.iter().skip(month.index() + 1).flatten();
            later.min().filter(|first| Some(**first) < last)?;
            Some((last?, month))
        });
        restated.max()
    }
}

/// The whole book: the months of a year are restated for every reader alike.
fn whole(models: &ReadModels) -> Within<'_> {
    models.within(Scope::everything())
}

/// Restatements by year, cached beside the read models and updated on request from newer entries.
#[derive(Clone, Default)]
pub(crate) struct Restatements(Arc<Mutex<HashMap<FinancialYear, Months>>>);

impl Restatements {
    /// The last restatement of a year; `None` unless the view is of the newest entry and names no
    /// moment.
    pub(crate) fn last(&self, view: &View, year: FinancialYear) -> Option<Restatement> {
        let (head, lines) = {
            let models = view.models();
            (models.times.head(), whole(&models).whole_year(year)?.lines().len())
        };
        if view.fixed || view.position() != head {
            return None;
        }
        // Take this lock only without the read models: a waiting holder would block the writer.
        let mut years = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let months = years.entry(year).or_default();
        if months.known < head {
            let mut caught_up = *months;
            for number in 0..lines {
                // Borrowed anew for each line: the first run may read millions of entries.
                let models = view.models();
                let year = whole(&models).whole_year(year)?;
                let behind = year.contributions(number, head, Month::M13);
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
        // One entry with legs in two months is not a restatement.
        assert_eq!(restated(&[(7, 3), (7, 5)]), None);
    }
}
