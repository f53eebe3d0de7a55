//! Trails: where records of the access log are kept, each a segments store of its own, so that what
//! was cut off or changed is found as it is in the book.
//!
//! One process at a time adds to a trail, so each kind of writer has its own. A server holds its
//! trail for as long as it runs; the command line claims one for a batch, and waits its turn.

mod writer;

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
use super::record::Record;

/// The folder of the access log below a data folder.
const FOLDER: &str = "access";

/// How long the command line waits for its turn.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How often it looks whether its turn has come.
pub const LOOK_EVERY: Duration = Duration::from_millis(5);

/// One line, as it is stored: it begins as an entry of a book does.
#[derive(Debug, Serialize, Deserialize)]
struct Line<R> {
    position: Position,
    #[serde(flatten)]
    record: R,
}

/// Why a trail cannot be read or added to.
#[derive(Debug, thiserror::Error)]
pub enum TrailError {
    /// The storage failed.
    #[error("the access log in {path} cannot be read or written: {error}")]
    Io {
        /// Which folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another process adds to it.
    #[error("another process is writing to {path}: wait until it has ended, or stop it first")]
    Busy {
        /// Which folder.
        path: PathBuf,
    },
    /// It is not what was written.
    #[error(
        "{path} is damaged at record {record}: {what}; keep it as evidence, and restore the folder from a copy"
    )]
    Damaged {
        /// Which file, or the folder where no file is to blame.
        path: PathBuf,
        /// The first bad record, from 1.
        record: Position,
        /// What is wrong with it.
        what: String,
    },
}

/// Records in a folder of their own.
#[derive(Clone, Debug)]
pub struct Trail {
    path: PathBuf,
}

impl Trail {
    /// What a server writes down.
    pub fn of_server(data: &Path) -> Self {
        Trail { path: data.join(FOLDER).join("server") }
    }

    /// What the command line on the folder writes down.
    pub fn of_cli(data: &Path) -> Self {
        Trail { path: data.join(FOLDER).join("cli") }
    }

    /// What happened to keys.
    pub fn of_keys(data: &Path) -> Self {
        Trail { path: data.join(FOLDER).join("keys") }
    }

    /// All trails of a data folder.
    pub fn all(data: &Path) -> [Self; 3] {
        [Self::of_keys(data), Self::of_server(data), Self::of_cli(data)]
    }

    /// Whether anything was ever kept here, even if it cannot be read now.
    pub fn is_begun(&self) -> bool {
        match self.open_to_read() {
            Ok(store) => store.is_some_and(|store| store.head().position > Position::START),
            Err(_) => true,
        }
    }

    /// Every record in order, each proven by its seal; also while another process adds more.
    ///
    /// # Errors
    ///
    /// [`TrailError`], naming the first record that is not what was written.
    pub fn records(&self) -> Result<Vec<Record>, TrailError> {
        match self.open_to_read()? {
            Some(store) => self.read(&store),
            None => Ok(Vec::new()),
        }
    }

    /// Claims it for writing, if nobody else has.
    ///
    /// # Errors
    ///
    /// [`TrailError`], also where another process has claimed it.
    pub fn claim(&self) -> Result<TrailWriter, TrailError> {
        self.claim_within(Duration::ZERO)
    }

    /// Claims it for writing, and waits a while for whoever is there before.
    ///
    /// # Errors
    ///
    /// [`TrailError`], also where nobody made room.
    pub fn claim_in_turn(&self) -> Result<TrailWriter, TrailError> {
        self.claim_within(PATIENCE)
    }

    fn claim_within(&self, patience: Duration) -> Result<TrailWriter, TrailError> {
        let disk = Folder::writable(&self.path).map_err(|error| self.failed(error))?;
        let (disk, until) = (Arc::new(disk), Instant::now() + patience);
        loop {
            match TrailWriter::on(Arc::clone(&disk) as _, self) {
                Err(TrailError::Busy { .. }) if Instant::now() < until => thread::sleep(LOOK_EVERY),
                claimed => return claimed,
            }
        }
    }

    /// Adds a batch of records when its turn has come.
    ///
    /// # Errors
    ///
    /// [`TrailError`]; some of them may then be there.
    pub fn add(&self, records: &[Record]) -> Result<(), TrailError> {
        let mut writer = self.claim_in_turn()?;
        writer.append(records)?;
        writer.leave();
        Ok(())
    }

