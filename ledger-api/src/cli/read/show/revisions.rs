//! `budget-ledger show revisions`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::date_or_time::DateOrTime;
use ledger_core::domain::event::Series;
use ledger_core::domain::position::Position;
use projections::AsAt;
use serde_json::json;

use crate::cli::args::ReadArgs;
use crate::cli::ask::table::{Table, money, number, text};
use crate::cli::ask::variables::{self, as_at};
use crate::cli::exit::CliError;
use crate::cli::read::budget::WhichArgs;

/// Who revised a forecast, when, and by how much.
#[derive(Args)]
pub(in crate::cli) struct Revisions {
    #[command(flatten)]
    which: WhichArgs,
    /// Only what was stated in this month or later.
    #[arg(long, value_name = "MONTH")]
    from_month: Option<Month>,
    /// Only what was stated in the last quarter: M10 or later.
    #[arg(long, conflicts_with = "from_month")]
    last_quarter: bool,
    /// Only entries after this one.
    #[arg(long, value_name = "POSITION", conflicts_with = "since_time")]
    since: Option<Position>,
    /// Only entries recorded after this time: a date (its end, UK time) or an RFC 3339 moment.
    #[arg(long, value_name = "TIME")]
    since_time: Option<DateOrTime>,
    /// The internal forecasts instead of the reported ones.
    #[arg(long)]
    internal: bool,
    #[command(flatten)]
    read: ReadArgs,
}

const TABLE: Table = Table {
    document: include_str!("../../documents/revisions.graphql"),
    rows: "answer.rows",
    each: None,
    columns: &[
        number("entry", "position"),
        text("recorded", "recordedAt"),
        text("actor", "entry.actor"),
        text("reason", "entry.reason"),
        text("line", "line"),
        text("month", "month"),
        money("before", "before"),
        money("after", "after"),
        money("change", "change"),
        number("position", "^position"),
    ],
};

impl Revisions {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let time = self.since_time.map(|time| AsAt::Recorded(time.ends()));
        let since = self.since.map(AsAt::Position).or(time);
        let series = if self.internal { Series::Internal } else { Series::Reported };
        let more = json!({
            "fromMonth": variables::text(self.from_month.or(self.last_quarter.then_some(Month::M10))),
            "since": since.map(as_at),
            "series": variables::member(series),
        });
        let answer = self.which.ask(&TABLE, more, &self.read)?;
        let (year, at) = (self.which.lines.year, answer.position());
        let caption = format!("Revisions of forecasts of {year}, as at position {at}");
        Ok(answer.rows(caption).print(self.read.format)?)
    }
}
