//! A book in a data folder: the log, what is rebuilt from it, and who may write.
//!
//! ```text
//! DIR/book/       the log: plain JSON lines, the truth; never to be changed by hand
//! DIR/index/      sled: key and reference > position; can be deleted while nothing writes
//! DIR/snapshots/  state and read models now and then; can be deleted while nothing writes
//! ```

pub mod clock;
mod folder;
mod loading;

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::thread::{self, JoinHandle};

use ledger_core::clock::{CheckedClock, LastEntry, Reading, accept, check};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::position::Position;
use ledger_core::log::check::scrub;
use ledger_core::log::index::Index;
use ledger_core::log::segments::{Disk, SegmentsStore, Torn};
use ledger_core::log::store::Store;
use ledger_core::snapshot::{Snapshot, SnapshotWriter};
use ledger_core::state::{Genesis, State, open_book};
use ledger_core::writer::{Clock, Running, Writer};

use crate::ReadModels;
use clock::now;
pub use folder::{BookError, DataFolder};
use loading::{Loaded, book_of, load, snapshots_of};

/// A clean stop writes a snapshot if this many entries were posted since the last.
const SNAPSHOT_EVERY: u64 = 50_000;

/// Told the position reached while a book is being read.
pub type Progress<'p> = Option<&'p (dyn Fn(Position) + Sync)>;

/// An open book. One process at a time opens it to write; any number open it to read.
pub struct Book {
    folder: DataFolder,
    store: Arc<SegmentsStore>,
    models: Arc<RwLock<ReadModels>>,
    clock: Arc<Clock>,
    writer: Writer,
    /// None where the book is open to read.
    running: Option<Running>,
    index: Option<Index>,
    scrubbing: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
    replayed_from: Position,
    clock_accepted: Option<String>,
}

/// Where a book's time comes from.
enum TimeSource<'t> {
    /// A clock that is believed.
    Given(Clock),
    /// The system's clock, which is checked, and who accepts it in case it is doubted.
    System { accepted_by: Option<&'t str> },
}

impl Book {
    /// Makes a book in folders that hold none, and opens it.
    ///
    /// # Errors
    ///
    /// [`BookError`], also where there is a book already.
    pub fn create(folder: DataFolder, genesis: &Genesis, clock: Clock) -> Result<Self, BookError> {
        let store = SegmentsStore::create(Arc::clone(&folder.book))?;
        open_book(&store, genesis)?;
        Self::start(folder, store, TimeSource::Given(clock), None)
    }

    /// Opens a book to write, by a clock that is believed.
    ///
    /// # Errors
    ///
    /// [`BookError`]; damage names the first bad entry.
    pub fn open(
        folder: DataFolder,
        clock: Clock,
        progress: Progress<'_>,
    ) -> Result<Self, BookError> {
        let store = SegmentsStore::open(Arc::clone(&folder.book))?;
        Self::start(folder, store, TimeSource::Given(clock), progress)
    }

    /// Opens a book to write, by the system's clock. Where [`ledger_core::clock`] doubts it, the
    /// book takes no postings, unless `accepted_by` names who accepts it.
    ///
    /// # Errors
    ///
    /// [`BookError`]; damage names the first bad entry.
    pub fn open_by_system_clock(
        folder: DataFolder,
        accepted_by: Option<&str>,
        progress: Progress<'_>,
    ) -> Result<Self, BookError> {
        let store = SegmentsStore::open(Arc::clone(&folder.book))?;
        Self::start(folder, store, TimeSource::System { accepted_by }, progress)
    }

    fn start(
        folder: DataFolder,
        store: SegmentsStore,
        time: TimeSource<'_>,
        progress: Progress<'_>,
    ) -> Result<Self, BookError> {
        let store = Arc::new(store);
        let snapshots = Snapshot::list(&*folder.snapshots);
        let loaded = load(snapshots, &*store, progress, |snapshot| snapshot.state())?;
        let Loaded { state, models, from } = loaded;
        let book = state.ledger.book();
        let models = Arc::new(RwLock::new(models));
        let shared: Arc<dyn Store> = Arc::clone(&store) as _;
        let last = LastEntry { position: state.position(), recorded: state.ledger.recorded() };
        let CheckedClock { clock, accepted } = match time {
            TimeSource::Given(clock) => CheckedClock { clock, accepted: None },
            TimeSource::System { accepted_by } => {
                check(&shared, &folder.book, last, || Reading::take(now), accepted_by)?
            }
        };
        let scrubbing = begin_scrub(&shared, from)?;
        let clock = Arc::new(clock);
        let ticks = Arc::clone(&clock);
        let ticks = Box::new(move || ticks());
        let running = Running::start(state, Arc::clone(&shared), Arc::clone(&models), ticks)?;
        let index = folder
            .index
            .as_ref()
            .zip(book)
            .map(|(path, book)| Index::start(path, book, Arc::clone(&shared)));
        let (writer, running) = (running.writer(), Some(running));
        Ok(Book {
            folder,
            store,
            models,
            clock,
            writer,
            running,
            index,
            scrubbing,
            replayed_from: from,
            clock_accepted: accepted,
        })
    }

