//! One financial year: its lines, the deltas of their figures, and what else is said about them.

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
use ledger_core::domain::event::{Close, Forecast, PeriodClosed, PeriodReopened, Series};
use ledger_core::domain::ledger::YearPeriods;
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::BaselineName;

use deltas::{Delta, Deltas, Key, LINES_MAX};
use forecasts::{Forecasts, Levels};
use frames::Grain;
pub use frames::Table;
use lines::Lines;
pub use lines::YearLine;
pub(crate) use nets::{Net, Selection};
pub(crate) use snapshot::split_sized;
use statements::Statements;
pub use statements::{Adjustment, Explained, Phasing};
use versions::Versions;

use crate::measure::{Measure, Measures};

/// What lines are summed into for a year's table by programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    /// The programme, without those below it.
    pub programme: ProgrammeCode,
    /// The class.
    pub class: BudgetClass,
    /// The ring-fence.
    pub ring_fence: Option<RingFence>,
}

/// Everything about one year.
#[derive(Debug)]
pub struct Year {
    year: FinancialYear,
    lines: Lines,
    versions: Versions,
    cells: Vec<Cell>,
    by_cell: HashMap<Cell, u32>,
    deltas: Deltas,
    /// By line, and by programme, class and ring-fence.
    line_grain: Grain,
    cell_grain: Grain,
    forecasts: Forecasts,
    statements: Statements,
}

