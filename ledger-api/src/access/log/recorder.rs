//! The reader of the whole access log, and the recorder that a server writes it with, in batches.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::position::Position;
use ledger_core::log::store::Damage;
use tracing::error;

use super::record::{AccessEvent, Record};
use super::room::{ROOM, is_short};
use super::sums::Sums;
use super::trail::{Trail, TrailError, TrailWriter};
use crate::access::identity::principal::Principal;
use crate::clock::now;

/// How long records are collected before they are written.
const BATCH_TIME: Duration = Duration::from_millis(200);

/// The length, in bytes, at which a trail is set aside. With those set aside it takes some 512 MiB.
const TRAIL_BYTES_MAX: u64 = 64 << 20;

/// The most records that wait to be written. Further ones are only counted.
const QUEUE_MAX: usize = 4096;

/// The interval between two looks for sums that are over.
const SUMS_INTERVAL: Duration = Duration::from_secs(1);

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
    let mut end = None;
    for trail in Trail::all(data) {
        let (mut of_trail, root) = trail.records_and_root()?;
        let before = end.replace((of_trail.len() as u64, root));
        if let Some(Record { what: AccessEvent::Continued { records, root }, .. }) =
            of_trail.first()
            && before.is_some_and(|before| before != (*records, root.clone()))
        {
            let what = "it does not go on from the trail set aside before it".to_owned();
            let first = Position::new(1);
            return Err(trail.damaged(Damage { entry: first, place: None, what }));
        }
        records.append(&mut of_trail);
    }
    records.sort_by_key(|record| record.at);
    Ok(records)
}

