//! Counts of the writer's own work, for monitoring.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Counts since the book was opened. Counting costs a few additions a block.
#[derive(Debug, Default)]
pub struct Tally {
    block_sizes: Histogram,
    append_micros: Histogram,
    refused: Mutex<BTreeMap<&'static str, u64>>,
}

impl Tally {
    /// Entries per block.
    pub const fn block_sizes(&self) -> &Histogram {
        &self.block_sizes
    }

    /// Time to make a block durable, in microseconds.
    pub const fn append_micros(&self) -> &Histogram {
        &self.append_micros
    }

    /// Refused postings, by the refusal's stable code.
    pub fn refused(&self) -> BTreeMap<&'static str, u64> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn block(&self, entries: u64, took: Duration) {
        self.block_sizes.record(entries);
        self.append_micros.record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    pub(super) fn refuse(&self, code: &'static str) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let count = refused.entry(code).or_default();
        *count = count.saturating_add(1);
    }
}

/// Counts of values up to each power of two.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    sum: AtomicU64,
}

/// Number of buckets. The last holds every value over a million.
const BUCKETS: usize = 21;

impl Histogram {
    /// Each bucket's highest value and its count. The last bucket has no highest value.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<u64>, u64)> {
        self.buckets.iter().enumerate().map(|(power, count)| {
            let highest = (power + 1 < BUCKETS).then_some(1_u64 << power);
            (highest, count.load(Ordering::Relaxed))
        })
    }

    /// The sum of all values.
    pub fn sum(&self) -> u64 {
        self.sum.load(Ordering::Relaxed)
    }

    fn record(&self, value: u64) {
        let power = value.max(1).next_power_of_two().trailing_zeros();
        let bucket = usize::try_from(power).unwrap_or(BUCKETS).min(BUCKETS - 1);
        if let Some(bucket) = self.buckets.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(value, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_in_the_bucket_that_reaches_it() {
        let histogram = Histogram::default();
        for value in [0, 1, 2, 3, 4, 5, 1 << 19, (1 << 19) + 1, u64::MAX / 2] {
            histogram.record(value);
        }
        let counts: Vec<_> = histogram.buckets().filter(|(_, count)| *count > 0).collect();
        let expected =
            [(Some(1), 2), (Some(2), 1), (Some(4), 2), (Some(8), 1), (Some(1 << 19), 1), (None, 2)];
        assert_eq!(counts, expected);
    }
}
