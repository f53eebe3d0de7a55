//! `budget-ledger log`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::log::entry::Entry;
use ledger_core::log::read::visit_lines;

use super::args::{MomentArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
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
    #[command(flatten)]
    moment: MomentArgs,
    #[command(flatten)]
    read: ReadArgs,
}

const COLUMNS: &[&str] = &[
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
        let view = self.read.data.view()?;
        let last = view.models().moment(self.moment.as_at())?.position;
        let mut rows = Rows::new(format!("Entries up to position {last}"), COLUMNS);
        let mut left = self.limit;
        let mut failed = None;
        visit_lines(view.store(), self.from.max(Position::new(1)), |line| {
            match Entry::from_line(line) {
                Ok(entry) if entry.position > last || left == 0 => return false,
                Ok(entry) if self.wants(&entry) => {
                    left -= 1;
                    rows.push(cells(&entry));
                }
                Ok(_) => {}
                Err(error) => failed = Some(error.to_string()),
            }
            failed.is_none()
        })?;
        match failed {
            Some(error) => {
                Err(CliError::new(super::exit::Exit::VerificationFailed, "DAMAGED", error))
            }
            None => Ok(rows.print(self.read.format)?),
        }
    }

    fn wants(&self, entry: &Entry<'_>) -> bool {
        let lines = || entry.events.iter().flat_map(|event| event.lines());
        self.line.is_none_or(|wanted| lines().any(|line| line == wanted))
            && self.year.is_none_or(|wanted| lines().any(|line| line.year == wanted))
            && self.programme.is_none_or(|wanted| lines().any(|line| line.programme == wanted))
            && self.by.as_ref().is_none_or(|wanted| entry.actor == **wanted)
            && self.cites.as_ref().is_none_or(|wanted| entry.citations().any(|c| c == wanted))
    }
}

fn cells(entry: &Entry<'_>) -> Vec<Cell> {
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
