//! The index from keys and references to positions, kept in sled.
//!
//! A background thread writes it from the log. It holds nothing that the log does not: where
//! absent, stale or damaged, it is rebuilt. No decision about a posting reads it.
//! `docs/decisions/0001-the-log-is-the-truth.md` explains why the log, not sled, holds the truth.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::setpriority_process;
use sha2::{Digest, Sha256};

use super::entry::Entry;
use super::read::visit_lines;
use super::store::Store;
use crate::domain::position::Position;
use crate::domain::text::BookId;
use crate::keys::KeyDigest;

/// Time between checks whether the log has grown.
const PAUSE: Duration = Duration::from_millis(50);

/// Entries indexed at a time. While the log grows, the thread waits for this many, because a batch
/// costs sled about the same at any size.
const BATCH: usize = 8192;

/// Rest after a batch while the log grows, as a multiple of the batch's time. Posting has priority.
const REST_FACTOR: u32 = 19;

/// Attempts to rebuild a damaged index before giving up.
const ATTEMPTS: u32 = 3;

/// The index of a book open for writing.
pub struct Index {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    path: PathBuf,
    book: BookId,
    store: Arc<dyn Store>,
    database: Mutex<Option<sled::Db>>,
    indexed: AtomicU64,
    rebuilt: AtomicU64,
    stop: AtomicBool,
}

impl Index {
    /// Opens the index in its own folder and starts following the log.
    pub fn start(path: &Path, book: BookId, store: Arc<dyn Store>) -> Self {
        let shared = Arc::new(Shared {
            path: path.to_owned(),
            book,
            store,
            database: Mutex::new(None),
            indexed: AtomicU64::new(0),
            rebuilt: AtomicU64::new(0),
            stop: AtomicBool::new(false),
        });
        let worker = Arc::clone(&shared);
        // Without a thread there is no index. Nothing else depends on it.
        let thread = thread::Builder::new().name("index".into()).spawn(move || worker.run()).ok();
        Index { shared, thread }
    }

    /// Number of entries in the log that are not indexed yet.
    pub fn lag(&self) -> u64 {
        let head = self.shared.store.head().position.get();
        head.saturating_sub(self.shared.indexed.load(Ordering::Acquire))
    }

    /// Number of rebuilds since it was opened.
    pub fn rebuilt(&self) -> u64 {
        self.shared.rebuilt.load(Ordering::Acquire)
    }

    /// The entry that an actor's key posted, among those indexed.
    pub fn find_key(&self, actor: &str, key: &str) -> Option<Position> {
        let found = self.shared.with(|db| db.get(key_row(KeyDigest::new(actor, key))))??;
        Some(Position::new(u64::from_be_bytes((*found).try_into().ok()?)))
    }

    /// The entries that cite a reference: a commitment, a payment, an authority or evidence.
    pub fn find_reference(&self, reference: &str) -> Vec<Position> {
        let prefix = reference_row(reference);
        let rows =
            self.shared.with(|db| db.scan_prefix(prefix).keys().collect::<sled::Result<Vec<_>>>());
        let position = |row: &sled::IVec| {
            let number = row.get(prefix.len()..)?.try_into().ok()?;
            Some(Position::new(u64::from_be_bytes(number)))
        };
        rows.unwrap_or_default().iter().filter_map(position).collect()
    }

    /// Waits until the index has reached the log's head. False where `within` passes first.
    pub fn catch_up(&self, within: Duration) -> bool {
        let until = Instant::now() + within;
        while self.lag() > 0 && Instant::now() < until {
            thread::sleep(Duration::from_millis(5));
        }
        self.lag() == 0
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The thread has handled its own panic.
            drop(thread.join());
        }
    }
}

const KEY: u8 = b'k';
const REFERENCE: u8 = b'r';
/// Names the form of the rows: an index of another form is rebuilt.
const STATE: &[u8] = b"state 2";

fn key_row(digest: KeyDigest) -> [u8; 17] {
    row(KEY, digest.as_bytes())
}

fn reference_row(reference: &str) -> [u8; 17] {
    // References are compared without case.
    let digest: [u8; 32] = Sha256::digest(reference.to_ascii_lowercase()).into();
    row(REFERENCE, &digest)
}

fn row(kind: u8, digest: &[u8]) -> [u8; 17] {
    let mut row = [kind; 17];
    for (to, from) in row[1..].iter_mut().zip(digest) {
        *to = *from;
    }
    row
}

