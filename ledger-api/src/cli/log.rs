//! `budget-ledger log`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::log::entry::Entry;

use super::args::{MomentArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::source::question::{EntryFilter, EntryQuestion};
use super::source::read_entry;
use crate::describe;

/// List entries: who posted what, when and why.
#[derive(Args)]
pub(super) struct Log {
    /// The first entry to list.
    #[arg(long, value_name = "POSITION", default_value = "1")]
    from: Position,
    /// At most so many entries.
    #[arg(long, value_name = "COUNT", default_value = "100")]
    limit: usize,
    #[command(flatten)]
    filter: EntryArgs,
    #[command(flatten)]
    moment: MomentArgs,
    #[command(flatten)]
    read: ReadArgs,
}

/// Which entries.
#[derive(Args)]
pub(super) struct EntryArgs {
    /// Only entries that change this line.
    #[arg(long)]
    line: Option<LineKey>,
    /// Only entries that change lines of this year.
    #[arg(long)]
    year: Option<FinancialYear>,
    /// Only entries that change lines of this programme.
    #[arg(long, value_name = "CODE")]
    programme: Option<ProgrammeCode>,
    /// Only entries that this actor posted.
    #[arg(long, value_name = "ID")]
    by: Option<String>,
    /// Only entries that cite this: a reference, transaction, authority or piece of evidence.
    #[arg(long, value_name = "TEXT")]
    cites: Option<String>,
}

impl EntryArgs {
    pub(super) fn filter(self) -> EntryFilter {
        let EntryArgs { line, year, programme, by, cites } = self;
        EntryFilter { line, year, programme, by, cites }
    }
}

/// Fixed: scripts rely on them.
pub(super) const COLUMNS: &[&str] = &[
    "position",
    "recorded",
    "actor",
    "key",
    "reason",
    "authority",
    "evidence",
    "inferred",
    "warnings",
    "events",
];

impl Log {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Log { filter, moment, read, .. } = self;
        let question = EntryQuestion {
            from: self.from,
            as_at: moment.as_at(),
            filter: filter.filter(),
            checked: true,
        };
        let (mut listed, mut failed) = (Vec::new(), None);
        let last = read.open(&moment)?.entries(&question, &mut |line| {
            if listed.len() == self.limit {
                return false;
            }
            match read_entry(line) {
                Ok(entry) => listed.push(cells(&entry)),
                Err(error) => failed = Some(error),
            }
            failed.is_none()
        })?;
        failed.map_or(Ok(()), Err)?;
        let mut rows = Rows::new(format!("Entries up to position {last}"), COLUMNS);
        listed.into_iter().for_each(|cells| rows.push(cells));
        Ok(rows.print(read.format)?)
    }
}

/// An entry, as a row.
pub(super) fn cells(entry: &Entry<'_>) -> Vec<Cell> {
    vec![
        Cell::Number(entry.position.get()),
        Cell::text(entry.recorded),
        Cell::text(&entry.actor),
        Cell::text(&entry.key),
        Cell::text(&entry.reason),
        Cell::maybe_text(entry.authority.as_ref()),
        Cell::List(entry.evidence.iter().map(ToString::to_string).collect()),
        Cell::maybe_text(entry.inferred.as_ref()),
        Cell::List(entry.warnings.iter().map(ToString::to_string).collect()),
        Cell::List(entry.events.iter().map(describe::event).collect()),
    ]
}
