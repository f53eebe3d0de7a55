//! Line versions: the last entry that named each line, as at any position. A posting states the
//! version it expects.
//!
//! Entries that changed a figure are in the year's deltas. This stores the last entry of each line,
//! and earlier ones that changed no figure, such as one that sets a profile.

use hashbrown::HashMap;
use ledger_core::domain::position::Position;
use serde::{Deserialize, Serialize};

/// The versions of a year's lines.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Versions {
    /// By line.
    last: Vec<Named>,
    /// By line: entries before the last that changed no figure, in order.
    #[serde(with = "super::rows")]
    unchanging: HashMap<u32, Vec<Position>>,
}

/// The last entry that named a line, and whether it changed a figure.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Named {
    by: Position,
    changed: bool,
}

impl Versions {
    /// The number of lines.
    pub(super) const fn len(&self) -> usize {
        self.last.len()
    }

    /// Bytes of memory that grow with the number of entries.
    pub(super) fn memory(&self) -> usize {
        let rows = self.unchanging.values();
        rows.map(|all| size_of::<Vec<Position>>() + all.capacity() * size_of::<Position>()).sum()
    }

    /// Adds a line, the next by number.
    pub(super) fn open(&mut self, by: Position) {
        self.last.push(Named { by, changed: false });
    }

    /// Notes an entry that names a line.
    pub(super) fn name(&mut self, line: usize, by: Position) {
        let last = &mut self.last[line];
        if last.by == by {
            return;
        }
        let before = std::mem::replace(last, Named { by, changed: false });
        if !before.changed {
            self.unchanging.entry(line as u32).or_default().push(before.by);
        }
    }

    /// Notes that the last entry to name a line changed a figure.
    pub(super) fn change_figure(&mut self, line: usize) {
        self.last[line].changed = true;
    }

    /// A line's version as at a position. `changed` finds the last entry up to it that changed a
    /// figure.
    pub(super) fn at(
        &self,
        line: usize,
        at: Position,
        changed: impl FnOnce() -> Option<Position>,
    ) -> Position {
        let last = self.last[line].by;
        if last <= at {
            return last;
        }
        let unchanging = self.unchanging.get(&(line as u32)).and_then(|all| {
            let after = all.partition_point(|named| *named <= at);
            all.get(after.checked_sub(1)?).copied()
        });
        changed().max(unchanging).unwrap_or_default()
    }

    /// A copy as at a position, of the first lines.
    pub(super) fn until(
        &self,
        at: Position,
        lines: usize,
        changed: impl Fn(usize) -> Option<Position>,
    ) -> Self {
        let last = (0..lines).map(|line| {
            let by = self.at(line, at, || changed(line));
            Named { by, changed: changed(line) == Some(by) }
        });
        let last: Vec<Named> = last.collect();
        let unchanging = self.unchanging.iter().filter(|(line, _)| (**line as usize) < lines);
        let mut unchanging: HashMap<u32, Vec<Position>> = unchanging
            .map(|(line, all)| {
                // The last one is stored in `last`.
                let last = last[*line as usize].by;
                (*line, all.iter().take_while(|named| **named < last).copied().collect())
            })
            .collect();
        unchanging.retain(|_, all| !all.is_empty());
        Versions { last, unchanging }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(position: u64) -> Position {
        Position::new(position)
    }

    #[test]
    fn a_version_is_the_last_entry_that_named_the_line() {
        let mut versions = Versions::default();
        versions.open(at(2));
        versions.name(0, at(4));
        versions.name(0, at(4));
        versions.name(0, at(6));
        versions.change_figure(0);
        versions.name(0, at(9));
        let changed = |by: u64| [6].into_iter().rfind(|changed| *changed <= by).map(Position::new);
        for (asked, expected) in [(2, 2), (3, 2), (4, 4), (5, 4), (6, 6), (8, 6), (9, 9), (20, 9)] {
            let version = versions.at(0, at(asked), || changed(asked));
            assert_eq!(version, at(expected), "at {asked}");
            let copy = versions.until(at(asked), 1, |_| changed(asked));
            for before in 2..=asked {
                let version = copy.at(0, at(before), || changed(before));
                assert_eq!(version, versions.at(0, at(before), || changed(before)), "{before}");
            }
        }
    }
}
