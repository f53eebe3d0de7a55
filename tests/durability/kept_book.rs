//! The files of a small book, which tests cut, change and open again.

use std::ops::Range;
use std::sync::Arc;

use ledger_core::domain::position::Position;
use ledger_core::log::segments::{OpenError, SegmentsStore};
use ledger_core::log::store::{Damage, ReadError, Store};
use ledger_core::projection::{Posted, Projection};
use ledger_core::state::State;
use ledger_tests::generate::actor;
use ledger_tests::little_book::numbered;
use ledger_tests::simulated_disk::SimulatedDisk;

use crate::simulated_run::OpenBook;

/// Names and bytes of the files of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BookFiles(pub(crate) Vec<(String, Vec<u8>)>);

/// A line of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its place, without the newline.
    pub(crate) place: Range<usize>,
    /// The entry's number; none for a seal.
    pub(crate) entry: Option<u64>,
    /// The entries of its block.
    pub(crate) block: Range<u64>,
}

/// The result of opening and replaying a book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OpenResult {
    /// The book ends with this entry.
    Whole(u64),
    /// The book ends with this entry; a torn block after it was set aside.
    Torn(u64),
    /// The book is refused as damaged from this entry on.
    Damaged(u64),
}

impl BookFiles {
    /// A book with an opening and blocks of these sizes in one segment, not cleanly stopped.
    pub(crate) fn with_blocks(sizes: &[u64]) -> Self {
        let disk = SimulatedDisk::new(0);
        let book = OpenBook::create(&disk);
        let mut first = 0;
        for size in sizes {
            let postings = (first..first + size).map(numbered).collect();
            for outcome in book.writer().post_all_blocking(&actor(), postings) {
                outcome.unwrap();
            }
            first += size;
        }
        book.stop();
        let bytes = disk.bytes(&segment(1)).unwrap();
        let end = bytes.iter().rposition(|byte| *byte == b'}').unwrap() + 2;
        BookFiles(vec![(segment(1), bytes[..end].to_vec())])
    }

    /// The same book with a segment for each block.
    pub(crate) fn in_segments(&self) -> Self {
        let mut files = Vec::new();
        let bytes = &self.0[0].1;
        let mut start = 0;
        for seal in lines(bytes).iter().filter(|line| line.entry.is_none()) {
            let end = seal.place.end + 1;
            files.push((segment(seal.block.start), bytes[start..end].to_vec()));
            start = end;
        }
        BookFiles(files)
    }

    /// The last file.
    pub(crate) fn last(&mut self) -> &mut Vec<u8> {
        &mut self.0.last_mut().unwrap().1
    }

    /// A disk with these files.
    pub(crate) fn disk(&self) -> SimulatedDisk {
        let disk = SimulatedDisk::new(0);
        for (name, bytes) in &self.0 {
            disk.put(name, bytes);
        }
        disk
    }

    /// The files on a disk.
    pub(crate) fn of(disk: &SimulatedDisk) -> Self {
        let file = |name: String| {
            let bytes = disk.bytes(&name).unwrap();
            (name, bytes)
        };
        BookFiles(disk.names().into_iter().map(file).collect())
    }

    /// Opens the book to read and to write and compares the results. Reading changes nothing, and
    /// neither does a refused start.
    pub(crate) fn found(&self) -> OpenResult {
        let disk = self.disk();
        let read = match SegmentsStore::read_only(Arc::new(disk.clone())) {
            Ok(store) => replayed(&store),
            Err(error) => Err(damage(error)),
        };
        assert_eq!(BookFiles::of(&disk), *self, "reading changes nothing");
        let (written, torn) = match SegmentsStore::open(Arc::new(disk.clone())) {
            Ok(store) => (replayed(&store), store.torn().cloned()),
            Err(error) => {
                assert_eq!(BookFiles::of(&disk), *self, "a start that is refused changes nothing");
                (Err(damage(error)), None)
            }
        };
        assert_eq!(read, written, "reading and writing agree");
        match (written, torn) {
            (Err(damage), _) => OpenResult::Damaged(damage.entry.get()),
            (Ok(head), None) => OpenResult::Whole(head),
            (Ok(head), Some(torn)) => {
                assert_eq!(torn.first, Position::new(head + 1));
                assert!(disk.bytes(&torn.kept_in).is_some(), "the torn block was not kept");
                OpenResult::Torn(head)
            }
        }
    }
}

fn damage(error: OpenError) -> Damage {
    let OpenError::Damaged(damage) = error else { panic!("{error}") };
    damage
}

/// Replays every entry and checks every hash and seal.
fn replayed(store: &dyn Store) -> Result<u64, Damage> {
    struct Nothing;
    impl Projection for Nothing {
        fn apply(&mut self, _entry: &Posted<'_>) {}
    }
    let mut state = State::default();
    match state.catch_up(store, &mut Nothing, None) {
        Ok(()) => {
            assert_eq!(state.position(), store.head().position);
            Ok(state.position().get())
        }
        Err(ReadError::Damaged(damage)) => Err(damage),
        Err(error) => panic!("{error}"),
    }
}

/// The name of the segment that begins with an entry.
pub(crate) fn segment(first: u64) -> String {
    format!("{first:020}.jsonl")
}

/// The entry that a segment of this name begins with.
pub(crate) fn first_of(name: &str) -> u64 {
    name.trim_end_matches(".jsonl").parse().unwrap()
}

/// The lines of a whole segment.
pub(crate) fn lines(bytes: &[u8]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let (mut start, mut block) = (0, 0);
    for text in bytes.split_inclusive(|byte| *byte == b'\n') {
        let place = start..start + text.len() - 1;
        start += text.len();
        let value: serde_json::Value = serde_json::from_slice(text).unwrap();
        let entry = value["position"].as_u64();
        lines.push(Line { place, entry, block: 0..0 });
        if entry.is_none() {
            let head = value["seal"]["head"].as_u64().unwrap();
            let count = value["seal"]["count"].as_u64().unwrap();
            for line in &mut lines[block..] {
                line.block = head + 1 - count..head + 1;
            }
            block = lines.len();
        }
    }
    lines
}
