//! The work of one request: the entries it looks through, the text it keeps, and whether its answer is
//! still awaited.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::{Context, Error, Result};
use ledger_core::log::store::ReadError;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::graphql::kit::fault::{fault, interrupted, unreadable};

/// The number of entries looked through that cost one unit, as a field does.
const ENTRIES_A_UNIT: u64 = 10;

/// The bytes of stored lines that one request may keep for its answer.
const KEPT_BYTES_MAX: usize = 4 << 20;

/// Charges a caller's rate, and returns how long the caller owes before the next work.
pub type Toll = Box<dyn Fn(usize) -> Duration + Send + Sync>;

/// The work of one request, counted while it is done.
#[derive(Default)]
pub struct Work {
    looked_through: AtomicU64,
    kept: AtomicUsize,
    /// The entries it may look through and the bytes it may keep; None for no limit.
    limits: Option<(u64, usize)>,
    /// The entries already charged.
    charged: AtomicU64,
    toll: Option<Toll>,
    ended: AtomicBool,
    readers: Option<Readers>,
}

/// Where a caller's scans run.
#[derive(Clone, Debug)]
pub struct Readers {
    /// The runtime whose threads scan.
    pub runtime: Handle,
    /// The caller's permits to scan, shared by the caller's requests.
    pub permits: Arc<Semaphore>,
}

/// Why a scan ends before its range.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// Nobody waits for the answer any more.
    Ended,
    /// The request has looked through as much as one request may.
    TooMuch,
    /// The log cannot be read.
    Unreadable(ReadError),
}

impl From<ReadError> for Stopped {
    fn from(error: ReadError) -> Self {
        Stopped::Unreadable(error)
    }
}

impl From<Stopped> for Error {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Ended => fault("TIMEOUT", "the request has ended"),
            Stopped::TooMuch => fault(
                "TOO_COMPLEX",
                "this request looks through too many entries: ask for fewer lists at a time, or a shorter range",
            ),
            Stopped::Unreadable(error) => unreadable(&error),
        }
    }
}

impl Work {
    /// The work of a query or mutation that may cost this much.
    pub fn of_request(cost_max: usize, readers: Readers) -> Self {
        let cost_max = u64::try_from(cost_max).unwrap_or(u64::MAX);
        let entries_max = cost_max.saturating_mul(ENTRIES_A_UNIT);
        let limits = Some((entries_max, KEPT_BYTES_MAX));
        Work { limits, readers: Some(readers), ..Work::default() }
    }

    /// The work of a subscription, which pays as it goes.
    pub fn of_subscription(readers: Readers, toll: Toll) -> Self {
        Work { readers: Some(readers), toll: Some(toll), ..Work::default() }
    }

    /// The work of a request; without limits where the transport sets none.
    pub(crate) fn of(context: &Context<'_>) -> Arc<Self> {
        context.data_opt::<Arc<Work>>().cloned().unwrap_or_default()
    }

    /// Ends the request: its scans stop at their next entry.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Counts an entry that is looked through.
    ///
    /// # Errors
    ///
    /// [`Stopped`] where the work must not go on.
    pub(crate) fn look_through(&self) -> std::result::Result<(), Stopped> {
        if self.ended.load(Ordering::Relaxed) {
            return Err(Stopped::Ended);
        }
        let before = self.looked_through.fetch_add(1, Ordering::Relaxed);
        match self.limits {
            Some((entries_max, _)) if before >= entries_max => Err(Stopped::TooMuch),
            Some(_) | None => Ok(()),
        }
    }

    /// Counts bytes of a stored line that are kept for the answer.
    ///
    /// # Errors
    ///
    /// [`Stopped::TooMuch`].
    pub(crate) fn keep(&self, bytes: usize) -> std::result::Result<(), Stopped> {
        let kept = self.kept.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        match self.limits {
            Some((_, bytes_max)) if kept > bytes_max => Err(Stopped::TooMuch),
            Some(_) | None => Ok(()),
        }
    }

    /// The cost of the entries looked through since the last call.
    pub fn take_cost(&self) -> usize {
        let looked_through = self.looked_through.load(Ordering::Relaxed);
        let charged = self.charged.swap(looked_through, Ordering::Relaxed);
        let cost = looked_through.saturating_sub(charged).div_ceil(ENTRIES_A_UNIT);
        usize::try_from(cost).unwrap_or(usize::MAX)
    }

    /// Charges what a subscription has looked through, and waits while its caller owes.
    pub(crate) async fn pay(&self) {
        if let Some(toll) = &self.toll {
            wait(toll(self.take_cost())).await;
        }
    }

    /// Runs a scan on a thread for blocking work, once the caller has a permit for it. The permit is
    /// kept until the scan has stopped, even if nobody waits for it.
    pub(crate) async fn scan<T: Send + 'static>(
        self: Arc<Self>,
        scan: impl FnOnce(&Work) -> T + Send + 'static,
    ) -> Result<T> {
        let readers = self.readers.clone();
        let permit = match &readers {
            Some(readers) => Arc::clone(&readers.permits).acquire_owned().await.ok(),
            None => None,
        };
        let runtime = readers.map_or_else(Handle::current, |readers| readers.runtime);
        let scanned = runtime.spawn_blocking(move || {
            let scanned = scan(&self);
            drop(permit);
            scanned
        });
        scanned.await.map_err(|error| interrupted(&error))
    }
}

/// Waits while a caller owes. The timer would round no time up to a millisecond.
pub(crate) async fn wait(owed: Duration) {
    if !owed.is_zero() {
        tokio::time::sleep(owed).await;
    }
}

/// Ends the work of a request when its answer is no longer awaited.
pub struct EndOnDrop(pub Arc<Work>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_stops_at_its_limits_and_with_its_request() {
        let readers = Readers { runtime: Handle::current(), permits: Arc::new(Semaphore::new(1)) };
        let work = Work::of_request(2, readers);
        for _ in 0..20 {
            work.look_through().unwrap();
        }
        assert!(matches!(work.look_through(), Err(Stopped::TooMuch)));
        assert_eq!((work.take_cost(), work.take_cost()), (3, 0));
        assert!(work.keep(KEPT_BYTES_MAX).is_ok());
        assert!(matches!(work.keep(1), Err(Stopped::TooMuch)));
        work.end();
        assert!(matches!(work.look_through(), Err(Stopped::Ended)));
        let free = Work::default();
        assert!((0..1000).all(|_| free.look_through().is_ok() && free.keep(1 << 20).is_ok()));
    }
}
