//! Recorded times: from a time to the last entry recorded by then, and back.
//!
//! With every other projection, answers the question: what was the plan for a year as known on a
//! date?

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::position::Position;
use ledger_core::projection::{Posted, Projection};

use crate::growing::Growing;

/// Recorded times, one for each run of entries that share one.
#[derive(Debug, Default)]
pub struct Times {
    changes: Growing<(Position, Timestamp)>,
    head: Position,
}

impl Times {
    /// The last entry.
    pub const fn head(&self) -> Position {
        self.head
    }

    /// The last entry recorded at or before a time; 0 where there is none.
    pub fn position_at(&self, moment: Timestamp) -> Position {
        let changes = self.changes.len();
        let after = self.changes.partition_point(0..changes, |(_, recorded)| recorded <= moment);
        if after == changes {
            return self.head;
        }
        let (next, _) = self.changes.at(after);
        Position::new(next.get().saturating_sub(1))
    }

    /// When an entry was recorded; None where there is no such entry.
    pub fn recorded(&self, position: Position) -> Option<Timestamp> {
        if position > self.head {
            return None;
        }
        let last = self.changes_until(position).checked_sub(1)?;
        Some(self.changes.at(last).1)
    }

    fn changes_until(&self, position: Position) -> usize {
        self.changes.partition_point(0..self.changes.len(), |(first, _)| first <= position)
    }

    /// A copy as at a position.
    pub(crate) fn until(&self, at: Position) -> Self {
        Times { changes: self.changes.first(self.changes_until(at)), head: at.min(self.head) }
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        self.changes.memory()
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let rows = self.changes.iter();
        let rows = rows.flat_map(|(position, recorded)| {
            [position.get().to_le_bytes(), recorded.micros().to_le_bytes()]
        });
        [self.head.get().to_le_bytes()].into_iter().chain(rows).flatten().collect()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (numbers, []) = bytes.as_chunks::<8>() else { return None };
        let (head, rows) = numbers.split_first()?;
        let (rows, []) = rows.as_chunks::<2>() else { return None };
        let change = |[position, recorded]: &[[u8; 8]; 2]| {
            let recorded = Timestamp::from_micros(i64::from_le_bytes(*recorded));
            (Position::new(u64::from_le_bytes(*position)), recorded)
        };
        let head = Position::new(u64::from_le_bytes(*head));
        Some(Times { changes: rows.iter().map(change).collect(), head })
    }
}

impl Projection for Times {
    fn apply(&mut self, entry: &Posted<'_>) {
        if self.changes.last().is_none_or(|(_, recorded)| recorded != entry.recorded) {
            self.changes.push((entry.position, entry.recorded));
        }
        self.head = entry.position;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_finds_the_last_entry_recorded_by_then() {
        let mut times = Times::default();
        for (position, micros) in [(1, 10), (2, 10), (3, 20), (4, 20), (5, 50)] {
            let (position, recorded) = (Position::new(position), Timestamp::from_micros(micros));
            if times.changes.last().is_none_or(|(_, last)| last != recorded) {
                times.changes.push((position, recorded));
            }
            times.head = position;
        }
        let back = Times::from_bytes(&times.to_bytes()).expect("whole rows");
        for times in [&times, &back] {
            let at = |micros| times.position_at(Timestamp::from_micros(micros)).get();
            assert_eq!([9, 10, 19, 20, 49, 50, 99].map(at), [0, 2, 2, 4, 4, 5, 5]);
            let recorded =
                |position| times.recorded(Position::new(position)).map(Timestamp::micros);
            assert_eq!(
                [0, 1, 2, 3, 4, 5, 6].map(recorded),
                [None, Some(10), Some(10), Some(20), Some(20), Some(50), None]
            );
        }
    }
}
