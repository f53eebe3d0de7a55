//! The reader of the whole access log, and the recorder that a server writes it with, in batches.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ledger_core::domain::calendar::Timestamp;
use tracing::error;

use super::record::{AccessEvent, Record};
use super::trail::{Trail, TrailError, TrailWriter};
use crate::access::identity::principal::Principal;
use crate::clock::now;

/// How long records are collected before they are written.
const BATCH_TIME: Duration = Duration::from_millis(200);

/// The most records that wait to be written. Further ones are only counted.
const QUEUE_MAX: usize = 4096;

/// The interval, in microseconds, at which the same sign-in is recorded again.
const SIGN_IN_INTERVAL: i64 = 15 * 60 * 1_000_000;

/// The most sign-ins remembered.
const REMEMBERED_MAX: usize = 10_000;

/// All records of the access log, in order of time.
///
/// # Errors
///
/// [`TrailError`], naming the first damaged record of a trail.
pub fn read(data: &Path) -> Result<Vec<Record>, TrailError> {
    let mut records = Vec::new();
    for trail in Trail::all(data) {
        records.append(&mut trail.records()?);
    }
    records.sort_by_key(|record| record.at);
    Ok(records)
}

/// Writes the access log on a thread of its own. Callers do not wait for it.
pub struct Recorder {
    records: Option<SyncSender<Record>>,
    missed: Arc<AtomicU64>,
    signed_in: Mutex<HashMap<String, Timestamp>>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts a recorder on the server's trail of a data folder.
    ///
    /// # Errors
    ///
    /// [`TrailError`], also if another server writes the trail or it is damaged.
    pub fn start(data: &Path) -> Result<Self, TrailError> {
        Self::on(Trail::of_server(data).claim()?)
    }

    /// Starts a recorder on a trail.
    ///
    /// # Errors
    ///
    /// [`TrailError::Io`] if the thread cannot be started.
    pub fn on(writer: TrailWriter) -> Result<Self, TrailError> {
        let trail = writer.trail().clone();
        let (records, queue) = sync_channel(QUEUE_MAX);
        let missed = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&missed);
        let work = move || write_all(writer, &queue, &counted);
        let thread = thread::Builder::new().name("access-log".into()).spawn(work);
        let thread = Some(thread.map_err(|error| trail.io_error(error))?);
        Ok(Recorder { records: Some(records), missed, signed_in: Mutex::default(), thread })
    }

    /// Queues a record to be written.
    pub fn record(&self, record: Record) {
        let sent = self.records.as_ref().is_some_and(|records| records.try_send(record).is_ok());
        if !sent {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Records a sign-in, unless the same one was recorded within the interval.
    pub fn signed_in(&self, principal: &Principal, now: Timestamp) {
        let credential = format!("{} {}", principal.id, principal.credential);
        {
            let mut recent_sign_ins = self.signed_in.lock().unwrap_or_else(PoisonError::into_inner);
            let recent = now.micros().saturating_sub(SIGN_IN_INTERVAL);
            if recent_sign_ins.get(&credential).is_some_and(|at| at.micros() > recent) {
                return;
            }
            if recent_sign_ins.len() >= REMEMBERED_MAX {
                recent_sign_ins.retain(|_, at| at.micros() > recent);
            }
            if recent_sign_ins.len() < REMEMBERED_MAX {
                recent_sign_ins.insert(credential, now);
            }
        }
        self.record(Record::by(principal, now, AccessEvent::SignedIn));
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        drop(self.records.take());
        if let Some(thread) = self.thread.take() {
            // The thread has logged its own panic.
            drop(thread.join());
        }
    }
}

/// Writes records until all senders are gone, then closes the trail.
fn write_all(mut writer: TrailWriter, queue: &Receiver<Record>, missed: &AtomicU64) {
    while let Ok(first) = queue.recv() {
        let mut batch = collect_batch(first, queue);
        let lost = missed.swap(0, Ordering::Relaxed);
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX).saturating_add(lost);
        if lost > 0
            && let Some(at) = batch.last().map(|record| record.at)
        {
            batch.push(Record::anonymous(at, AccessEvent::Missed { count: lost }));
        }
        if let Err(error) = writer.append(&batch) {
            error!(%error, missed = count, "the access log cannot be written");
            missed.fetch_add(count, Ordering::Relaxed);
        }
    }
    let lost = missed.swap(0, Ordering::Relaxed);
    if lost > 0
        && let Err(error) =
            writer.append(&[Record::anonymous(now(), AccessEvent::Missed { count: lost })])
    {
        error!(%error, missed = lost, "the access log cannot be written");
    }
    writer.leave();
}

/// The first record and those that arrive within [`BATCH_TIME`].
fn collect_batch(first: Record, queue: &Receiver<Record>) -> Vec<Record> {
    let mut batch = vec![first];
    let until = Instant::now() + BATCH_TIME;
    while batch.len() < QUEUE_MAX {
        match queue.recv_timeout(until.saturating_duration_since(Instant::now())) {
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
        Record::anonymous(Timestamp::from_micros(micros), AccessEvent::SignInRefused { code })
    }

    #[test]
    fn a_recorder_writes_every_record_before_it_stops() {
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