impl Shared {
    fn run(&self) {
        // Posting has priority. An error is ignored: the index then runs at normal priority.
        let _ = setpriority_process(None, 19);
        for _ in 0..ATTEMPTS {
            // sled panics on some damage, but its content can be rebuilt.
            match catch_unwind(AssertUnwindSafe(|| self.follow_log())) {
                Ok(Ok(())) => return,
                Ok(Err(_)) | Err(_) => self.rebuild(),
            }
        }
    }

    fn database(&self) -> MutexGuard<'_, Option<sled::Db>> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, read: impl FnOnce(&sled::Db) -> sled::Result<T>) -> Option<T> {
        let database = self.database().clone()?;
        read(&database).ok()
    }

    fn rebuild(&self) {
        let closed = catch_unwind(AssertUnwindSafe(|| drop(self.database().take())));
        if closed.is_err() {
            self.database.clear_poison();
        }
        self.indexed.store(0, Ordering::Release);
        self.rebuilt.fetch_add(1, Ordering::AcqRel);
        // A file that cannot be removed cannot be opened either; the index is then given up.
        drop(fs::remove_dir_all(&self.path).or_else(|_| fs::remove_file(&self.path)));
    }

    fn follow_log(&self) -> sled::Result<()> {
        let database = sled::Config::new()
            .path(&self.path)
            .cache_capacity(64 << 20)
            .flush_every_ms(None)
            .open()?;
        let mut indexed = match database.get(STATE)? {
            Some(state) => self.valid_position(&state).ok_or_else(stale)?,
            None if database.is_empty() => Position::START,
            None => return Err(stale()),
        };
        *self.database() = Some(database.clone());
        self.indexed.store(indexed.get(), Ordering::Release);
        let (mut seen, mut flushed) = (indexed, true);
        while !self.stop.load(Ordering::Acquire) {
            let head = self.store.head().position;
            let grows = std::mem::replace(&mut seen, head) != head;
            let lag = head.get() - indexed.get();
            if lag > 0 && (!grows || lag >= BATCH as u64) {
                let began = Instant::now();
                indexed = self.index_from(&database, indexed)?;
                flushed = false;
                if grows {
                    thread::park_timeout(began.elapsed().saturating_mul(REST_FACTOR));
                }
                continue;
            }
            if lag == 0 && !flushed {
                database.flush()?;
                flushed = true;
            }
            thread::park_timeout(PAUSE);
        }
        database.flush()?;
        Ok(())
    }

    /// The position an index has reached, where it belongs to this book and is not beyond the log.
    fn valid_position(&self, state: &[u8]) -> Option<Position> {
        let (book, position) = state.split_at_checked(32)?;
        let position = Position::new(u64::from_be_bytes(position.try_into().ok()?));
        let ours = book == self.book.to_string().as_bytes();
        (ours && position <= self.store.head().position).then_some(position)
    }

    /// Indexes a batch of entries after `indexed`.
    fn index_from(&self, database: &sled::Db, indexed: Position) -> sled::Result<Position> {
        let unreadable =
            |error: &dyn std::fmt::Display| sled::Error::Unsupported(error.to_string());
        let (mut reached, mut batch, mut count) = (indexed, sled::Batch::default(), 0);
        let mut failed = None;
        let read = visit_lines(&*self.store, indexed.next(), |line| {
            match Entry::from_line(line) {
                Ok(entry) => {
                    insert(&mut batch, &entry);
                    reached = entry.position;
                }
                Err(error) => failed = Some(unreadable(&error)),
            }
            count += 1;
            count < BATCH && failed.is_none()
        });
        read.map_err(|error| unreadable(&error))?;
        failed.map_or(Ok(()), Err)?;
        self.write(database, batch, reached)?;
        Ok(reached)
    }

    fn write(&self, db: &sled::Db, mut batch: sled::Batch, reached: Position) -> sled::Result<()> {
        let mut state = self.book.to_string().into_bytes();
        state.extend(reached.get().to_be_bytes());
        batch.insert(STATE, state);
        db.apply_batch(batch)?;
        self.indexed.store(reached.get(), Ordering::Release);
        Ok(())
    }
}

fn stale() -> sled::Error {
    sled::Error::Unsupported("the index is of another book or ahead of the log".to_owned())
}

fn insert(batch: &mut sled::Batch, entry: &Entry<'_>) {
    let position = entry.position.get().to_be_bytes();
    batch.insert(&key_row(KeyDigest::new(&entry.actor, &entry.key)), &position);
    for cited in entry.citations() {
        let mut row = reference_row(cited).to_vec();
        row.extend(position);
        batch.insert(row, &[]);
    }
}
