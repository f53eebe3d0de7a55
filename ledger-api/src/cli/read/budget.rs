//! `budget-ledger budget`

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use projections::budget::Rollup;
use serde_json::{Value, json};

use crate::cli::args::{ClassArg, MomentArgs, ReadArgs};
use crate::cli::ask::Door;
use crate::cli::ask::table::{
    Answer, Column, Table, flag, member, money, number, percent, text, visit,
};
use crate::cli::ask::variables::{self, with};
use crate::cli::exit::CliError;
use crate::cli::format::Format;
use crate::cli::output::{Cell, Rows};

/// Planned versus actual of a year, by line or rolled up, as at any moment.
#[derive(Args)]
pub(in crate::cli) struct Budget {
    #[command(flatten)]
    which: WhichArgs,
    /// Sum the lines; programmes and bodies include those below them.
    #[arg(long, value_enum)]
    rollup: Option<RollupArg>,
    #[command(flatten)]
    read: ReadArgs,
}

/// Which figures, and as at when.
#[derive(Args)]
pub(in crate::cli) struct WhichArgs {
    #[command(flatten)]
    pub(in crate::cli) lines: LinesArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

impl WhichArgs {
    pub(in crate::cli) fn variables(&self) -> Value {
        with(self.lines.variables(), self.moment.variables())
    }

    /// Opens the book to ask.
    pub(in crate::cli) fn open(&self, read: &ReadArgs) -> Result<Box<dyn Door>, CliError> {
        read.open(&self.moment)
    }

    /// Asks a table about these figures.
    pub(in crate::cli) fn ask(
        &self,
        table: &Table,
        more: Value,
        read: &ReadArgs,
    ) -> Result<Answer, CliError> {
        table.ask(&*self.open(read)?, with(self.variables(), more))
    }
}

/// Which figures.
#[derive(Args)]
pub(in crate::cli) struct LinesArgs {
    /// The financial year.
    #[arg(long)]
    pub(in crate::cli) year: FinancialYear,
    /// Only this programme and those below it.
    #[arg(long, value_name = "CODE")]
    programme: Option<ProgrammeCode>,
    /// Only this body and those below it.
    #[arg(long, value_name = "CODE")]
    body: Option<BodyCode>,
    /// Only this class.
    #[arg(long, value_enum)]
    class: Option<ClassArg>,
    /// Only what was effective up to this month, such as M6.
    #[arg(long, value_name = "MONTH")]
    pub(in crate::cli) through: Option<Month>,
}

impl LinesArgs {
    pub(in crate::cli) fn variables(&self) -> Value {
        json!({
            "year": self.year.to_string(),
            "through": variables::text(self.through),
            "filter": filter(self.programme, self.body, self.class),
        })
    }

    /// The year, and the month where one is given, in words.
    pub(in crate::cli) fn period(&self) -> String {
        let through = self.through.map(|month| format!(" through {month}")).unwrap_or_default();
        format!("{}{through}", self.year)
    }
}

/// The input type `LineFilter`.
pub(in crate::cli) fn filter(
    programme: Option<ProgrammeCode>,
    body: Option<BodyCode>,
    class: Option<ClassArg>,
) -> Value {
    json!({
        "programme": variables::text(programme),
        "body": variables::text(body),
        "class": class.map(|class| variables::member(ledger_core::domain::line::BudgetClass::from(class))),
    })
}

/// What to sum lines into.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum RollupArg {
    /// Programmes.
    Programme,
    /// Bodies.
    Body,
    /// Budget classes.
    Class,
    /// Ring-fences.
    RingFence,
    /// The whole year.
    Year,
    /// The whole year through each of its months.
    Month,
}

impl RollupArg {
    /// The input type `Rollup`; null for a row per line.
    pub(in crate::cli) fn variable(rollup: Option<Self>) -> Value {
        let rollup = rollup.map(|rollup| match rollup {
            RollupArg::Programme => Rollup::Programme,
            RollupArg::Body => Rollup::Body,
            RollupArg::Class => Rollup::Class,
            RollupArg::RingFence => Rollup::RingFence,
            RollupArg::Year => Rollup::Year,
            RollupArg::Month => Rollup::Month,
        });
        json!({ "rollup": rollup.map(variables::member) })
    }
}

