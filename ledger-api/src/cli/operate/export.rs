//! `budget-ledger export`

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use ledger_core::domain::position::Position;
use ledger_core::log::read::visit_lines;
use ledger_core::log::store::Store;
use projections::{AsAt, QueryError};
use serde_json::{Value, json};

use crate::cli::ask::Door;
use crate::cli::ask::folder::Folder;
use crate::cli::ask::follow::LEDGER;
use crate::cli::ask::place::BookArgs;
use crate::cli::ask::table::{visit, whole};
use crate::cli::ask::variables::as_at;
use crate::cli::exit::CliError;
use crate::cli::output::to_stdout;

/// Write entries to stdout exactly as they are stored, without the seals.
#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    book: BookArgs,
    /// The first entry.
    #[arg(long, value_name = "POSITION", default_value = "1")]
    from: Position,
    /// The last entry, by default the last of the book.
    #[arg(long, value_name = "POSITION")]
    to: Option<Position>,
    /// The form of the export.
    #[arg(long, value_enum, default_value_t)]
    format: ExportFormat,
}

/// The form of an export.
#[derive(Clone, Copy, Default, ValueEnum)]
enum ExportFormat {
    /// An entry on each line, in its stored bytes.
    #[default]
    Jsonl,
}

const DOCUMENT: &str = include_str!("../documents/export.graphql");

impl Export {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let ExportFormat::Jsonl = self.format;
        match &self.book {
            BookArgs::Folder(folder) => self.write_folder(&folder.open()?),
            BookArgs::Server(_) => self.write_server(&*self.book.open()?),
        }
    }

    /// The last entry to write, of a log that ends at `head`.
    fn last(&self, head: Position) -> Result<Position, CliError> {
        match self.to {
            Some(asked) if asked > head => Err(QueryError::BeyondHead { asked, head }.into()),
            to => Ok(to.unwrap_or(head)),
        }
    }

    /// Reads the log alone, so that entries before damage can still be exported.
    fn write_folder(&self, folder: &Folder) -> Result<(), CliError> {
        folder.record_export()?;
        let store = folder.store()?;
        let last = self.last(store.head().position)?;
        let mut next = self.from.max(Position::new(1));
        let mut read = Ok(());
        to_stdout(|out| {
            let mut written = Ok(());
            read = visit_lines(&store, next, |line| {
                if next > last {
                    return false;
                }
                next = next.next();
                written = write_line(out, line);
                written.is_ok()
            });
            written
        })?;
        Ok(read?)
    }

    fn write_server(&self, door: &dyn Door) -> Result<(), CliError> {
        let data = door.ask(LEDGER, &Value::Null)?;
        let last = self.last(Position::new(whole(&data["ledger"]["head"]).unwrap_or_default()))?;
        let before = Position::new(self.from.get().saturating_sub(1));
        let variables = json!({
            "asAt": as_at(AsAt::Position(last)),
            "since": as_at(AsAt::Position(before)),
        });
        let mut read = Ok(Value::Null);
        to_stdout(|out| {
            let mut written = Ok(());
            read = visit(door, DOCUMENT, "rows", variables, &mut |row| {
                let line = row.node["canonical"].as_str().unwrap_or_default();
                written = write_line(out, line.as_bytes());
                Ok(written.is_ok())
            });
            written
        })?;
        read.map(|_| ())
    }
}

fn write_line(out: &mut dyn Write, line: &[u8]) -> io::Result<()> {
    out.write_all(line).and_then(|()| out.write_all(b"\n"))
}
