//! `budget-ledger budget`

use clap::{Args, ValueEnum};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use projections::AsAt;
use projections::budget::{BudgetRow, Rollup};
use projections::figures::{Figures, Sense, Status, VarianceBasis};

use super::args::{ClassArg, MomentArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::source::Source;
use super::source::answer::Answer;
use super::source::question::Question;

/// Planned versus actual of a year, by line or rolled up, as at any moment.
#[derive(Args)]
pub(super) struct Budget {
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
pub(super) struct WhichArgs {
    #[command(flatten)]
    lines: LinesArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

impl WhichArgs {
    pub(super) fn question(&self) -> Question {
        self.lines.question(self.moment.as_at())
    }

    /// The book to ask that.
    pub(super) fn open(&self, read: &ReadArgs) -> Result<Box<dyn Source>, CliError> {
        read.open(&self.moment)
    }
}

/// Which figures.
#[derive(Args)]
pub(super) struct LinesArgs {
    /// The financial year.
    #[arg(long)]
    year: FinancialYear,
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
    through: Option<Month>,
}

impl LinesArgs {
    pub(super) fn question(&self, as_at: AsAt) -> Question {
        Question {
            year: self.year,
            programme: self.programme,
            body: self.body,
            class: self.class.map(Into::into),
            through: self.through,
            as_at,
            rollup: None,
        }
    }
}

/// What to sum lines into.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum RollupArg {
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

impl From<RollupArg> for Rollup {
    fn from(rollup: RollupArg) -> Self {
        match rollup {
            RollupArg::Programme => Rollup::Programme,
            RollupArg::Body => Rollup::Body,
            RollupArg::Class => Rollup::Class,
            RollupArg::RingFence => Rollup::RingFence,
            RollupArg::Year => Rollup::Year,
            RollupArg::Month => Rollup::Month,
        }
    }
}

/// Fixed: scripts rely on them.
const COLUMNS: &[&str] = &[
    "year",
    "programme",
    "name",
    "body",
    "class",
    "ringFence",
    "original",
    "revised",
    "planToDate",
    "committed",
    "accrued",
    "actual",
    "forecast",
    "available",
    "variance",
    "varianceBasis",
    "sense",
    "percentUsed",
    "status",
    "inferred",
    "position",
];

/// A sum by month says through which month each row goes.
const COLUMNS_BY_MONTH: &[&str] = &{
    let mut columns = ["through"; COLUMNS.len() + 1];
    let mut index = 0;
    while index < COLUMNS.len() {
        columns[index] = COLUMNS[index];
        index += 1;
    }
    columns
};

impl Budget {
    pub(super) fn run(self) -> Result<(), CliError> {
        let rollup = self.rollup.map(Into::into);
        let question = Question { rollup, ..self.which.question() };
        let source = self.which.open(&self.read)?;
        Ok(rows(&question, &source.budget(&question)?).print(self.read.format)?)
    }
}

/// Planned versus actual, as rows.
pub(super) fn rows(question: &Question, answer: &Answer<BudgetRow>) -> Rows {
    let through = question.through.map(|month| format!(" through {month}")).unwrap_or_default();
    let caption = format!(
        "Planned versus actual, {}{through}, as at position {}",
        question.year, answer.position
    );
    let by_month = question.rollup == Some(Rollup::Month);
    let columns = if by_month { COLUMNS_BY_MONTH } else { COLUMNS };
    let mut rows = Rows::new(caption, columns);
    for row in &answer.rows {
        let mut cells = cells(row);
        if by_month {
            cells.push(Cell::maybe_text(row.through));
        }
        rows.push(cells);
    }
    rows
}

fn cells(row: &BudgetRow) -> Vec<Cell> {
    let figures = row.figures.as_ref();
    let money = |figure: fn(&Figures) -> ledger_core::domain::money::Pence| {
        Cell::maybe_money(figures.map(figure))
    };
    vec![
        Cell::text(row.year),
        Cell::maybe_text(row.programme),
        Cell::maybe_text(row.name.as_ref()),
        Cell::maybe_text(row.body),
        Cell::maybe_text(row.class),
        Cell::maybe_text(row.ring_fence),
        Cell::maybe_money(figures.and_then(|figures| figures.original)),
        money(|figures| figures.revised),
        money(|figures| figures.plan_to_date),
        money(|figures| figures.committed),
        money(|figures| figures.accrued),
        money(|figures| figures.actual),
        Cell::maybe_money(figures.and_then(|figures| figures.forecast)),
        money(Figures::available),
        money(|figures| figures.variance().0),
        Cell::maybe_text(figures.map(|figures| basis_text(figures.variance().1))),
        Cell::maybe_text(figures.map(|figures| sense_text(figures.sense()))),
        Cell::maybe(figures.and_then(Figures::percent_used), Cell::Percent),
        Cell::maybe_text(row.status.map(status_text)),
        Cell::maybe(figures.map(|figures| figures.inferred), Cell::Flag),
        Cell::Number(row.position.get()),
    ]
}

pub(super) const fn basis_text(basis: VarianceBasis) -> &'static str {
    match basis {
        VarianceBasis::Outturn => "outturn",
        VarianceBasis::Forecast => "forecast",
        VarianceBasis::ToDate => "toDate",
    }
}

pub(super) const fn sense_text(sense: Sense) -> &'static str {
    match sense {
        Sense::Favourable => "favourable",
        Sense::Adverse => "adverse",
        Sense::OnBudget => "onBudget",
    }
}

pub(super) const fn status_text(status: Status) -> &'static str {
    match status {
        Status::NoBudget => "noBudget",
        Status::Overspent => "overspent",
        Status::ForecastOver => "forecastOver",
        Status::Underspending => "underspending",
        Status::NoForecast => "noForecast",
        Status::OnTrack => "onTrack",
    }
}
