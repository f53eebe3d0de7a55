//! Deltas: every change of a figure in a year, in order of position.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::position::Position;

use crate::growing::Growing;
use crate::measure::Measure;

/// What a delta changes: month, measure and line, packed into 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(u32);

/// A year has at most this many lines.
pub(crate) const LINES_MAX: u32 = 1 << 24;

impl Key {
    pub(crate) fn new(month: Month, measure: Measure, line: u32) -> Self {
        let (month, measure) = (u32::from(month.number()), measure.index() as u32);
        Key((month << 28) | (measure << 24) | (line % LINES_MAX))
    }

    pub(crate) const fn month(self) -> u8 {
        (self.0 >> 28) as u8
    }

    pub(crate) const fn measure(self) -> usize {
        ((self.0 >> 24) & 7) as usize
    }

    pub(crate) const fn line(self) -> usize {
        (self.0 & (LINES_MAX - 1)) as usize
    }
}

/// One change of one figure of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delta {
    pub(crate) position: u64,
    pub(crate) key: Key,
    pub(crate) amount: i64,
}

/// Deltas in arrays of their own: folding reads keys and amounts, finding reads positions,
/// following a line reads where its delta before is.
#[derive(Debug, Default)]
pub(crate) struct Deltas {
    positions: Growing<u64>,
    keys: Growing<Key>,
    amounts: Growing<i64>,
    /// The line's delta before this one, counted from 1; 0 for its first.
    before: Growing<u32>,
    /// The last delta of each line, counted from 1; 0 where it has none.
    last: Vec<u32>,
}

/// Bytes a delta takes here.
pub(crate) const DELTA_BYTES: usize = 24;

/// Bytes a delta takes in a snapshot.
pub(crate) const WRITTEN_BYTES: usize = 20;

impl Deltas {
    pub(crate) const fn len(&self) -> usize {
        self.positions.len()
    }

    /// Takes in a new line, the next in order.
    pub(crate) fn add_line(&mut self) {
        self.last.push(0);
    }

    pub(crate) fn push(&mut self, delta: Delta) {
        self.positions.push(delta.position);
        self.keys.push(delta.key);
        self.amounts.push(delta.amount);
        let last = &mut self.last[delta.key.line()];
        self.before.push(*last);
        *last = self.positions.len() as u32;
    }

    pub(crate) fn get(&self, index: usize) -> Delta {
        let (position, key) = (self.positions.at(index), self.keys.at(index));
        Delta { position, key, amount: self.amounts.at(index) }
    }

    /// The last delta of each line, as things are now.
    pub(crate) fn last_of_lines(&self) -> &[u32] {
        &self.last
    }

    /// The deltas of one line from the one `last` names back to its first.
    pub(crate) fn back_from(&self, last: u32) -> impl Iterator<Item = usize> {
        let index = |counted: u32| counted.checked_sub(1).map(|index| index as usize);
        std::iter::successors(index(last), move |at| index(self.before.at(*at)))
    }

    /// The index after the last delta at or before a position, looking in `from..to`.
    pub(crate) fn end_at(&self, from: usize, to: usize, at: Position) -> usize {
        self.positions.partition_point(from..to, |position| position <= at.get())
    }

    /// The position of a delta.
    pub(crate) fn position(&self, index: usize) -> u64 {
        self.positions.at(index)
    }

    /// What a delta changes.
    pub(crate) fn key(&self, index: usize) -> Key {
        self.keys.at(index)
    }

    /// By how much.
    pub(crate) fn amount(&self, index: usize) -> i64 {
        self.amounts.at(index)
    }

    /// The index after the last delta at or before a position.
    pub(crate) fn after(&self, at: Position) -> usize {
        self.end_at(0, self.len(), at)
    }

    /// Tells the keys and amounts of a range, in order. Piece by piece: an iterator over all of them
    /// would ask for each where it is, and folding them is what most answers wait for.
    pub(crate) fn for_each(&self, from: usize, to: usize, mut tell: impl FnMut(Key, i64)) {
        for (keys, amounts) in self.keys.slices(from..to).zip(self.amounts.slices(from..to)) {
            for (key, amount) in keys.iter().zip(amounts) {
                tell(*key, *amount);
            }
        }
    }

