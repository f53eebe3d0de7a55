//! `budget-ledger queue`

use clap::{Args, ValueEnum};

use serde_json::{Value, json};

use crate::cli::args::{MomentArgs, ReadArgs};
use crate::cli::ask::table::{
    Column, Table, computed, decimal, list, member, money, number, pence, text, visit,
};
use crate::cli::exit::CliError;
use crate::cli::output::Cell;
use crate::cli::post::write::note;
use crate::text::describe;

/// What waits for sign-off: whose, since when, and why. With `--all` what became of the rest, too;
/// with `--if-all-were-posted` what would change, and with `--times` how long sign-off has taken.
#[derive(Args)]
pub(in crate::cli) struct Queue {
    /// Drafts, and what was posted, rejected or withdrawn, too.
    #[arg(long)]
    all: bool,
    /// Only what you have made, or may sign next in person or by delegation.
    #[arg(long, conflicts_with = "all")]
    mine: bool,
    /// What would change if everything that waits were posted, instead of what waits.
    #[arg(long, conflicts_with_all = ["all", "times", "mine"])]
    if_all_were_posted: bool,
    /// How long sign-off took, in hours, by the month of the signature, the step and the tier.
    #[arg(long, conflicts_with_all = ["all", "mine"])]
    times: bool,
    /// What else to count those times by.
    #[arg(long, value_enum, default_value_t, requires = "times")]
    by: ByArg,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

/// What signatures are counted by, as an argument.
#[derive(Clone, Copy, Default, ValueEnum)]
enum ByArg {
    /// Nothing else.
    #[default]
    Step,
    /// Who signed.
    Approver,
}

impl ByArg {
    /// A member of the enum `SignOffTimesBy`.
    const fn member(self) -> &'static str {
        match self {
            ByArg::Step => "STEP",
            ByArg::Approver => "APPROVER",
        }
    }
}

const PROPOSALS: Table = Table {
    document: include_str!("../documents/proposals.graphql"),
    rows: "rows",
    each: None,
    columns: COLUMNS,
};

/// The proposals that the caller has made, or may sign next.
const MINE: Table = Table {
    document: include_str!("../documents/queue-mine.graphql"),
    rows: "rows",
    each: None,
    columns: COLUMNS,
};

/// Fixed: scripts rely on them.
const COLUMNS: &[Column] = &[
    number("proposal", "number"),
    number("version", "version"),
    member("status", "status"),
    text("proposes", "summary"),
    list("preparers", "preparers"),
    member("waitsFor", "waitsFor.tier"),
    text("body", "waitsFor.body"),
    text("since", "waitsFor.waitingSince"),
    text("rule", "waitsFor.rule"),
    money("limit", "waitsFor.limit"),
    money("counted", "waitsFor.amount"),
    text("ruleSince", "waitsFor.since"),
    number("position", "^position"),
    list("details", "details"),
    computed("changes", "changes", changes),
    text("reason", "madeBy.reason"),
    text("authority", "madeBy.authority"),
    list("evidence", "madeBy.evidence"),
];

/// Each figure that would change, before and after.
fn changes(changes: &Value) -> Cell {
    let pounds = |amount: &Value| pence(amount).map(describe::pounds).unwrap_or_default();
    let change = |change: &Value| {
        let text = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
        let (before, after) = (pounds(&change["before"]), pounds(&change["after"]));
        format!("{} {}: {before} before, {after} after", text("account"), text("figure"))
    };
    Cell::List(changes.as_array().into_iter().flatten().map(change).collect())
}

const TIMES: Table = Table {
    document: include_str!("../documents/sign-off-times.graphql"),
    rows: "answer.rows",
    each: None,
    columns: &[
        text("year", "year"),
        text("month", "month"),
        number("step", "step"),
        member("tier", "tier"),
        text("approver", "approver"),
        number("signatures", "signatures"),
        decimal("totalHours", "totalHours"),
        decimal("averageHours", "averageHours"),
        decimal("longestHours", "longestHours"),
        number("position", "^position"),
    ],
};

const CHANGES: Table = Table {
    document: include_str!("../documents/if-all-were-posted.graphql"),
    rows: "rows",
    each: None,
    columns: &[
        text("account", "account"),
        text("figure", "figure"),
        money("before", "before"),
        money("change", "change"),
        money("after", "after"),
        number("position", "^moment.position"),
    ],
};

impl Queue {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let door = self.read.open(&self.moment)?;
        let mut variables = self.moment.variables();
        let rows = if self.times {
            variables["by"] = json!(self.by.member());
            let answer = TIMES.ask(&*door, variables)?;
            let caption = format!("Sign-off took, as at position {}", answer.position());
            answer.rows(caption)
        } else if self.if_all_were_posted {
            let answer = CHANGES.ask(&*door, variables)?;
            let at = answer.position();
            answer.rows(format!("If all that waits for sign-off at position {at} were posted"))
        } else {
            let mut cells = Vec::new();
            let table = if self.mine { &MINE } else { &PROPOSALS };
            let list = visit(&*door, table.document, table.rows, variables, &mut |row| {
                if self.all || !row.node["waitsFor"].is_null() {
                    table.push_cells(&row, &mut cells)?;
                }
                Ok(true)
            })?;
            let what = match (self.all, self.mine) {
                (true, _) => "Proposals",
                (false, true) => "Waiting for sign-off, yours",
                (false, false) => "Waiting for sign-off",
            };
            let at = list["position"].as_str().unwrap_or_default();
            if self.mine && cells.is_empty() {
                note(
                    "Nothing waits for you. On a folder without keys nobody signs: ask with --token",
                );
            }
            let caption = format!("{what} as at position {at}");
            table.answer(cells, list).rows(caption).in_blocks()
        };
        Ok(rows.print(self.read.format)?)
    }
}
