//! What the tests and benchmarks share: generated books, real data, measuring.

pub mod fill;
pub mod generate;
pub mod little_book;
pub mod measure;
pub mod simulated_disk;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The position of the sample book's last entry: its first is the policy, and each line of its
/// file is one more.
pub fn sample_head() -> u64 {
    let postings = include_str!("../../ledger-api/src/sample/postings.jsonl");
    1 + postings.lines().map(|_| 1).sum::<u64>()
}

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

/// A Python that has the client `gql` with all it needs: that of `LEDGER_PYTHON`, or the one on the
/// path. None where it has not, which is said on stderr.
pub fn python_with_gql() -> Option<String> {
    let python = std::env::var("LEDGER_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let known = Command::new(&python).args(["-c", "import gql, aiohttp, websockets"]).output();
    if known.is_ok_and(|ran| ran.status.success()) {
        return Some(python);
    }
    skipped("the Python client is not installed: see tests/conformance/README.md");
    None
}
