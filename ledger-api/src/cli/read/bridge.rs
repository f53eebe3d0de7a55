//! `budget-ledger bridge`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::line::LineKey;
use serde_json::{Value, json};

use super::budget::WhichArgs;
use crate::cli::args::ReadArgs;
use crate::cli::ask::table::{Column, Table, check_day, money, number, pence, text, whole};
use crate::cli::ask::variables::{self, with};
use crate::cli::exit::CliError;
use crate::cli::output::{Cell, Rows};

/// Original to revised to forecast to outturn of a year, a programme or a line, step by step, each
/// with the entry that made it. Spend is summed by month.
#[derive(Args)]
pub(in crate::cli) struct Bridge {
    #[command(flatten)]
    which: WhichArgs,
    /// Only this line.
    #[arg(long)]
    line: Option<LineKey>,
    /// Each entry of spend, instead of its sum by month.
    #[arg(long)]
    entries: bool,
    #[command(flatten)]
    read: ReadArgs,
}

const TOTALS: &str = include_str!("../documents/bridge.graphql");

/// The columns after `stage`. Fixed: scripts rely on them.
const COLUMNS: [Column; 10] = [
    number("entry", "position"),
    text("recorded", "recordedAt"),
    text("actor", "entry.actor"),
    text("reason", "entry.reason"),
    money("amount", "amount"),
    money("before", "before"),
    money("after", "after"),
    number("position", "^position"),
    text("month", "month"),
    number("entries", "entries"),
];

/// The columns of an entry: its spend may be of several months.
const OF_ENTRY: &[Column] = COLUMNS.split_at(8).0;

const STEPS: Table = Table {
    document: include_str!("../documents/bridge-steps.graphql"),
    rows: "answer.steps",
    each: None,
    columns: OF_ENTRY,
};

const MONTHS: Table = Table {
    document: include_str!("../documents/bridge-months.graphql"),
    rows: "answer.rows",
    each: None,
    columns: &COLUMNS,
};

impl Bridge {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let year = self.which.lines.year;
        if let Some(line) = self.line.filter(|line| line.year != year) {
            let message = format!("the line {line} is not of {year}: give its own year");
            return Err(CliError::usage(message));
        }
        let door = self.which.open(&self.read)?;
        let line = json!({ "line": variables::text(self.line) });
        let variables = with(self.which.variables(), line);
        check_day(TOTALS, &variables)?;
        let data = door.ask(TOTALS, &variables)?;
        let totals = &data["answer"];
        let position = &data["moment"]["position"];
        let caption = format!(
            "Original to revised to forecast to outturn, {}, as at position {}",
            self.which.lines.period(),
            position.as_str().unwrap_or_default()
        );
        let mut columns = vec!["stage"];
        columns.extend(MONTHS.names());
        let mut rows = Rows::new(caption, columns);
        if totals.is_null() {
            return Ok(rows.print(self.read.format)?);
        }
        let position = whole(position).map_or(Cell::Absent, Cell::Number);
        let total = |rows: &mut Rows, stage: &str, entry: &Value, amount: Option<_>| {
            let mut cells = vec![Cell::Absent; COLUMNS.len() + 1];
            cells[0] = Cell::text(stage);
            cells[1] = whole(entry).map_or(Cell::Absent, Cell::Number);
            cells[7] = Cell::maybe_money(amount);
            cells[8] = position.clone();
            rows.push(cells);
        };
        let amount = |name: &str| pence(&totals[name]);
        total(&mut rows, "original", &totals["struckBy"], amount("original"));
        if let Some(later) = amount("effectiveLater").filter(|later| !later.is_zero()) {
            let begins = amount("original").unwrap_or_default().plus(later);
            total(&mut rows, "effectiveByThen", &Value::Null, Some(begins));
        }
        let of_year = self.which.lines.through.is_none_or(|month| month >= Month::M12);
        let outturn = if totals["closed"] == true && of_year { "outturn" } else { "spendToDate" };
        let in_part = !totals["forecastKnown"].is_null() && totals["forecast"].is_null();
        let forecast =
            if in_part { ("forecastInPart", "forecastKnown") } else { ("forecast", "forecast") };
        for (stage, step, (name, end)) in [
            ("REVISED", "movement", ("revised", "revised")),
            ("FORECAST", "statement", forecast),
            ("OUTTURN", "spend", (outturn, "outturn")),
        ] {
            let by_month = stage == "OUTTURN" && !self.entries;
            let steps = if by_month { &MONTHS } else { &STEPS };
            let steps = steps.ask(&*door, with(variables.clone(), json!({ "stage": stage })))?;
            for cells in steps.rows {
                let cells = std::iter::once(Cell::text(step)).chain(cells);
                let mut cells: Vec<Cell> = cells.collect();
                cells.resize(COLUMNS.len() + 1, Cell::Absent);
                rows.push(cells);
            }
            let open = amount("openAtClose").filter(|open| !open.is_zero());
            if let (Some(open), "OUTTURN") = (open, stage) {
                let mut cells = vec![Cell::Absent; COLUMNS.len() + 1];
                let spent = amount("outturn").map(|outturn| outturn.minus(open));
                cells[0] = Cell::text("openAtClose");
                cells[5] = Cell::Money(open);
                cells[6] = Cell::maybe_money(spent);
                cells[7] = Cell::maybe_money(amount("outturn"));
                cells[8] = position.clone();
                rows.push(cells);
            }
            total(&mut rows, name, &Value::Null, amount(end));
        }
        Ok(rows.print(self.read.format)?)
    }
}
