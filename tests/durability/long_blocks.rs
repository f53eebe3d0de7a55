//! Long blocks, which other threads append and publish while the writer decides: their failures,
//! and questions about their entries.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use ledger_core::domain::command::Reverse;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::log::block::Block;
use ledger_core::log::memory::MemoryStore;
use ledger_core::log::store::{AppendError, Head, Pieces, ReadError, Store};
use ledger_core::projection::{Posted, Projection};
use ledger_core::writer::{Outcome, Refusal};
use ledger_tests::generate::actor;
use ledger_tests::little_book::{numbered, opening};
use ledger_tests::simulated_disk::{Faults, SimulatedDisk};
use tokio::sync::watch;

use crate::faults::check_after_fault;
use crate::in_memory::begin;
use crate::simulated_run::{Answers, OpenBook};

/// Enough entries for more than two blocks of the largest size.
const MANY: u64 = 5000;

/// Checks that the kept entries of a request precede the lost ones and are in order.
fn check_order(outcomes: &[Outcome]) {
    let rank = |outcome: &Outcome| match outcome {
        Ok(_) => 0,
        Err(Refusal::OutcomeUnknown { .. }) => 1,
        Err(Refusal::WritesOff { .. }) => 2,
        Err(refusal) => panic!("{refusal}"),
    };
    assert!(outcomes.is_sorted_by_key(rank), "an entry after a failed block was kept");
    let kept = outcomes.iter().flatten().map(|receipt| receipt.position);
    assert!(kept.is_sorted(), "entries are not in the order of the request");
}

#[test]
fn a_failed_sync_under_long_blocks_loses_no_acknowledged_entry() {
    let mut partly = 0;
    for sync in 0..8 {
        let disk = SimulatedDisk::new(sync);
        let book = OpenBook::create(&disk);
        disk.set_faults(Faults { failing_sync_after: Some(sync), ..Faults::default() });
        let answers = Mutex::new(Answers { next: 4 * MANY, ..Answers::default() });
        thread::scope(|scope| {
            for poster in 0..2 {
                let (writer, answers) = (book.writer(), &answers);
                scope.spawn(move || {
                    for request in [2 * poster, 2 * poster + 1] {
                        let numbers = request * MANY..(request + 1) * MANY;
                        let postings = numbers.clone().map(numbered).collect();
                        let outcomes = writer.post_all_blocking(&actor(), postings);
                        check_order(&outcomes);
                        let mut answers = answers.lock().unwrap();
                        for (number, outcome) in numbers.zip(outcomes) {
                            if let Ok(receipt) = outcome {
                                answers.acknowledged.insert(number, receipt.position);
                            } else {
                                answers.in_doubt.push(number);
                            }
                        }
                    }
                });
            }
        });
        let mut answers = answers.into_inner().unwrap();
        assert!(!answers.in_doubt.is_empty(), "sync {sync} did not fail");
        partly += usize::from(!answers.acknowledged.is_empty());
        // Only a few are repeated, because each makes its own block.
        answers.in_doubt.truncate(50);
        let published = *book.writer().published().borrow();
        assert_eq!(published, book.store.head().position, "a durable entry is not published");
        check_after_fault(&disk, book, &mut answers, "injected");
    }
    assert!(partly > 4, "too few faults came between two blocks: {partly}");
}

/// A slow store, which keeps blocks in progress for long.
#[derive(Default)]
struct Slow(MemoryStore);

impl Store for Slow {
    fn append(&self, expected: Position, block: &Block) -> Result<(), AppendError> {
        thread::sleep(Duration::from_millis(20));
        self.0.append(expected, block)
    }

    fn head(&self) -> Head {
        self.0.head()
    }

    fn read(&self, from: Position) -> Result<Box<dyn Pieces>, ReadError> {
        self.0.read(from)
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.0.watch()
    }

    fn poison(&self, reason: &str) {
        self.0.poison(reason);
    }
}

#[test]
fn a_question_finds_an_entry_whose_block_is_in_progress() {
    let (store, _, running) = begin::<Slow, _>(());
    let head = store.head().position.get();
    let mut postings: Vec<Posting> = (0..MANY).map(numbered).collect();
    // A decided entry and a known key, both before they are durable.
    let last = Position::new(head + MANY);
    postings.push(Posting { command: Reverse { entry: last }.into(), ..numbered(MANY) });
    postings.extend((MANY + 1..2 * MANY).map(numbered));
    postings.push(numbered(2 * MANY - 1));
    let writer = running.writer();
    let posting = thread::spawn(move || writer.post_all_blocking(&actor(), postings));
    let mut previews = BTreeMap::new();
    while !posting.is_finished() {
        let asked = vec![numbered(2 * MANY - 1)];
        let preview = running.writer().preview_blocking(&actor(), asked);
        let posted = preview.into_iter().next().unwrap().unwrap().posted;
        let posted = posted.map(|receipt| receipt.position);
        *previews.entry(posted).or_insert(0_u32) += 1;
    }
    let outcomes = posting.join().unwrap();
    let positions: Vec<u64> =
        outcomes.into_iter().map(|outcome| outcome.unwrap().position.get()).collect();
    let posted = head + 2 * MANY;
    let expected: Vec<u64> = (head + 1..=posted).chain([posted]).collect();
    assert_eq!(positions, expected);
    // A preview comes before or after the whole request, never in between.
    let known = [None, Some(Position::new(posted))];
    assert!(previews.keys().all(|posted| known.contains(posted)), "{previews:?}");
    running.stop().unwrap();
}

/// A read model that panics.
struct Panics {
    at: u64,
}

impl Projection for Panics {
    fn apply(&mut self, entry: &Posted<'_>) {
        assert!(entry.position.get() != self.at, "a fault of the test");
    }
}

/// An entry the read model cannot apply is still in the log, and every caller gets an answer.
#[test]
fn a_read_model_that_panics_ends_the_writer_and_loses_nothing() {
    let opened = 1 + opening().len() as u64;
    let short = [(1, opened + 1), (50, opened + 50)];
    for (many, at) in short.into_iter().chain([(MANY, opened + 1), (MANY, opened + MANY)]) {
        for asks_again in [true, false] {
            let (store, _, running) = begin::<Slow, _>(Panics { at });
            let writer = running.writer();
            let outcomes = writer.post_all_blocking(&actor(), (0..many).map(numbered).collect());
            let is_known = |outcome: &Outcome| matches!(outcome, Ok(_) | Err(Refusal::Stopped));
            assert!(outcomes.iter().all(is_known), "{many} at {at}: {outcomes:?}");
            // The writer may still be ending.
            let ends = |number| {
                let mut outcomes = writer.post_all_blocking(&actor(), vec![numbered(number)]);
                outcomes.pop().unwrap() == Err(Refusal::Stopped)
            };
            let goes_on = asks_again && !(many..many + 2000).any(ends);
            assert!(!goes_on, "{many} at {at}: the writer goes on");
            assert!(running.stop().is_none(), "{many} at {at}: a panicked writer returned a state");
            assert!(store.head().position.get() >= at, "{many} at {at}");
        }
    }
}
