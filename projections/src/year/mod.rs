//! One financial year: its lines, the deltas of their figures, and statements about them.

mod deltas;
mod forecasts;
mod frames;
mod lines;
mod nets;
mod rows;
mod snapshot;
mod statements;
mod versions;

use hashbrown::HashMap;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{ProgrammeCode, RingFence};
use ledger_core::domain::event::{Close, PeriodClosed, PeriodReopened, Series};
use ledger_core::domain::ledger::YearPeriods;
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::BaselineName;

use deltas::{Delta, Deltas, Key, LINES_MAX};
use forecasts::Forecasts;
pub(crate) use forecasts::measures;
use frames::Grain;
pub use frames::Table;
use lines::Lines;
pub use lines::YearLine;
pub(crate) use nets::{ForecastStatement, Net, Selection};
pub(crate) use snapshot::split_sized;
pub(crate) use statements::PriorSpend;
use statements::Statements;
pub use statements::{Adjustment, Phasing, UnderspendExplanation};
use versions::Versions;

use crate::measure::{Measure, Measures};

/// A cell of a year's table by programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    /// The programme, without its descendants.
    pub programme: ProgrammeCode,
    /// The class.
    pub class: BudgetClass,
    /// The ring-fence.
    pub ring_fence: Option<RingFence>,
}

/// The lines, figures and statements of a year.
#[derive(Debug)]
pub struct Year {
    year: FinancialYear,
    lines: Lines,
    versions: Versions,
    cells: Vec<Cell>,
    by_cell: HashMap<Cell, u32>,
    deltas: Deltas,
    /// One cell for each line.
    line_grain: Grain,
    cell_grain: Grain,
    forecasts: Forecasts,
    statements: Statements,
}

/// A contribution: one change of a figure by an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The entry.
    pub position: Position,
    /// The line it changed.
    pub line: LineKey,
    /// The effective month.
    pub month: Month,
    /// The figure it changed.
    pub measure: Measure,
    /// The change, in pence.
    pub pence: Pence,
}

impl Year {
    pub(crate) fn new(year: FinancialYear) -> Self {
        Year {
            year,
            lines: Lines::default(),
            versions: Versions::default(),
            cells: Vec::new(),
            by_cell: HashMap::new(),
            deltas: Deltas::default(),
            line_grain: Grain::default(),
            cell_grain: Grain::default(),
            forecasts: Forecasts::default(),
            statements: Statements::default(),
        }
    }

    /// A copy as at a position. Deltas and frames are shared, so the cost is that of the lines.
    pub(crate) fn until(&self, at: Position) -> Self {
        let lines = self.lines().partition_point(|line| line.opened <= at);
        let deltas = self.deltas.after(at);
        let deltas = self.deltas.first(deltas, lines, self.line_grain.before(at));
        let versions = self.versions.until(at, lines, |line| {
            let last = deltas.last_of_lines()[line].checked_sub(1);
            last.map(|last| Position::new(deltas.position(last as usize)))
        });
        let line_grain = self.line_grain.until(at, lines);
        let stated = line_grain.stated(&deltas, deltas.len(), lines);
        let mut by_cell = self.by_cell.clone();
        let cell_grain = self.cell_grain.until(at, lines);
        by_cell.retain(|_, cell| (*cell as usize) < cell_grain.cell_count());
        Year {
            year: self.year,
            lines: self.lines.first(lines),
            versions,
            cells: self.cells[..cell_grain.cell_count()].to_vec(),
            by_cell,
            line_grain,
            cell_grain,
            forecasts: self.forecasts.until(at, stated),
            statements: self.statements.until(at),
            deltas,
        }
    }

