//! The program itself, so that tests of this package can start it as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    ledger_api::cli::main()
}
