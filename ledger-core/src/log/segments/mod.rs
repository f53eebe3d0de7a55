//! The segments store: the book as plain JSON lines in a folder, durable through a power cut.
//!
//! Each file is a segment, named for its first entry. A block takes one write and one `fdatasync`,
//! over fill already written and synced, so that the sync records no file length. A closed segment
//! loses its fill and never changes again.
//!
//! Comments beside the lines say what is safe if the program stops there.

mod disk;
mod filler;
mod lock;
mod read_ahead;
mod reader;
mod recovery;
mod tail;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::watch;

pub use disk::{
    ALIGNMENT, Claim, Disk, DiskFile, FileId, Folder, close_to_others, read_all, read_full, replace,
};
use filler::Filler;
use lock::{HeldName, Lock};
use reader::{Segments, segment_name};
use recovery::{check_clean_stop, clean_stop, make_durable, note_clean_stop, set_aside};
use tail::{End, Tail};

use super::block::Block;
use super::store::{AppendError, Damage, Head, Pieces, ReadError, Store};
use crate::domain::position::Position;

/// Blocks of at least this size come from bulk loads. The system is advised not to cache them,
/// since a load would evict everything else and fresh pages are costly.
const BULK_BYTES: u64 = 128 << 10;

/// How far back the end of a segment is examined: two blocks and all possible fill.
const EXAMINED_BYTES: u64 = 8 << 20;

/// A store of blocks in segment files.
pub struct SegmentsStore {
    disk: Arc<dyn Disk>,
    segments: Arc<RwLock<Segments>>,
    active: Mutex<Active>,
    moved: watch::Sender<Position>,
    /// Why writes are off; `None` while they are on.
    off: watch::Sender<Option<String>>,
    filler: Filler,
    torn: Option<Torn>,
    /// `None` where the store was opened for reading.
    lock: Option<Lock>,
}

/// The place of the next block.
struct Active {
    file: Option<Arc<dyn DiskFile>>,
    name: Option<HeldName>,
    /// The same file, opened again for the filler. The system reports a failed sync once per
    /// opening, so a failure seen by the filler still reaches the block's sync.
    fill: Option<Arc<dyn DiskFile>>,
    end: u64,
}

/// A block torn by a power cut, set aside when the store was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The position of its first entry.
    pub first: Position,
    /// The file that now holds its bytes.
    pub kept_in: String,
}

