//! A caller finds its entry in the read models once it is answered, and every entry up to a
//! published position, even when read models are slow.

use std::sync::{PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::log::memory::MemoryStore;
use ledger_core::projection::{Posted, Projection};
use ledger_core::writer::Writer;
use ledger_tests::generate::actor;
use ledger_tests::little_book::numbered;

use crate::in_memory::begin;

/// A slow read model that keeps its last position.
#[derive(Debug, Default)]
struct Slow(Position);

impl Projection for Slow {
    fn apply(&mut self, entry: &Posted<'_>) {
        if entry.position.get() > 100 {
            thread::sleep(Duration::from_micros(30));
        }
        self.0 = entry.position;
    }
}

/// Posts `at_a_time` postings at once and reads after each answer.
fn post(writer: &Writer, slow: &RwLock<Slow>, numbers: std::ops::Range<u64>, at_a_time: usize) {
    let postings: Vec<Posting> = numbers.map(numbered).collect();
    for some in postings.chunks(at_a_time) {
        let published = *writer.published().borrow();
        let read = slow.read().unwrap_or_else(PoisonError::into_inner).0;
        assert!(read >= published, "{published} was published, and only {read} can be read");
        let outcomes = writer.post_all_blocking(&actor(), some.to_vec());
        let read = slow.read().unwrap_or_else(PoisonError::into_inner).0;
        for outcome in outcomes {
            let posted = outcome.expect("is posted").position;
            assert!(read >= posted, "{posted} was answered, and only {read} can be read");
            assert!(*writer.published().borrow() >= posted, "{posted} was not published");
        }
    }
}

#[test]
fn a_caller_is_answered_once_its_entry_is_readable() {
    let (_, slow, running) = begin::<MemoryStore, _>(Slow::default());
    let writer = running.writer();
    // Single postings from several callers share blocks; larger requests make blocks of several
    // pieces.
    let callers = [(1, 1), (2, 1), (3, 1), (4, 40), (5, 700), (6, 2500)];
    thread::scope(|scope| {
        for (caller, at_a_time) in callers {
            let (writer, slow) = (writer.clone(), &slow);
            let first = caller * 10_000;
            let count = if at_a_time == 1 { 40 } else { 2 * at_a_time };
            scope.spawn(move || post(&writer, slow, first..first + count as u64, at_a_time));
        }
    });
    assert!(writer.post_all_blocking(&actor(), Vec::new()).is_empty());
    let state = running.stop().expect("a state");
    let read = slow.read().unwrap_or_else(PoisonError::into_inner).0;
    assert_eq!((state.position(), state.tree.size()), (read, read.get()));
}
