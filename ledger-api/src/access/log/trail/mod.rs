//! Trails: the stores of the access log. Each is a segments store, which detects changed and missing
//! records as in the book.
//!
//! A trail has one writing process at a time, so each kind of writer has its own trail. A server claims
//! its trail while it runs; the command line claims one for a batch, and waits for its turn.

mod writer;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ledger_core::domain::position::Position;
use ledger_core::log::check::check_from;
use ledger_core::log::merkle::Frontier;
use ledger_core::log::segments::{Folder, OpenError, SegmentsStore};
use ledger_core::log::store::{Damage, ReadError, Store};
use serde::{Deserialize, Serialize};

pub use self::writer::TrailWriter;
use crate::access::log::record::Record;

/// The folder of the access log below a data folder.
const FOLDER: &str = "access";

/// The most trails set aside.
const ASIDE_MAX: usize = 7;

/// How long the command line waits for a claim.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The interval between two attempts to claim.
pub const CLAIM_INTERVAL: Duration = Duration::from_millis(5);

/// A stored line. It begins like an entry of a book.
#[derive(Debug, Serialize, Deserialize)]
struct Line<R> {
    position: Position,
    #[serde(flatten)]
    record: R,
}

/// Why a trail cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TrailError {
    /// The storage failed.
    #[error("the access log in {path} cannot be read or written: {error}")]
    Io {
        /// The folder.
        path: PathBuf,
        /// The cause.
        error: io::Error,
    },
    /// Another process has claimed the trail.
    #[error("another process is writing to {path}: wait until it has ended, or stop it first")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// A record was changed, or is missing.
    #[error(
        "{path} is damaged at record {record}: {what}; keep it as evidence, and restore the folder from a backup"
    )]
    Damaged {
        /// The damaged file, or the folder if no file is known.
        path: PathBuf,
        /// The first damaged record, counted from 1.
        record: Position,
        /// The kind of damage.
        what: String,
    },
}

/// A trail of records, in a folder of its own.
#[derive(Clone, Debug)]
pub struct Trail {
    path: PathBuf,
}

impl Trail {
    /// The trail of a server.
    pub fn of_server(data: &Path) -> Self {
        Trail { path: data.join(FOLDER).join("server") }
    }

    /// The trail of the command line.
    pub fn of_cli(data: &Path) -> Self {
        Trail { path: data.join(FOLDER).join("cli") }
    }

    /// The trail of key changes.
    pub fn of_keys(data: &Path) -> Self {
        Trail { path: data.join(FOLDER).join("keys") }
    }