    /// Whether it has neither a line nor a statement.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines().is_empty() && self.statements.are_none()
    }

    /// The financial year.
    pub const fn year(&self) -> FinancialYear {
        self.year
    }

    /// Its lines, by number.
    pub fn lines(&self) -> &[YearLine] {
        self.lines.all()
    }

    /// The cells of [`Year::table`], by number.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The statements about the year and its lines.
    pub(crate) const fn statements(&self) -> &Statements {
        &self.statements
    }

    pub(crate) const fn statements_mut(&mut self) -> &mut Statements {
        &mut self.statements
    }

    /// A line's number; None where it was never opened.
    pub fn find(&self, key: &LineKey) -> Option<usize> {
        self.lines.find(key).map(|line| line as usize)
    }

    /// The number of a line named by the entry at `at`, which opens it if new.
    pub(crate) fn line(&mut self, key: &LineKey, at: Position) -> u32 {
        if let Some(line) = self.lines.find(key) {
            self.versions.name(line as usize, at);
            return line;
        }
        let line = self.lines.open(YearLine { key: *key, opened: at });
        debug_assert!(line < LINES_MAX, "a year has at most {LINES_MAX} lines");
        let LineKey { programme, class, ring_fence, .. } = *key;
        let cell = Cell { programme, class, ring_fence };
        let cells = &mut self.cells;
        let cell = *self.by_cell.entry(cell).or_insert_with(|| {
            cells.push(cell);
            cells.len() as u32 - 1
        });
        self.versions.open(at);
        self.deltas.add_line();
        self.line_grain.add_line(line as usize);
        self.cell_grain.add_line(cell as usize);
        line
    }

    /// Adds to a figure. 0 adds nothing.
    pub(crate) fn add(
        &mut self,
        at: Position,
        line: u32,
        month: Month,
        measure: Measure,
        pence: i64,
    ) {
        if pence != 0 {
            let key = Key::new(month, measure, line);
            self.push(Delta { position: at.get(), key, amount: pence });
        }
    }

    fn push(&mut self, delta: Delta) {
        self.line_grain.before_push(&self.deltas, delta.position, true);
        self.cell_grain.before_push(&self.deltas, delta.position, false);
        self.versions.change_figure(delta.key.line());
        self.deltas.push(delta);
    }

    /// Strikes a baseline: a copy of every line's revised figure.
    pub(crate) fn strike_baseline(&mut self, at: Position, name: &str) {
        let mut now = Table::default();
        self.line_table(Position::new(u64::MAX), Month::M13, &mut now);
        let revised = now.plane(Measure::Revised).to_vec();
        self.statements.strike(at, name, self.deltas.len(), revised);
    }

    pub(crate) fn withdraw_baseline(&mut self, at: Position, name: &str) {
        self.statements.unstrike(at, name);
    }

    /// Closes a month or the year. The hard close of the whole year sets every line's outturn.
    pub(crate) fn close(&mut self, at: Position, closed: &PeriodClosed) {
        self.statements.set_close(at, closed.month, Some(closed.close));
        if self.is_hard_closed(at) && self.statements.outturn(at).is_none() {
            let mut last = Table::default();
            self.line_table(at, Month::M13, &mut last);
            let accrued = last.plane(Measure::Accrued).iter();
            let spent = last.plane(Measure::Actual).iter().zip(accrued);
            let outturn = spent.map(|(actual, accrued)| actual.wrapping_add(*accrued)).collect();
            self.statements.set_outturn(at, outturn);
        }
    }

    pub(crate) fn reopen(&mut self, at: Position, reopened: &PeriodReopened) {
        self.statements.set_close(at, Some(reopened.month), None);
    }

    /// Whether every month is hard-closed.
    pub fn is_hard_closed(&self, at: Position) -> bool {
        Month::all().all(|month| self.statements.close(at, month) == Some(Close::Hard))
    }

    /// Fills `table` with the figures by cell as at a position, through a month.
    pub fn table(&self, at: Position, through: Month, table: &mut Table) {
        self.cell_grain.read(&self.deltas, at, through, table);
    }

    /// Fills `table` with the figures by line.
    pub fn line_table(&self, at: Position, through: Month, table: &mut Table) {
        self.line_grain.read(&self.deltas, at, through, table);
    }

    /// A line's figures as at a position, through a month.
    pub fn line_measures(&self, line: usize, at: Position, through: Month) -> Measures {
        self.line_grain.read_line(&self.deltas, line, at, through)
    }

    /// By line: spend and open accruals when the year was hard-closed; None before.
    pub(crate) fn outturns(&self, at: Position) -> Option<&[i64]> {
        self.statements.outturn(at)
    }

    /// A line's spend and open accruals when the year was hard-closed; None before.
    pub(crate) fn outturn(&self, line: usize, at: Position) -> Option<Pence> {
        let outturn = self.outturns(at)?;
        Some(Pence::new(outturn.get(line).copied().unwrap_or(0)))
    }

    /// By line: the spend up to a month that concerns earlier years.
    pub(crate) fn prior_spend(&self, at: Position, through: Month) -> HashMap<u32, Pence> {
        let mut sums: HashMap<u32, Pence> = HashMap::new();
        for spend in self.statements.prior(at).filter(|spend| spend.month <= through) {
            let sum = sums.entry(spend.line).or_default();
            *sum = sum.plus(spend.pence);
        }
        sums
    }

    /// By line: the budget in the original baseline; None without one.
    pub(crate) fn originals(&self, at: Position) -> Option<&[i64]> {
        self.statements.baseline(at, "original")
    }

    /// A line's budget in the original baseline; None without one, 0.00 for a line opened later.
    pub(crate) fn original(&self, line: usize, at: Position) -> Option<Pence> {
        self.baseline(line, at, "original")
    }

    /// A line's budget in a baseline; None without one, 0.00 for a line opened later.
    pub(crate) fn baseline(&self, line: usize, at: Position, name: &str) -> Option<Pence> {
        let baseline = self.statements.baseline(at, name)?;
        Some(Pence::new(baseline.get(line).copied().unwrap_or(0)))
    }

    /// The names of the baselines, in the order they were struck.
    pub(crate) fn baselines(&self, at: Position) -> impl Iterator<Item = &str> {
        self.statements.baselines(at)
    }

    /// The explanations of a line's underspend.
    pub(crate) fn explained(
        &self,
        line: usize,
        at: Position,
    ) -> impl Iterator<Item = &UnderspendExplanation> {
        self.statements.explained(at).filter(move |explained| explained.line as usize == line)
    }

    /// The adjustments posted in later years that concern this one.
    pub(crate) fn adjustments(&self, at: Position) -> impl Iterator<Item = &Adjustment> {
        self.statements.adjustments(at)
    }

    /// How a month is closed; None while open.
    pub fn period(&self, at: Position, month: Month) -> Option<Close> {
        self.statements.close(at, month)
    }

    /// Whether a month was reopened by a position. The calendar does not close it again.
    pub(crate) fn was_reopened(&self, at: Position, month: Month) -> bool {
        self.statements.was_reopened(at, month)
    }

    /// A line's version: the last entry that named it, whether or not it changed a figure.
    pub fn version(&self, line: usize, at: Position) -> Position {
        self.versions.at(line, at, || {
            let behind = self.deltas.back_from(self.deltas.last_of_lines()[line]);
            let mut positions = behind.map(|index| Position::new(self.deltas.position(index)));
            positions.find(|position| *position <= at)
        })
    }

    /// Whether a reported forecast of a month stands, where one was ever stated.
    pub(crate) fn has_forecast_of(&self, line: usize, at: Position, month: Month) -> bool {
        !self.forecasts.is_emptied(line as u32, at, month)
    }

    /// The month in which the line's current forecast was stated.
    pub(crate) fn forecast_month(&self, line: usize, series: Series) -> Option<Month> {
        self.forecasts.last_month(line as u32, series)
    }

    /// The current state of each month.
    pub(crate) fn periods(&self) -> YearPeriods {
        self.statements.periods()
    }

    /// The baselines that stand, and the entries that struck them.
    pub(crate) fn strikes(&self) -> impl Iterator<Item = (BaselineName, Position)> {
        self.statements.strikes().filter_map(|(name, at)| Some((name.parse().ok()?, at)))
    }

    /// The contributions to a line's figures through a month, last first. A forecast contributes
    /// its change of level; counts of forecasts are left out.
    pub fn contributions(
        &self,
        line: usize,
        at: Position,
        through: Month,
    ) -> impl Iterator<Item = Contribution> {
        let key = self.lines()[line].key;
        let counts = [Measure::ForecastLines, Measure::InternalLines].map(Measure::index);
        self.deltas
            .back_from(self.deltas.last_of_lines()[line])
            .skip_while(move |index| self.deltas.position(*index) > at.get())
            .map(|index| self.deltas.get(index))
            .filter(move |delta| {
                delta.key.month() <= through.number() && !counts.contains(&delta.key.measure())
            })
            .map(move |delta| Contribution {
                position: Position::new(delta.position),
                line: key,
                month: Month::new(delta.key.month()).unwrap_or(Month::M1),
                measure: Measure::ALL[delta.key.measure()],
                pence: Pence::new(delta.amount),
            })
    }

    /// Bytes of memory that grow with the number of entries.
    pub(crate) fn memory(&self) -> usize {
        self.deltas.memory()
            + self.line_grain.memory()
            + self.cell_grain.memory()
            + self.versions.memory()
    }
}
