//! A flipped bit anywhere in a book is found, and the first bad entry is named.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ledger_core::domain::position::Position;
use ledger_core::log::block::Block;
use ledger_core::log::check::{check_from, scrub};
use ledger_core::log::merkle::Frontier;
use ledger_core::log::read::{line_at, visit_lines};
use ledger_core::log::segments::SegmentsStore;
use ledger_core::log::store::{AppendError, Head, Pieces, ReadError, Store};
use ledger_tests::generate::Random;
use ledger_tests::rounds;
use tokio::sync::watch;

use crate::kept_book::{BookFiles, OpenResult, lines};

/// A closed book of several segments.
fn closed_book() -> BookFiles {
    let disk = BookFiles::with_blocks(&[1, 4, 2, 3, 1]).in_segments().disk();
    let store = SegmentsStore::open(Arc::new(disk.clone())).unwrap();
    store.close().unwrap();
    drop(store);
    BookFiles::of(&disk)
}

/// The entries that may be named for a byte of a segment: its own entry, or for a seal the entries
/// it closes and the next one, where a reader without the seal stops. A start reads times before
/// seals: it may name the entry after one with a changed time.
fn named_for(bytes: &[u8], place: usize) -> Range<u64> {
    let lines = lines(bytes);
    let line = lines.iter().find(|line| place <= line.place.end).unwrap();
    match line.entry {
        Some(entry) => {
            let text = String::from_utf8_lossy(&bytes[line.place.clone()]);
            let time = text.find("\"recorded\":").unwrap();
            let until = text.find(",\"policy\":").unwrap();
            let in_time = (time..until).contains(&(place - line.place.start));
            entry..entry + 1 + u64::from(in_time)
        }
        None => line.block.start..line.block.end + 1,
    }
}

/// Flips a bit and checks the finding of a start and of the background scrub.
fn check_flip(book: &BookFiles, file: usize, place: usize, bit: u64) {
    let (name, bytes) = &book.0[file];
    let named = named_for(bytes, place);
    let mut flipped = book.clone();
    flipped.0[file].1[place] ^= 1 << bit;
    let what = format!("bit {bit} of byte {place} ({:?}) of {name}", char::from(bytes[place]));
    let OpenResult::Damaged(entry) = flipped.found() else { panic!("{what} was not found") };
    assert!(named.contains(&entry), "{what}: entry {entry} was named, not {named:?}");

    let Ok(store) = SegmentsStore::read_only(Arc::new(flipped.disk())) else { return };
    let scrubbed = scrub(&store, store.head().position, &AtomicBool::new(false));
    let Err(ReadError::Damaged(damage)) = scrubbed else {
        panic!("{what} was not found by the scrub")
    };
    let entry = damage.entry.get();
    assert!(named.contains(&entry), "{what}: the scrub named entry {entry}, not {named:?}");
    assert!(damage.to_string().contains(&format!("damaged at entry {entry}")), "{damage}");
    let checked = check_from(&store, &mut Frontier::default(), |_| {});
    let Err(ReadError::Damaged(same)) = checked else {
        panic!("{what} was not found by the check")
    };
    assert_eq!(same, damage, "{what}");
}

fn segments(book: &BookFiles) -> Vec<usize> {
    (0..book.0.len()).filter(|file| book.0[*file].0.ends_with(".jsonl")).collect()
}

#[test]
fn a_bit_flipped_at_random_in_a_closed_book_is_found_and_the_entry_named() {
    let book = closed_book();
    let segments = segments(&book);
    assert!(segments.len() > 3);
    let mut random = Random(5);
    for _ in 0..rounds(10_000, 700) {
        let file = segments[random.below(segments.len() as u64) as usize];
        let place = random.below(book.0[file].1.len() as u64) as usize;
        check_flip(&book, file, place, random.below(8));
    }
}

