//! The access log: everything in its trails, and what a server adds to it, in batches.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ledger_core::domain::calendar::Timestamp;
use tracing::error;

use super::principal::Principal;
use super::record::{Record, What};
use super::trail::{Trail, TrailError, TrailWriter};
use crate::clock::now;

/// How long records are gathered before they are written.
const BATCH: Duration = Duration::from_millis(200);

/// Records that wait to be written, at most; more are counted.
const WAITING_MAX: usize = 4096;

/// The same sign-in is told once in so many microseconds.
const SIGN_IN_EVERY: i64 = 15 * 60 * 1_000_000;

/// Sign-ins remembered at a time.
const REMEMBERED_MAX: usize = 10_000;

/// Everything in the access log, in order of time.
///
/// # Errors
///
/// [`TrailError`], naming the first record of a trail that is not what was written.
pub fn read(data: &Path) -> Result<Vec<Record>, TrailError> {
    let mut records = Vec::new();
    for trail in Trail::all(data) {
        records.append(&mut trail.records()?);
    }
    records.sort_by_key(|record| record.at);
    Ok(records)
}

/// Writes the access log on a thread of its own: nobody waits for it.
pub struct Recorder {
    records: Option<SyncSender<Record>>,
    missed: Arc<AtomicU64>,
    signed_in: Mutex<HashMap<String, Timestamp>>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Begins to write to the server's trail below a data folder.
    ///
    /// # Errors
    ///
    /// [`TrailError`], also where another server writes there or the trail is damaged.
    pub fn start(data: &Path) -> Result<Self, TrailError> {
        Self::on(Trail::of_server(data).claim()?)
    }

    /// Begins to write to a trail.
    ///
    /// # Errors
    ///
    /// [`TrailError::Io`] where there can be no thread.
    pub fn on(writer: TrailWriter) -> Result<Self, TrailError> {
        let trail = writer.trail().clone();
        let (records, waiting) = sync_channel(WAITING_MAX);
        let missed = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&missed);
        let work = move || write_all(writer, &waiting, &counted);
        let thread = thread::Builder::new().name("access-log".into()).spawn(work);
        let thread = Some(thread.map_err(|error| trail.failed(error))?);
        Ok(Recorder { records: Some(records), missed, signed_in: Mutex::default(), thread })
    }

    /// Writes a record down, soon.
    pub fn record(&self, record: Record) {
        let sent = self.records.as_ref().is_some_and(|records| records.try_send(record).is_ok());
        if !sent {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes down that somebody signed in, unless that was told a short while ago.
    pub fn signed_in(&self, principal: &Principal, now: Timestamp) {
        let credential = format!("{} {}", principal.id, principal.credential);
        {
            let mut told = self.signed_in.lock().unwrap_or_else(PoisonError::into_inner);
            let recent = now.micros().saturating_sub(SIGN_IN_EVERY);
            if told.get(&credential).is_some_and(|at| at.micros() > recent) {
                return;
            }
            if told.len() >= REMEMBERED_MAX {
                told.retain(|_, at| at.micros() > recent);
            }
            if told.len() < REMEMBERED_MAX {
                told.insert(credential, now);
            }
        }
        self.record(Record::by(principal, now, What::SignedIn));
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        drop(self.records.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has been logged in there.
            drop(thread.join());
        }
    }
}

/// Writes what comes until nobody can send any more, then stops cleanly.
fn write_all(mut writer: TrailWriter, waiting: &Receiver<Record>, missed: &AtomicU64) {
    while let Ok(first) = waiting.recv() {
        let mut batch = gather(first, waiting);
        let lost = missed.swap(0, Ordering::Relaxed);
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX).saturating_add(lost);
        if lost > 0
            && let Some(at) = batch.last().map(|record| record.at)
        {
            batch.push(Record::by_nobody(at, What::Missed { count: lost }));
        }
        if let Err(error) = writer.append(&batch) {
            error!(%error, missed = count, "the access log cannot be written");
            missed.fetch_add(count, Ordering::Relaxed);
        }
    }
    let lost = missed.swap(0, Ordering::Relaxed);
    if lost > 0
        && let Err(error) = writer.append(&[Record::by_nobody(now(), What::Missed { count: lost })])
    {
        error!(%error, missed = lost, "the access log cannot be written");
    }
    writer.leave();
}

/// A batch: what comes within a moment is written together.
fn gather(first: Record, waiting: &Receiver<Record>) -> Vec<Record> {
    let mut batch = vec![first];
    let until = Instant::now() + BATCH;
    while batch.len() < WAITING_MAX {
        match waiting.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(record) => batch.push(record),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    batch
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(micros: i64) -> Record {
        let code = "UNKNOWN_KEY".to_owned();
        Record::by_nobody(Timestamp::from_micros(micros), What::SignInRefused { code })
    }

    #[test]
    fn what_a_server_records_is_kept_when_it_stops() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(folder.path()).unwrap();
        let another = Recorder::start(folder.path()).err().unwrap();
        assert!(matches!(another, TrailError::Busy { .. }), "{another}");
        (0..100).for_each(|micros| recorder.record(refused(micros)));
        Trail::of_cli(folder.path()).add(&[refused(50)]).unwrap();
        drop(recorder);
        let times = read(folder.path()).unwrap();
        let times: Vec<i64> = times.iter().map(|record| record.at.micros()).collect();
        let expected: Vec<i64> = (0..=50).chain(50..100).collect();
        assert_eq!(times, expected, "all trails, in order of time");
    }
}
