//! `budget-ledger export`

use clap::{Args, ValueEnum};
use ledger_core::domain::position::Position;
use ledger_core::log::read::visit_lines;
use ledger_core::log::segments::SegmentsStore;
use ledger_core::log::store::Store;

use super::args::DataArgs;
use super::exit::CliError;
use super::output::to_stdout;
use crate::book::{BookError, DataFolder};

/// Write entries to stdout, exactly as they are stored and hashed, without the seals.
#[derive(Args)]
pub(super) struct Export {
    #[command(flatten)]
    data: DataArgs,
    /// The first entry.
    #[arg(long, value_name = "POSITION", default_value = "1")]
    from: Position,
    /// The last entry; the head by default.
    #[arg(long, value_name = "POSITION")]
    to: Option<Position>,
    /// The form of the export.
    #[arg(long, value_enum, default_value_t)]
    format: ExportFormat,
}

/// The form of an export.
#[derive(Clone, Copy, Default, ValueEnum)]
enum ExportFormat {
    /// The canonical lines.
    #[default]
    Jsonl,
}

impl Export {
    pub(super) fn run(self) -> Result<(), CliError> {
        self.data.must_exist()?;
        let ExportFormat::Jsonl = self.format;
        let folder = DataFolder::read_only(&self.data.data);
        let store = SegmentsStore::read_only(folder.book).map_err(BookError::from)?;
        let last = self.to.unwrap_or(store.head().position);
        if last > store.head().position {
            return Err(CliError::usage(format!(
                "there is no entry {last}: the last one is {}",
                store.head().position
            )));
        }
        let mut read = Ok(());
        let mut next = self.from.max(Position::new(1));
        to_stdout(|out| {
            let mut written = Ok(());
            read = visit_lines(&store, next, |line| {
                if next > last {
                    return false;
                }
                next = next.next();
                written = out.write_all(line).and_then(|()| out.write_all(b"\n"));
                written.is_ok()
            });
            written
        })?;
        Ok(read?)
    }
}