    /// Reads a book up to its last seal, without a lock: another process may write to it meanwhile.
    /// Its writer refuses every posting.
    ///
    /// # Errors
    ///
    /// [`BookError`]; damage names the first bad entry.
    pub fn read(folder: DataFolder, progress: Progress<'_>) -> Result<Self, BookError> {
        // Listed before the head is read: the writer may take a newer snapshot at any moment, and
        // one beyond the head is a sign of lost entries.
        let snapshots = Snapshot::list(&*folder.snapshots);
        let store = Arc::new(SegmentsStore::read_only(Arc::clone(&folder.book))?);
        let loaded = load(snapshots, &*store, progress, |snapshot| snapshot.tree())?;
        let Loaded { models, from, .. } = loaded;
        let writer = Writer::stopped_at(models.times.head());
        Ok(Book {
            folder,
            store,
            models: Arc::new(RwLock::new(models)),
            clock: Arc::new(clock::system_clock()),
            writer,
            running: None,
            index: None,
            scrubbing: None,
            replayed_from: from,
            clock_accepted: None,
        })
    }

    /// Opens the log of a book to read, without its figures.
    ///
    /// # Errors
    ///
    /// [`BookError`]; damage names the first bad entry.
    pub fn read_log(folder: DataFolder) -> Result<SegmentsStore, BookError> {
        let snapshots = Snapshot::list(&*folder.snapshots);
        let store = SegmentsStore::read_only(folder.book)?;
        snapshots_of(book_of(&store)?, snapshots, store.head())?;
        Ok(store)
    }

    /// A handle to post with.
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }

    /// The time now, by the clock that dates entries.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The read models. A long hold delays the writer.
    pub fn models(&self) -> RwLockReadGuard<'_, ReadModels> {
        self.models.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The log.
    pub fn store(&self) -> &Arc<SegmentsStore> {
        &self.store
    }

    /// The index behind the log, where there is one.
    pub const fn index(&self) -> Option<&Index> {
        self.index.as_ref()
    }

    /// The data folder, where the book is open to write in one.
    pub fn data_folder(&self) -> Option<&Path> {
        self.folder.index.as_deref()?.parent()
    }

    /// The block that was set aside when the book was opened, if there was one.
    pub fn torn(&self) -> Option<&Torn> {
        self.store.torn()
    }

    /// Records that somebody accepts the system's clock, although the last entry's time is another.
    ///
    /// # Errors
    ///
    /// Where the disk fails.
    pub fn accept_clock(&self, doubt: &str, by: &str) -> io::Result<()> {
        let models = self.models();
        let position = models.times.head();
        let recorded = models.times.recorded(position).unwrap_or_default();
        let last = LastEntry { position, recorded };
        accept(&*self.folder.book, last, now(), doubt, by)
    }

    /// Why the system's clock was doubted when the book was opened, if it was accepted.
    pub fn clock_accepted(&self) -> Option<&str> {
        self.clock_accepted.as_deref()
    }

    /// The position of the snapshot it was opened from; 0 where the log alone was read.
    pub const fn replayed_from(&self) -> Position {
        self.replayed_from
    }

    /// Stops: answers what was asked, leaves a snapshot if it is worth one, and closes the log.
    ///
    /// # Errors
    ///
    /// Where the disk fails; the log is whole all the same.
    pub fn close(self) -> io::Result<()> {
        let Book { folder, store, models, running, index, scrubbing, replayed_from, .. } = self;
        if let Some((stop, thread)) = scrubbing {
            stop.store(true, Ordering::Relaxed);
            drop(thread.join());
        }
        let state = running.and_then(Running::stop);
        drop(index);
        store.close()?;
        let models = models.read().unwrap_or_else(PoisonError::into_inner);
        match state {
            Some(state)
                if state.position() == store.head().position
                    && state.position().get() - replayed_from.get() >= SNAPSHOT_EVERY =>
            {
                take_snapshot(&*folder.snapshots, &state, &models)
            }
            _ => Ok(()),
        }
    }
}

/// Writes a snapshot of a state and its read models.
///
/// # Errors
///
/// Where the disk fails.
pub fn take_snapshot(disk: &dyn Disk, state: &State, models: &ReadModels) -> io::Result<()> {
    let mut snapshot = SnapshotWriter::begin(disk, state)?;
    models.write(&mut snapshot)?;
    snapshot.finish()
}

/// Checks in the background what a start from a snapshot has not read. Damage turns writes off.
fn begin_scrub(
    store: &Arc<dyn Store>,
    until: Position,
) -> io::Result<Option<(Arc<AtomicBool>, JoinHandle<()>)>> {
    if until == Position::START {
        return Ok(None);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let (store, stopping) = (Arc::clone(store), Arc::clone(&stop));
    let work = move || {
        if let Err(error) = scrub(&*store, until, &stopping) {
            store.poison(&error.to_string());
        }
    };
    let thread = thread::Builder::new().name("scrub".into()).spawn(work)?;
    Ok(Some((stop, thread)))
}
