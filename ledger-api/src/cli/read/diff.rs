//! `budget-ledger diff`

use clap::Args;
use ledger_core::domain::date_or_time::DateOrTime;
use ledger_core::domain::position::Position;
use projections::AsAt;
use serde_json::json;

use super::budget::{RollupArg, WhichArgs};
use crate::cli::args::ReadArgs;
use crate::cli::ask::table::{
    Column, Table, flag, member, moment_of, money, number, pence, text, visit,
};
use crate::cli::ask::variables::{as_at, with};
use crate::cli::exit::CliError;
use crate::cli::output::{Cell, Rows};

/// What changed in a year between two moments: each figure before and after, or the entries that
/// changed them.
#[derive(Args)]
pub(in crate::cli) struct Diff {
    #[command(flatten)]
    which: WhichArgs,
    #[command(flatten)]
    since: SinceArgs,
    /// Sum the lines; programmes and bodies include those below them.
    #[arg(long, value_enum, conflicts_with = "entries")]
    rollup: Option<RollupArg>,
    /// The entries between instead.
    #[arg(long)]
    entries: bool,
    #[command(flatten)]
    read: ReadArgs,
}

/// The earlier moment.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct SinceArgs {
    /// The earlier moment: as it stood after this entry.
    #[arg(long, value_name = "POSITION")]
    since: Option<Position>,
    /// The earlier moment: as known at this time, a date (its end, UK time) or an RFC 3339 moment.
    #[arg(long, value_name = "TIME")]
    since_time: Option<DateOrTime>,
}

const DOCUMENT: &str = include_str!("../documents/diff.graphql");

/// The columns before those of a figure. Fixed: scripts rely on them.
const ROW: &[Column] = &[
    text("year", "$year"),
    text("programme", "programme.code"),
    text("name", "name"),
    text("body", "body.code"),
    member("class", "class"),
    text("ringFence", "ringFence"),
    text("through", "through"),
];

/// The columns after those of a figure.
const PLACE: &[Column] = &[
    number("position", "^position"),
    text("parent", "parent"),
    number("level", "level"),
    flag("isTotal", "isTotal"),
];

/// The figures that a row may show as changed.
const FIGURES: [&str; 12] = [
    "original",
    "revised",
    "planToDate",
    "committed",
    "accrued",
    "actual",
    "forecast",
    "forecastKnown",
    "internalForecast",
    "available",
    "variance",
    "underspend",
];

const ENTRIES: Table = Table {
    document: include_str!("../documents/diff-entries.graphql"),
    rows: "answer.entries",
    each: None,
    columns: &[
        number("entry", "position"),
        text("recorded", "recordedAt"),
        text("actor", "entry.actor"),
        text("reason", "entry.reason"),
        money("revised", "revised"),
        money("committed", "committed"),
        money("accrued", "accrued"),
        money("actual", "actual"),
        money("forecast", "forecast"),
        money("internalForecast", "internalForecast"),
        number("position", "^position"),
    ],
};

impl Diff {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let since = match (self.since.since, self.since.since_time) {
            (Some(position), _) => AsAt::Position(position),
            (None, Some(time)) => AsAt::Recorded(time.ends()),
            (None, None) => AsAt::Now,
        };
        let since = json!({ "since": as_at(since) });
        let rows = if self.entries {
            let answer = self.which.ask(&ENTRIES, since, &self.read)?;
            let year = self.which.lines.year;
            let caption =
                format!("Entries that changed {year}, up to position {}", answer.position());
            answer.rows(caption)
        } else {
            self.figures(with(since, RollupArg::variable(self.rollup)))?
        };
        Ok(rows.print(self.read.format)?)
    }

    /// A row for each figure that changed.
    fn figures(&self, more: serde_json::Value) -> Result<Rows, CliError> {
        let door = self.which.open(&self.read)?;
        let variables = with(self.which.variables(), more);
        let mut changed = Vec::new();
        let list = visit(&*door, DOCUMENT, "answer.rows", variables, &mut |row| {
            for name in FIGURES {
                let figure = |of: &str| pence(row.get(&format!("{of}.{name}")));
                let (before, after) = (figure("before"), figure("after"));
                // The sum of known forecasts says nothing new beside a forecast.
                let whole = ["before", "after"].map(|of| row.get(&format!("{of}.forecast")));
                if name == "forecastKnown" && !whole.iter().any(|forecast| forecast.is_null()) {
                    continue;
                }
                // A line that opened with 0.00 has changed no figure.
                if before == after || before.is_none() && after.is_some_and(|after| after.is_zero())
                {
                    continue;
                }
                let mut cells =
                    ROW.iter().map(|column| column.cell(&row)).collect::<Result<Vec<_>, _>>()?;
                cells.extend([
                    Cell::text(name),
                    Cell::maybe_money(before),
                    Cell::maybe_money(after),
                    Cell::maybe_money(figure("change")),
                ]);
                for column in PLACE {
                    cells.push(column.cell(&row)?);
                }
                changed.push(cells);
            }
            Ok(true)
        })?;
        let moment = moment_of(&list);
        let year = self.which.lines.year;
        let mut columns: Vec<_> = ROW.iter().map(|column| column.name).collect();
        columns.extend(["figure", "before", "after", "change"]);
        columns.extend(PLACE.iter().map(|column| column.name));
        let mut rows = Rows::new(format!("Changes in {year} as at {moment}"), columns);
        changed.into_iter().for_each(|cells| rows.push(cells));
        Ok(rows)
    }
}
