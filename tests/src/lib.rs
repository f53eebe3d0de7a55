//! What the tests and benchmarks share: generated books, real data, measuring.

pub mod generate;
pub mod little_book;
pub mod measure;
pub mod simulated_disk;

use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder of real data, from `LEDGER_REAL_DATA` or beside the repository; none where it is
/// absent, which is said on stderr.
pub fn real_data() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let named = std::env::var_os("LEDGER_REAL_DATA").map(PathBuf::from);
    // A relative path counts from the workspace, wherever cargo runs the test.
    let folder = workspace.join(named.unwrap_or_else(|| PathBuf::from("../shared/data")));
    if folder.is_dir() {
        return Some(folder);
    }
    skipped("no real data");
    None
}

/// Says on stderr why a test does nothing here, past the test harness, which would keep it to
/// itself.
pub fn skipped(why: &str) {
    // In one piece: tests that run side by side would interleave the parts of it.
    drop(std::io::stderr().write_all(format!("skipped: {why}\n").as_bytes()));
}

/// How many rounds of something a test does: all of them with `LEDGER_FULL=1`, else a few.
pub fn rounds(full: u64, few: u64) -> u64 {
    if std::env::var_os("LEDGER_FULL").is_some_and(|full| full == "1") { full } else { few }
}
