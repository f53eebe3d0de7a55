//! `budget-ledger diff`

use clap::Args;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use projections::AsAt;
use projections::budget::{BudgetRow, DiffRow, FigureChanges};
use projections::figures::Figures;
use projections::measure::Measure;

use super::args::ReadArgs;
use super::budget::{RollupArg, WhichArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::source::analyses::ChangeRow;
use super::source::answer::Answer;
use super::source::question::Question;

/// What changed in a year between two moments: each figure before and after, or the entries that
/// changed them.
#[derive(Args)]
pub(super) struct Diff {
    #[command(flatten)]
    which: WhichArgs,
    #[command(flatten)]
    since: SinceArgs,
    /// Sum the lines; programmes and bodies include those below them.
    #[arg(long, value_enum, conflicts_with = "entries")]
    rollup: Option<RollupArg>,
    /// The entries between instead.
    #[arg(long)]
    entries: bool,
    #[command(flatten)]
    read: ReadArgs,
}

/// The earlier moment.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct SinceArgs {
    /// The earlier moment: as it stood after this entry.
    #[arg(long, value_name = "POSITION")]
    since: Option<Position>,
    /// The earlier moment: as known at this time, a date (its end, UK time) or an RFC 3339 moment.
    #[arg(long, value_name = "TIME")]
    since_time: Option<Timestamp>,
}

/// Fixed: scripts rely on them.
const COLUMNS: &[&str] = &[
    "year",
    "programme",
    "name",
    "body",
    "class",
    "ringFence",
    "through",
    "figure",
    "before",
    "after",
    "change",
    "position",
];

const ENTRY_COLUMNS: &[&str] = &[
    "entry",
    "recorded",
    "actor",
    "reason",
    "revised",
    "committed",
    "accrued",
    "actual",
    "forecast",
    "internalForecast",
    "position",
];

impl Diff {
    pub(super) fn run(self) -> Result<(), CliError> {
        let rollup = self.rollup.map(Into::into);
        let question = Question { rollup, ..self.which.question() };
        let since = match (self.since.since, self.since.since_time) {
            (Some(position), _) => AsAt::Position(position),
            (None, Some(time)) => AsAt::Recorded(time),
            (None, None) => AsAt::Now,
        };
        let source = self.which.open(&self.read)?;
        let rows = if self.entries {
            entries(&question, source.diff_entries(&question, since)?)
        } else {
            figures(&question, &source.diff(&question, since)?)
        };
        Ok(rows.print(self.read.format)?)
    }
}

/// The figures that a row may show as changed: its name, how it is read, and by how much it changed.
type Shown = (&'static str, fn(&Figures) -> Option<Pence>, fn(&FigureChanges) -> Pence);

const SHOWN: [Shown; 11] = [
    ("original", |figures| figures.original, |changes| changes.original),
    ("revised", |figures| Some(figures.revised), |changes| changes.revised),
    ("planToDate", |figures| Some(figures.plan_to_date), |changes| changes.plan_to_date),
    ("committed", |figures| Some(figures.committed), |changes| changes.committed),
    ("accrued", |figures| Some(figures.accrued), |changes| changes.accrued),
    ("actual", |figures| Some(figures.actual), |changes| changes.actual),
    ("forecast", |figures| figures.forecast, |changes| changes.forecast),
    ("internalForecast", |figures| figures.internal_forecast, |changes| changes.internal_forecast),
    ("available", |figures| Some(figures.available()), |changes| changes.available),
    ("variance", |figures| Some(figures.variance().0), |changes| changes.variance),
    ("underspend", |figures| Some(figures.underspend()), |changes| changes.underspend),
];

fn figures(question: &Question, answer: &Answer<DiffRow>) -> Rows {
    let caption = format!("Changes in {} as at position {}", question.year, answer.position);
    let mut rows = Rows::new(caption, COLUMNS);
    for row in &answer.rows {
        let changes = row.changes();
        let of = |row: Option<&BudgetRow>, figure: fn(&Figures) -> Option<Pence>| {
            row.and_then(|row| row.figures.as_ref()).and_then(figure)
        };
        for (name, figure, change) in SHOWN {
            let (before, after) = (of(row.before.as_ref(), figure), of(Some(&row.after), figure));
            // A forecast of 0.00 is not what none is, but a line that opened with 0.00 has not
            // changed a figure.
            if before == after || before.or(after).is_some_and(Pence::is_zero) && before.is_none() {
                continue;
            }
            let BudgetRow { programme, body, class, ring_fence, through, .. } = row.after;
            rows.push(vec![
                Cell::text(question.year),
                Cell::maybe_text(programme),
                Cell::maybe_text(row.after.name.as_ref()),
                Cell::maybe_text(body),
                Cell::maybe_text(class),
                Cell::maybe_text(ring_fence),
                Cell::maybe_text(through),
                Cell::text(name),
                Cell::maybe_money(before),
                Cell::maybe_money(after),
                Cell::Money(change(&changes)),
                Cell::Number(answer.position.get()),
            ]);
        }
    }
    rows
}

fn entries(question: &Question, answer: Answer<ChangeRow>) -> Rows {
    let caption =
        format!("Entries that changed {}, up to position {}", question.year, answer.position);
    let mut rows = Rows::new(caption, ENTRY_COLUMNS);
    for ChangeRow { who, measures } in answer.rows {
        let mut cells = who.cells();
        for measure in [
            Measure::Revised,
            Measure::Committed,
            Measure::Accrued,
            Measure::Actual,
            Measure::Forecast,
            Measure::Internal,
        ] {
            cells.push(Cell::Money(Pence::new(measures.get(measure))));
        }
        cells.push(Cell::Number(answer.position.get()));
        rows.push(cells);
    }
    rows
}
