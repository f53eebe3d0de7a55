//! `budget-ledger access-log`

use clap::Args;

use super::args::ReadArgs;
use super::door;
use super::exit::CliError;
use super::output::{Cell, Rows};
use crate::access::{gate, log};

/// Show who signed in, who was refused, what happened to keys, and what auditors read.
///
/// Every record is checked against its seal. On a folder with keys only an auditor may.
#[derive(Args)]
pub(super) struct AccessLog {
    #[command(flatten)]
    read: ReadArgs,
}

impl AccessLog {
    pub(super) fn run(self) -> Result<(), CliError> {
        let path = self.read.book.folder("access-log")?;
        if let Some(principal) = door::enter(path, self.read.book.token())? {
            gate::may_read_access_log(&principal)
                .inspect_err(|_| door::denied(path, &principal, "access-log"))?;
        }
        let mut rows =
            Rows::new("Access log.", &["at", "who", "credential", "what", "particulars"]);
        for record in log::read(path)? {
            let particulars = record.what.to_string();
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
