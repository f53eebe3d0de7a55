//! `budget-ledger access-log`

use clap::Args;

use crate::access::{gate, log};
use crate::cli::args::FolderReadArgs;
use crate::cli::ask::sign_in;
use crate::cli::exit::CliError;
use crate::cli::output::{Cell, Rows};

/// Show who signed in or was refused, changes to keys, and what auditors read.
///
/// Every record is checked against its seal. If the folder has keys, only an auditor may read it.
#[derive(Args)]
pub(crate) struct AccessLog {
    #[command(flatten)]
    read: FolderReadArgs,
}

impl AccessLog {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let path = &self.read.folder.data;
        if let Some(principal) = sign_in::enter(path, self.read.folder.token()?)? {
            gate::may_read_access_log(&principal)
                .inspect_err(|_| sign_in::denied(path, &principal, "access-log"))?;
        }
        let mut rows = Rows::new("Access log.", ["at", "who", "credential", "what", "particulars"]);
        for record in log::read(path)? {
            let particulars = match (record.what.to_string(), record.times) {
                (particulars, 1) => particulars,
                (particulars, times) => format!("{particulars}, {times} more times"),
            };
            rows.push(vec![
                Cell::text(record.at),
                Cell::maybe_text(record.who),
                Cell::maybe_text(record.credential),
                Cell::text(record.what.name()),
                if particulars.is_empty() { Cell::Absent } else { Cell::Text(particulars) },
            ]);
        }
        Ok(rows.print(self.read.format)?)
    }
}
