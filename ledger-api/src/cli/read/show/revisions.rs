//! `budget-ledger show revisions`

use chrono::{Datelike, Months, NaiveDate};
use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::date_or_time::DateOrTime;
use ledger_core::domain::event::Series;
use ledger_core::domain::position::Position;
use projections::AsAt;
use serde_json::{Value, json};

use crate::cli::args::{ClassArg, MomentArgs, ReadArgs};
use crate::cli::ask::table::{Table, computed, money, number, text};
use crate::cli::ask::variables::{self, as_at};
use crate::cli::exit::CliError;
use crate::cli::output::Cell;
use crate::cli::read::budget::filter;

/// Who revised a forecast, when, and by how much. A first statement replaces none and is no revision.
#[derive(Args)]
pub(in crate::cli) struct Revisions {
    /// Only forecasts of this financial year; of every year by default.
    #[arg(long)]
    year: Option<FinancialYear>,
    /// Only this programme and those below it.
    #[arg(long, value_name = "CODE")]
    programme: Option<ProgrammeCode>,
    /// Only this body and those below it.
    #[arg(long, value_name = "CODE")]
    body: Option<BodyCode>,
    /// Only this class.
    #[arg(long, value_enum)]
    class: Option<ClassArg>,
    /// Only what was stated in this month or later.
    #[arg(long, value_name = "MONTH")]
    from_month: Option<Month>,
    /// Only what was stated up to this month, such as M6.
    #[arg(long, value_name = "MONTH")]
    through: Option<Month>,
    /// Only the last quarter: of --year, what was stated in M10 or later; else what was recorded in
    /// the last full quarter.
    #[arg(long, conflicts_with_all = ["from_month", "from", "to", "since", "since_time"])]
    last_quarter: bool,
    /// Only entries recorded on this day or later, in the UK.
    #[arg(long, value_name = "DATE", conflicts_with_all = ["since", "since_time"])]
    from: Option<NaiveDate>,
    /// Only entries recorded up to the end of this day, in the UK.
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
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
    moment: MomentArgs,
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
        computed("kind", "firstStatement", |first| {
            Cell::text(if *first == true { FIRST } else { "revision" })
        }),
    ],
};

/// The kind of a statement that replaces no forecast.
const FIRST: &str = "first";

impl Revisions {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let (from, to) = self.days();
        let since_time = self.since_time.map(|time| time.ends());
        let since_day = from.and_then(|day| day.pred_opt()).map(Timestamp::end_of_day);
        let time = since_time.or(since_day).map(AsAt::Recorded);
        let since = self.since.map(AsAt::Position).or(time);
        let until = to.map(|day| AsAt::Recorded(Timestamp::end_of_day(day)));
        let from_month =
            self.from_month.or(self.year.filter(|_| self.last_quarter).map(|_| Month::M10));
        let series = if self.internal { Series::Internal } else { Series::Reported };
        let moment = |as_at_of: Option<AsAt>| as_at_of.map_or(Value::Null, as_at);
        let variables = json!({
            "year": variables::text(self.year),
            "filter": filter(self.programme, self.body, self.class),
            "fromMonth": variables::text(from_month),
            "through": variables::text(self.through),
            "since": moment(since),
            "until": moment(until),
            "series": variables::member(series),
            "asAt": self.moment.variables()["asAt"],
        });
        let answer = TABLE.ask(&*self.read.open(&self.moment)?, variables)?;
        let is_first = |row: &&Vec<Cell>| row.last() == Some(&Cell::text(FIRST));
        let first = answer.rows.iter().filter(is_first).count();
        let caption = format!(
            "{} of forecasts{}{}, and {}, as at position {}",
            counted(answer.rows.len().saturating_sub(first), "revision"),
            self.year.map(|year| format!(" of {year}")).unwrap_or_default(),
            recorded(from, to),
            counted(first, "first statement"),
            answer.position()
        );
        Ok(answer.rows(caption).print(self.read.format)?)
    }

    /// The first and the last day of recording that count, where they are given.
    fn days(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        if !self.last_quarter || self.year.is_some() {
            return (self.from, self.to);
        }
        last_quarter(self.moment.today()).unzip()
    }
}

/// The first and the last day of the last full quarter before a day.
fn last_quarter(today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let quarter = today.with_day(1)?.with_month0(today.month0() / 3 * 3)?;
    Some((quarter.checked_sub_months(Months::new(3))?, quarter.pred_opt()?))
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A period of recording in words.
fn recorded(from: Option<NaiveDate>, to: Option<NaiveDate>) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!(" recorded {from} to {to}"),
        (Some(from), None) => format!(" recorded from {from}"),
        (None, Some(to)) => format!(" recorded up to {to}"),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_quarter_is_the_three_months_before_this_one() {
        let day = |text: &str| text.parse::<NaiveDate>().expect(text);
        for (today, first, last) in [
            ("2026-11-30", "2026-07-01", "2026-09-30"),
            ("2026-10-01", "2026-07-01", "2026-09-30"),
            ("2027-02-28", "2026-10-01", "2026-12-31"),
            ("2024-05-31", "2024-01-01", "2024-03-31"),
        ] {
            assert_eq!(last_quarter(day(today)), Some((day(first), day(last))), "{today}");
        }
    }
}
