//! `budget-ledger show reasons` and `budget-ledger show outflows`

use clap::{Args, ValueEnum};
use projections::budget;
use serde_json::{Value, json};

use crate::cli::args::ReadArgs;
use crate::cli::ask::table::{Each, Table, computed, flag, member, money, number, text};
use crate::cli::ask::variables;
use crate::cli::exit::CliError;
use crate::cli::output::Cell;
use crate::cli::read::budget::WhichArgs;

/// Underspends by the reasons given for them.
#[derive(Args)]
pub(in crate::cli) struct Reasons {
    #[command(flatten)]
    which: WhichArgs,
    /// What to sum underspends into.
    #[arg(long, value_enum, default_value = "programme")]
    by: ByArg,
    #[command(flatten)]
    read: ReadArgs,
}

/// What to sum underspends into.
#[derive(Clone, Copy, ValueEnum)]
enum ByArg {
    /// Programmes, each with those below it.
    Programme,
    /// Bodies, each with those below it.
    Body,
    /// Budget classes.
    Class,
    /// The whole year.
    Year,
}

impl From<ByArg> for budget::ReasonsBy {
    fn from(by: ByArg) -> Self {
        match by {
            ByArg::Programme => budget::ReasonsBy::Programme,
            ByArg::Body => budget::ReasonsBy::Body,
            ByArg::Class => budget::ReasonsBy::Class,
            ByArg::Year => budget::ReasonsBy::Year,
        }
    }
}

const REASONS: Table = Table {
    document: include_str!("../../documents/reasons.graphql"),
    rows: "answer.rows",
    each: None,
    columns: &[
        text("programme", "programme.code"),
        text("body", "body"),
        member("class", "class"),
        text("name", "name"),
        money("underspend", "underspend"),
        money("slippage", "slippage"),
        money("saving", "saving"),
        money("clawback", "clawback"),
        money("diversion", "diversion"),
        money("unknown", "unknown"),
        money("unexplained", "unexplained"),
        number("position", "^position"),
        text("parent", "parent"),
        number("level", "level"),
        flag("isTotal", "isTotal"),
    ],
};

impl Reasons {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let by = json!({ "by": variables::member(budget::ReasonsBy::from(self.by)) });
        let answer = self.which.ask(&REASONS, by, &self.read)?;
        let (year, at) = (self.which.lines.year, answer.position());
        let caption = format!("Underspends of {year} by reason, as at position {at}");
        Ok(answer.rows(caption).print(self.read.format)?)
    }
}

/// Where budget went: the entries that took some out of the lines.
#[derive(Args)]
pub(in crate::cli) struct Outflows {
    #[command(flatten)]
    which: WhichArgs,
    #[command(flatten)]
    read: ReadArgs,
}

const OUTFLOWS: Table = Table {
    document: include_str!("../../documents/outflows.graphql"),
    rows: "answer.outflows",
    each: Some(Each::Outer("destinations")),
    columns: &[
        number("entry", "position"),
        text("recorded", "recordedAt"),
        text("actor", "entry.actor"),
        text("reason", "entry.reason"),
        money("amount", "amount"),
        member("how", "destinations.kind"),
        computed("to", "destinations.to", account),
        money("gets", "destinations.to.amount"),
        number("position", "^position"),
    ],
};

/// The account of a leg: a line, a fund and class, or what is outside the book.
fn account(leg: &Value) -> Cell {
    let text = |name: &str| leg[name].as_str().map(str::to_owned);
    let member = |name: &str| leg[name].as_str().map(variables::camel_case);
    let fund = text("fund").zip(member("class")).map(|(fund, class)| format!("{fund}/{class}"));
    Cell::maybe_text(text("line").or(fund).or_else(|| member("outside")))
}

impl Outflows {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let answer = self.which.ask(&OUTFLOWS, json!({}), &self.read)?;
        let (year, at) = (self.which.lines.year, answer.position());
        let caption = format!("Where budget of {year} went, as at position {at}");
        Ok(answer.rows(caption).print(self.read.format)?)
    }
}
