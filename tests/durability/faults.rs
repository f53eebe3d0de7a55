//! A full disk, a failing sync, a kill before the sync: writes end with a clear error, reads
//! continue, and no acknowledged entry is lost, even by a later power cut.

use std::sync::Arc;

use ledger_core::domain::position::Position;
use ledger_core::log::read::entry_at;
use ledger_core::log::segments::SegmentsStore;
use ledger_core::log::store::{AppendError, Head, Store};
use ledger_core::state::open_book;
use ledger_core::writer::Refusal;
use ledger_tests::rounds;
use ledger_tests::simulated_disk::{Faults, SimulatedDisk};

use crate::simulated_run::{Answers, OpenBook, check, post_under_load, reopen};

/// Checks a book whose writes a fault turned off: callers get the refusal, reads continue, and
/// entries acknowledged before or after the next start survive a power cut.
pub(crate) fn check_after_fault(
    disk: &SimulatedDisk,
    book: OpenBook,
    answers: &mut Answers,
    why: &str,
) {
    let refusal = book.post(answers.next + 1000).expect_err("writes are off");
    assert_eq!(refusal.code(), "WRITES_OFF");
    let message = refusal.to_string();
    for part in ["writes are off since entry ", why, "reading still works", "start again"] {
        assert!(message.contains(part), "{part:?} is missing from {message:?}");
    }
    check(&*book.store, answers).expect("nothing is lost while writes are off");
    let head = book.store.head().position;
    let last = entry_at(&*book.store, head).expect("reads go on").expect("the head");
    assert_eq!(last.position, head);
    book.stop();
    disk.kill();
    check_then_cut(disk, answers);
}

/// Starts again, repeats the postings in doubt, and cuts the power at once.
fn check_then_cut(disk: &SimulatedDisk, answers: &mut Answers) {
    reopen(disk, answers).expect("opens again").stop();
    assert!(answers.in_doubt.is_empty(), "a posting is still in doubt after a start");
    disk.cut_power();
    disk.power_up();
    let book = reopen(disk, answers).expect("opens after a power cut");
    book.post(answers.next + 2000).expect("takes postings again");
    book.stop();
}

fn fault_after(seed: u64, faults: Faults) -> (SimulatedDisk, OpenBook, Answers) {
    let disk = SimulatedDisk::new(seed);
    let book = OpenBook::create(&disk);
    let mut answers = Answers::default();
    post_under_load(&book, &mut answers, seed % 3 * 40);
    disk.set_faults(faults);
    post_under_load(&book, &mut answers, 4000);
    (disk, book, answers)
}

#[test]
fn a_full_disk_turns_writes_off_and_loses_nothing() {
    for write in 0..rounds(100, 12) {
        let faults = Faults { full_after: Some(write), ..Faults::default() };
        let (disk, book, mut answers) = fault_after(write, faults);
        assert!(!answers.in_doubt.is_empty(), "write {write} met no full disk");
        check_after_fault(&disk, book, &mut answers, "no storage space (make room on the disk)");
    }
}

#[test]
fn a_failed_sync_turns_writes_off_and_loses_nothing() {
    let mut in_doubt = 0;
    for sync in 0..rounds(200, 20) {
        let faults = Faults { failing_sync_after: Some(sync), ..Faults::default() };
        let (disk, book, mut answers) = fault_after(sync, faults);
        if answers.in_doubt.is_empty() {
            // The filler's sync failed, with no block in progress.
            book.stop();
            disk.kill();
            check_then_cut(&disk, &mut answers);
        } else {
            in_doubt += 1;
            check_after_fault(&disk, book, &mut answers, "injected");
        }
    }
    assert!(in_doubt > 5, "too few failed syncs hit a block: {in_doubt}");
}

/// The filler syncs the same file. The error it gets must also reach the writer's sync.
#[test]
fn a_write_that_fails_later_fails_the_sync_of_its_writer() {
    for write in 10..10 + rounds(190, 12) {
        let faults = Faults { failing_write_after: Some(write), ..Faults::default() };
        let (disk, book, mut answers) = fault_after(write * 3, faults);
        assert!(!answers.in_doubt.is_empty(), "write {write} did not fail");
        check_after_fault(&disk, book, &mut answers, "injected");
    }
}

/// A process killed just after it began a segment leaves a name that may not be on the medium.
#[test]
fn a_new_segment_takes_no_block_before_its_name_is_durable() {
    for seed in 0..rounds(40, 8) {
        let faults = Faults { cut_after_names: Some(0), ..Faults::default() };
        let (disk, book, mut answers) = fault_after(seed, faults);
        assert!(disk.is_off(), "no second segment was begun");
        book.stop();
        disk.kill();
        check_then_cut(&disk, &mut answers);
    }
}

#[test]
fn the_callers_of_the_failing_block_are_told_that_its_outcome_is_unknown() {
    let disk = SimulatedDisk::new(1);
    let book = OpenBook::create(&disk);
    disk.set_faults(Faults { failing_sync_after: Some(0), ..Faults::default() });
    let refusal = book.post(1).expect_err("the sync fails");
    assert!(matches!(refusal, Refusal::OutcomeUnknown { .. }), "{refusal:?}");
    assert!(refusal.to_string().contains("post again with the same key"), "{refusal}");
    book.stop();
}

/// A process killed between the write and the sync leaves a block that the system shows and the
/// medium lacks. A start accepts that block, so it must sync it first.
#[test]
fn a_start_makes_found_entries_durable_before_it_acknowledges_them() {
    for operation in 0..rounds(200, 24) {
        let faults = Faults { cut_after: Some(operation), ..Faults::default() };
        let (disk, book, mut answers) = fault_after(operation, faults);
        disk.cut_power();
        book.stop();
        disk.kill();
        check_then_cut(&disk, &mut answers);
    }
}

#[test]
fn an_interrupted_init_can_be_repeated_or_the_book_opens() {
    let genesis = ledger_tests::generate::genesis();
    for operation in 0..6 {
        for seed in 0..8 {
            let disk = SimulatedDisk::new(seed);
            disk.set_faults(Faults { cut_after: Some(operation), ..Faults::default() });
            let made = OpenBook::begin(&disk, &genesis).map(OpenBook::stop);
            disk.cut_power();
            if seed % 2 == 0 {
                disk.power_up();
            } else {
                disk.kill();
            }
            let opened = OpenBook::open(&disk).map(|book| {
                assert_eq!(book.store.head().position, Position::new(1));
                book.stop();
            });
            if made.is_ok() {
                opened.expect("it was acknowledged");
            } else if let Err(why) = opened {
                assert!(why.contains("there is no book here"), "{operation}, {seed}: {why}");
                OpenBook::begin(&disk, &genesis).expect("is made again").stop();
            }
        }
    }
}

/// A sync that succeeds after a failed one does not cover the data of the failed one.
#[test]
fn a_store_does_not_retry_a_failed_sync() {
    let disk = SimulatedDisk::new(1);
    let store = SegmentsStore::create(Arc::new(disk.clone())).unwrap();
    let genesis = ledger_tests::generate::genesis();
    disk.set_faults(Faults { failing_sync_after: Some(0), ..Faults::default() });
    let first = open_book(&store, &genesis).unwrap_err();
    assert!(matches!(first, AppendError::OutcomeUnknown { .. }), "{first}");
    let second = open_book(&store, &genesis).unwrap_err();
    assert!(matches!(second, AppendError::Poisoned { .. }), "{second}");
    assert!(second.to_string().contains("writes are off since entry 1 could not be kept"));
    assert_eq!(store.head(), Head::empty());
}