/// Writes the access log on a thread of its own. Callers do not wait for it.
pub struct Recorder {
    records: Option<SyncSender<Record>>,
    missed: Arc<AtomicU64>,
    signed_in: Mutex<HashMap<String, Timestamp>>,
    sums: Arc<Mutex<Sums>>,
    /// The disk space kept back for the book, in bytes.
    room: Arc<AtomicU64>,
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
        Self::within(writer, TRAIL_BYTES_MAX)
    }

    /// Starts a recorder that sets a trail aside at a length in bytes, and begins a new one.
    fn within(writer: TrailWriter, bytes_max: u64) -> Result<Self, TrailError> {
        let trail = writer.trail().clone();
        let (records, queue) = sync_channel(QUEUE_MAX);
        let missed = Arc::new(AtomicU64::new(0));
        let sums = Arc::new(Mutex::new(Sums::default()));
        let room = Arc::new(AtomicU64::new(ROOM));
        let writing = Writing {
            writer: Some(writer),
            trail: trail.clone(),
            queue,
            bytes_max,
            missed: Arc::clone(&missed),
            sums: Arc::clone(&sums),
            room: Arc::clone(&room),
        };
        let work = move || writing.run();
        let thread = thread::Builder::new().name("access-log".into()).spawn(work);
        let thread = Some(thread.map_err(|error| trail.io_error(error))?);
        let signed_in = Mutex::default();
        Ok(Recorder { records: Some(records), missed, signed_in, sums, room, thread })
    }

    /// Keeps disk space back for the book, in bytes.
    pub fn keep_room(&self, bytes: u64) {
        self.room.store(bytes, Ordering::Relaxed);
    }

    /// Queues a record to be written, or counts it with equal ones.
    pub fn record(&self, record: Record) {
        let record = self.sums.lock().unwrap_or_else(PoisonError::into_inner).add(record);
        let Some(record) = record else { return };
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

/// The thread that writes records.
struct Writing {
    /// None where a full trail was set aside and no new one could be begun.
    writer: Option<TrailWriter>,
    trail: Trail,
    queue: Receiver<Record>,
    bytes_max: u64,
    missed: Arc<AtomicU64>,
    sums: Arc<Mutex<Sums>>,
    room: Arc<AtomicU64>,
}

impl Writing {
    /// Writes records until all senders are gone, then closes the trail.
    fn run(mut self) {
        loop {
            let batch = match self.queue.recv_timeout(SUMS_INTERVAL) {
                Ok(first) => collect_batch(first, &self.queue),
                Err(RecvTimeoutError::Timeout) => Vec::new(),
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let over = self.sums().take_over(now());
            // Records missed in silence are counted with the next ones.
            if !batch.is_empty() || !over.is_empty() {
                self.write(batch, over);
            }
        }
        let over = self.sums().take_all();
        if !over.is_empty() || self.missed.load(Ordering::Relaxed) > 0 {
            self.write(Vec::new(), over);
        }
        if let Some(writer) = self.writer {
            writer.leave();
        }
    }

    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a batch, then the sums that are over. What cannot be written counts as missed.
    fn write(&mut self, mut batch: Vec<Record>, over: Vec<Record>) {
        batch.extend(over);
        let lost = self.missed.swap(0, Ordering::Relaxed);
        let count = batch.iter().map(|record| record.times).fold(lost, u64::saturating_add);
        if lost > 0 {
            let at = batch.last().map_or_else(now, |record| record.at);
            batch.push(Record::anonymous(at, AccessEvent::Missed { count: lost }));
        }
        let room = self.room.load(Ordering::Relaxed);
        let written = if is_short(self.trail.path(), room) {
            let mebibytes = room >> 20;
            let error = format!("less than {mebibytes} MiB are free, which are kept for the book");
            Err(self.trail.io_error(io::Error::other(error)))
        } else {
            self.append(&batch)
        };
        if let Err(error) = written {
            error!(%error, missed = count, "the access log cannot be written");
            self.missed.fetch_add(count, Ordering::Relaxed);
        }
    }

    fn append(&mut self, batch: &[Record]) -> Result<(), TrailError> {
        let bytes_max = self.bytes_max;
        if let Some(writer) = self.writer.as_mut().filter(|it| it.length() < bytes_max) {
            return writer.append(batch);
        }
        // A full trail is set aside. Its successor names its end.
        let mut begun = Vec::new();
        if let Some(writer) = self.writer.take() {
            let (records, root) = writer.end();
            let at = batch.first().map_or_else(now, |record| record.at);
            begun.push(Record::anonymous(at, AccessEvent::Continued { records, root }));
            writer.leave();
            self.trail.set_aside()?;
        }
        begun.extend_from_slice(batch);
        self.writer.insert(self.trail.claim()?).append(&begun)
    }
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

    fn exported(micros: i64) -> Record {
        Record::anonymous(Timestamp::from_micros(micros), AccessEvent::Exported)
    }

    #[test]
    fn a_recorder_writes_every_record_before_it_stops() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(folder.path()).unwrap();
        let another = Recorder::start(folder.path()).err().unwrap();
        assert!(matches!(another, TrailError::Busy { .. }), "{another}");
        (0..100).for_each(|micros| recorder.record(exported(micros)));
        Trail::of_cli(folder.path()).add(&[exported(50)]).unwrap();
        drop(recorder);
        let times = read(folder.path()).unwrap();
        let times: Vec<i64> = times.iter().map(|record| record.at.micros()).collect();
        let expected: Vec<i64> = (0..=50).chain(50..100).collect();
        assert_eq!(times, expected, "all trails, in order of time");
    }
    #[test]
    fn a_flood_of_refusals_takes_two_records_and_counts_each() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(folder.path()).unwrap();
        for _ in 0..50_000 {
            let code = "UNKNOWN_KEY".to_owned();
            recorder.record(Record::anonymous(now(), AccessEvent::SignInRefused { code }));
        }
        drop(recorder);
        let times: Vec<u64> = read(folder.path()).unwrap().iter().map(|it| it.times).collect();
        assert_eq!(times, [1, 49_999]);
    }

    #[test]
    fn a_full_trail_is_set_aside_and_its_successor_names_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Trail::of_server(folder.path()).claim().unwrap();
        // Each batch is longer.
        let recorder = Recorder::within(writer, 2048).unwrap();
        for _ in 0..4 {
            (0..50).for_each(|micros| recorder.record(exported(micros)));
            thread::sleep(BATCH_TIME * 3);
        }
        drop(recorder);
        let mut names: Vec<_> = std::fs::read_dir(folder.path().join("access"))
            .unwrap()
            .map(|found| found.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["server", "server-1", "server-2", "server-3"]);
        let trails = Trail::all(folder.path());
        let records: Vec<Vec<Record>> =
            trails.iter().take(4).map(|trail| trail.records().unwrap()).collect();
        for pair in records.windows(2) {
            let named = u64::try_from(pair[0].len()).unwrap();
            let AccessEvent::Continued { records, .. } = pair[1][0].what else { panic!() };
            assert_eq!(records, named);
        }
        assert_eq!(records.iter().map(Vec::len).sum::<usize>(), 4 * 50 + 3);
        // One that is missing in between is found.
        let access = folder.path().join("access");
        std::fs::rename(access.join("server-2"), access.join("kept")).unwrap();
        let error = read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("does not go on"), "{error}");
        std::fs::rename(access.join("kept"), access.join("server-2")).unwrap();
        // A server that starts again goes on with the last one.
        Recorder::start(folder.path()).unwrap().record(exported(51));
        assert_eq!(read(folder.path()).unwrap().len(), 4 * 50 + 4);
    }

    #[test]
    fn no_record_is_written_where_the_room_of_the_book_is_short() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(folder.path()).unwrap();
        recorder.keep_room(u64::MAX);
        (0..10).for_each(|micros| recorder.record(exported(micros)));
        thread::sleep(BATCH_TIME * 3);
        assert_eq!(read(folder.path()).unwrap(), []);
        recorder.keep_room(0);
        drop(recorder);
        let records = read(folder.path()).unwrap();
        let [missed] = records.as_slice() else { panic!("{records:?}") };
        assert_eq!(missed.what, AccessEvent::Missed { count: 10 });
    }
}
