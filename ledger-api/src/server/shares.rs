//! Shares: what each caller, and each address, may hold of the server at a time.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ledger_core::domain::text::ActorId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::server::http::refusal::Refusal;

/// The bytes of bodies that are held at a time.
pub(crate) const BODIES_BYTES_MAX: usize = 16 << 20;

/// The bytes that parsed documents and their variables take at a time.
pub(crate) const DOCUMENTS_BYTES_MAX: usize = 96 << 20;

/// The bytes of answers that are held at a time, until their clients have read them.
pub(crate) const ANSWERS_BYTES_MAX: usize = 64 << 20;

/// The bytes of uploads that are held at a time.
pub(crate) const UPLOADS_BYTES_MAX: usize = 64 << 20;

/// The bytes that the uploads of one caller, and of one address, take at a time.
pub(crate) const UPLOAD_BYTES_MAX: usize = UPLOADS_BYTES_MAX / 2;

/// The number of shares above which unused ones are dropped.
const SHARES_MAX: usize = 4096;

/// The permits that each key may hold at a time.
pub(crate) struct Shares<K> {
    each: usize,
    held: Mutex<HashMap<K, Arc<Semaphore>>>,
}

impl<K: Clone + Eq + Hash> Shares<K> {
    pub(crate) fn new(each: usize) -> Self {
        Shares { each: each.min(Semaphore::MAX_PERMITS), held: Mutex::default() }
    }

    /// The permits of a key.
    pub(crate) fn of(&self, key: &K) -> Arc<Semaphore> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = held.get(key) {
            return Arc::clone(share);
        }
        if held.len() >= SHARES_MAX {
            // Each request that holds or awaits a permit holds a reference.
            held.retain(|_, share| Arc::strong_count(share) > 1);
        }
        let share = Arc::new(Semaphore::new(self.each));
        held.insert(key.clone(), Arc::clone(&share));
        share
    }

    /// Takes permits, if the key has as many left.
    pub(crate) fn take(&self, key: &K, count: u32) -> Option<OwnedSemaphorePermit> {
        self.of(key).try_acquire_many_owned(count).ok()
    }
}

/// The unit in which bytes are counted: what is smaller counts as one.
const UNIT_BYTES: usize = 1024;

/// The units of memory that the bytes of requests, or of answers, take at a time: of a caller, of an
/// address, and of all.
pub(crate) struct InFlight {
    callers: Shares<ActorId>,
    addresses: Shares<IpAddr>,
    all: Arc<Semaphore>,
    /// The most that one caller may hold, in units.
    each: u32,
}

impl InFlight {
    /// A caller may hold a quarter, an address a half.
    pub(crate) fn new(bytes_max: usize) -> Self {
        InFlight::of(bytes_max / 4, bytes_max / 2, bytes_max)
    }

    /// The bytes that a caller, an address and all may hold.
    pub(crate) fn of(caller: usize, address: usize, all: usize) -> Self {
        let [caller, address, all] = [caller, address, all].map(|bytes| bytes / UNIT_BYTES);
        InFlight {
            callers: Shares::new(caller),
            addresses: Shares::new(address),
            all: Arc::new(Semaphore::new(all)),
            each: u32::try_from(caller).unwrap_or(u32::MAX),
        }
    }

    /// An empty holding of a caller.
    pub(crate) fn holding(self: &Arc<Self>, who: &ActorId, address: Option<IpAddr>) -> Holding {
        Holding { of: Arc::clone(self), who: who.clone(), address, permits: Vec::new(), units: 0 }
    }
}

/// The memory that a request or an answer takes, until it is dropped.
pub(crate) struct Holding {
    of: Arc<InFlight>,
    who: ActorId,
    address: Option<IpAddr>,
    permits: Vec<OwnedSemaphorePermit>,
    units: u32,
}

impl Holding {
    /// Grows to a number of bytes. One that exceeds all that a caller may hold takes all of it.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooMuchAtOnce`] if the caller, the address or the server holds too much already.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Refusal> {
        let units = u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX).min(self.of.each);
        let more = units.saturating_sub(self.units);
        if more == 0 {
            return Ok(());
        }
        let of_caller = self.of.callers.take(&self.who, more);
        let of_caller = of_caller.ok_or(Refusal::TooMuchAtOnce)?;
        let of_address = match &self.address {
            Some(address) => {
                Some(self.of.addresses.take(address, more).ok_or(Refusal::TooMuchAtOnce)?)
            }
            None => None,
        };
        let of_all = Arc::clone(&self.of.all).try_acquire_many_owned(more);
        let of_all = of_all.map_err(|_| Refusal::Busy)?;
        let taken = [Some(of_caller), of_address, Some(of_all)];
        if self.permits.is_empty() {
            self.permits.extend(taken.into_iter().flatten());
        } else {
            for (held, more) in self.permits.iter_mut().zip(taken.into_iter().flatten()) {
                held.merge(more);
            }
        }
        self.units = units;
        Ok(())
    }

    /// Gives all of it back.
    pub(crate) fn release(&mut self) {
        self.permits.clear();
        self.units = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> ActorId {
        name.parse().unwrap()
    }

    #[test]
    fn a_caller_then_an_address_then_the_server_is_full() {
        let in_flight = Arc::new(InFlight::new(16 * UNIT_BYTES));
        let here = Some(IpAddr::from([10, 0, 0, 1]));
        let hold = |who: &str, address, bytes| {
            let mut holding = in_flight.holding(&id(who), address);
            holding.grow(bytes).map(|()| holding).map_err(|refusal| refusal.code())
        };
        let mut first = hold("a", here, 1).unwrap();
        first.grow(3 * UNIT_BYTES).unwrap();
        assert_eq!(first.grow(4 * UNIT_BYTES).err().map(|it| it.code()), None);
        assert_eq!(hold("a", here, 1).err(), Some("TOO_MUCH_AT_ONCE"));
        let second = hold("b", here, 4 * UNIT_BYTES).unwrap();
        assert_eq!(hold("c", here, 1).err(), Some("TOO_MUCH_AT_ONCE"), "the address is full");
        let others: Vec<_> =
            ["c", "d"].map(|who| hold(who, None, 100 * UNIT_BYTES).unwrap()).into();
        assert_eq!(hold("e", None, 1).err(), Some("BUSY"), "the server is full");
        drop((first, others));
        assert!(hold("a", here, 4 * UNIT_BYTES).is_ok());
        drop(second);
    }

    #[tokio::test]
    async fn unused_shares_are_dropped() {
        let shares = Shares::new(1);
        let held = shares.take(&0_usize, 1).unwrap();
        for key in 1..3 * SHARES_MAX {
            drop(shares.take(&key, 1).unwrap());
        }
        assert!(shares.held.lock().unwrap().len() <= SHARES_MAX);
        assert!(shares.take(&0, 1).is_none(), "a held share is kept");
        drop(held);
    }
}