    fn open_to_read(&self) -> Result<Option<SegmentsStore>, TrailError> {
        if !self.path.try_exists().map_err(|error| self.failed(error))? {
            return Ok(None);
        }
        match SegmentsStore::read_only(Arc::new(Folder::read_only(&self.path))) {
            Ok(store) => Ok(Some(store)),
            Err(OpenError::NoBook) => Ok(None),
            Err(error) => Err(self.not_opened(error)),
        }
    }

    fn read(&self, store: &SegmentsStore) -> Result<Vec<Record>, TrailError> {
        let (mut records, mut strange) = (Vec::new(), None);
        let mut position = Position::START;
        let visit = |line: &[u8]| {
            position = position.next();
            match serde_json::from_slice::<Line<Record>>(line) {
                Ok(line) => records.push(line.record),
                Err(error) => {
                    let what = format!("it is no record: {error}");
                    strange.get_or_insert(Damage { entry: position, place: None, what });
                }
            }
        };
        // Where a seal names a record, that comes before what the record looks like.
        check_from(store, &mut Frontier::default(), visit)
            .and_then(|()| strange.map_or(Ok(()), |strange| Err(strange.into())))
            .map_err(|error| self.not_read(store, error))?;
        Ok(records)
    }

    pub(super) fn failed(&self, error: io::Error) -> TrailError {
        TrailError::Io { path: self.path.clone(), error }
    }

    fn not_opened(&self, error: OpenError) -> TrailError {
        match error {
            OpenError::Claimed => TrailError::Busy { path: self.path.clone() },
            OpenError::Damaged(damage) => self.damaged(damage),
            OpenError::Io(error) => self.failed(error),
            OpenError::NoBook | OpenError::BookExists => self.failed(io::Error::other(error)),
        }
    }

    fn not_read(&self, store: &SegmentsStore, error: ReadError) -> TrailError {
        match error {
            ReadError::Damaged(damage) => {
                let place = damage.place.or_else(|| store.file_of(damage.entry));
                self.damaged(Damage { place, ..damage })
            }
            error @ ReadError::Io { .. } => self.failed(io::Error::other(error)),
        }
    }

    fn damaged(&self, damage: Damage) -> TrailError {
        let Damage { entry: record, place, what } = damage;
        let path = place.map_or_else(|| self.path.clone(), |file| self.path.join(file));
        TrailError::Damaged { path, record, what }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ledger_core::domain::calendar::Timestamp;

    use super::*;
    use crate::access::record::What;

    pub(super) const FILE: &str = "00000000000000000001.jsonl";

    /// A record that tells its number.
    pub(super) fn numbered(count: u64) -> Record {
        Record::by_nobody(Timestamp::from_micros(0), What::Missed { count })
    }

    pub(super) fn numbers(records: &[Record]) -> Vec<u64> {
        let number = |record: &Record| {
            let What::Missed { count } = record.what else { panic!("{record:?}") };
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

    /// The first bad record, and the message, as reading says them and as writing does.
    fn damage(trail: &Trail) -> (u64, String) {
        let told = |error| match error {
            TrailError::Damaged { record, .. } => (record.get(), error.to_string()),
            TrailError::Io { .. } | TrailError::Busy { .. } => panic!("{error}"),
        };
        let read = told(trail.records().map(|records| numbers(&records)).unwrap_err());
        let noted = trail.path.join("tree");
        let note = fs::read(&noted).unwrap();
        fs::remove_file(&noted).unwrap();
        let writing = told(trail.claim().err().unwrap());
        assert_eq!(writing, read, "whoever writes and checks everything is told the same");
        fs::write(noted, note).unwrap();
        assert!(trail.is_begun());
        read
    }

    #[test]
    fn records_come_back_in_order() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!trail(&folder).is_begun());
        assert_eq!(trail(&folder).records().unwrap(), []);
        let kept = kept(&folder);
        assert!(kept.is_begun());
        assert_eq!(numbers(&kept.records().unwrap()), [1, 2, 3]);
        assert_eq!(numbers(&kept.claim().unwrap().records().unwrap()), [1, 2, 3]);
        let text = fs::read_to_string(kept.path.join(FILE)).unwrap();
        assert!(text.starts_with("{\"position\":1,\"at\":"), "{text}");
    }

    #[test]
    fn what_is_changed_taken_out_put_in_or_repeated_is_found_and_named() {
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
    fn what_was_never_finished_is_passed_over_and_set_aside_by_the_next_writer() {
        let folder = tempfile::tempdir().unwrap();
        let trail = kept(&folder);
        let mut writer = trail.claim().unwrap();
        writer.append(&[numbered(4)]).unwrap();
        // A process that was killed notes no clean stop, and may leave a block cut short.
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
