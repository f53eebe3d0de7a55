//! `budget-ledger show`

mod at_risk;
mod reasons;
mod revisions;
mod years;

use clap::{Args, Subcommand};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use serde_json::{Value, json};

use super::budget::WhichArgs;
use super::exchanges::{YearArgs, capital_for_revenue, exchanges};
use crate::cli::args::{MomentArgs, ReadArgs};
use crate::cli::ask::table::{Each, Table, computed, member, money, number, text, visit};
use crate::cli::ask::variables::{self, with};
use crate::cli::exit::CliError;
use crate::cli::format::Format;
use crate::cli::output::{Cell, Rows, to_stdout};

/// Show one entry, one line, the entries behind a figure, or an analysis of figures.
#[derive(Args)]
pub(in crate::cli) struct Show {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// One entry in full. As JSON, its canonical bytes.
    Entry {
        /// Its position.
        position: Position,
        #[command(flatten)]
        read: ReadArgs,
    },
    /// One line month by month: plan, spend and forecast.
    Line {
        /// The line.
        line: LineKey,
        #[command(flatten)]
        moment: MomentArgs,
        #[command(flatten)]
        read: ReadArgs,
    },
    /// The entries behind the figures that `budget` gives for the same arguments.
    Behind {
        #[command(flatten)]
        which: WhichArgs,
        #[command(flatten)]
        read: ReadArgs,
    },
    /// Underspends and the reasons given for them.
    Underspends {
        #[command(flatten)]
        which: WhichArgs,
        #[command(flatten)]
        read: ReadArgs,
    },
    Reasons(reasons::Reasons),
    Outflows(reasons::Outflows),
    Persistent(years::Persistent),
    Accuracy(years::Accuracy),
    Balances(years::Balances),
    Revisions(revisions::Revisions),
    AtRisk(at_risk::AtRisk),
    /// How much was deferred to the next year by budget exchange, and how much of it arrived there.
    Exchanges {
        #[command(flatten)]
        which: YearArgs,
        #[command(flatten)]
        read: ReadArgs,
    },
    /// Movements in which capital paid for revenue: their authority, the cap, what was used of it.
    Switches {
        #[command(flatten)]
        which: YearArgs,
        #[command(flatten)]
        read: ReadArgs,
    },
    /// Prior-period adjustments: what was posted in later years and concerns this one.
    Restated {
        /// What was posted in the year, and that with them, instead.
        #[arg(long)]
        total: bool,
        #[command(flatten)]
        which: WhichArgs,
        #[command(flatten)]
        read: ReadArgs,
    },
}

impl Show {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        match self.what {
            What::Entry { position, read } => entry(position, &read),
            What::Line { line, moment, read } => months(&line, &moment, &read),
            What::Behind { which, read } => contributions(&which, &read),
            What::Underspends { which, read } => underspends(&which, &read),
            What::Reasons(reasons) => reasons.run(),
            What::Outflows(outflows) => outflows.run(),
            What::Persistent(persistent) => persistent.run(),
            What::Accuracy(accuracy) => accuracy.run(),
            What::Balances(balances) => balances.run(),
            What::Revisions(revisions) => revisions.run(),
            What::AtRisk(at_risk) => at_risk.run(),
            What::Exchanges { which, read } => exchanges(&which, &read),
            What::Switches { which, read } => capital_for_revenue(&which, &read),
            What::Restated { total: false, which, read } => adjustments(&which, &read),
            What::Restated { total: true, which, read } => restated(&which, &read),
        }
    }
}

const ENTRY: &str = include_str!("../documents/entry.graphql");

fn entry(position: Position, read: &ReadArgs) -> Result<(), CliError> {
    let data = read.book.open()?.ask(ENTRY, &json!({ "position": position.to_string() }))?;
    let entry = &data["entry"];
    if entry.is_null() {
        return Err(CliError::usage(format!("there is no entry {position}")));
    }
    let text = |name: &str| entry[name].as_str().map(str::to_owned);
    if matches!(read.format, Format::Json | Format::Jsonl) {
        let line = text("canonical").unwrap_or_default();
        return Ok(to_stdout(|out| writeln!(out, "{line}"))?);
    }
    let mut rows = Rows::new(format!("Entry {position}"), ["field", "value"]);
    let mut field = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            rows.push(vec![Cell::text(name), Cell::Text(value)]);
        }
    };
    let items = |value: &Value, name: &str| -> Vec<String> {
        let items = value.as_array().into_iter().flatten();
        let items =
            items.filter_map(|item| if name.is_empty() { item } else { &item[name] }.as_str());
        items.map(str::to_owned).collect()
    };
    field("recorded", text("recordedAt"));
    field("actor", text("actor"));
    field("key", text("idempotencyKey"));
    field("reason", text("reason"));
    field("authority", text("authority"));
    items(&entry["evidence"], "").into_iter().for_each(|one| field("evidence", Some(one)));
    field("inferred", text("inferred"));
    field("policy", text("judgedBy").map(|policy| format!("of entry {policy}")));
    items(&entry["warnings"], "message").into_iter().for_each(|one| field("warning", Some(one)));
    items(&entry["events"], "summary").into_iter().for_each(|one| field("event", Some(one)));
    let steps = entry["events"].as_array().into_iter().flatten();
    let steps: Vec<_> = steps.flat_map(|event| items(&event["steps"], "")).collect();
    let since = text("rulesSince").filter(|_| !steps.is_empty());
    steps.into_iter().for_each(|step| field("step", Some(step)));
    field("rules since", since);
    field("leaf hash", text("leafHash"));
    Ok(rows.whole().print(read.format)?)
}

