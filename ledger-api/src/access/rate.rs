//! Rates: how much somebody may ask for, by what it costs.
//!
//! Each has a bucket that fills steadily. What a request cost is known once it is validated, and
//! is taken then; who has taken more than there was waits until the bucket is above empty again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ledger_core::domain::text::ActorId;

/// Buckets that are kept; full ones are forgotten beyond that.
const KEPT: usize = 4096;

/// How fast buckets fill, and how much they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Cost a second.
    pub per_second: u32,
    /// Cost at once.
    pub burst: u32,
}

/// The buckets of everybody.
#[derive(Debug)]
pub struct Rates {
    rate: Rate,
    buckets: Mutex<HashMap<ActorId, Bucket>>,
}

/// What is left, in millionths of a unit of cost; below zero it is owed.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: i64,
    at: Instant,
}

const MILLION: i64 = 1_000_000;

impl Bucket {
    fn filled(self, rate: Rate, now: Instant) -> Self {
        let micros = now.saturating_duration_since(self.at).as_micros();
        let micros = i64::try_from(micros).unwrap_or(i64::MAX);
        let more = micros.saturating_mul(i64::from(rate.per_second));
        let full = i64::from(rate.burst).saturating_mul(MILLION);
        Bucket { left: self.left.saturating_add(more).min(full), at: now }
    }
}

impl Rates {
    /// Buckets that fill so fast.
    pub fn new(rate: Rate) -> Self {
        Rates { rate, buckets: Mutex::default() }
    }

    /// Whether somebody may ask now.
    ///
    /// # Errors
    ///
    /// How long they have to wait.
    pub fn admit(&self, who: &ActorId, now: Instant) -> Result<(), Duration> {
        let owed = self.bucket(&self.buckets(), who, now).left.min(0).unsigned_abs();
        if owed == 0 {
            return Ok(());
        }
        let per_second = u64::from(self.rate.per_second).max(1);
        Err(Duration::from_micros(owed.div_ceil(per_second)))
    }

    /// Takes what a request of theirs cost.
    pub fn take(&self, who: &ActorId, cost: usize, now: Instant) {
        let mut buckets = self.buckets();
        let bucket = self.bucket(&buckets, who, now);
        let cost = i64::try_from(cost).unwrap_or(i64::MAX).saturating_mul(MILLION);
        let left = bucket.left.saturating_sub(cost);
        if buckets.len() >= KEPT {
            let full = i64::from(self.rate.burst).saturating_mul(MILLION);
            buckets.retain(|_, bucket| bucket.filled(self.rate, now).left < full);
        }
        buckets.insert(who.clone(), Bucket { left, ..bucket });
    }

    fn bucket(&self, known: &HashMap<ActorId, Bucket>, who: &ActorId, now: Instant) -> Bucket {
        let full = i64::from(self.rate.burst).saturating_mul(MILLION);
        let fresh = Bucket { left: full, at: now };
        known.get(who).map_or(fresh, |bucket| bucket.filled(self.rate, now))
    }

    fn buckets(&self) -> MutexGuard<'_, HashMap<ActorId, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asked_for_more_than_there_was_waits_until_it_has_filled() {
        let rates = Rates::new(Rate { per_second: 100, burst: 250 });
        let (one, other): (ActorId, ActorId) = ("a".parse().unwrap(), "b".parse().unwrap());
        let now = Instant::now();
        assert_eq!(rates.admit(&one, now), Ok(()));
        rates.take(&one, 450, now);
        assert_eq!(rates.admit(&one, now), Err(Duration::from_secs(2)));
        assert_eq!(rates.admit(&other, now), Ok(()), "each has a bucket of their own");
        assert_eq!(
            rates.admit(&one, now + Duration::from_millis(1999)),
            Err(Duration::from_millis(1))
        );
        let later = now + Duration::from_secs(2);
        assert_eq!(rates.admit(&one, later), Ok(()));
        // It never holds more than its burst, however long nobody asks.
        let much_later = now + Duration::from_secs(1_000_000);
        rates.take(&one, 251, much_later);
        assert_eq!(rates.admit(&one, much_later), Err(Duration::from_millis(10)));
    }
}
