//! `budget-ledger log`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::date_or_time::DateOrTime;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use projections::AsAt;
use serde_json::{Value, json};

use crate::cli::args::{MomentArgs, ReadArgs};
use crate::cli::ask::table::{Row, Table, list, number, text};
use crate::cli::ask::variables::{self, as_at, with};
use crate::cli::exit::CliError;
use crate::cli::output::{Cell, Rows};
use crate::cli::post::write::note;
use crate::text::amount::TypedAmount;

/// List entries: who posted what, when and why.
#[derive(Args)]
pub(in crate::cli) struct Log {
    /// No entries before this one.
    #[arg(long, value_name = "POSITION", default_value = "1")]
    from: Position,
    /// The maximum number of entries to list.
    #[arg(long, value_name = "COUNT", default_value = "100", value_parser = at_least_one)]
    limit: usize,
    /// The oldest entry first.
    #[arg(long)]
    reverse: bool,
    /// Only entries recorded after this time: a date (its end, UK time) or an RFC 3339 moment.
    #[arg(long, value_name = "TIME")]
    since_time: Option<DateOrTime>,
    #[command(flatten)]
    filter: EntryArgs,
    #[command(flatten)]
    moment: MomentArgs,
    #[command(flatten)]
    read: ReadArgs,
}

/// Which entries.
#[derive(Args)]
pub(in crate::cli) struct EntryArgs {
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
    /// Only entries that change lines of this body.
    #[arg(long, value_name = "CODE")]
    body: Option<BodyCode>,
    /// Only entries that cite this: a reference, transaction, authority or piece of evidence.
    #[arg(long, value_name = "TEXT")]
    cites: Option<String>,
    /// Only entries whose reason holds this text, in capitals or not.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Only entries with this amount, such as 1.2m, whichever way it went.
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<TypedAmount>,
}

impl EntryArgs {
    /// The input type `EntryFilter`.
    pub(in crate::cli) fn variable(&self) -> Value {
        json!({
            "line": variables::text(self.line),
            "year": variables::text(self.year),
            "programme": variables::text(self.programme),
            "actor": self.by,
            "cites": self.cites,
            "body": variables::text(self.body),
            "reason": self.reason,
            "amount": variables::text(self.amount.as_ref().map(|amount| amount.0)),
        })
    }
}

/// Fixed: scripts rely on the columns.
const TABLE: Table = Table {
    document: include_str!("../documents/log.graphql"),
    rows: "rows",
    each: None,
    columns: &[
        number("position", "position"),
        text("recorded", "recordedAt"),
        text("actor", "actor"),
        text("key", "idempotencyKey"),
        text("reason", "reason"),
        text("authority", "authority"),
        list("evidence", "evidence"),
        text("inferred", "inferred"),
        list("warnings", "warnings"),
        list("events", "events"),
    ],
};

impl Log {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let Log { from, limit, reverse, since_time, filter, moment, read } = self;
        let before = Position::new(from.get().saturating_sub(1));
        // An entry to begin at is the nearer of the two.
        let since = match since_time {
            Some(time) if from == Position::new(1) => AsAt::Recorded(time.ends()),
            _ => AsAt::Position(before),
        };
        let variables = json!({
            "since": as_at(since),
            "newestFirst": !reverse,
            "filter": filter.variable(),
        });
        let variables = with(variables, moment.variables());
        let answer = TABLE.ask_up_to(&*read.open(&moment)?, variables, limit)?;
        let at = answer.position();
        let last = answer.rows.last().and_then(|row| match row.first() {
            Some(Cell::Number(position)) => Some(*position),
            _ => None,
        });
        let more = answer.more;
        answer.rows(format!("Entries up to position {at}")).print(read.format)?;
        if let Some(last) = last.filter(|_| more) {
            let rest = match (reverse, since) {
                (true, _) => format!("{} more entries", at.get().saturating_sub(last)),
                (false, AsAt::Position(since)) => {
                    format!("{} more entries", last.saturating_sub(since.get() + 1))
                }
                (false, AsAt::Now | AsAt::Recorded(_)) => "more entries".to_owned(),
            };
            let go_on = match (reverse, moment.supposes()) {
                (true, _) => format!("go on with --from {}", last + 1),
                (false, None) => format!("go on with --at {}", last.saturating_sub(1)),
                (false, Some(_)) => "list more with --limit".to_owned(),
            };
            note(&format!("There are {rest} to look through: {go_on}"));
        }
        Ok(())
    }
}

/// Reads a number of rows.
fn at_least_one(text: &str) -> Result<usize, String> {
    let count = text.parse::<usize>().ok().filter(|count| *count > 0);
    count.ok_or_else(|| "write a whole number from 1 on, such as 100".to_owned())
}

/// An entry as a row.
pub(in crate::cli) fn row(entry: &Value) -> Result<Rows, CliError> {
    let mut cells = Vec::new();
    TABLE.push_cells(&Row::of(entry), &mut cells)?;
    Ok(TABLE.answer(cells, Value::Null).rows(String::new()))
}
