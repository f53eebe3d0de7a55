//! The writer of a trail: batches in sealed blocks, each durable before `append` returns.

use std::io;
use std::sync::Arc;

use ledger_core::domain::position::Position;
use ledger_core::log::block::Block;
use ledger_core::log::check::check_from;
use ledger_core::log::entry::ENTRY_BYTES_MAX;
use ledger_core::log::merkle::Frontier;
use ledger_core::log::segments::{Disk, OpenError, SegmentsStore, read_all};
use ledger_core::log::store::{AppendError, Store};
use tracing::warn;

use super::{Line, Trail, TrailError};
use crate::access::log::record::Record;

/// The file of the trail's Merkle tree.
const TREE_FILE: &str = "tree";

/// A trail claimed for writing.
pub struct TrailWriter {
    trail: Trail,
    disk: Arc<dyn Disk>,
    /// None after a failure, until the trail is opened again.
    store: Option<SegmentsStore>,
    /// The Merkle tree over all records.
    tree: Frontier,
    /// The bytes of its files when it was opened, and of what was added since.
    written: u64,
}

impl TrailWriter {
    /// Opens a trail on a disk; tests use a disk that fails. Records since the last clean stop are
    /// checked. After a storage failure, the next write opens the trail again.
    ///
    /// # Errors
    ///
    /// [`TrailError`] if the trail is damaged, or another process has claimed it.
    pub fn on(disk: Arc<dyn Disk>, trail: &Trail) -> Result<Self, TrailError> {
        let (trail, tree) = (trail.clone(), Frontier::default());
        let written = length(&*disk).unwrap_or_default();
        let mut writer = TrailWriter { trail, disk, store: None, tree, written };
        match writer.open() {
            Err(error @ (TrailError::Busy { .. } | TrailError::Damaged { .. })) => Err(error),
            Err(error @ TrailError::Io { .. }) => {
                warn!(%error, "records are lost until the trail can be opened");
                Ok(writer)
            }
            Ok(_) => Ok(writer),
        }
    }

    /// The trail.
    pub const fn trail(&self) -> &Trail {
        &self.trail
    }

    /// The bytes of its files.
    pub const fn length(&self) -> u64 {
        self.written
    }

    /// The number of records, and the root of their tree in hexadecimal.
    pub fn end(&self) -> (u64, String) {
        (self.tree.size(), self.tree.root().to_string())
    }

    /// Every record in order.
    ///
    /// # Errors
    ///
    /// [`TrailError`].
    pub fn records(&mut self) -> Result<Vec<Record>, TrailError> {
        let trail = self.trail.clone();
        trail.read(self.open()?, &mut Frontier::default())
    }

    /// Adds records in blocks, and waits until they are durable. After a failure the next call opens
    /// the trail again.
    ///
    /// # Errors
    ///
    /// [`TrailError`]; the first of the records may have been written.
    pub fn append(&mut self, records: &[Record]) -> Result<(), TrailError> {
        let mut records = records.iter().peekable();
        let mut block = Block::default();
        while records.peek().is_some() {
            self.open()?;
            let mut tree = self.tree.clone();
            let before = Position::new(tree.size());
            let mut position = before;
            block.clear();
            while block.has_room()
                && let Some(record) = records.next()
            {
                position = position.next();
                let written = block.push(|out| write(out, &Line { position, record }));
                written.map_err(|error| self.trail.io_error(error))?;
            }
            block.seal(&mut tree);
            self.append_block(before, &block, tree)?;
            self.written = self.written.saturating_add(block.bytes().len() as u64);
        }
        Ok(())
    }

    fn append_block(
        &mut self,
        before: Position,
        block: &Block,
        tree: Frontier,
    ) -> Result<(), TrailError> {
        let Err(error) = self.open()?.append(before, block) else {
            self.tree = tree;
            return Ok(());
        };
        // Opening the store again shows whether the block was written.
        self.store = None;
        if self.open().is_ok() && self.tree == tree {
            return Ok(());
        }
        let reason = match error {
            AppendError::OutcomeUnknown { reason } | AppendError::Poisoned { reason } => reason,
            AppendError::Conflict { .. } => error.to_string(),
        };
        Err(self.trail.io_error(io::Error::other(reason)))
    }

    /// Opens the store unless it is open, and checks the records not checked before.
    fn open(&mut self) -> Result<&SegmentsStore, TrailError> {
        let store = match self.store.take() {
            Some(store) => store,
            None => self.open_store()?,
        };
        Ok(self.store.insert(store))
    }

