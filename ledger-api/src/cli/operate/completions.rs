//! `budget-ledger completions`

use clap::{Args, Command};
use clap_complete::Shell;

use crate::cli::exit::CliError;
use crate::cli::output::to_stdout;

/// Write a script to stdout that lets a shell complete verbs and options.
#[derive(Args)]
pub(crate) struct Completions {
    /// The shell that runs the script.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, mut command: Command) -> Result<(), CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "budget-ledger", &mut script);
        Ok(to_stdout(|out| out.write_all(&script))?)
    }
}