/// Why a folder cannot be opened as a store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds the lock.
    #[error("another process is writing to this book: stop it first, or only read")]
    Claimed,
    /// The folder holds no segment.
    #[error("there is no book here: make one with init")]
    NoBook,
    /// The folder holds a book already.
    #[error("there is a book here already: choose another folder")]
    BookExists,
    /// The storage failed.
    #[error("the book cannot be opened: {0}")]
    Io(#[from] io::Error),
    /// The stored bytes are not those that were written.
    #[error(transparent)]
    Damaged(#[from] Damage),
}

impl SegmentsStore {
    /// Makes a store in a folder without one.
    ///
    /// # Errors
    ///
    /// [`OpenError`], including where there is a book already.
    pub fn create(disk: Arc<dyn Disk>) -> Result<Self, OpenError> {
        let lock = Lock::claim(&disk)?;
        let note = clean_stop(&*disk)?;
        match scan(&*disk, note.as_deref()) {
            Err(OpenError::NoBook) => {}
            // A store stopped before its first whole block is started anew.
            Ok((segments, end))
                if segments.head() == Head::empty()
                    && !matches!(end.tail, Tail::Damaged(_))
                    && check_clean_stop(note.as_deref(), &segments).is_ok() => {}
            Ok(_) | Err(OpenError::Damaged(_)) => return Err(OpenError::BookExists),
            Err(error) => return Err(error),
        }
        Ok(Self::at(disk, Segments::default(), 0, Some(lock), None)?)
    }

    /// Opens a store for writing: sets a torn block aside, and trims fill that a crash left.
    ///
    /// # Errors
    ///
    /// [`OpenError`]. Damage names the first changed entry.
    pub fn open(disk: Arc<dyn Disk>) -> Result<Self, OpenError> {
        let lock = Lock::claim(&disk)?;
        let note = clean_stop(&*disk)?;
        let (segments, end) = scan(&*disk, note.as_deref())?;
        if let Tail::Damaged(what) = end.tail {
            return Err(damage_at_end(&segments, what).into());
        }
        // These checks come before any change: a refused start leaves the book untouched.
        let stopped_cleanly = check_clean_stop(note.as_deref(), &segments)?;
        if segments.head() == Head::empty() {
            return Err(OpenError::NoBook);
        }
        // The last segment may have been created by a process killed before it synced the name.
        disk.sync_names()?;
        let torn = match end.tail {
            Tail::Torn(range) => Some(set_aside(&*disk, &segments, range)?),
            Tail::Whole(last) if !stopped_cleanly => {
                make_durable(&segments, last)?;
                None
            }
            Tail::Whole(_) | Tail::Damaged(_) => None,
        };
        segments.trim_closed()?;
        Ok(Self::at(disk, segments, end.offset, Some(lock), torn)?)
    }

    /// Opens a store for reading, even while another process writes. It ends with the last whole
    /// block, and nothing changes.
    ///
    /// # Errors
    ///
    /// [`OpenError`]. Damage names the first changed entry.
    pub fn read_only(disk: Arc<dyn Disk>) -> Result<Self, OpenError> {
        let note = clean_stop(&*disk)?;
        let (segments, end) = Self::scan_whole(&*disk, note.as_deref())?;
        check_clean_stop(note.as_deref(), &segments)?;
        let store = Self::at(disk, segments, end.offset, None, None)?;
        store.poison("the book was opened only to read");
        Ok(store)
    }

    /// Scans while another process may be writing a block, which can look cut anywhere. Damage
    /// counts only if it persists over several looks.
    fn scan_whole(disk: &dyn Disk, note: Option<&[u8]>) -> Result<(Segments, End), OpenError> {
        const LOOKS: u32 = 10;
        let mut look = 1;
        loop {
            let (segments, end) = scan(disk, note)?;
            match end.tail {
                Tail::Damaged(what) if look == LOOKS => {
                    return Err(damage_at_end(&segments, what).into());
                }
                Tail::Damaged(_) => std::thread::sleep(Duration::from_millis(2)),
                Tail::Whole(_) | Tail::Torn(_) => return Ok((segments, end)),
            }
            look += 1;
        }
    }

    fn at(
        disk: Arc<dyn Disk>,
        segments: Segments,
        end: u64,
        lock: Option<Lock>,
        torn: Option<Torn>,
    ) -> io::Result<Self> {
        let (file, name) = (segments.last_file(), segments.last_name());
        let name = name.map(|name| HeldName::new(&disk, &name)).transpose()?;
        let head = segments.head().position;
        Ok(SegmentsStore {
            disk,
            segments: Arc::new(RwLock::new(segments)),
            active: Mutex::new(Active { file, name, fill: None, end }),
            moved: watch::Sender::new(head),
            off: watch::Sender::new(None),
            filler: Filler::new(lock.as_ref().map(|lock| lock.name.clone())),
            torn,
            lock,
        })
    }

    /// The block set aside when the store was opened, if any.
    pub const fn torn(&self) -> Option<&Torn> {
        self.torn.as_ref()
    }

    /// The file that holds an entry, or would hold it; `None` where there is no file yet.
    pub fn file_of(&self, entry: Position) -> Option<String> {
        self.segments().name_of(entry)
    }

    /// Why writes are off; `None` while they are on.
    pub fn writes_off(&self) -> Option<String> {
        self.off.borrow().clone()
    }

    /// Announces why writes go off.
    pub fn watch_writes_off(&self) -> watch::Receiver<Option<String>> {
        self.off.subscribe()
    }

    /// Stops cleanly: removes the fill, and records the head. Entries up to that head may never be
    /// torn from then on. The store accepts no more blocks. Where writes were off, nothing changes.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the disk fails. The book is whole all the same.
    pub fn close(&self) -> io::Result<()> {
        self.filler.stop();
        let active = self.active();
        if let Err(reason) = self.check_names(&active) {
            self.turn_off(&reason);
        }
        if !self.turn_off("the book was closed") {
            return Ok(());
        }
        if let Some(file) = &active.file
            && file.length()? > active.end
        {
            file.truncate(active.end)?;
            file.sync()?;
        }
        note_clean_stop(&*self.disk, self.head())
    }

    /// Checks that no other process can write here, and that the segment is still in the folder.
    fn check_names(&self, active: &Active) -> Result<(), String> {
        let lock = self.lock.as_ref().map(|lock| &lock.name);
        lock.into_iter().chain(&active.name).try_for_each(HeldName::check)
    }

    /// Turns writes off. The first reason stays. Returns whether they were on.
    fn turn_off(&self, reason: &str) -> bool {
        self.off.send_if_modified(|off| off.is_none() && off.replace(reason.to_owned()).is_none())
    }

    fn active(&self) -> MutexGuard<'_, Active> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn segments(&self) -> std::sync::RwLockReadGuard<'_, Segments> {
        self.segments.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes and syncs a block. Until this returns, the block is not acknowledged: a crash may
    /// leave it whole, torn or absent, and opening decides which.
    fn write(&self, active: &mut Active, block: &Block) -> io::Result<()> {
        let length = block.bytes().len() as u64;
        let full = active.end > 0 && active.end + length > self.disk.segment_bytes_max();
        if active.file.is_some() && full {
            self.close_segment(active)?;
        }
        let file = match &active.file {
            Some(file) => Arc::clone(file),
            None => self.begin_segment(active)?,
        };
        self.filler.wait_for_step(active.end + length);
        file.write_at(block.bytes(), active.end)?;
        file.sync()?;
        if length >= BULK_BYTES {
            file.forget(active.end, length);
        }
        active.end += length;
        if active.fill.is_none() {
            let name = self.segments().last_name();
            // Without the filler, blocks only take longer.
            active.fill = name.and_then(|name| self.disk.open(&name).ok()).map(Arc::from);
        }
        if let Some(fill) = &active.fill {
            self.filler.fill_ahead(fill, active.end, length);
        }
        Ok(())
    }

    /// Closes the segment. Its last block is durable. A crash may leave its fill, which opening
    /// trims.
    fn close_segment(&self, active: &mut Active) -> io::Result<()> {
        self.filler.pause();
        active.fill = None;
        active.name = None;
        if let Some(file) = active.file.take() {
            file.truncate(active.end)?;
            file.sync()?;
        }
        Ok(())
    }

    /// Begins a segment. Its name is durable before its first block is written, so no acknowledged
    /// block can vanish with its file. An empty segment is harmless.
    fn begin_segment(&self, active: &mut Active) -> io::Result<Arc<dyn DiskFile>> {
        let first = self.head().position.next();
        let name = segment_name(first);
        let file: Arc<dyn DiskFile> = Arc::from(self.disk.create(&name)?);
        self.disk.sync_names()?;
        active.name = Some(HeldName::new(&self.disk, &name)?);
        self.segments.write().unwrap_or_else(PoisonError::into_inner).begin(first, &file);
        active.file = Some(Arc::clone(&file));
        active.end = 0;
        Ok(file)
    }
}

impl Store for SegmentsStore {
    fn head(&self) -> Head {
        self.segments().head()
    }

    fn append(&self, expected: Position, block: &Block) -> Result<(), AppendError> {
        let mut active = self.active();
        if let Some(reason) = self.writes_off() {
            return Err(AppendError::Poisoned { reason });
        }
        let head = self.head().position;
        if head != expected {
            return Err(AppendError::Conflict { head });
        }
        if let Err(reason) = self.check_names(&active) {
            // Nothing is written: another process may have written at this place.
            self.turn_off(&reason);
            return Err(AppendError::Poisoned { reason });
        }
        let written = self.write(&mut active, block);
        let written = written.map_err(|error| not_kept(expected.next(), &error));
        if let Err(reason) = written.and_then(|()| self.check_names(&active)) {
            // After a failed sync the disk's content is unknown, and another sync would prove
            // nothing. Writes stay off until the store is reopened and examined.
            self.turn_off(&reason);
            return Err(AppendError::OutcomeUnknown { reason });
        }
        let head = Head { position: block.head(), root: block.root() };
        self.segments.write().unwrap_or_else(PoisonError::into_inner).extend(active.end, head);
        self.moved.send_replace(head.position);
        Ok(())
    }

    fn read(&self, from: Position) -> Result<Box<dyn Pieces>, ReadError> {
        self.segments().read(from)
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.moved.subscribe()
    }

    fn poison(&self, reason: &str) {
        // A block being written ends first.
        let _active = self.active();
        self.turn_off(reason);
    }
}

/// Why writes are off after a block that was not kept.
fn not_kept(entry: Position, error: &io::Error) -> String {
    let reason = format!("entry {entry} could not be kept: {error}");
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        return format!("{reason} (make room on the disk)");
    }
    reason
}

/// Finds the segments of a folder. Where there are none, the note of a clean stop may show that
/// some are missing.
fn scan(disk: &dyn Disk, note: Option<&[u8]>) -> Result<(Segments, End), OpenError> {
    let found = Segments::scan(disk);
    if matches!(found, Err(OpenError::NoBook)) {
        check_clean_stop(note, &Segments::default())?;
    }
    found
}

fn damage_at_end(segments: &Segments, what: &str) -> Damage {
    let entry = segments.head().position.next();
    Damage { entry, place: segments.last_name(), what: what.to_owned() }
}