    fn open_store(&mut self) -> Result<SegmentsStore, TrailError> {
        let store = open_or_create(&self.disk).map_err(|error| self.trail.open_error(error))?;
        if let Some(torn) = store.torn() {
            let (path, first) = (self.trail.path.display(), torn.first);
            warn!("{path}: a torn block at record {first} is set aside in {}", torn.kept_in);
        }
        if self.tree.size() == 0 {
            self.tree = self.saved_tree().unwrap_or_default();
        }
        let mut tree = self.tree.clone();
        let checked = check_from(&store, &mut tree, |_| {}).or_else(|error| {
            // The first damaged record may be an earlier one.
            check_from(&store, &mut Frontier::default(), |_| {}).and(Err(error))
        });
        checked.map_err(|error| self.trail.read_error(&store, error))?;
        self.tree = tree;
        Ok(store)
    }

    /// The tree saved at the last clean stop: records before it need not be hashed again.
    fn saved_tree(&self) -> Option<Frontier> {
        let note = read_all(&*self.disk.open(TREE_FILE).ok()?).ok()?;
        serde_json::from_slice(&note).ok().filter(Frontier::is_sound)
    }

    /// Saves the tree without a sync: if it is missing or torn, all records are hashed again.
    fn save_tree(&self) -> io::Result<()> {
        self.disk.create(TREE_FILE)?.write_at(&serde_json::to_vec(&self.tree)?, 0)
    }

    /// Records a clean stop, so that a record missing later counts as damage. A failure to do so
    /// loses no record.
    pub fn leave(self) {
        let Some(store) = &self.store else { return };
        if let Err(error) = store.close().and_then(|()| self.save_tree()) {
            warn!(%error, "the clean stop of the access log could not be recorded");
        }
    }
}

/// The length of all files, in bytes.
fn length(disk: &dyn Disk) -> io::Result<u64> {
    let names = disk.list()?;
    names.iter().try_fold(0_u64, |sum, name| Ok(sum.saturating_add(disk.open(name)?.length()?)))
}

/// Opens the store, or creates it. Another process may create it in between.
fn open_or_create(disk: &Arc<dyn Disk>) -> Result<SegmentsStore, OpenError> {
    let open = || SegmentsStore::open(Arc::clone(disk));
    match open() {
        Err(OpenError::NoBook) => match SegmentsStore::create(Arc::clone(disk)) {
            Err(OpenError::BookExists) => open(),
            created => created,
        },
        opened => opened,
    }
}