    /// All trails of a data folder, also those set aside.
    pub fn all(data: &Path) -> Vec<Self> {
        let server = Self::of_server(data);
        let mut trails = server.aside();
        trails.extend([server, Self::of_keys(data), Self::of_cli(data)]);
        trails
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The trails that were set aside for this one, the oldest first.
    fn aside(&self) -> Vec<Self> {
        let numbered = (1..=ASIDE_MAX).rev().map(|number| self.numbered(number));
        numbered.filter(|trail| trail.path.is_dir()).collect()
    }

    /// The trail set aside as the last but `number - 1`.
    fn numbered(&self, number: usize) -> Self {
        let mut path = self.path.clone().into_os_string();
        path.push(format!("-{number}"));
        Trail { path: path.into() }
    }

    /// Sets a full trail aside, which nobody writes to any more. The oldest of more than `ASIDE_MAX`
    /// is removed.
    ///
    /// # Errors
    ///
    /// [`TrailError::Io`].
    pub fn set_aside(&self) -> Result<(), TrailError> {
        let moved = || -> io::Result<()> {
            let oldest = self.numbered(ASIDE_MAX).path;
            if oldest.is_dir() {
                fs::remove_dir_all(oldest)?;
            }
            for number in (1..ASIDE_MAX).rev() {
                let from = self.numbered(number).path;
                if from.is_dir() {
                    fs::rename(from, self.numbered(number + 1).path)?;
                }
            }
            fs::rename(&self.path, self.numbered(1).path)
        };
        moved().map_err(|error| self.io_error(error))
    }

    /// Whether the trail has a record, readable or not.
    pub fn has_records(&self) -> bool {
        match self.open_to_read() {
            Ok(store) => store.is_some_and(|store| store.head().position > Position::START),
            Err(_) => true,
        }
    }

    /// Every record in order, each checked against its seal. Another process may be writing.
    ///
    /// # Errors
    ///
    /// [`TrailError`], naming the first damaged record.
    pub fn records(&self) -> Result<Vec<Record>, TrailError> {
        self.records_and_root().map(|(records, _)| records)
    }

    /// Every record in order, and the root of their tree in hexadecimal: see [`Trail::records`].
    pub(super) fn records_and_root(&self) -> Result<(Vec<Record>, String), TrailError> {
        let mut tree = Frontier::default();
        let records = match self.open_to_read()? {
            Some(store) => self.read(&store, &mut tree)?,
            None => Vec::new(),
        };
        Ok((records, tree.root().to_string()))
    }

    /// Claims the trail for writing.
    ///
    /// # Errors
    ///
    /// [`TrailError`], also if another process has claimed it.
    pub fn claim(&self) -> Result<TrailWriter, TrailError> {
        self.claim_within(Duration::ZERO)
    }

    /// Claims the trail for writing, and waits up to [`PATIENCE`] for another process.
    ///
    /// # Errors
    ///
    /// [`TrailError`], also if the other process keeps its claim.
    pub fn claim_in_turn(&self) -> Result<TrailWriter, TrailError> {
        self.claim_within(PATIENCE)
    }

    fn claim_within(&self, patience: Duration) -> Result<TrailWriter, TrailError> {
        let disk = Folder::writable(&self.path).map_err(|error| self.io_error(error))?;
        let (disk, until) = (Arc::new(disk), Instant::now() + patience);
        loop {
            match TrailWriter::on(Arc::clone(&disk) as _, self) {
                Err(TrailError::Busy { .. }) if Instant::now() < until => {
                    thread::sleep(CLAIM_INTERVAL);
                }
                claimed => return claimed,
            }
        }
    }

    /// Claims the trail and adds a batch of records.
    ///
    /// # Errors
    ///
    /// [`TrailError`]; some of the records may have been written.
    pub fn add(&self, records: &[Record]) -> Result<(), TrailError> {
        let mut writer = self.claim_in_turn()?;
        writer.append(records)?;
        writer.leave();
        Ok(())
    }

    fn open_to_read(&self) -> Result<Option<SegmentsStore>, TrailError> {
        if !self.path.try_exists().map_err(|error| self.io_error(error))? {
            return Ok(None);
        }
        match SegmentsStore::read_only(Arc::new(Folder::read_only(&self.path))) {
            Ok(store) => Ok(Some(store)),
            Err(OpenError::NoBook) => Ok(None),
            Err(error) => Err(self.open_error(error)),
        }
    }

    fn read(&self, store: &SegmentsStore, tree: &mut Frontier) -> Result<Vec<Record>, TrailError> {
        let (mut records, mut malformed) = (Vec::new(), None);
        let mut position = Position::START;
        let visit = |line: &[u8]| {
            position = position.next();
            match serde_json::from_slice::<Line<Record>>(line) {
                Ok(line) => records.push(line.record),
                Err(error) => {
                    let what = format!("it is not a record: {error}");
                    malformed.get_or_insert(Damage { entry: position, place: None, what });
                }
            }
        };
        // Damage that a seal finds comes before a record that cannot be parsed.
        check_from(store, tree, visit)
            .and_then(|()| malformed.map_or(Ok(()), |malformed| Err(malformed.into())))
            .map_err(|error| self.read_error(store, error))?;
        Ok(records)
    }

    pub(super) fn io_error(&self, error: io::Error) -> TrailError {
        TrailError::Io { path: self.path.clone(), error }
    }

    fn open_error(&self, error: OpenError) -> TrailError {
        match error {
            OpenError::Claimed => TrailError::Busy { path: self.path.clone() },
            OpenError::Damaged(damage) => self.damaged(damage),
            OpenError::Io(error) => self.io_error(error),
            OpenError::NoBook | OpenError::BookExists => self.io_error(io::Error::other(error)),
        }
    }

    fn read_error(&self, store: &SegmentsStore, error: ReadError) -> TrailError {
        match error {
            ReadError::Damaged(damage) => {
                let place = damage.place.or_else(|| store.file_of(damage.entry));
                self.damaged(Damage { place, ..damage })
            }
            error @ ReadError::Io { .. } => self.io_error(io::Error::other(error)),
        }
    }

    pub(super) fn damaged(&self, damage: Damage) -> TrailError {
        let Damage { entry: record, place, what } = damage;
        let path = place.map_or_else(|| self.path.clone(), |file| self.path.join(file));
        TrailError::Damaged { path, record, what }
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::domain::calendar::Timestamp;

    use super::*;
    use crate::access::log::record::AccessEvent;

    pub(super) const FILE: &str = "00000000000000000001.jsonl";

    /// A record with a number.
    pub(super) fn numbered(count: u64) -> Record {
        Record::anonymous(Timestamp::from_micros(0), AccessEvent::Missed { count })
    }

    pub(super) fn numbers(records: &[Record]) -> Vec<u64> {
        let number = |record: &Record| {
            let AccessEvent::Missed { count } = record.what else { panic!("{record:?}") };
            count
        };
        records.iter().map(number).collect()
    }

    /// A trail in a folder.
    pub(super) fn trail(folder: &tempfile::TempDir) -> Trail {
        Trail::of_cli(folder.path())
    }

    /// A trail with a batch of one record and one of two, left cleanly.
    pub(super) fn kept(folder: &tempfile::TempDir) -> Trail {
        let trail = trail(folder);
        trail.add(&[numbered(1)]).unwrap();
        trail.add(&[numbered(2), numbered(3)]).unwrap();
        trail
    }

    /// The first damaged record and the message. Reading and writing must agree on both.
    fn damage(trail: &Trail) -> (u64, String) {
        let damaged = |error| match error {
            TrailError::Damaged { record, .. } => (record.get(), error.to_string()),
            TrailError::Io { .. } | TrailError::Busy { .. } => panic!("{error}"),
        };
        let read = damaged(trail.records().map(|records| numbers(&records)).unwrap_err());
        let noted = trail.path.join("tree");
        let note = fs::read(&noted).unwrap();
        fs::remove_file(&noted).unwrap();
        let writing = damaged(trail.claim().err().unwrap());
        assert_eq!(writing, read, "reading and writing report the same damage");
        fs::write(noted, note).unwrap();
        assert!(trail.has_records());
        read
    }

    #[test]
    fn records_come_back_in_order() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!trail(&folder).has_records());
        assert_eq!(trail(&folder).records().unwrap(), []);
        let kept = kept(&folder);
        assert!(kept.has_records());
        assert_eq!(numbers(&kept.records().unwrap()), [1, 2, 3]);
        assert_eq!(numbers(&kept.claim().unwrap().records().unwrap()), [1, 2, 3]);
        let text = fs::read_to_string(kept.path.join(FILE)).unwrap();
        assert!(text.starts_with("{\"position\":1,\"at\":"), "{text}");
    }

