//! The access log: written beside the book, in batches, by whoever serves or reads it.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ledger_core::domain::calendar::Timestamp;
use tracing::error;

use super::chain::{Chain, ChainError};
use super::principal::Principal;
use super::record::{Record, What};

/// The folder of the access log below a data folder.
const FOLDER: &str = "access";

/// How long records are gathered before they are written.
const BATCH: Duration = Duration::from_millis(200);

/// Records that wait to be written, at most; more are counted.
const WAITING_MAX: usize = 4096;

/// The same sign-in is told once in so many microseconds.
const SIGN_IN_EVERY: i64 = 15 * 60 * 1_000_000;

/// Sign-ins remembered at a time.
const REMEMBERED_MAX: usize = 10_000;

/// The records of sign-ins, refusals, reads and exports.
pub fn of_access(data: &Path) -> Chain {
    Chain::at(data.join(FOLDER).join("log.jsonl"))
}

/// The records of what happened to keys.
pub fn of_keys(data: &Path) -> Chain {
    Chain::at(data.join(FOLDER).join("keys.jsonl"))
}

/// Makes the folder of the access log.
///
/// # Errors
///
/// Where it cannot be made.
pub fn make_folder(data: &Path) -> io::Result<()> {
    fs::create_dir_all(data.join(FOLDER))
}

/// Everything in the access log, in order of time.
///
/// # Errors
///
/// [`ChainError`], naming the first line that is not what was written.
pub fn read(data: &Path) -> Result<Vec<Record>, ChainError> {
    let mut records: Vec<Record> = of_keys(data).records()?;
    records.extend(of_access(data).records::<Record>()?);
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
    /// Begins to write below a data folder.
    ///
    /// # Errors
    ///
    /// Where there can be no folder or thread.
    pub fn start(data: PathBuf) -> io::Result<Self> {
        make_folder(&data)?;
        let (records, waiting) = sync_channel(WAITING_MAX);
        let missed = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&missed);
        let work = move || write_all(&of_access(&data), &waiting, &counted);
        let thread = thread::Builder::new().name("access-log".into()).spawn(work)?;
        let (records, signed_in) = (Some(records), Mutex::default());
        Ok(Recorder { records, missed, signed_in, thread: Some(thread) })
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

fn write_all(chain: &Chain, waiting: &Receiver<Record>, missed: &AtomicU64) {
    let mut going_on = true;
    while going_on {
        let Ok(first) = waiting.recv() else { return };
        let mut batch = vec![first];
        let until = Instant::now() + BATCH;
        // What comes within a moment is written together.
        loop {
            match waiting.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(record) if batch.len() < WAITING_MAX => batch.push(record),
                Ok(record) => {
                    batch.push(record);
                    break;
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => {
                    going_on = false;
                    break;
                }
            }
        }
        let count = missed.swap(0, Ordering::Relaxed);
        if count > 0
            && let Some(at) = batch.last().map(|record| record.at)
        {
            batch.push(Record::by_nobody(at, What::Missed { count }));
        }
        let written = chain.lock().and_then(|mut chain| chain.append(&batch));
        if let Err(error) = written {
            error!(%error, "the access log cannot be written");
            let lost = u64::try_from(batch.len()).unwrap_or(u64::MAX);
            missed.fetch_add(lost, Ordering::Relaxed);
        }
    }
}