    pub(crate) fn memory(&self) -> usize {
        self.positions.memory()
            + self.keys.memory()
            + self.amounts.memory()
            + self.before.memory()
            + self.last.capacity() * size_of::<u32>()
    }

    /// The first of them, of the first lines; `near` tells the last of each line before a delta that
    /// is not far ahead of the end.
    pub(crate) fn first(&self, count: usize, lines: usize, near: (usize, &[u32])) -> Self {
        let (from, last_of_lines) = near;
        let mut last: Vec<u32> = last_of_lines.iter().copied().take(lines).collect();
        last.resize(lines, 0);
        for (index, key) in (from..count).zip(self.keys.range(from..count)) {
            last[key.line()] = index as u32 + 1;
        }
        Deltas {
            positions: self.positions.first(count),
            keys: self.keys.first(count),
            amounts: self.amounts.first(count),
            before: self.before.first(count),
            last,
        }
    }

    /// The arrays as bytes, one after the other. Where each line's delta before is follows from
    /// them.
    pub(crate) fn write(&self, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        let mut buffer = Vec::with_capacity(1 << 16);
        let mut put = |bytes: &[u8], last: bool| {
            buffer.extend_from_slice(bytes);
            if buffer.len() + 8 > buffer.capacity() || last {
                out.write_all(&buffer)?;
                buffer.clear();
            }
            std::io::Result::Ok(())
        };
        self.positions.iter().try_for_each(|position| put(&position.to_le_bytes(), false))?;
        self.keys.iter().try_for_each(|key| put(&key.0.to_le_bytes(), false))?;
        self.amounts.iter().try_for_each(|amount| put(&amount.to_le_bytes(), false))?;
        put(&[], true)
    }

    /// The deltas that [`Deltas::write`] wrote, in order; none where the bytes are not `count`.
    pub(crate) fn read(bytes: &[u8], count: usize) -> Option<impl Iterator<Item = Delta>> {
        let (positions, rest) = bytes.split_at_checked(count.checked_mul(8)?)?;
        let (keys, amounts) = rest.split_at_checked(count.checked_mul(4)?)?;
        if amounts.len() != count.checked_mul(8)? {
            return None;
        }
        let positions = positions.as_chunks().0.iter().copied().map(u64::from_le_bytes);
        let keys = keys.as_chunks().0.iter().map(|key| Key(u32::from_le_bytes(*key)));
        let amounts = amounts.as_chunks().0.iter().copied().map(i64::from_le_bytes);
        let deltas = positions.zip(keys).zip(amounts);
        Some(deltas.map(|((position, key), amount)| Delta { position, key, amount }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deltas_read_back_what_they_write() {
        let mut deltas = Deltas::default();
        const LINES: u32 = 700;
        (0..LINES).for_each(|_| deltas.add_line());
        for number in 0..20_000_u32 {
            let month = Month::new((number % 13 + 1) as u8).expect("a month");
            let measure = Measure::ALL[number as usize % Measure::COUNT];
            let line = number * number % LINES;
            let key = Key::new(month, measure, line);
            assert_eq!((key.month(), key.line()), (month.number(), line as usize));
            assert_eq!(key.measure(), measure.index());
            let amount = i64::from(number) - 10_000;
            deltas.push(Delta { position: u64::from(number / 2) << 31, key, amount });
        }
        let mut bytes = Vec::new();
        deltas.write(&mut bytes).expect("writes to memory");
        assert_eq!(bytes.len(), deltas.len() * WRITTEN_BYTES);
        let back: Vec<Delta> = Deltas::read(&bytes, deltas.len()).expect("whole").collect();
        assert!((0..deltas.len()).all(|index| back[index] == deltas.get(index)));
        for line in 0..LINES as usize {
            let of_line: Vec<usize> = deltas.back_from(deltas.last_of_lines()[line]).collect();
            let naive = (0..back.len()).rev().filter(|index| back[*index].key.line() == line);
            assert_eq!(of_line, naive.collect::<Vec<_>>());
        }
        assert!(Deltas::read(&bytes, deltas.len() + 1).is_none());
        assert!(Deltas::read(&bytes, deltas.len() - 1).is_none());
    }
}
