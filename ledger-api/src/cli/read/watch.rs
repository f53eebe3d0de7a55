//! `budget-ledger watch`

use std::io::{self, Write};

use clap::{Args, Subcommand, ValueEnum};
use ledger_core::domain::position::Position;
use serde_json::{Value, json};

use super::budget::{self, LinesArgs, RollupArg, Summing};
use super::log::{self, EntryArgs};
use crate::cli::ask::Stop;
use crate::cli::ask::follow::LEDGER;
use crate::cli::ask::place::BookArgs;
use crate::cli::ask::variables::with;
use crate::cli::exit::CliError;
use crate::cli::format::Format;
use crate::cli::output::tell;

/// Follow a server live, until Ctrl-C: its entries, or planned versus actual.
///
/// A dropped connection is made again, and goes on after the last event.
#[derive(Args)]
pub(in crate::cli) struct Watch {
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
        /// Leave out of each row what the rows below it hold, so that all rows sum to the total.
        #[arg(long, requires = "rollup")]
        own: bool,
        #[command(flatten)]
        watching: WatchArgs,
    },
}

#[derive(Args)]
struct WatchArgs {
    #[command(flatten)]
    book: BookArgs,
    /// How to write the events.
    #[arg(long, value_enum, default_value_t)]
    format: WatchFormat,
}

/// How to write the events.
#[derive(Clone, Copy, Default, ValueEnum)]
enum WatchFormat {
    /// For people.
    #[default]
    Table,
    /// One object a line.
    Jsonl,
}

const ENTRIES: &str = include_str!("../documents/watch-entries.graphql");

const BUDGET: &str = include_str!("../documents/watch-budget.graphql");

impl From<WatchFormat> for Format {
    fn from(format: WatchFormat) -> Self {
        match format {
            WatchFormat::Table => Format::Table,
            WatchFormat::Jsonl => Format::Jsonl,
        }
    }
}

impl Watch {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        match self.what {
            What::Entries { after, filter, watching } => entries(after, &filter, &watching),
            What::Budget { lines, rollup, own, watching } => {
                figures(&lines, rollup.map(|by| Summing { by, own }), &watching)
            }
        }
    }
}

fn entries(
    after: Option<Position>,
    filter: &EntryArgs,
    watching: &WatchArgs,
) -> Result<(), CliError> {
    let door = watching.book.open()?;
    // Without a first position, entries between two connections would be lost.
    let head = || door.ask(LEDGER, &json!({})).map(|data| data["ledger"]["head"].clone());
    let after = after.map_or_else(head, |after| Ok(json!(after.to_string())))?;
    let after = json!({ "position": after });
    let variables = json!({ "after": after, "filter": filter.variable() });
    door.follow(ENTRIES, &variables, &Stop::on_signal()?, &mut |data| {
        let entry = &data["entries"];
        shown(match watching.format {
            WatchFormat::Table => tell(|out| in_words(entry, out)),
            WatchFormat::Jsonl => {
                let rows = log::row(entry)?;
                tell(|out| rows.write(Format::Jsonl, out))
            }
        })
    })
}

fn figures(
    lines: &LinesArgs,
    summing: Option<Summing>,
    watching: &WatchArgs,
) -> Result<(), CliError> {
    let door = watching.book.open()?;
    let rollup = RollupArg::variable(summing.map(|of| of.by));
    let variables = with(lines.variables(), rollup);
    door.follow(BUDGET, &variables, &Stop::on_signal()?, &mut |data| {
        let state = &data["plannedVersusActual"];
        let at = json!({ "asAt": { "position": state["position"] }, "on": state["on"] });
        let format = watching.format.into();
        let rows = budget::rows(&*door, lines, summing, with(variables.clone(), at), format)?;
        shown(match watching.format {
            WatchFormat::Table => tell(|out| {
                rows.write(Format::Table, out)?;
                writeln!(out)
            }),
            WatchFormat::Jsonl => tell(|out| rows.write(Format::Jsonl, out)),
        })
    })
}

/// An entry in words.
fn in_words(entry: &Value, out: &mut dyn Write) -> io::Result<()> {
    let text = |name: &str| entry[name].as_str().unwrap_or_default();
    let (position, recorded) = (text("position"), text("recordedAt"));
    writeln!(out, "{position}  {recorded}  {}  {}", text("actor"), text("reason"))?;
    for event in entry["events"].as_array().into_iter().flatten() {
        writeln!(out, "    {}", event["summary"].as_str().unwrap_or_default())?;
    }
    for warning in entry["warnings"].as_array().into_iter().flatten() {
        writeln!(out, "    warning: {}", warning["message"].as_str().unwrap_or_default())?;
    }
    Ok(())
}

/// Whether a reader is still there.
fn shown(written: io::Result<()>) -> Result<bool, CliError> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}
