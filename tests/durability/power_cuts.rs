//! Power cuts on a simulated disk. The same cuts with lying syncs must lose entries, or the test
//! proves nothing.

use ledger_tests::generate::Random;
use ledger_tests::rounds;
use ledger_tests::simulated_disk::{Faults, SimulatedDisk};

use crate::simulated_run::{Answers, OpenBook, post_under_load, reopen};

/// The number of power cuts of one book.
const CUTS_A_BOOK: u64 = 8;

/// Takes one book through power cuts, each at a random disk operation while posting or while
/// opening. Returns the first fault found.
fn live_through_cuts(seed: u64, cuts: u64, faults: &Faults) -> Result<(), String> {
    let mut random = Random(seed);
    let disk = SimulatedDisk::new(seed);
    let mut answers = Answers::default();
    let mut book = Some(OpenBook::create(&disk));
    for cut in 0..cuts {
        let named = |wrong: String| format!("seed {seed}, cut {cut}: {wrong}");
        // Mostly while posting, sometimes in the first operations after a start.
        let longest = if random.below(4) == 0 { 8 } else { 160 };
        let after = random.below(longest);
        disk.set_faults(Faults { cut_after: Some(after), ..faults.clone() });
        if let Some(book) = book.take() {
            post_under_load(&book, &mut answers, 400);
            disk.cut_power();
            book.stop();
        }
        // Sometimes only the process ends, and the power goes off later.
        if random.below(4) == 0 {
            disk.kill();
        } else {
            disk.power_up();
        }
        if random.below(4) == 0 {
            let cut_after = Some(random.below(12));
            disk.set_faults(Faults { cut_after, ..faults.clone() });
            match reopen(&disk, &mut answers) {
                Ok(book) => book.stop(),
                Err(wrong) if !disk.is_off() => return Err(named(wrong)),
                // The book cannot open without power.
                Err(_) => {}
            }
            disk.cut_power();
            disk.power_up();
        }
        disk.set_faults(faults.clone());
        book = Some(reopen(&disk, &mut answers).map_err(named)?);
    }
    if let Some(book) = book {
        let closed = book.store.close();
        book.stop();
        closed.map_err(|error| error.to_string())?;
    }
    disk.set_faults(Faults::default());
    disk.kill();
    reopen(&disk, &mut answers)?.stop();
    Ok(())
}

fn found_within(books: u64, faults: &Faults) -> Option<String> {
    (0..books).find_map(|seed| live_through_cuts(seed, CUTS_A_BOOK, faults).err())
}

#[test]
fn a_power_cut_loses_and_doubles_no_acknowledged_entry() {
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
