//! `budget-ledger man`

use clap::{Args, Command};
use clap_mangen::Man as Page;

use super::exit::CliError;
use super::output::to_stdout;

/// Write a manual page to stdout: of the program, or of one verb.
#[derive(Args)]
pub(super) struct Man {
    /// The verb.
    verb: Option<String>,
}

impl Man {
    pub(super) fn run(self, command: Command) -> Result<(), CliError> {
        let command = match self.verb {
            None => command,
            Some(verb) => {
                let found = command.find_subcommand(&verb).cloned();
                let found =
                    found.ok_or_else(|| CliError::usage(format!("there is no verb {verb}")))?;
                found.name(format!("budget-ledger-{verb}"))
            }
        };
        let mut page = Vec::new();
        Page::new(command).render(&mut page)?;
        Ok(to_stdout(|out| out.write_all(&page))?)
    }
}
