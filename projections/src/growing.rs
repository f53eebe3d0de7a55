//! An append-only list whose prefix can be copied cheaply.
//!
//! Values lie in pieces. Full pieces never change, so a copy shares them. A what-if copies the book
//! this way while the original grows.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The number of values in a full piece.
const PIECE: usize = 4096;

/// An append-only list.
#[derive(Clone, Debug)]
pub(crate) struct Growing<T> {
    full: Vec<Arc<[T]>>,
    /// The values after the last full piece: fewer than [`PIECE`].
    last: Vec<T>,
}

impl<T> Default for Growing<T> {
    fn default() -> Self {
        Growing { full: Vec::new(), last: Vec::new() }
    }
}

impl<T: Copy> Growing<T> {
    pub(crate) const fn len(&self) -> usize {
        self.full.len() * PIECE + self.last.len()
    }

    pub(crate) fn push(&mut self, value: T) {
        self.last.push(value);
        if self.last.len() == PIECE {
            self.full.push(self.last.as_slice().into());
            self.last.clear();
        }
    }

    /// The value at an index below the length.
    pub(crate) fn at(&self, index: usize) -> T {
        self.piece(index / PIECE)[index % PIECE]
    }

    pub(crate) fn last(&self) -> Option<T> {
        self.len().checked_sub(1).map(|index| self.at(index))
    }

    fn piece(&self, piece: usize) -> &[T] {
        self.full.get(piece).map_or(&self.last, |full| full)
    }

    /// The values of a range, in order.
    pub(crate) fn range(&self, range: Range<usize>) -> impl Iterator<Item = T> {
        self.slices(range).flatten().copied()
    }

    /// The values of a range, in order, one slice per piece.
    pub(crate) fn slices(&self, range: Range<usize>) -> impl Iterator<Item = &[T]> {
        let pieces = range.start / PIECE..range.end.div_ceil(PIECE);
        pieces.map(move |piece| {
            let first = piece * PIECE;
            let from = range.start.max(first) - first;
            let to = range.end.min(first + PIECE) - first;
            &self.piece(piece)[from..to]
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = T> {
        self.range(0..self.len())
    }

    /// The first index in a range where `before` is false. It must be true for every earlier index.
    pub(crate) fn partition_point(
        &self,
        range: Range<usize>,
        mut before: impl FnMut(T) -> bool,
    ) -> usize {
        let (mut low, mut high) = (range.start, range.end);
        while low < high {
            let middle = low.midpoint(high);
            if before(self.at(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// A copy of the first values. It shares their full pieces.
    pub(crate) fn first(&self, length: usize) -> Self {
        let full = length / PIECE;
        Growing {
            full: self.full[..full].to_vec(),
            last: self.piece(full)[..length % PIECE].to_vec(),
        }
    }

    pub(crate) fn memory(&self) -> usize {
        let pieces = self.full.capacity() * size_of::<Arc<[T]>>();
        pieces + (self.full.len() * PIECE + self.last.capacity()) * size_of::<T>()
    }
}

impl<T: Copy> FromIterator<T> for Growing<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut growing = Growing::default();
        values.into_iter().for_each(|value| growing.push(value));
        growing
    }
}

/// Serialises as a plain list.
impl<T: Copy + Serialize> Serialize for Growing<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de, T: Copy + Deserialize<'de>> Deserialize<'de> for Growing<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<T>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_like_a_plain_list_across_pieces() {
        let list: Vec<u32> = (0..(3 * PIECE as u32 + 5)).map(|number| number * 2).collect();
        let growing: Growing<u32> = list.iter().copied().collect();
        assert_eq!((growing.len(), growing.last()), (list.len(), list.last().copied()));
        assert_eq!(growing.iter().collect::<Vec<_>>(), list);
        for range in [0..0, 0..3, PIECE - 1..PIECE + 1, 7..3 * PIECE, PIECE..PIECE, 4..list.len()] {
            assert_eq!(growing.range(range.clone()).collect::<Vec<_>>(), &list[range]);
        }
        for bound in [0, 1, 2 * PIECE as u32, 2 * PIECE as u32 + 1, u32::MAX] {
            let range = 2..list.len();
            let found = growing.partition_point(range.clone(), |value| value < bound);
            let naive = 2 + list[range].partition_point(|value| *value < bound);
            assert_eq!(found, naive);
        }
    }

    #[test]
    fn a_copy_of_the_first_values_changes_apart() {
        let mut growing: Growing<usize> = (0..2 * PIECE + 10).collect();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 10] {
            let mut copy = growing.first(length);
            copy.push(usize::MAX);
            assert!(copy.iter().eq((0..length).chain([usize::MAX])), "{length}");
        }
        growing.push(7);
        assert!(growing.iter().eq((0..2 * PIECE + 10).chain([7])));
    }
}
