//! `budget-ledger completions`

use clap::{Args, Command};
use clap_complete::Shell;

use super::exit::CliError;
use super::output::to_stdout;

/// Write completions for a shell to stdout.
#[derive(Args)]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, mut command: Command) -> Result<(), CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "budget-ledger", &mut script);
        Ok(to_stdout(|out| out.write_all(&script))?)
    }
}
