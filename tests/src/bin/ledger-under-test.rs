//! The program itself, as a binary that this package's tests can start.

use std::process::ExitCode;

fn main() -> ExitCode {
    ledger_api::cli::main()
}
