//! Rate limits by cost: one token bucket for each caller.
//!
//! A bucket fills steadily. The cost of a request is known after validation, and is charged then. A
//! caller whose bucket is overdrawn waits until it is above empty again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ledger_core::domain::text::ActorId;

/// The number of buckets above which full ones are dropped.
const BUCKETS_MAX: usize = 4096;

/// The fill rate and the size of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Cost units a second.
    pub per_second: u32,
    /// The most cost units a bucket holds.
    pub burst: u32,
}

/// The buckets of all callers.
#[derive(Debug)]
pub struct RateLimiter {
    rate: RateLimit,
    buckets: Mutex<HashMap<ActorId, Bucket>>,
}

/// The balance of a bucket, in millionths of a cost unit. Negative is overdrawn.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    balance: i64,
    at: Instant,
}

const MILLION: i64 = 1_000_000;

impl Bucket {
    fn filled(self, rate: RateLimit, now: Instant) -> Self {
        let micros = now.saturating_duration_since(self.at).as_micros();
        let micros = i64::try_from(micros).unwrap_or(i64::MAX);
        let more = micros.saturating_mul(i64::from(rate.per_second));
        let full = i64::from(rate.burst).saturating_mul(MILLION);
        Bucket { balance: self.balance.saturating_add(more).min(full), at: now }
    }
}

impl RateLimiter {
    /// Buckets with this rate and size.
    pub fn new(rate: RateLimit) -> Self {
        RateLimiter { rate, buckets: Mutex::default() }
    }

    /// Checks that a caller's bucket is not overdrawn.
    ///
    /// # Errors
    ///
    /// The time until it is above empty.
    pub fn admit(&self, caller: &ActorId, now: Instant) -> Result<(), Duration> {
        let owed = self.bucket(&self.buckets(), caller, now).balance.min(0).unsigned_abs();
        if owed == 0 {
            return Ok(());
        }
        let per_second = u64::from(self.rate.per_second).max(1);
        Err(Duration::from_micros(owed.div_ceil(per_second)))
    }

    /// Charges the cost of a request to its caller.
    pub fn charge(&self, caller: &ActorId, cost: usize, now: Instant) {
        let mut buckets = self.buckets();
        let bucket = self.bucket(&buckets, caller, now);
        let cost = i64::try_from(cost).unwrap_or(i64::MAX).saturating_mul(MILLION);
        let balance = bucket.balance.saturating_sub(cost);
        if buckets.len() >= BUCKETS_MAX {
            let full = i64::from(self.rate.burst).saturating_mul(MILLION);
            buckets.retain(|_, bucket| bucket.filled(self.rate, now).balance < full);
        }
        buckets.insert(caller.clone(), Bucket { balance, ..bucket });
    }

    fn bucket(&self, buckets: &HashMap<ActorId, Bucket>, caller: &ActorId, now: Instant) -> Bucket {
        let full = i64::from(self.rate.burst).saturating_mul(MILLION);
        let fresh = Bucket { balance: full, at: now };
        buckets.get(caller).map_or(fresh, |bucket| bucket.filled(self.rate, now))
    }

    fn buckets(&self) -> MutexGuard<'_, HashMap<ActorId, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overdrawn_caller_waits_until_the_bucket_has_filled() {
        let rates = RateLimiter::new(RateLimit { per_second: 100, burst: 250 });
        let (one, other): (ActorId, ActorId) = ("a".parse().unwrap(), "b".parse().unwrap());
        let now = Instant::now();
        assert_eq!(rates.admit(&one, now), Ok(()));
        rates.charge(&one, 450, now);
        assert_eq!(rates.admit(&one, now), Err(Duration::from_secs(2)));
        assert_eq!(rates.admit(&other, now), Ok(()), "each caller has its own bucket");
        assert_eq!(
            rates.admit(&one, now + Duration::from_millis(1999)),
            Err(Duration::from_millis(1))
        );
        let later = now + Duration::from_secs(2);
        assert_eq!(rates.admit(&one, later), Ok(()));
        // A bucket never holds more than its burst.
        let much_later = now + Duration::from_secs(1_000_000);
        rates.charge(&one, 251, much_later);
        assert_eq!(rates.admit(&one, much_later), Err(Duration::from_millis(10)));
    }
}
