//! Snapshots: the state and projections at a position, so that a start need not replay the whole
//! log.
//!
//! A snapshot is never the truth. It is written to a temporary name, synced and renamed, and every
//! section is hashed. A start skips a snapshot that is absent, of another form or damaged, and uses
//! an older one or the log.

use std::io::{self, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::ledger::Ledger;
use crate::domain::position::Position;
use crate::domain::text::BookId;
use crate::keys::Keys;
use crate::log::merkle::{Frontier, Hash};
use crate::log::segments::{Disk, DiskFile, read_full};
use crate::state::State;

/// The form of snapshots. Raise it when a section's content changes, or when the same entries fold
/// to something else; older snapshots are then skipped.
const FORM: u32 = 6;

/// The last bytes of every snapshot.
const ENDING: &[u8; 8] = b"SNAPSHOT";

/// Number of snapshots kept.
const KEPT: usize = 2;

/// The index at the end of a snapshot.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Contents {
    form: u32,
    book: Option<BookId>,
    position: Position,
    root: Hash,
    sections: Vec<Section>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Section {
    name: String,
    start: u64,
    length: u64,
    hash: Hash,
}

/// A snapshot being written.
pub struct SnapshotWriter<'d> {
    disk: &'d dyn Disk,
    file: Box<dyn DiskFile>,
    contents: Contents,
    end: u64,
}

impl<'d> SnapshotWriter<'d> {
    /// Begins the snapshot of a state.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the disk fails. No snapshot is in place then.
    pub fn begin(disk: &'d dyn Disk, state: &State) -> io::Result<Self> {
        let contents = Contents {
            form: FORM,
            book: state.ledger.book(),
            position: state.position(),
            root: state.tree.root(),
            sections: Vec::new(),
        };
        let file = disk.create(UNFINISHED)?;
        let mut writer = SnapshotWriter { disk, file, contents, end: 0 };
        writer.section("ledger", |out| Ok(serde_json::to_writer(out, &state.ledger)?))?;
        writer.section("tree", |out| Ok(serde_json::to_writer(out, &state.tree)?))?;
        writer.section("keys", |out| out.write_all(&state.keys.to_bytes()))?;
        Ok(writer)
    }

    /// Writes one section.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the disk fails. No snapshot is in place then.
    pub fn section(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let sink = Sink { file: &*self.file, end: self.end, hasher: Sha256::new() };
        let mut out = io::BufWriter::with_capacity(1 << 20, sink);
        write(&mut out)?;
        let Sink { end, hasher, .. } = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let (start, length) = (self.end, end - self.end);
        let hash = Hash::from(<[u8; 32]>::from(hasher.finalize()));
        self.contents.sections.push(Section { name: name.to_owned(), start, length, hash });
        self.end = end;
        Ok(())
    }

    /// Puts the snapshot in place and removes old ones, keeping the newest two.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the disk fails. The older snapshots stay.
    pub fn finish(self) -> io::Result<()> {
        let mut ending = serde_json::to_vec(&self.contents)?;
        let length = ending.len() as u64;
        ending.extend(length.to_le_bytes());
        ending.extend(ENDING);
        self.file.write_at(&ending, self.end)?;
        self.file.sync()?;
        self.disk.rename(UNFINISHED, &name(self.contents.position))?;
        self.disk.sync_names()?;
        for (_, old) in names(self.disk)?.into_iter().skip(KEPT) {
            self.disk.remove(&old)?;
        }
        Ok(())
    }
}

struct Sink<'f> {
    file: &'f dyn DiskFile,
    end: u64,
    hasher: Sha256,
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_at(bytes, self.end)?;
        self.hasher.update(bytes);
        self.end += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A snapshot open for reading.
pub struct Snapshot {
    file: Arc<dyn DiskFile>,
    contents: Contents,
}

impl Snapshot {
    /// The intact snapshots of a folder, newest first.
    pub fn list(disk: &dyn Disk) -> Vec<Snapshot> {
        let names = names(disk).unwrap_or_default();
        names.into_iter().filter_map(|(_, name)| Snapshot::open(disk, &name)).collect()
    }

    fn open(disk: &dyn Disk, name: &str) -> Option<Self> {
        let file: Arc<dyn DiskFile> = Arc::from(disk.open(name).ok()?);
        let ending = file.length().ok()?.checked_sub(16)?;
        let bytes = read(&*file, ending, 16)?;
        let length = bytes.strip_suffix(ENDING)?.try_into().ok().map(u64::from_le_bytes)?;
        let start = ending.checked_sub(length)?;
        let contents: Contents = serde_json::from_slice(&read(&*file, start, length)?).ok()?;
        (contents.form == FORM).then_some(Snapshot { file, contents })
    }

    /// The position it was taken at.
    pub const fn position(&self) -> Position {
        self.contents.position
    }

    /// The tree's root at that position.
    pub const fn root(&self) -> Hash {
        self.contents.root
    }

    /// The book it belongs to.
    pub const fn book(&self) -> Option<BookId> {
        self.contents.book
    }

    /// The tree in it; `None` where it is damaged.
    pub fn tree(&self) -> Option<Frontier> {
        let tree: Frontier = self.json("tree")?;
        let whole = tree.size() == self.position().get() && tree.root() == self.root();
        whole.then_some(tree)
    }

    /// The bytes of a section; `None` where it is absent or changed.
    pub fn section(&self, name: &str) -> Option<Vec<u8>> {
        let section = self.contents.sections.iter().find(|section| section.name == name)?;
        let bytes = read(&*self.file, section.start, section.length)?;
        let hash = Hash::from(<[u8; 32]>::from(Sha256::digest(&bytes)));
        (hash == section.hash).then_some(bytes)
    }

    /// The state in it; `None` where any part is damaged.
    pub fn state(&self) -> Option<State> {
        let (rest, keys) = std::thread::scope(|scope| {
            let keys = scope.spawn(|| Keys::from_bytes(&self.section("keys")?));
            let ledger: Option<Ledger<'static>> = self.json("ledger");
            (ledger.zip(self.tree()), keys.join().ok().flatten())
        });
        let ((ledger, tree), keys) = (rest?, keys?);
        let whole = ledger.position() == self.position() && ledger.book() == self.book();
        whole.then_some(State { ledger, keys, tree })
    }

    fn json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_slice(&self.section(name)?).ok()
    }
}

fn read(file: &dyn DiskFile, start: u64, length: u64) -> Option<Vec<u8>> {
    if start.checked_add(length)? > file.length().ok()? {
        return None;
    }
    let mut bytes = vec![0; usize::try_from(length).ok()?];
    let read = read_full(file, &mut bytes, start).ok()?;
    (read == bytes.len()).then_some(bytes)
}

/// The name of an unfinished snapshot.
const UNFINISHED: &str = "snapshot.new";

fn name(position: Position) -> String {
    format!("{:020}.snapshot", position.get())
}

fn names(disk: &dyn Disk) -> io::Result<Vec<(Position, String)>> {
    let mut names: Vec<_> = disk
        .list()?
        .into_iter()
        .filter_map(|name| {
            let position = name.strip_suffix(".snapshot")?.parse().ok().map(Position::new)?;
            Some((position, name))
        })
        .collect();
    names.sort_unstable_by(|a, b| b.cmp(a));
    Ok(names)
}
