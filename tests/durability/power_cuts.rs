//! Power cuts on a simulated disk, and the same with a disk whose syncs lie: the test must see it.

use ledger_tests::generate::Random;
use ledger_tests::rounds;
use ledger_tests::simulated_disk::{Faults, SimulatedDisk};

use crate::simulated_run::{OpenBook, Told, post_under_load, reopen};

/// Power cuts that one book lives through.
const CUTS_A_BOOK: u64 = 8;

/// One book through several power cuts, each at a random operation of the disk: while it is
/// posted to, or while it is opened again. What is wrong, where something is.
fn live_through_cuts(seed: u64, cuts: u64, faults: &Faults) -> Result<(), String> {
    let mut random = Random(seed);
    let disk = SimulatedDisk::new(seed);
    let mut told = Told::default();
    let mut book = Some(OpenBook::create(&disk));
    for cut in 0..cuts {
        let named = |wrong: String| format!("seed {seed}, cut {cut}: {wrong}");
        // Mostly in the middle of posting, at times in the first operations after a start.
        let longest = if random.below(4) == 0 { 8 } else { 160 };
        let after = random.below(longest);
        disk.set_faults(Faults { cut_after: Some(after), ..faults.clone() });
        if let Some(book) = book.take() {
            post_under_load(&book, &mut told, 400);
            disk.cut_power();
            book.stop();
        }
        // At times only the process ends, and the power goes off later.
        if random.below(4) == 0 {
            disk.kill();
        } else {
            disk.power_up();
        }
        if random.below(4) == 0 {
            let cut_after = Some(random.below(12));
            disk.set_faults(Faults { cut_after, ..faults.clone() });
            match reopen(&disk, &mut told) {
                Ok(book) => book.stop(),
                Err(wrong) if !disk.is_off() => return Err(named(wrong)),
                // Without power it cannot be opened.
                Err(_) => {}
            }
            disk.cut_power();
            disk.power_up();
        }
        disk.set_faults(faults.clone());
        book = Some(reopen(&disk, &mut told).map_err(named)?);
    }
    if let Some(book) = book {
        let closed = book.store.close();
        book.stop();
        closed.map_err(|error| error.to_string())?;
    }
    disk.set_faults(Faults::default());
    disk.kill();
    reopen(&disk, &mut told)?.stop();
    Ok(())
}

fn found_within(books: u64, faults: &Faults) -> Option<String> {
    (0..books).find_map(|seed| live_through_cuts(seed, CUTS_A_BOOK, faults).err())
}

#[test]
fn a_power_cut_loses_and_doubles_nothing_that_was_acknowledged() {
    for seed in 0..rounds(200, 40).div_ceil(CUTS_A_BOOK) {
        live_through_cuts(seed, CUTS_A_BOOK, &Faults::default()).unwrap();
    }
}

#[test]
fn without_the_sync_of_blocks_the_same_power_cuts_lose_entries() {
    let faults = Faults { lies_about_files: true, ..Faults::default() };
    let found = found_within(20, &faults).expect("a loss");
    assert!(found.contains("lost") || found.contains("damaged"), "{found}");
}

#[test]
fn without_the_sync_of_names_the_same_power_cuts_lose_entries() {
    let faults = Faults { lies_about_names: true, ..Faults::default() };
    let found = found_within(20, &faults).expect("a loss");
    let lost = ["lost", "missing", "no book", "damaged"].iter().any(|word| found.contains(word));
    assert!(lost, "{found}");
}
