//! The lines of a year, numbered in the order in which they are opened.

use hashbrown::{DefaultHashBuilder, HashTable};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use std::hash::BuildHasher;

/// A line of a year.
#[derive(Clone, Copy, Debug)]
pub struct YearLine {
    /// Which one.
    pub key: LineKey,
    /// The entry that first named it.
    pub opened: Position,
}

/// The lines of a year.
#[derive(Debug, Default)]
pub(super) struct Lines {
    all: Vec<YearLine>,
    /// Their numbers, found by the keys in `all`. Every posting looks here: what holds numbers only
    /// is in the processor's cache, where a table that held the keys too would not be.
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Lines {
    /// All of them, by number.
    pub(super) fn all(&self) -> &[YearLine] {
        &self.all
    }

    /// The number of a line.
    pub(super) fn find(&self, key: &LineKey) -> Option<u32> {
        let same = |number: &u32| self.all[*number as usize].key == *key;
        self.numbers.find(self.hasher.hash_one(key), same).copied()
    }

    /// Opens a line that is not among them; tells its number.
    pub(super) fn open(&mut self, line: YearLine) -> u32 {
        let number = self.all.len() as u32;
        self.all.push(line);
        let hash = |number: &u32| self.hasher.hash_one(self.all[*number as usize].key);
        self.numbers.insert_unique(hash(&number), number, hash);
        number
    }

    /// The first of them.
    pub(super) fn first(&self, count: usize) -> Self {
        let mut numbers = self.numbers.clone();
        numbers.retain(|number| (*number as usize) < count);
        Lines { all: self.all[..count].to_vec(), numbers, hasher: self.hasher.clone() }
    }
}
