//! The program itself, as a binary that this package's tests can start.

use std::io::Write;
use std::process::ExitCode;

/// Sets the program's clock, which runs on from there: a moment in RFC 3339.
const CLOCK: &str = "LEDGER_UNDER_TEST_CLOCK";

fn main() -> ExitCode {
    if let Ok(time) = std::env::var(CLOCK) {
        match time.parse() {
            Ok(time) => ledger_api::clock::set(time),
            Err(error) => {
                drop(writeln!(std::io::stderr(), "{CLOCK}: {error}"));
                return ExitCode::FAILURE;
            }
        }
    }
    ledger_api::cli::main()
}
