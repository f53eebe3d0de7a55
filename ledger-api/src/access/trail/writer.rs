//! Adding to a trail: batches in sealed blocks, each durable before it is said to be kept.

use std::io;
use std::sync::Arc;

use ledger_core::domain::position::Position;
use ledger_core::log::block::Block;
use ledger_core::log::check::follow;
use ledger_core::log::entry::ENTRY_BYTES_MAX;
use ledger_core::log::merkle::Frontier;
use ledger_core::log::segments::{Disk, OpenError, SegmentsStore};
use ledger_core::log::store::{AppendError, Store};
use tracing::warn;

use super::{Line, Trail, TrailError};
use crate::access::record::Record;

/// A trail that this process alone adds to.
pub struct TrailWriter {
    trail: Trail,
    disk: Arc<dyn Disk>,
    /// None after a failure, until it is opened again.
    store: Option<SegmentsStore>,
    /// The tree over what is kept.
    tree: Frontier,
}

impl TrailWriter {
    /// Opens a trail on a disk, which in tests may be one that fails. All that is kept is checked.
    ///
    /// # Errors
    ///
    /// [`TrailError`], also where another process has claimed it.
    pub fn on(disk: Arc<dyn Disk>, trail: &Trail) -> Result<Self, TrailError> {
        let (trail, tree) = (trail.clone(), Frontier::default());
        let mut writer = TrailWriter { trail, disk, store: None, tree };
        writer.open()?;
        Ok(writer)
    }

    /// What it adds to.
    pub const fn trail(&self) -> &Trail {
        &self.trail
    }

    /// Every record in order.
    ///
    /// # Errors
    ///
    /// [`TrailError`].
    pub fn records(&mut self) -> Result<Vec<Record>, TrailError> {
        self.open()?;
        self.store.as_ref().map_or_else(|| Ok(Vec::new()), |store| self.trail.read(store))
    }

    /// Adds records, as many to a block as fit, and waits until they are durable. After a failure
    /// the next call opens the trail again.
    ///
    /// # Errors
    ///
    /// [`TrailError`]; the first of them may then be there.
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
                written.map_err(|error| self.trail.failed(error))?;
            }
            block.seal(&mut tree);
            self.keep(before, &block, tree)?;
        }
        Ok(())
    }

    fn keep(&mut self, before: Position, block: &Block, tree: Frontier) -> Result<(), TrailError> {
        let Some(store) = &self.store else { return Ok(()) };
        let Err(error) = store.append(before, block) else {
            self.tree = tree;
            return Ok(());
        };
        // Whether the block was kept all the same is told by opening the store again.
        self.store = None;
        if self.open().is_ok() && self.tree == tree {
            return Ok(());
        }
        let reason = match error {
            AppendError::OutcomeUnknown { reason } | AppendError::Poisoned { reason } => reason,
            AppendError::Conflict { .. } => error.to_string(),
        };
        Err(self.trail.failed(io::Error::other(reason)))
    }

    /// Opens the store unless it is open, and checks what was not read before.
    fn open(&mut self) -> Result<(), TrailError> {
        if self.store.is_some() {
            return Ok(());
        }
        let store = open_or_create(&self.disk).map_err(|error| self.trail.not_opened(error))?;
        if let Some(torn) = store.torn() {
            let (path, first) = (self.trail.path.display(), torn.first);
            warn!("{path}: what was begun at record {first} is set aside in {}", torn.kept_in);
        }
        follow(&store, &mut self.tree, |_| {})
            .map_err(|error| self.trail.not_read(&store, error))?;
        self.store = Some(store);
        Ok(())
    }

    /// Stops cleanly: nothing that is kept now may be missing from then on.
    ///
    /// # Errors
    ///
    /// [`TrailError::Io`]; what was kept is there all the same.
    pub fn close(self) -> Result<(), TrailError> {
        let closed = self.store.as_ref().map_or(Ok(()), SegmentsStore::close);
        closed.map_err(|error| self.trail.failed(error))
    }

    /// Stops after what was asked for is done: it stays done where no clean stop can be noted.
    pub fn leave(self) {
        if let Err(error) = self.close() {
            warn!(%error, "a clean stop of the access log is not noted");
        }
    }
}

/// Another process may make the store between our looks.
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
    use super::super::{LOOK_EVERY, PATIENCE};
    use super::*;
    use crate::access::record::What;

    #[test]
    fn what_is_sealed_and_no_record_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let trail = kept(&folder);
        let (mut block, mut writer) = (Block::default(), trail.claim().unwrap());
        let mut tree = writer.tree.clone();
        block.push(|out| out.write_all(b"{\"position\":4,\"at\":\"noon\"}")).unwrap();
        block.seal(&mut tree);
        writer.keep(Position::new(3), &block, tree).unwrap();
        writer.leave();
        let message = trail.records().unwrap_err().to_string();
        assert!(message.contains("at record 4: it is no record"), "{message}");
    }

    #[test]
    fn writers_wait_their_turn_for_a_while_and_lose_nothing() {
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
            // Whoever reads is never in the way, and is told nothing wrong.
            for _ in 0..20 {
                trail.records().unwrap();
            }
            first.leave();
            for _ in 0..200 {
                trail.records().unwrap();
            }
        });
        let mut told = numbers(&trail.records().unwrap());
        told.sort_unstable();
        assert_eq!(told, (0..=8).collect::<Vec<_>>());
    }

    #[test]
    fn a_batch_of_any_length_is_kept_in_blocks_with_room() {
        let folder = tempfile::tempdir().unwrap();
        let trail = trail(&folder);
        let asked = "\u{1}".repeat(200);
        let long = |_| {
            let asked = asked.clone();
            Record::by_nobody(Timestamp::from_micros(0), What::Denied { asked })
        };
        let batch: Vec<Record> = (0..2000).map(long).collect();
        trail.add(&batch).unwrap();
        assert_eq!(trail.records().unwrap(), batch);
        let text = fs::read_to_string(trail.path.join(FILE)).unwrap();
        assert!(text.len() > 2 << 20);
        let seals = text.lines().filter(|line| line.starts_with("{\"seal\":"));
        assert_eq!(seals.count(), 3);
        let asked = "x".repeat(ENTRY_BYTES_MAX);
        let too_long = Record::by_nobody(Timestamp::from_micros(0), What::Denied { asked });
        let error = trail.add(&[too_long]).unwrap_err().to_string();
        assert!(error.contains("too long"), "{error}");
        assert_eq!(trail.records().unwrap().len(), batch.len());
    }

    #[test]
    fn a_trail_that_is_held_open_is_filled_ahead_and_trimmed_when_it_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let trail = trail(&folder);
        let length = || fs::metadata(trail.path.join(FILE)).unwrap().len();
        let mut writer = trail.claim().unwrap();
        for number in 0..15 {
            writer.append(&[numbered(number)]).unwrap();
        }
        assert!(length() < 8 << 10, "who writes little leaves no fill: {}", length());
        for number in 15..60 {
            writer.append(&[numbered(number)]).unwrap();
        }
        let until = Instant::now() + PATIENCE;
        while length() < 256 << 10 && Instant::now() < until {
            thread::sleep(LOOK_EVERY);
        }
        let filled = length();
        assert!(((256 << 10)..(5 << 20)).contains(&filled), "{filled}");
        assert_eq!(trail.records().unwrap().len(), 60);
        writer.close().unwrap();
        assert!(length() < 32 << 10, "{}", length());
        assert_eq!(trail.records().unwrap().len(), 60);
    }

    #[test]
    fn a_trail_that_failed_is_opened_again_by_the_next_batch() {
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