fn write(out: &mut Vec<u8>, line: &Line<&Record>) -> io::Result<()> {
    let before = out.len();
    serde_json::to_writer(&mut *out, line)?;
    let length = out.len().saturating_sub(before);
    if length > ENTRY_BYTES_MAX {
        return Err(io::Error::other(format!("a record of {length} bytes is too long")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::thread;
    use std::time::{Duration, Instant};

    use ledger_core::domain::calendar::Timestamp;

    use super::super::tests::{FILE, kept, numbered, numbers, trail};
    use super::super::{CLAIM_INTERVAL, PATIENCE};
    use super::*;
    use crate::access::log::record::AccessEvent;

    #[test]
    fn checked_records_are_not_checked_again_to_append() {
        let folder = tempfile::tempdir().unwrap();
        let trail = kept(&folder);
        let path = trail.path.join(FILE);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("\"count\":1}", "\"count\":7}")).unwrap();
        trail.add(&[numbered(4)]).unwrap();
        let message = trail.records().unwrap_err().to_string();
        assert!(message.contains("at record 1: "), "{message}");
        let added = fs::read_to_string(&path).unwrap();
        fs::write(&path, added.replace("\"count\":7}", "\"count\":1}")).unwrap();
        assert_eq!(numbers(&trail.records().unwrap()), [1, 2, 3, 4]);
    }

    #[test]
    fn a_torn_tree_is_ignored_and_a_tree_of_another_log_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let trail = kept(&folder);
        let noted = trail.path.join(TREE_FILE);
        for not_whole in ["", "{\"size\":3,\"subtrees\":[]}", "{\"size\":3,\"subt"] {
            fs::write(&noted, not_whole).unwrap();
            drop(trail.claim().unwrap());
        }
        let other = tempfile::tempdir().unwrap();
        let other = Trail::of_server(other.path());
        other.add(&[numbered(1), numbered(2), numbered(7)]).unwrap();
        fs::copy(other.path.join(TREE_FILE), &noted).unwrap();
        let message = trail.claim().err().unwrap().to_string();
        assert!(message.contains("it is not what was read before"), "{message}");
    }

    #[test]
    fn a_sealed_line_that_is_not_a_record_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let trail = kept(&folder);
        let (mut block, mut writer) = (Block::default(), trail.claim().unwrap());
        let mut tree = writer.tree.clone();
        block.push(|out| out.write_all(b"{\"position\":4,\"at\":\"noon\"}")).unwrap();
        block.seal(&mut tree);
        writer.append_block(Position::new(3), &block, tree).unwrap();
        writer.leave();
        let message = trail.records().unwrap_err().to_string();
        assert!(message.contains("at record 4: it is not a record"), "{message}");
    }

    #[test]
    fn writers_wait_for_a_claim_and_lose_no_record() {
        let folder = tempfile::tempdir().unwrap();
        let trail = trail(&folder);
        let mut first = trail.claim().unwrap();
        let error = trail.claim_within(Duration::from_millis(20)).err().unwrap();
        assert!(matches!(error, TrailError::Busy { .. }), "{error}");
        first.append(&[numbered(0)]).unwrap();
        thread::scope(|scope| {
            for number in 1..=8 {
                let trail = &trail;
                scope.spawn(move || trail.add(&[numbered(number)]).unwrap());
            }
            // Readers neither block nor see a torn state.
            for _ in 0..20 {
                trail.records().unwrap();
            }
            first.leave();
            for _ in 0..200 {
                trail.records().unwrap();
            }
        });
        let mut found = numbers(&trail.records().unwrap());
        found.sort_unstable();
        assert_eq!(found, (0..=8).collect::<Vec<_>>());
    }

    #[test]
    fn a_batch_of_any_length_is_written_in_blocks() {
        let folder = tempfile::tempdir().unwrap();
        let trail = trail(&folder);
        let asked = "\u{1}".repeat(200);
        let long = |_| {
            let asked = asked.clone();
            Record::anonymous(Timestamp::from_micros(0), AccessEvent::Denied { asked })
        };
        let batch: Vec<Record> = (0..2000).map(long).collect();
        trail.add(&batch).unwrap();
        assert_eq!(trail.records().unwrap(), batch);
        let text = fs::read_to_string(trail.path.join(FILE)).unwrap();
        assert!(text.len() > 2 << 20);
        let seals = text.lines().filter(|line| line.starts_with("{\"seal\":"));
        assert_eq!(seals.count(), 3);
        let asked = "x".repeat(ENTRY_BYTES_MAX);
        let too_long = Record::anonymous(Timestamp::from_micros(0), AccessEvent::Denied { asked });
        let error = trail.add(&[too_long]).unwrap_err().to_string();
        assert!(error.contains("too long"), "{error}");
        assert_eq!(trail.records().unwrap().len(), batch.len());
    }

    #[test]
    fn an_open_trail_reserves_space_and_a_clean_stop_trims_it() {
        let folder = tempfile::tempdir().unwrap();
        let trail = trail(&folder);
        let length = || fs::metadata(trail.path.join(FILE)).unwrap().len();
        let mut writer = trail.claim().unwrap();
        for number in 0..15 {
            writer.append(&[numbered(number)]).unwrap();
        }
        assert!(length() < 8 << 10, "few records reserve no space: {}", length());
        for number in 15..60 {
            writer.append(&[numbered(number)]).unwrap();
        }
        let until = Instant::now() + PATIENCE;
        while length() < 256 << 10 && Instant::now() < until {
            thread::sleep(CLAIM_INTERVAL);
        }
        let filled = length();
        assert!(((256 << 10)..(5 << 20)).contains(&filled), "{filled}");
        assert_eq!(trail.records().unwrap().len(), 60);
        writer.leave();
        assert!(length() < 32 << 10, "{}", length());
        assert_eq!(trail.records().unwrap().len(), 60);
    }

    #[test]
    fn the_next_batch_opens_a_failed_trail_again() {
        let folder = tempfile::tempdir().unwrap();
        let trail = kept(&folder);
        let mut writer = trail.claim().unwrap();
        writer.store.as_ref().unwrap().poison("the disk is full");
        let error = writer.append(&[numbered(4)]).unwrap_err().to_string();
        assert!(error.contains("the disk is full"), "{error}");
        writer.append(&[numbered(5)]).unwrap();
        writer.leave();
        assert_eq!(numbers(&trail.records().unwrap()), [1, 2, 3, 5]);
    }
}