    #[test]
    fn a_changed_missing_inserted_or_repeated_record_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let trail = kept(&folder);
        let path = trail.path.join(FILE);
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let [one, seal, two, three, last] = lines.as_slice() else { panic!("{text}") };
        let put_in = three.replace("\"position\":3", "\"position\":4");
        let cases = [
            ("the first is changed", text.replace("\"count\":1}", "\"count\":7}"), 1),
            ("the last is changed", text.replace("\"count\":3}", "\"count\":7}"), 3),
            ("one is taken out", [*one, seal, three, last].concat(), 2),
            ("the last is taken out", [*one, seal, two, last].concat(), 2),
            ("one is put in", [*one, seal, two, three, &put_in, last].concat(), 4),
            ("one is repeated", [*one, one, seal, two, three, last].concat(), 2),
            ("two are exchanged", [*one, seal, three, two, last].concat(), 2),
            ("a block is taken out", [*two, three, last].concat(), 1),
            ("a block is repeated", [&text, *two, three, last].concat(), 4),
            ("a seal is taken out", [*one, two, three, last].concat(), 1),
            ("it is not ours", "nonsense\n".to_owned(), 1),
        ];
        for (what, changed, record) in cases {
            fs::write(&path, &changed).unwrap();
            let (named, message) = damage(&trail);
            assert_eq!(named, record, "{what}: {message}");
            let says = |part: &str| message.contains(part);
            assert!(says("access/cli") && says(&format!("at record {record}: ")), "{message}");
        }
        fs::write(&path, text.replace("\"count\":1}", "\"count\":7}")).unwrap();
        assert!(damage(&trail).1.contains(FILE), "the file is named");
        fs::write(&path, &text).unwrap();
        assert_eq!(numbers(&trail.records().unwrap()), [1, 2, 3]);
    }

    #[test]
    fn a_torn_block_is_ignored_and_set_aside_by_the_next_writer() {
        let folder = tempfile::tempdir().unwrap();
        let trail = kept(&folder);
        let mut writer = trail.claim().unwrap();
        writer.append(&[numbered(4)]).unwrap();
        // A killed process records no clean stop, and may leave a torn block.
        drop(writer);
        let path = trail.path.join(FILE);
        let whole = fs::read(&path).unwrap();
        let begun = b"{\"position\":5,\"at\":\"1970";
        fs::write(&path, [whole.as_slice(), begun].concat()).unwrap();
        assert_eq!(numbers(&trail.records().unwrap()), [1, 2, 3, 4]);
        trail.add(&[numbered(5)]).unwrap();
        assert_eq!(numbers(&trail.records().unwrap()), [1, 2, 3, 4, 5]);
        assert_eq!(fs::read(trail.path.join("torn-before-5.txt")).unwrap(), begun);
    }

    #[test]
    fn an_end_that_is_cut_off_after_a_clean_stop_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let trail = kept(&folder);
        let path = trail.path.join(FILE);
        let text = fs::read_to_string(&path).unwrap();
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        for (end, record) in [(0, 1), (ends[0], 1), (ends[1], 2), (ends[2], 2), (ends[3], 2)] {
            fs::write(&path, text.get(..end).unwrap()).unwrap();
            let (named, message) = damage(&trail);
            assert_eq!(named, record, "cut at {end}: {message}");
            assert!(message.contains("up to 3 were kept and are missing"), "{message}");
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(damage(&trail).0, 1, "no file is left");
    }
}
