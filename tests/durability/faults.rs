//! A full disk, a failing sync, a kill before the sync: writes end with a clear error, reads go
//! on, and nothing that was ever acknowledged is lost, not even by a power cut later.

use std::sync::Arc;

use ledger_core::domain::position::Position;
use ledger_core::log::read::entry_at;
use ledger_core::log::segments::SegmentsStore;
use ledger_core::log::store::{AppendError, Head, Store};
use ledger_core::state::open_book;
use ledger_core::writer::Refusal;
use ledger_tests::rounds;
use ledger_tests::simulated_disk::{Faults, SimulatedDisk};

use crate::simulated_run::{OpenBook, Told, check, post_under_load, reopen};

/// After a fault turned writes off: what callers are told, that reads go on, and that whatever is
/// acknowledged before or after the next start outlives a power cut.
pub(crate) fn check_after_fault(disk: &SimulatedDisk, book: OpenBook, told: &mut Told, why: &str) {
    let refusal = book.post(told.next + 1000).expect_err("writes are off");
    assert_eq!(refusal.code(), "WRITES_OFF");
    let message = refusal.to_string();
    for part in ["writes are off since entry ", why, "reads go on", "start again"] {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
    check(&*book.store, told).expect("nothing is lost while writes are off");
    let head = book.store.head().position;
    let last = entry_at(&*book.store, head).expect("reads go on").expect("the head");
    assert_eq!(last.position, head);
    book.stop();
    disk.kill();
    check_then_cut(disk, told);
}

/// Starts again, asks again about what was in doubt, and cuts power at once.
fn check_then_cut(disk: &SimulatedDisk, told: &mut Told) {
    reopen(disk, told).expect("opens again").stop();
    assert!(told.in_doubt.is_empty(), "what was in doubt is settled after a start");
    disk.cut_power();
    disk.power_up();
    let book = reopen(disk, told).expect("opens after a power cut");
    book.post(told.next + 2000).expect("takes postings again");
    book.stop();
}

fn fault_after(seed: u64, faults: Faults) -> (SimulatedDisk, OpenBook, Told) {
    let disk = SimulatedDisk::new(seed);
    let book = OpenBook::create(&disk);
    let mut told = Told::default();
    post_under_load(&book, &mut told, seed % 3 * 40);
    disk.set_faults(faults);
    post_under_load(&book, &mut told, 4000);
    (disk, book, told)
}

#[test]
fn a_full_disk_turns_writes_off_and_loses_nothing() {
    for write in 0..rounds(100, 12) {
        let faults = Faults { full_after: Some(write), ..Faults::default() };
        let (disk, book, mut told) = fault_after(write, faults);
        assert!(!told.in_doubt.is_empty(), "write {write} was to meet a full disk");
        check_after_fault(&disk, book, &mut told, "no storage space");
    }
}

#[test]
fn a_failed_sync_turns_writes_off_and_loses_nothing() {
    let mut in_doubt = 0;
    for sync in 0..rounds(200, 20) {
        let faults = Faults { failing_sync_after: Some(sync), ..Faults::default() };
        let (disk, book, mut told) = fault_after(sync, faults);
        if told.in_doubt.is_empty() {
            // It was the filler's, with no block under way.
            book.stop();
            disk.kill();
            check_then_cut(&disk, &mut told);
        } else {
            in_doubt += 1;
            check_after_fault(&disk, book, &mut told, "injected");
        }
    }
    assert!(in_doubt > 5, "most failed syncs are of blocks: {in_doubt}");
}

/// The filler syncs the same file: what it is told must not be kept from whoever syncs a block.
#[test]
fn a_write_that_fails_later_is_told_to_whoever_wrote_it() {
    for write in 10..10 + rounds(190, 12) {
        let faults = Faults { failing_write_after: Some(write), ..Faults::default() };
        let (disk, book, mut told) = fault_after(write * 3, faults);
        assert!(!told.in_doubt.is_empty(), "write {write} was to fail");
        check_after_fault(&disk, book, &mut told, "injected");
    }
}

/// Who is killed when a segment was begun leaves a name that the medium may not have.
#[test]
fn a_segment_that_was_only_begun_is_not_written_to_before_its_name_is_durable() {
    for seed in 0..rounds(40, 8) {
        let faults = Faults { cut_after_names: Some(0), ..Faults::default() };
        let (disk, book, mut told) = fault_after(seed, faults);
        assert!(disk.is_off(), "a second segment was to be begun");
        book.stop();
        disk.kill();
        check_then_cut(&disk, &mut told);
    }
}

#[test]
fn the_callers_of_the_failing_block_are_told_that_its_outcome_is_unknown() {
    let disk = SimulatedDisk::new(1);
    let book = OpenBook::create(&disk);
    disk.set_faults(Faults { failing_sync_after: Some(0), ..Faults::default() });
    let refusal = book.post(1).expect_err("the sync fails");
    assert!(matches!(refusal, Refusal::OutcomeUnknown { .. }), "{refusal:?}");
    assert!(refusal.to_string().contains("post it again with the same key"), "{refusal}");
    book.stop();
}

/// Who is killed between the write and the sync leaves a block that the system shows and the
/// medium has not. A start believes in it, so a start has to sync it.
#[test]
fn what_a_start_finds_is_durable_before_it_is_acknowledged_to_who_asks_again() {
    for operation in 0..rounds(200, 24) {
        let faults = Faults { cut_after: Some(operation), ..Faults::default() };
        let (disk, book, mut told) = fault_after(operation, faults);
        disk.cut_power();
        book.stop();
        disk.kill();
        check_then_cut(&disk, &mut told);
    }
}

#[test]
fn a_book_whose_making_was_cut_short_is_made_again_or_opens() {
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

/// A sync that succeeds after one that failed says nothing about what was to be synced before.
#[test]
fn a_store_whose_sync_failed_does_not_try_again() {
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