/// Fixed: scripts rely on them.
const COLUMNS: [Column; 23] = [
    text("year", "year"),
    text("programme", "programme.code"),
    text("name", "name"),
    text("body", "body.code"),
    member("class", "class"),
    text("ringFence", "ringFence"),
    money("original", "figures.original"),
    money("revised", "figures.revised"),
    money("planToDate", "figures.planToDate"),
    money("committed", "figures.committed"),
    money("accrued", "figures.accrued"),
    money("actual", "figures.actual"),
    money("forecast", "figures.forecast"),
    money("available", "figures.available"),
    money("variance", "figures.variance"),
    member("varianceBasis", "figures.varianceBasis"),
    member("sense", "figures.sense"),
    percent("percentUsed", "figures.percentUsed"),
    member("status", "figures.status"),
    flag("inferred", "figures.inferred"),
    number("position", "position"),
    text("through", "through"),
    text("on", "^on"),
];

const DOCUMENT: &str = include_str!("../documents/budget.graphql");

const TABLE: Table =
    Table { document: DOCUMENT, rows: "answer.rows", each: None, columns: COLUMNS.split_at(21).0 };

/// A sum by month says through which month each row goes.
const BY_MONTH: Table = Table { columns: COLUMNS.split_at(22).0, ..TABLE };

/// Rows for programs say the month and the day, which the caption says to people.
const WHOLE: Table = Table { columns: &COLUMNS, ..TABLE };

impl Budget {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let door = self.which.open(&self.read)?;
        let (variables, format) = (self.which.variables(), self.read.format);
        let rows = rows(&*door, &self.which.lines, self.rollup, variables, format)?;
        Ok(rows.print(format)?)
    }
}

/// Planned versus actual, as rows. In a table for people, the parts of a programme or body are indented
/// below it, and the last row is the total.
pub(in crate::cli) fn rows(
    door: &dyn Door,
    lines: &LinesArgs,
    rollup: Option<RollupArg>,
    variables: Value,
    format: Format,
) -> Result<Rows, CliError> {
    let table = match (format.is_table(), rollup) {
        (false, _) => &WHOLE,
        (true, Some(RollupArg::Month)) => &BY_MONTH,
        (true, _) => &TABLE,
    };
    let variables = with(variables, RollupArg::variable(rollup));
    let mut answer = if format.is_table() {
        indented(door, table, rollup, variables.clone())?
    } else {
        table.ask(door, variables.clone())?
    };
    let at = answer.position();
    if format.is_table()
        && !answer.rows.is_empty()
        && !matches!(rollup, Some(RollupArg::Year | RollupArg::Month))
    {
        let day = &answer.list["on"];
        let whole = json!({ "rollup": "YEAR", "asAt": { "position": at.to_string() }, "on": day });
        let mut total = table.ask(door, with(variables, whole))?;
        // A forecast of some of the rows is none of their total.
        let forecast = answer.rows.iter().all(|row| row[FORECAST] != Cell::Absent);
        for row in &mut total.rows {
            row[PROGRAMME] = Cell::text("Total");
            if !forecast {
                row[FORECAST] = Cell::Absent;
            }
        }
        answer.rows.append(&mut total.rows);
    }
    let through = match (lines.through, answer.list["through"].as_str()) {
        (None, Some(month)) => format!(", plan to date through {month}"),
        _ => String::new(),
    };
    let (period, moment) = (lines.period(), answer.moment());
    let caption = format!("Planned versus actual, {period}, as at {moment}{through}");
    Ok(answer.rows(caption))
}

/// Where some columns stand in [`COLUMNS`].
const PROGRAMME: usize = 1;
const BODY: usize = 3;
const FORECAST: usize = 12;

/// The rows of a table, the codes of parts indented below the code they are part of.
fn indented(
    door: &dyn Door,
    table: &Table,
    rollup: Option<RollupArg>,
    variables: Value,
) -> Result<Answer, CliError> {
    let (column, name) = match rollup {
        Some(RollupArg::Programme) => (PROGRAMME, "programme"),
        Some(RollupArg::Body) => (BODY, "body"),
        _ => return table.ask(door, variables),
    };
    let mut depths: BTreeMap<String, usize> = BTreeMap::new();
    let mut cells = Vec::new();
    let variables = with(variables, json!({ "tree": true }));
    let list = visit(door, table.document, table.rows, variables, &mut |row| {
        table.push_cells(&row, &mut cells)?;
        let code = |path: &str| row.get(&format!("{name}.{path}")).as_str().map(str::to_owned);
        // Parents come first.
        let parent = code("parent.code").and_then(|parent| depths.get(&parent));
        let depth = parent.map_or(0, |depth| depth + 1);
        if let (Some(code), Some(cells)) = (code("code"), cells.last_mut()) {
            cells[column] = Cell::Text(format!("{}{code}", "  ".repeat(depth)));
            depths.insert(code, depth);
        }
        Ok(true)
    })?;
    Ok(table.answer(cells, list))
}
