//! `budget-ledger policy`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::command;

use super::args::{MomentArgs, PostingArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::write;

/// The rules in force: show them, or adopt others.
#[derive(Args)]
pub(super) struct Policy {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Show(Show),
    Adopt(Adopt),
}

/// Show the policy in force at a moment, as JSON in the form that `policy adopt` takes.
#[derive(Args)]
struct Show {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

/// Adopt a policy in the place of the one in force. Administrators propose it, and it waits for the
/// sign-off of the department.
#[derive(Args)]
struct Adopt {
    /// A file with the whole policy, as `policy show` writes it.
    file: PathBuf,
    /// Since when it holds. What was recorded before it is adopted is not judged again.
    #[arg(long, value_name = "TIME")]
    effective: Timestamp,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Policy {
    pub(super) fn run(self) -> Result<(), CliError> {
        match self.action {
            Action::Show(Show { read, moment }) => {
                let told = read.open(&moment)?.policy(moment.as_at())?;
                let caption = format!("The policy as at position {}", told.position);
                let columns = &["recordedBy", "effective", "policy", "position"];
                let mut rows = Rows::new(caption, columns);
                for policy in told.rows {
                    rows.push(vec![
                        Cell::Number(policy.recorded_by.get()),
                        Cell::maybe_text(policy.effective),
                        Cell::Text(policy.canonical),
                        Cell::Number(told.position.get()),
                    ]);
                }
                Ok(rows.print(read.format)?)
            }
            Action::Adopt(Adopt { file, effective, posting }) => {
                let unreadable = |error: &dyn std::fmt::Display| {
                    CliError::usage(format!("{} is no policy: {error}", file.display()))
                };
                let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&error))?;
                let policy = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
                let policy = Box::new(policy);
                write::post(command::AdoptPolicy { policy, effective }.into(), posting)
            }
        }
    }
}
