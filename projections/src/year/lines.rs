//! The lines of a year, numbered in the order they were opened.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;

/// A line of a year.
#[derive(Clone, Copy, Debug)]
pub struct YearLine {
    /// Its key.
    pub key: LineKey,
    /// The entry that opened it: the first to name it.
    pub opened: Position,
}

/// The lines of a year.
#[derive(Debug, Default)]
pub(super) struct Lines {
    all: Vec<YearLine>,
    /// Line numbers, hashed by the keys in `all`. Every posting looks here; without the keys the
    /// table stays in the processor's cache.
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Lines {
    /// The lines, by number.
    pub(super) fn all(&self) -> &[YearLine] {
        &self.all
    }

    /// The number of a line.
    pub(super) fn find(&self, key: &LineKey) -> Option<u32> {
        let same = |number: &u32| self.all[*number as usize].key == *key;
        self.numbers.find(self.hasher.hash_one(key), same).copied()
    }

    /// Adds a new line and returns its number.
    pub(super) fn open(&mut self, line: YearLine) -> u32 {
        let number = self.all.len() as u32;
        self.all.push(line);
        let hash = |number: &u32| self.hasher.hash_one(self.all[*number as usize].key);
        self.numbers.insert_unique(hash(&number), number, hash);
        number
    }

    /// A copy of the first lines.
    pub(super) fn first(&self, count: usize) -> Self {
        let mut numbers = self.numbers.clone();
        numbers.retain(|number| (*number as usize) < count);
        Lines { all: self.all[..count].to_vec(), numbers, hasher: self.hasher.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64) -> YearLine {
        let key = format!("P{number}/RX{}/2017-18/capital", number % 7).parse();
        YearLine { key: key.expect("a line"), opened: Position::new(number + 1) }
    }

    #[test]
    fn lines_are_found_by_number_and_a_copy_lacks_later_ones() {
        let mut lines = Lines::default();
        for number in 0..1000 {
            assert_eq!(lines.find(&line(number).key), None);
            assert_eq!(u64::from(lines.open(line(number))), number);
        }
        let mut copy = lines.first(300);
        for number in 0..1000 {
            let found = Some(number as u32);
            assert_eq!(lines.find(&line(number).key), found);
            assert_eq!(copy.find(&line(number).key), found.filter(|_| number < 300));
        }
        // The copy changes apart from the original.
        assert_eq!(copy.open(line(999)), 300);
        assert_eq!(copy.find(&line(999).key), Some(300));
        assert_eq!((lines.all().len(), copy.all().len()), (1000, 301));
    }
}
