//! The server under load: postings over HTTP, questions to a large book, and thousands of sockets
//! on one subscription.
//!
//! `cargo bench -p ledger-tests --bench serving`, with a name after `--` to pick one of
//! `postings`, `questions` and `sockets`. `LEDGER_FULL=1` asks a book of ten million entries and
//! holds 9,000 sockets for 100 s; without it a million entries, and 2,000 sockets for 20 s.
//!
//! The load comes from this process, the server is another one on the same machine, and both
//! share its processors: what this one used is told beside each figure.

#![expect(
    clippy::float_arithmetic,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "rates and ratios; a server that does not answer ends the benchmark"
)]

mod http;
mod postings;
mod questions;
mod server;
mod sockets;

use ledger_tests::measure::report;
use ledger_tests::rounds;

fn main() {
    let folder = std::env::var_os("LEDGER_BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(folder).unwrap();
    let mut measurements = Vec::new();
    if wanted("postings") {
        measurements.extend(postings::measure(&folder.path().join("postings")));
    }
    if wanted("questions") {
        let entries = rounds(10_000_000, 1_000_000);
        measurements.extend(questions::measure(&folder.path().join("questions"), entries));
    }
    if wanted("sockets") {
        let (sockets, seconds) = (rounds(9000, 2000) as usize, rounds(100, 20));
        measurements.extend(sockets::measure(&folder.path().join("sockets"), sockets, seconds));
    }
    report("serving", &measurements);
}

fn wanted(name: &str) -> bool {
    let mut names =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).peekable();
    names.peek().is_none() || names.any(|picked| picked == name)
}