const MONTHS: Table = Table {
    document: include_str!("../documents/months.graphql"),
    rows: "answer.rows",
    each: None,
    columns: &[
        text("line", "$line"),
        text("month", "month"),
        money("plan", "plan"),
        money("actual", "actual"),
        money("forecast", "forecast"),
        number("position", "^position"),
    ],
};

fn months(line: &LineKey, moment: &MomentArgs, read: &ReadArgs) -> Result<(), CliError> {
    let variables = with(json!({ "line": line.to_string() }), moment.variables());
    let answer = MONTHS.ask(&*read.open(moment)?, variables)?;
    if answer.list.is_null() {
        return Err(CliError::usage(format!(
            "the line {line} was not open then: correct it, or ask as at a later moment"
        )));
    }
    let caption = format!("{line} by month, as at position {}", answer.position());
    Ok(answer.rows(caption).print(read.format)?)
}

const CONTRIBUTIONS: Table = Table {
    document: include_str!("../documents/contributions.graphql"),
    rows: "answer.contributions",
    each: None,
    columns: &[
        number("position", "position"),
        text("recorded", "recordedAt"),
        text("line", "line"),
        text("month", "month"),
        computed("measure", "measure", measure),
        money("amount", "amount"),
    ],
};

/// The name of a measure in the program's output; the schema calls the second forecast
/// `INTERNAL_FORECAST`.
fn measure(measure: &Value) -> Cell {
    match measure.as_str() {
        Some("INTERNAL_FORECAST") => Cell::text("internal"),
        name => Cell::maybe_text(name.map(variables::camel_case)),
    }
}

fn contributions(which: &WhichArgs, read: &ReadArgs) -> Result<(), CliError> {
    let answer = which.ask(&CONTRIBUTIONS, json!({}), read)?;
    let (year, at) = (which.lines.year, answer.position());
    let caption = format!("Entries behind the figures of {year} as at position {at}");
    Ok(answer.rows(caption).print(read.format)?)
}

const UNDERSPENDS: Table = Table {
    document: include_str!("../documents/underspends.graphql"),
    rows: "answer.underspends",
    each: Some(Each::Inner("reasons")),
    columns: &[
        text("line", "line"),
        money("underspend", "amount"),
        member("cause", "reasons.cause"),
        money("amount", "reasons.amount"),
        number("entry", "reasons.position"),
        number("position", "^position"),
    ],
};

fn underspends(which: &WhichArgs, read: &ReadArgs) -> Result<(), CliError> {
    let (door, mut cells) = (which.open(read)?, Vec::new());
    let Table { document, rows, .. } = UNDERSPENDS;
    let list = visit(&*door, document, rows, which.variables(), &mut |row| {
        UNDERSPENDS.push_cells(&row, &mut cells)?;
        // The last row of a line is the part that nobody has explained.
        let unexplained = json!({
            "line": row.node["line"],
            "amount": row.node["amount"],
            "reasons": [{ "cause": "UNEXPLAINED", "amount": row.node["unexplained"], "position": null }],
        });
        UNDERSPENDS.push_cells(&row.with_node(&unexplained), &mut cells)?;
        Ok(true)
    })?;
    let (year, at) = (which.lines.year, list["position"].as_str().unwrap_or_default());
    let caption = format!("Underspends of {year} and their reasons, as at position {at}");
    Ok(UNDERSPENDS.answer(cells, list).rows(caption).print(read.format)?)
}

/// Refuses a month: an adjustment concerns a whole year.
fn of_whole_year(which: &WhichArgs) -> Result<(), CliError> {
    if which.lines.through.is_some() {
        let message = "an adjustment concerns a year and none of its months: leave --through out";
        return Err(CliError::usage(message));
    }
    Ok(())
}

const ADJUSTMENTS: Table = Table {
    document: include_str!("../documents/adjustments.graphql"),
    rows: "answer.adjustments",
    each: None,
    columns: &[
        text("year", "$year"),
        number("entry", "position"),
        text("postedOn", "postedOn"),
        computed("measure", "measure", measure),
        money("amount", "amount"),
        number("position", "^position"),
    ],
};

fn adjustments(which: &WhichArgs, read: &ReadArgs) -> Result<(), CliError> {
    of_whole_year(which)?;
    let answer = which.ask(&ADJUSTMENTS, json!({}), read)?;
    let (year, at) = (which.lines.year, answer.position());
    let caption = format!("Prior-period adjustments that concern {year}, as at position {at}");
    Ok(answer.rows(caption).print(read.format)?)
}

const RESTATED: Table = Table {
    document: include_str!("../documents/restated.graphql"),
    rows: "answer.rows",
    each: None,
    columns: &[
        text("year", "$year"),
        computed("measure", "measure", measure),
        money("posted", "posted"),
        money("adjusted", "adjusted"),
        money("restated", "restated"),
        number("position", "^position"),
    ],
};

fn restated(which: &WhichArgs, read: &ReadArgs) -> Result<(), CliError> {
    of_whole_year(which)?;
    let answer = which.ask(&RESTATED, json!({}), read)?;
    let (year, at) = (which.lines.year, answer.position());
    let caption = format!("{year} as posted and as restated, as at position {at}");
    Ok(answer.rows(caption).print(read.format)?)
}
