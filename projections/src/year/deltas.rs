//! Deltas: the changes of a year's figures, in order of position.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::position::Position;

use crate::growing::Growing;
use crate::measure::Measure;

/// The month, measure and line of a delta, packed into 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(u32);

/// The most lines of a year.
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

/// A change of one figure of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delta {
    pub(crate) position: u64,
    pub(crate) key: Key,
    pub(crate) amount: i64,
}

/// The deltas, each field in a list of its own: folding reads keys and amounts, bisection reads
/// positions, following a line reads `before`.
#[derive(Debug, Default)]
pub(crate) struct Deltas {
    positions: Growing<u64>,
    keys: Growing<Key>,
    amounts: Growing<i64>,
    /// The index from 1 of the line's previous delta; 0 for its first.
    before: Growing<u32>,
    /// The index from 1 of each line's last delta; 0 without one.
    last: Vec<u32>,
}

/// Bytes of memory per delta.
pub(crate) const DELTA_BYTES: usize = 24;

/// Bytes of a snapshot per delta.
pub(crate) const WRITTEN_BYTES: usize = 20;

impl Deltas {
    pub(crate) const fn len(&self) -> usize {
        self.positions.len()
    }

    /// Adds a line, the next by number.
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

    /// The index from 1 of each line's last delta; 0 without one.
    pub(crate) fn last_of_lines(&self) -> &[u32] {
        &self.last
    }

    /// The indices of a line's deltas, from the one numbered `last` (from 1) back to its first.
    pub(crate) fn back_from(&self, last: u32) -> impl Iterator<Item = usize> {
        let index = |counted: u32| counted.checked_sub(1).map(|index| index as usize);
        std::iter::successors(index(last), move |at| index(self.before.at(*at)))
    }

    /// The index after the last delta up to a position, within `from..to`.
    pub(crate) fn end_at(&self, from: usize, to: usize, at: Position) -> usize {
        self.positions.partition_point(from..to, |position| position <= at.get())
    }

    pub(crate) fn position(&self, index: usize) -> u64 {
        self.positions.at(index)
    }

    pub(crate) fn key(&self, index: usize) -> Key {
        self.keys.at(index)
    }

    pub(crate) fn amount(&self, index: usize) -> i64 {
        self.amounts.at(index)
    }

    /// The index after the last delta up to a position.
    pub(crate) fn after(&self, at: Position) -> usize {
        self.end_at(0, self.len(), at)
    }

    /// Calls `apply` with the key and amount of each delta in a range, in order. Works slice by
    /// slice: most answers spend their time here, and one iterator over all would be slower.
    pub(crate) fn for_each(&self, from: usize, to: usize, mut apply: impl FnMut(Key, i64)) {
        for (keys, amounts) in self.keys.slices(from..to).zip(self.amounts.slices(from..to)) {
            for (key, amount) in keys.iter().zip(amounts) {
                apply(*key, *amount);
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

    /// A copy of the first `count` deltas, of the first `lines` lines. `near` is a delta at or
    /// before `count` and the last deltas of lines before it.
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

    /// Writes the lists one after the other. `before` and `last` follow from them.
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

    /// The deltas that [`Deltas::write`] wrote, in order; None where the length does not fit
    /// `count`.
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
