//! `budget-ledger export`

use clap::{Args, ValueEnum};
use ledger_core::domain::position::Position;
use projections::AsAt;

use super::exit::CliError;
use super::output::to_stdout;
use super::place::BookArgs;
use super::source::question::{EntryFilter, EntryQuestion};

/// Write entries to stdout, exactly as they are stored and hashed, without the seals.
#[derive(Args)]
pub(super) struct Export {
    #[command(flatten)]
    book: BookArgs,
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
        let ExportFormat::Jsonl = self.format;
        let source = self.book.open()?;
        source.exporting()?;
        if let Some(last) = self.to {
            let head = source.head()?;
            if last > head {
                return Err(CliError::usage(format!(
                    "there is no entry {last}: the last one is {head}"
                )));
            }
        }
        let as_at = self.to.map_or(AsAt::Now, AsAt::Position);
        let filter = EntryFilter::default();
        let question = EntryQuestion { from: self.from, as_at, filter, checked: false };
        let mut read = Ok(Position::START);
        to_stdout(|out| {
            let mut written = Ok(());
            read = source.entries(&question, &mut |line| {
                written = out.write_all(line).and_then(|()| out.write_all(b"\n"));
                written.is_ok()
            });
            written
        })?;
        read.map(|_| ())
    }
}
