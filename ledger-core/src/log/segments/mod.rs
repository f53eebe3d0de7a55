//! The segments store: the book as plain JSON lines in a folder, durable through a power cut.
//!
//! Each file is one segment, named for its first entry. A block is appended with one write and one
//! `fdatasync`, over fill that was written and synced before, so that the sync has no file length
//! to record. A segment that closes loses its fill; from then on it never changes.
//!
//! What is safe if we stop at any line is said beside the line.

mod ahead;
mod disk;
mod filler;
mod reader;
mod recovery;
mod tail;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::watch;

pub use disk::{ALIGNMENT, Claim, Disk, DiskFile, Folder, read_all, read_full, replace};
use filler::Filler;
use reader::Segments;
use recovery::{check_clean_stop, clean_stop, make_durable, note_clean_stop, set_aside};
use tail::{End, Tail};

use super::block::{Block, Seal};
use super::store::{AppendError, Damage, Head, Pieces, ReadError, Store};
use crate::domain::position::Position;

/// Blocks of this size come from bulk loads. The system is advised to keep none of it in memory:
/// a load would push everything else out, and fresh memory is the dearest part of writing.
const BULK_BYTES: u64 = 128 << 10;

/// How far back the end of a segment is examined: two blocks, and all fill there can be.
const EXAMINED_BYTES: u64 = 8 << 20;

/// Blocks in a folder of segment files.
pub struct SegmentsStore {
    disk: Arc<dyn Disk>,
    segments: Arc<RwLock<Segments>>,
    active: Mutex<Active>,
    moved: watch::Sender<Position>,
    filler: Filler,
    torn: Option<Torn>,
    /// None where the store was opened to read.
    _claim: Option<Claim>,
}

/// Where the next block goes.
struct Active {
    file: Option<Arc<dyn DiskFile>>,
    /// The same file opened once more, for the filler: the system reports a failed sync once to
    /// each, and one that the filler was told of must reach whoever syncs a block too.
    fill: Option<Arc<dyn DiskFile>>,
    end: u64,
    poisoned: Option<String>,
}

/// A block that a power cut tore and that was set aside when the store was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The entry it would have begun with.
    pub first: Position,
    /// The file its bytes were moved to.
    pub kept_in: String,
}

