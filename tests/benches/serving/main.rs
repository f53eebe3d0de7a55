//! The server under load: postings over HTTP, questions to a large book, and thousands of sockets
//! on one subscription.
//!
//! `cargo bench -p ledger-tests --bench serving`; a name after `--` picks `postings`, `questions`
//! or `sockets`. `LEDGER_FULL=1` asks a book of ten million entries and holds 9,000 sockets for 100
//! s; otherwise a million entries, and 2,000 sockets for 20 s.
//!
//! The load and the server are two processes on one machine and share its processors. Each figure
//! comes with the processor time of the load.

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