/// Reads each entry by itself, and all from each on. Every line read is as it was written, or the
/// damage is named and turns writes off.
#[test]
fn a_changed_entry_is_never_read() {
    let book = closed_book();
    let segments = segments(&book);
    let disk = Arc::new(book.disk());
    let mut written = Vec::new();
    let store = SegmentsStore::read_only(disk).unwrap();
    visit_lines(&store, Position::START, |line| {
        written.push(line.to_vec());
        true
    })
    .unwrap();
    let line_of = |entry: u64| &written[usize::try_from(entry).unwrap() - 1];
    let mut random = Random(7);
    let mut found = 0;
    for _ in 0..rounds(4_000, 300) {
        let file = segments[random.below(segments.len() as u64) as usize];
        let bytes = &book.0[file].1;
        let place = random.below(bytes.len() as u64) as usize;
        let named = named_for(bytes, place);
        let store = SegmentsStore::open(Arc::new(book.disk())).unwrap();
        let mut flipped = book.clone();
        flipped.0[file].1[place] ^= 1 << random.below(8);
        // The bytes change under the open store, as on a running server.
        let Ok(changed) = SegmentsStore::read_only(Arc::new(flipped.disk())) else { continue };
        let (changed, watched) = (Changed(changed, store), 1..written.len() as u64 + 1);
        for entry in watched {
            let place = Position::new(entry);
            match line_at(&changed, place) {
                Ok(line) => assert!(line.as_ref() == Some(line_of(entry)), "entry {entry}"),
                Err(error) => named_in(&error, &named, &changed),
            }
            let mut next = entry;
            let read = visit_lines(&changed, place, |line| {
                assert!(line == line_of(next), "entry {next} from {entry} on");
                next += 1;
                true
            });
            match read {
                Ok(()) => assert_eq!(next, written.len() as u64 + 1),
                Err(error) => named_in(&error, &named, &changed),
            }
        }
        found += u64::from(changed.1.writes_off().is_some());
    }
    assert!(found > 100, "{found}");
}

/// A store whose bytes were changed after it was opened.
struct Changed(SegmentsStore, SegmentsStore);

fn named_in(error: &ReadError, named: &Range<u64>, store: &Changed) {
    let ReadError::Damaged(damage) = error else { panic!("{error}") };
    assert!(named.contains(&damage.entry.get()), "{damage}, not one of {named:?}");
    let off = store.1.writes_off().expect("writes are off");
    assert!(off.starts_with("the book is damaged at entry "), "{off}");
}

impl Store for Changed {
    fn head(&self) -> Head {
        self.1.head()
    }

    fn append(&self, expected: Position, block: &Block) -> Result<(), AppendError> {
        self.1.append(expected, block)
    }

    fn read(&self, from: Position) -> Result<Box<dyn Pieces>, ReadError> {
        self.0.read(from)
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.1.watch()
    }

    fn poison(&self, reason: &str) {
        self.1.poison(reason);
    }
}

#[test]
fn a_flipped_bit_in_a_newline_or_a_seal_is_found() {
    let book = closed_book();
    let mut random = Random(6);
    for file in segments(&book) {
        for line in lines(&book.0[file].1) {
            for bit in 0..8 {
                check_flip(&book, file, line.place.end, bit);
            }
            let whole = if line.entry.is_none() { line.place.clone() } else { 0..0 };
            for place in whole.step_by(usize::try_from(rounds(1, 5)).unwrap()) {
                check_flip(&book, file, place, random.below(8));
            }
        }
    }
}

#[test]
fn a_bit_flipped_in_the_fill_of_an_open_book_is_found() {
    let book = BookFiles::with_blocks(&[3]);
    let head = lines(&book.0[0].1).last().unwrap().block.end - 1;
    for place in [0, 1, 511, 512, 4000] {
        for bit in 0..8 {
            let mut flipped = book.clone();
            let bytes = flipped.last();
            let end = bytes.len();
            bytes.extend([b'\n'; 5000]);
            bytes[end + place] ^= 1 << bit;
            let found = flipped.found();
            let expected = [OpenResult::Damaged(head + 1), OpenResult::Torn(head)];
            assert!(expected.contains(&found), "bit {bit} of byte {place} of the fill: {found:?}");
        }
    }
}

#[test]
fn a_bit_flipped_in_the_note_of_a_clean_stop_never_shortens_the_book() {
    let book = closed_book();
    let file = book.0.iter().position(|(name, _)| name == "head").unwrap();
    let whole = book.found();
    for place in 0..book.0[file].1.len() {
        for bit in 0..8 {
            let mut flipped = book.clone();
            flipped.0[file].1[place] ^= 1 << bit;
            let found = flipped.found();
            assert!(
                found == whole || matches!(found, OpenResult::Damaged(_)),
                "{place}: {found:?}"
            );
        }
    }
}