/// Why a folder cannot be opened as a store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process writes there.
    #[error("another process is writing to this book: stop it first, or only read")]
    Claimed,
    /// There is no segment.
    #[error("there is no book here: make one with init")]
    NoBook,
    /// There is a book already.
    #[error("there is a book here already: choose another folder")]
    BookExists,
    /// The storage failed.
    #[error("the book cannot be opened: {0}")]
    Io(#[from] io::Error),
    /// What is stored is not what was written.
    #[error(transparent)]
    Damaged(#[from] Damage),
}

impl SegmentsStore {
    /// Makes a store in a folder that holds none.
    ///
    /// # Errors
    ///
    /// [`OpenError`], also where there is a book already.
    pub fn create(disk: Arc<dyn Disk>) -> Result<Self, OpenError> {
        let claim = claim(&*disk)?;
        let note = clean_stop(&*disk)?;
        match scan(&*disk, note.as_deref()) {
            Err(OpenError::NoBook) => {}
            // Begun and stopped before its first block was whole: begun anew.
            Ok((segments, end))
                if segments.head() == Head::empty()
                    && !matches!(end.tail, Tail::Damaged(_))
                    && check_clean_stop(note.as_deref(), &segments).is_ok() => {}
            Ok(_) | Err(OpenError::Damaged(_)) => return Err(OpenError::BookExists),
            Err(error) => return Err(error),
        }
        Ok(Self::at(disk, Segments::default(), 0, Some(claim), None))
    }

    /// Opens a store to write: sets a torn block aside, and trims what a crash left untrimmed.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; damage names the first bad entry.
    pub fn open(disk: Arc<dyn Disk>) -> Result<Self, OpenError> {
        let claim = claim(&*disk)?;
        let note = clean_stop(&*disk)?;
        let (segments, end) = scan(&*disk, note.as_deref())?;
        if let Tail::Damaged(what) = end.tail {
            return Err(damage_at_end(&segments, what).into());
        }
        // Before anything is changed: a start that is refused leaves the book as it found it.
        let stopped_cleanly = check_clean_stop(note.as_deref(), &segments)?;
        if segments.head() == Head::empty() {
            return Err(OpenError::NoBook);
        }
        // The last segment may have been begun by a process that was killed before this.
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
        Ok(Self::at(disk, segments, end.offset, Some(claim), torn))
    }

    /// Opens a store to read, also while another process writes to it: it ends with the last
    /// whole block, and nothing is changed.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; damage names the first bad entry.
    pub fn read_only(disk: Arc<dyn Disk>) -> Result<Self, OpenError> {
        let note = clean_stop(&*disk)?;
        let (segments, end) = Self::scan_whole(&*disk, note.as_deref())?;
        check_clean_stop(note.as_deref(), &segments)?;
        let store = Self::at(disk, segments, end.offset, None, None);
        store.poison("the book was opened only to read");
        Ok(store)
    }

    /// A block that another process is writing just now may look cut anywhere: look again, and
    /// believe in damage only when it stays.
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
        claim: Option<Claim>,
        torn: Option<Torn>,
    ) -> Self {
        let file = segments.last_file();
        let head = segments.head().position;
        SegmentsStore {
            disk,
            segments: Arc::new(RwLock::new(segments)),
            active: Mutex::new(Active { file, fill: None, end, poisoned: None }),
            moved: watch::Sender::new(head),
            filler: Filler::default(),
            torn,
            _claim: claim,
        }
    }

    /// The block that opening the store set aside, if there was one.
    pub const fn torn(&self) -> Option<&Torn> {
        self.torn.as_ref()
    }

    /// The file that holds an entry, or would; none where there is no file yet.
    pub fn file_of(&self, entry: Position) -> Option<String> {
        self.segments().name_of(entry)
    }

    /// Why the store takes no blocks; none while it does.
    pub fn writes_off(&self) -> Option<String> {
        self.active().poisoned.clone()
    }

    /// Stops cleanly, and takes no more blocks: takes off the fill and writes down the head, at or
    /// before which nothing may be torn from now on.
    ///
    /// # Errors
    ///
    /// Where the disk fails; the book is whole all the same.
    pub fn close(&self) -> io::Result<()> {
        self.filler.stop();
        let mut active = self.active();
        if active.poisoned.replace("the book was closed".to_owned()).is_some() {
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

    fn active(&self) -> MutexGuard<'_, Active> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn segments(&self) -> std::sync::RwLockReadGuard<'_, Segments> {
        self.segments.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes and syncs a block. Until this returns, the block is not acknowledged: a crash may
    /// leave it whole, torn or absent, and opening tells which.
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
        self.filler.make_way(active.end + length);
        file.write_at(block.bytes(), active.end)?;
        file.sync()?;
        if length >= BULK_BYTES {
            file.forget(active.end, length);
        }
        active.end += length;
        if active.fill.is_none() {
            let name = self.segments().last_name();
            // Without it blocks only take longer.
            active.fill = name.and_then(|name| self.disk.open(&name).ok()).map(Arc::from);
        }
        if let Some(fill) = &active.fill {
            self.filler.fill_ahead(fill, active.end, length);
        }
        Ok(())
    }

    /// The last block of the segment is durable; its fill may or may not be gone after a crash,
    /// and opening trims it.
    fn close_segment(&self, active: &mut Active) -> io::Result<()> {
        self.filler.pause();
        active.fill = None;
        if let Some(file) = active.file.take() {
            file.truncate(active.end)?;
            file.sync()?;
        }
        Ok(())
    }

    /// The new name is durable before the first block in it is written, so no acknowledged block
    /// can be in a file that a power cut takes away. An empty segment is as good as none.
    fn begin_segment(&self, active: &mut Active) -> io::Result<Arc<dyn DiskFile>> {
        let first = self.head().position.next();
        let file: Arc<dyn DiskFile> = Arc::from(self.disk.create(&segment_name(first))?);
        self.disk.sync_names()?;
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
        if let Some(reason) = active.poisoned.clone() {
            return Err(AppendError::Poisoned { reason });
        }
        let head = self.head().position;
        if head != expected {
            return Err(AppendError::Conflict { head });
        }
        if let Err(error) = self.write(&mut active, block) {
            // A failed sync says nothing about what is on the disk, and another one would say
            // nothing either: no more writes until the store is opened again and looks.
            let reason = format!("entry {} could not be kept: {error}", expected.next());
            active.poisoned = Some(reason.clone());
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
        self.active().poisoned.get_or_insert_with(|| reason.to_owned());
    }
}

fn claim(disk: &dyn Disk) -> Result<Claim, OpenError> {
    disk.claim().map_err(|error| {
        let claimed = error.kind() == io::ErrorKind::WouldBlock;
        if claimed { OpenError::Claimed } else { OpenError::Io(error) }
    })
}

/// Finds the segments of a folder. Where there are none, the note of a clean stop may still say that
/// there were.
fn scan(disk: &dyn Disk, note: Option<&[u8]>) -> Result<(Segments, End), OpenError> {
    let found = Segments::scan(disk);
    if matches!(found, Err(OpenError::NoBook)) {
        check_clean_stop(note, &Segments::default())?;
    }
    found
}

fn segment_name(first: Position) -> String {
    format!("{:020}.jsonl", first.get())
}

/// The segments of a folder in order: their first positions and names.
fn segment_names(disk: &dyn Disk) -> io::Result<Vec<(Position, String)>> {
    let mut names: Vec<_> = disk
        .list()?
        .into_iter()
        .filter_map(|name| {
            let first = name.strip_suffix(".jsonl")?.parse().ok().map(Position::new)?;
            (name == segment_name(first)).then_some((first, name))
        })
        .collect();
    names.sort_unstable();
    Ok(names)
}

fn damage_at_end(segments: &Segments, what: &str) -> Damage {
    let entry = segments.head().position.next();
    Damage { entry, place: segments.last_name(), what: what.to_owned() }
}

/// Reads the seal that ends at `offset` of a file, if one does.
fn seal_before(bytes: &[u8]) -> Option<Head> {
    let text = bytes.strip_suffix(b"\n")?;
    let start = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let seal = Seal::from_line(&text[start..])?;
    Some(Head { position: seal.head, root: seal.root })
}
