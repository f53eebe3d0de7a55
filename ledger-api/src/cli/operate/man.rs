//! `budget-ledger man`

use clap::{Args, Command};
use clap_mangen::Man as Page;

use crate::cli::exit::CliError;
use crate::cli::output::to_stdout;

/// Write a manual page of the program or of one verb to stdout.
#[derive(Args)]
pub(crate) struct Man {
    /// The verb, by default the whole program.
    verb: Option<String>,
}

impl Man {
    pub(crate) fn run(self, command: Command) -> Result<(), CliError> {
        let command = match self.verb {
            None => command,
            Some(verb) => {
                let found = command.find_subcommand(&verb).cloned();
                let found = found.ok_or_else(|| {
                    CliError::usage(format!(
                        "there is no verb {verb}: `budget-ledger help` lists them"
                    ))
                })?;
                found.name(format!("budget-ledger-{verb}"))
            }
        };
        let mut page = Vec::new();
        Page::new(command).render(&mut page)?;
        Ok(to_stdout(|out| out.write_all(&page))?)
    }
}
