//! `budget-ledger budget`

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
    /// Leave out of each row what the rows below it hold, so that all rows sum to the total.
    #[arg(long, requires = "rollup")]
    own: bool,
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
const COLUMNS: [Column; 29] = [
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
    text("parent", "parent"),
    number("level", "level"),
    flag("isTotal", "isTotal"),
    money("forecastKnown", "figures.forecastKnown"),
    money("forecastOf", "figures.forecastOf"),
    money("outturn", "figures.outturn"),
    text("through", "through"),
    text("on", "^on"),
];

const DOCUMENT: &str = include_str!("../documents/budget.graphql");

const TABLE: Table =
    Table { document: DOCUMENT, rows: "answer.rows", each: None, columns: COLUMNS.split_at(27).0 };

/// A sum by month says through which month each row goes.
const BY_MONTH: Table = Table { columns: COLUMNS.split_at(28).0, ..TABLE };

/// Rows for programs say the month and the day, which the caption says to people.
const WHOLE: Table = Table { columns: &COLUMNS, ..TABLE };

impl Budget {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let door = self.which.open(&self.read)?;
        let (variables, format) = (self.which.variables(), self.read.format);
        let rollup = self.rollup.map(|by| Summing { by, own: self.own });
        let rows = rows(&*door, &self.which.lines, rollup, variables, format)?;
        Ok(rows.print(format)?)
    }
}

/// How lines are summed.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Summing {
    pub(in crate::cli) by: RollupArg,
    /// Whether a row leaves out the rows below it.
    pub(in crate::cli) own: bool,
}

/// Planned versus actual, as rows. In a table for people, the parts of a programme or body are indented
/// below it, and the last row is the total.
pub(in crate::cli) fn rows(
    door: &dyn Door,
    lines: &LinesArgs,
    summing: Option<Summing>,
    variables: Value,
    format: Format,
) -> Result<Rows, CliError> {
    let (rollup, own) = (summing.map(|of| of.by), summing.is_some_and(|of| of.own));
    let table = match (format.is_table(), rollup) {
        (false, _) => &WHOLE,
        (true, Some(RollupArg::Month)) => &BY_MONTH,
        (true, _) => &TABLE,
    };
    let variables = with(variables, RollupArg::variable(rollup));
    let mut cells = Vec::new();
    let list = visit(
        door,
        table.document,
        table.rows,
        with(variables.clone(), json!({ "own": own })),
        &mut |row| {
            let mut node = row.node.clone();
            if own {
                // A row without a line of its own has nothing to show.
                node["figures"] = node["own"].take();
                node["isTotal"] = false.into();
                if node["figures"].is_null() {
                    return Ok(true);
                }
            }
            table.push_cells(&row.with_node(&node), &mut cells)?;
            Ok(true)
        },
    )?;
    let mut answer = table.answer(cells, list);
    let at = answer.position();
    if format.is_table() {
        if !own {
            answer.rows.iter_mut().for_each(|row| indent(row, rollup));
        }
        if !answer.rows.is_empty() && !matches!(rollup, Some(RollupArg::Year | RollupArg::Month)) {
            let day = &answer.list["on"];
            let at = json!({ "position": at.to_string() });
            let whole = json!({ "rollup": "YEAR", "asAt": at, "on": day });
            let mut total = table.ask(door, with(variables, whole))?;
            total.rows.iter_mut().for_each(|row| row[PROGRAMME] = Cell::text("Total"));
            answer.rows.append(&mut total.rows);
        }
        answer.rows.iter_mut().for_each(|row| say_in_part(row));
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
const BASIS: usize = 15;
const SENSE: usize = 16;
const STATUS: usize = 18;
const LEVEL: usize = 22;

/// Indents the code of a part below the code it is part of.
fn indent(row: &mut [Cell], rollup: Option<RollupArg>) {
    let column = match rollup {
        Some(RollupArg::Programme) => PROGRAMME,
        Some(RollupArg::Body) => BODY,
        _ => return,
    };
    if let (Cell::Text(code), Cell::Number(level)) = (&row[column], &row[LEVEL]) {
        let margin = "  ".repeat(usize::try_from(*level).unwrap_or_default());
        row[column] = Cell::Text(format!("{margin}{code}"));
    }
}

/// Says beside a variance of part of the budget, and a status that follows from it, that it is in
/// part.
fn say_in_part(row: &mut [Cell]) {
    if row[BASIS] == Cell::text("forecastPart") {
        for column in [SENSE, STATUS] {
            if let Cell::Text(word) = &row[column]
                && !matches!(&**word, "overspent" | "noBudget")
            {
                row[column] = Cell::Text(format!("{word} in part"));
            }
        }
    }
}