/// One entry's part in a figure.
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
    /// By how much.
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

    /// The year as it stood at a position, to go on otherwise from there. What it holds of the past
    /// is shared, so this costs little more than its lines do.
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
            forecasts: Forecasts::of_copy(stated),
            statements: self.statements.until(at),
            deltas,
        }
    }

    /// Whether nothing has been said of it.
    pub(crate) fn is_bare(&self) -> bool {
        self.lines().is_empty() && self.statements.are_none()
    }

    /// Which year it is.
    pub const fn year(&self) -> FinancialYear {
        self.year
    }

    /// Its lines, in the order in which they were opened.
    pub fn lines(&self) -> &[YearLine] {
        self.lines.all()
    }

    /// The cells of [`Year::table`], in order.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// What is stated about its lines beside figures.
    pub(crate) const fn statements(&self) -> &Statements {
        &self.statements
    }

    pub(crate) const fn statements_mut(&mut self) -> &mut Statements {
        &mut self.statements
    }

    /// The number of a line; none where it was never named.
    pub fn find(&self, key: &LineKey) -> Option<usize> {
        self.lines.find(key).map(|line| line as usize)
    }

    /// The number of a line that this entry changes, or opens where it is new.
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

    /// Adds to a figure.
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

    /// Takes in a forecast: a level that holds from its month until the next month with one.
    pub(crate) fn state_forecast(&mut self, at: Position, line: u32, forecast: &Forecast) {
        let unknown = self.forecasts.unknown(line, forecast.series);
        if !unknown.is_empty() {
            let levels = self.levels(line, forecast.series, &unknown);
            self.forecasts.remember(line, forecast.series, levels);
        }
        for (month, measure, amount) in self.forecasts.state(line, forecast) {
            let key = Key::new(month, measure, line);
            self.push(Delta { position: at.get(), key, amount });
        }
        self.statements.phase(at, line, forecast);
    }

    /// The levels stated in some months: what the changes up to each sum to.
    fn levels(&self, line: u32, series: Series, stated: &[Month]) -> Levels {
        let (measure, _) = forecasts::measures(series);
        let mut levels = Levels::default();
        for month in stated {
            let now = self.line_measures(line as usize, Position::new(u64::MAX), *month);
            levels[month.index()] = Some(now.get(measure));
        }
        levels
    }

    /// Takes in a baseline: every line's revised figure as it is now.
    pub(crate) fn strike_baseline(&mut self, at: Position, name: &str) {
        let mut now = Table::default();
        self.line_table(Position::new(u64::MAX), Month::M13, &mut now);
        let revised = now.plane(Measure::Revised).to_vec();
        self.statements.strike(at, name, self.deltas.len(), revised);
    }

    pub(crate) fn close(&mut self, at: Position, closed: &PeriodClosed) {
        self.statements.set_close(at, closed.month, Some(closed.close));
    }

    pub(crate) fn reopen(&mut self, at: Position, reopened: &PeriodReopened) {
        self.statements.set_close(at, Some(reopened.month), None);
    }

    /// Whether the whole year was closed for good as at a position.
    pub fn is_hard_closed(&self, at: Position) -> bool {
        Month::all().all(|month| self.statements.close(at, month) == Some(Close::Hard))
    }

    /// The figures of every programme, class and ring-fence as at a position, of all months up to
    /// one. `table` is filled, its memory reused.
    pub fn table(&self, at: Position, through: Month, table: &mut Table) {
        self.cell_grain.read(&self.deltas, at, through, table);
    }

    /// The figures of every line.
    pub fn line_table(&self, at: Position, through: Month, table: &mut Table) {
        self.line_grain.read(&self.deltas, at, through, table);
    }

    /// The figures of one line.
    pub fn line_measures(&self, line: usize, at: Position, through: Month) -> Measures {
        self.line_grain.read_line(&self.deltas, line, at, through)
    }

    /// A line's original budget; none where no original baseline was struck by then, and 0.00
    /// where the line came after it.
    pub fn original(&self, line: usize, at: Position) -> Option<Pence> {
        self.baseline(line, at, "original")
    }

    /// A line's figure in a named baseline.
    pub fn baseline(&self, line: usize, at: Position, name: &str) -> Option<Pence> {
        let baseline = self.statements.baseline(at, name)?;
        Some(Pence::new(baseline.get(line).copied().unwrap_or(0)))
    }

    /// The names of the baselines struck by then.
    pub fn baselines(&self, at: Position) -> impl Iterator<Item = &str> {
        self.statements.baselines(at)
    }

    /// The explanations of a line's underspend given by then.
    pub fn explained(&self, line: usize, at: Position) -> impl Iterator<Item = &Explained> {
        self.statements.explained(at).filter(move |explained| explained.line as usize == line)
    }

    /// The adjustments posted in later years by then that concern this one: what was posted and
    /// these together are the year as restated.
    pub fn adjustments(&self, at: Position) -> impl Iterator<Item = &Adjustment> {
        self.statements.adjustments(at)
    }

    /// How a month was closed, if it was.
    pub fn period(&self, at: Position, month: Month) -> Option<Close> {
        self.statements.close(at, month)
    }

    /// A line's version as at a position: the last entry that had named it, be it to change a figure
    /// by 0.00 or none.
    pub fn version(&self, line: usize, at: Position) -> Position {
        self.versions.at(line, at, || {
            let behind = self.deltas.back_from(self.deltas.last_of_lines()[line]);
            let mut positions = behind.map(|index| Position::new(self.deltas.position(index)));
            positions.find(|position| *position <= at)
        })
    }

    /// The month in which the reported forecast of a line that stands now was stated.
    pub(crate) fn forecast_month(&self, line: usize) -> Option<Month> {
        self.forecasts.reported_in(line as u32)
    }

    /// How the months are closed now, and which were reopened.
    pub(crate) fn periods(&self) -> YearPeriods {
        self.statements.periods()
    }

    /// The baselines struck so far, and the entries that struck them.
    pub(crate) fn strikes(&self) -> impl Iterator<Item = (BaselineName, Position)> {
        self.statements.strikes().filter_map(|(name, at)| Some((name.parse().ok()?, at)))
    }

    /// The entries behind a line's figures, the last first. What a forecast changes is told as the
    /// change it makes; how many forecasts there are is no figure.
    pub fn behind(
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

    /// Bytes of memory held, as far as it grows with the number of entries.
    pub fn memory(&self) -> usize {
        self.deltas.memory()
            + self.line_grain.memory()
            + self.cell_grain.memory()
            + self.versions.memory()
    }
}
