//! Shared by tests and benchmarks: generated books, real data and measuring.

pub mod little_book;
pub mod simulated_disk;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use ledger_benches::{fill, generate, measure, rounds};

/// The position of the sample book's last entry: the first entry is the policy, and each line of
/// its file is one more.
pub fn sample_head() -> u64 {
    let postings = include_str!("../../ledger-api/src/sample/postings.jsonl");
    1 + postings.lines().map(|_| 1).sum::<u64>()
}

/// The position of the demo's last entry: the sample's entries, and the policy of several people.
pub fn demo_head() -> u64 {
    sample_head() + 1
}

/// The folder of real data, from `LEDGER_REAL_DATA` or beside the repository. None, with a note on
/// stderr, where it is absent.
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

/// Prints the reason for a skipped test on stderr, past the test harness, which would hide it.
pub fn skipped(why: &str) {
    // In one write: parallel tests would interleave the parts.
    drop(std::io::stderr().write_all(format!("skipped: {why}\n").as_bytes()));
}

/// A Python with the client `gql` and its needs: `LEDGER_PYTHON`, or the one on the path. None,
/// with a note on stderr, where it is missing.
pub fn python_with_gql() -> Option<String> {
    let python = std::env::var("LEDGER_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let known = Command::new(&python).args(["-c", "import gql, aiohttp, websockets"]).output();
    if known.is_ok_and(|ran| ran.status.success()) {
        return Some(python);
    }
    skipped("the Python client is not installed: see tests/conformance/README.md");
    None
}
