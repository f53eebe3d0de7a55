//! `budget-ledger watch`

use std::io::{self, Write};

use clap::{Args, Subcommand, ValueEnum};
use ledger_core::domain::position::Position;
use ledger_core::log::entry::Entry;
use projections::AsAt;

use super::budget::{self, LinesArgs, RollupArg};
use super::exit::CliError;
use super::log::{self, EntryArgs};
use super::output::{Format, Rows, tell};
use super::place::BookArgs;
use super::source::question::Question;
use super::source::server::Server;
use super::source::server::follow::{Followed, Stop, Told};
use super::source::{Source, read_entry};
use crate::describe;

/// Follow a server live, until Ctrl-C: its entries, or planned versus actual.
///
/// A dropped connection is made again, and goes on after what was told last.
#[derive(Args)]
pub(super) struct Watch {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Every entry as it is posted, each once and in order; columns as in `log`.
    Entries {
        /// Begin after this entry; after the last one by default.
        #[arg(long, value_name = "POSITION")]
        after: Option<Position>,
        #[command(flatten)]
        filter: EntryArgs,
        #[command(flatten)]
        watching: WatchArgs,
    },
    /// Planned versus actual of a year, again whenever it changes; columns as in `budget`.
    Budget {
        #[command(flatten)]
        lines: LinesArgs,
        /// Sum the lines; programmes and bodies include those below them.
        #[arg(long, value_enum)]
        rollup: Option<RollupArg>,
        #[command(flatten)]
        watching: WatchArgs,
    },
}

#[derive(Args)]
struct WatchArgs {
    #[command(flatten)]
    book: BookArgs,
    /// How to write what is told.
    #[arg(long, value_enum, default_value_t)]
    format: WatchFormat,
}

/// How to write what is told.
#[derive(Clone, Copy, Default, ValueEnum)]
enum WatchFormat {
    /// For people.
    #[default]
    Table,
    /// One object a line.
    Jsonl,
}

impl Watch {
    pub(super) fn run(self) -> Result<(), CliError> {
        match self.what {
            What::Entries { after, filter, watching } => entries(after, filter, &watching),
            What::Budget { lines, rollup, watching } => {
                let rollup = rollup.map(Into::into);
                figures(&Question { rollup, ..lines.question(AsAt::Now) }, &watching)
            }
        }
    }
}

fn entries(
    after: Option<Position>,
    filter: EntryArgs,
    watching: &WatchArgs,
) -> Result<(), CliError> {
    let server = Server::new(watching.book.client("watch")?);
    let after = after.map_or_else(|| server.head(), Ok)?;
    let (filter, format) = (filter.filter(), watching.format);
    server.follow(Followed::Entries(&filter, after), &Stop::on_signal()?, &mut |told| {
        let Told::Entry(line) = told else { return Ok(true) };
        let entry = read_entry(&line)?;
        shown(match format {
            WatchFormat::Table => tell(|out| told_in_words(&entry, out)),
            WatchFormat::Jsonl => {
                let mut rows = Rows::new("", log::COLUMNS);
                rows.push(log::cells(&entry));
                tell(|out| rows.write(Format::Jsonl, out))
            }
        })
    })
}

fn figures(question: &Question, watching: &WatchArgs) -> Result<(), CliError> {
    let server = Server::new(watching.book.client("watch")?);
    let format = watching.format;
    server.follow(Followed::Figures(question), &Stop::on_signal()?, &mut |told| {
        let Told::Figures(position) = told else { return Ok(true) };
        let question = Question { as_at: AsAt::Position(position), ..*question };
        let rows = budget::rows(&question, &server.budget(&question)?);
        shown(match format {
            WatchFormat::Table => tell(|out| {
                rows.write(Format::Table, out)?;
                writeln!(out)
            }),
            WatchFormat::Jsonl => tell(|out| rows.write(Format::Jsonl, out)),
        })
    })
}

/// An entry as a person reads it while it passes.
fn told_in_words(entry: &Entry<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Entry { position, recorded, actor, reason, .. } = entry;
    writeln!(out, "{position}  {recorded}  {actor}  {reason}")?;
    let events = entry.events.iter().map(describe::event);
    let warnings = entry.warnings.iter().map(|warning| format!("warning: {warning}"));
    events.chain(warnings).try_for_each(|what| writeln!(out, "    {what}"))
}

/// Whether somebody reads on.
fn shown(written: io::Result<()>) -> Result<bool, CliError> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}
