//! `budget-ledger show revisions`

use clap::Args;
use ledger_core::domain::calendar::{Month, Timestamp};
use ledger_core::domain::event::Series;
use ledger_core::domain::position::Position;
use projections::AsAt;

use crate::cli::args::ReadArgs;
use crate::cli::budget::WhichArgs;
use crate::cli::exit::CliError;
use crate::cli::output::{Cell, Rows};
use crate::cli::source::analyses::Statements;

/// Who revised a forecast, when, and by how much.
#[derive(Args)]
pub(super) struct Revisions {
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
    since_time: Option<Timestamp>,
    /// The internal forecasts instead of the reported ones.
    #[arg(long)]
    internal: bool,
    #[command(flatten)]
    read: ReadArgs,
}

const COLUMNS: &[&str] = &[
    "entry", "recorded", "actor", "reason", "line", "month", "before", "after", "change",
    "position",
];

impl Revisions {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let question = self.which.question();
        let time = self.since_time.map(AsAt::Recorded);
        let statements = Statements {
            from_month: self.from_month.or(self.last_quarter.then_some(Month::M10)),
            since: self.since.map(AsAt::Position).or(time),
            series: if self.internal { Series::Internal } else { Series::Reported },
        };
        let told = self.which.open(&self.read)?.revisions(&question, &statements)?;
        let caption = format!(
            "Revisions of forecasts of {}, as at position {}",
            question.year, told.position
        );
        let mut rows = Rows::new(caption, COLUMNS);
        for (revision, who) in told.rows {
            let mut cells = who.cells();
            cells.extend([
                Cell::text(revision.line),
                Cell::text(revision.month),
                Cell::maybe_money(revision.before),
                Cell::Money(revision.after),
                Cell::Money(revision.change()),
                Cell::Number(told.position.get()),
            ]);
            rows.push(cells);
        }
        Ok(rows.print(self.read.format)?)
    }
}
