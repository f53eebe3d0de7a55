//! Frames: whole tables of a year's figures, one now and then, from which any moment is near.
//!
//! The figures as at a position are those of the last frame before it, plus the deltas since. A
//! frame is taken whenever the deltas since the last one take as much memory as the table does,
//! so neither outgrows the other, however many lines there are. Frames never change, so copies of a
//! year share them.
//!
//! Two deltas of one entry may fall either side of a frame. The frame then holds the first, and is
//! used only from that entry's position on, where both count.

use std::sync::Arc;

use ledger_core::domain::calendar::Month;
use ledger_core::domain::position::Position;

use super::deltas::{DELTA_BYTES, Delta, Deltas};
use super::forecasts::Stated;
use crate::measure::{Measure, Measures};

/// Fewer deltas than this are folded as fast as a table is found.
const DELTAS_MIN: usize = 1024;

/// The figures of a year by cell, at one grain: cells are lines, or what lines are summed into.
#[derive(Debug, Default)]
pub(crate) struct Grain {
    /// The cell of each line.
    cells: Vec<u32>,
    cell_count: usize,
    frames: Vec<Arc<Frame>>,
}

/// The figures before one delta, each month's summed with those before it.
#[derive(Debug)]
struct Frame {
    /// The first delta that is not in it.
    delta: usize,
    /// That delta's position.
    position: u64,
    cells: usize,
    /// `[month][measure][cell]`
    table: Box<[i64]>,
    /// The last delta of each line before it.
    last_of_lines: Box<[u32]>,
    /// What forecasts of each line were stated before it.
    stated: Box<[Stated]>,
}

/// The figures of every cell at one moment: `[measure][cell]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    cells: usize,
    values: Vec<i64>,
}

impl Table {
    /// How many cells it has.
    pub const fn cells(&self) -> usize {
        self.cells
    }

    /// A cell's figures.
    pub fn measures(&self, cell: usize) -> Measures {
        let mut measures = Measures::default();
        for (measure, value) in measures.0.iter_mut().enumerate() {
            *value = self.values[measure * self.cells + cell];
        }
        measures
    }

    /// One measure of every cell.
    pub fn plane(&self, measure: Measure) -> &[i64] {
        &self.values[measure.index() * self.cells..][..self.cells]
    }
}

const fn index_of(month: usize, measure: usize, cell: usize, cells: usize) -> usize {
    (month * Measure::COUNT + measure) * cells + cell
}

impl Grain {
    /// Takes in a line whose figures are summed into `cell`, which may be the next new one.
    pub(crate) fn add_line(&mut self, cell: usize) {
        self.cells.push(cell as u32);
        self.cell_count = self.cell_count.max(cell + 1);
    }

    /// Before a delta of an entry at `position` is pushed: takes a frame, if it is time for one.
    pub(crate) fn before_push(&mut self, deltas: &Deltas, position: u64, follows_lines: bool) {
        let since = deltas.len() - self.frames.last().map_or(0, |frame| frame.delta);
        let table_bytes = Month::COUNT * Measure::COUNT * self.cell_count * size_of::<i64>();
        if since >= DELTAS_MIN && since * DELTA_BYTES >= table_bytes {
            self.take_frame(deltas, position, follows_lines);
        }
    }

    /// The last frame and the deltas since, month by month, make the next.
    #[cold]
    fn take_frame(&mut self, deltas: &Deltas, position: u64, follows_lines: bool) {
        let (cells, end) = (self.cell_count, deltas.len());
        let rows = Month::COUNT * Measure::COUNT;
        let mut table = vec![0_i64; rows * cells];
        let last = self.frames.last();
        deltas.for_each(last.map_or(0, |frame| frame.delta), end, |key, amount| {
            let cell = self.cells[key.line()] as usize;
            let value =
                &mut table[index_of(usize::from(key.month()) - 1, key.measure(), cell, cells)];
            *value = value.wrapping_add(amount);
        });
        // Each month's figures include those of the months before it, as the frame's do.
        for row in Measure::COUNT..rows {
            let (before, of_row) = table.split_at_mut(row * cells);
            add(of_row, &before[(row - Measure::COUNT) * cells..][..cells]);
        }
        if let Some(last) = last {
            for (row, of_frame) in last.table.chunks(last.cells).enumerate() {
                add(&mut table[row * cells..], of_frame);
            }
        }
        let (mut last_of_lines, mut stated) = (Box::default(), Box::default());
        if follows_lines {
            last_of_lines = deltas.last_of_lines().into();
            stated = self.stated(deltas, end, cells).into();
        }
        let table = table.into();
        self.frames.push(Arc::new(Frame {
            delta: end,
            position,
            cells,
            table,
            last_of_lines,
            stated,
        }));
    }

    /// The grain as it was at a position, when it had the first lines.
    pub(crate) fn until(&self, at: Position, lines: usize) -> Self {
        let frames = self.frames.partition_point(|frame| frame.position <= at.get());
        let frames = self.frames[..frames].to_vec();
        let cells = self.cells[..lines].to_vec();
        // Cells are numbered as lines first fall in them.
        let cell_count = cells.iter().max().map_or(0, |last| *last as usize + 1);
        Grain { cells, cell_count, frames }
    }

    /// How many cells there are.
    pub(crate) const fn cell_count(&self) -> usize {
        self.cell_count
    }

    /// The last frame before a position: the first delta that is not in it, and the last delta of
    /// each line before that.
    pub(crate) fn before(&self, at: Position) -> (usize, &[u32]) {
        let after = self.frames.partition_point(|frame| frame.position <= at.get());
        let frame = after.checked_sub(1).map(|index| &self.frames[index]);
        frame.map_or((0, &[]), |frame| (frame.delta, &frame.last_of_lines))
    }

    /// What forecasts of the first lines were stated before a delta that is not before the last frame;
    /// cells must be lines.
    pub(crate) fn stated(&self, deltas: &Deltas, to: usize, lines: usize) -> Vec<Stated> {
        let last = self.frames.last();
        let mut stated = last.map_or_else(Vec::new, |frame| frame.stated.to_vec());
        stated.resize(lines, Stated::default());
        let from = last.map_or(0, |frame| frame.delta);
        deltas.for_each(from, to, |key, _| stated[key.line()].note(key));
        stated
    }

    /// The last frame before a position and the first after it; and the deltas between that count.
    fn locate(&self, deltas: &Deltas, at: Position) -> Place<'_> {
        let next = self.frames.partition_point(|frame| frame.position <= at.get());
        let frame = next.checked_sub(1).map(|index| &*self.frames[index]);
        let next = self.frames.get(next).map(|next| &**next);
        let from = frame.map_or(0, |frame| frame.delta);
        let to = next.map_or(deltas.len(), |frame| frame.delta);
        Place { frame, next, from, to: deltas.end_at(from, to, at) }
    }

    /// The last frame in which no delta from `to` on is, and the first after it.
    fn locate_before(&self, to: usize) -> Place<'_> {
        let next = self.frames.partition_point(|frame| frame.delta <= to);
        let frame = next.checked_sub(1).map(|index| &*self.frames[index]);
        let from = frame.map_or(0, |frame| frame.delta);
        Place { frame, next: self.frames.get(next).map(|next| &**next), from, to }
    }

    /// The figures of every cell as at a position, of all months up to one. `table` is reused.
    pub(crate) fn read(&self, deltas: &Deltas, at: Position, through: Month, table: &mut Table) {
        self.fill(deltas, &self.locate(deltas, at), through, table);
    }

    /// The figures of every cell before a delta.
    pub(crate) fn read_before(
        &self,
        deltas: &Deltas,
        to: usize,
        through: Month,
        table: &mut Table,
    ) {
        self.fill(deltas, &self.locate_before(to), through, table);
    }

    fn fill(&self, deltas: &Deltas, place: &Place<'_>, through: Month, table: &mut Table) {
        let &Place { frame, from, to, .. } = place;
        let cells = self.cell_count;
        table.cells = cells;
        table.values.clear();
        if let Some(frame) = frame {
            let plane = index_of(through.index(), 0, 0, frame.cells);
            for measure in 0..Measure::COUNT {
                let row = &frame.table[plane + measure * frame.cells..][..frame.cells];
                table.values.extend_from_slice(row);
                // Cells that came after the frame begin at nothing.
                table.values.resize((measure + 1) * cells, 0);
            }
        } else {
            table.values.resize(Measure::COUNT * cells, 0);
        }
        deltas.for_each(from, to, |key, amount| {
            let counts = i64::from(key.month() <= through.number());
            let index = key.measure() * cells + self.cells[key.line()] as usize;
            table.values[index] = table.values[index].wrapping_add(amount * counts);
        });
    }

    /// The figures of one line as at a position; cells must be lines.
    pub(crate) fn read_line(
        &self,
        deltas: &Deltas,
        line: usize,
        at: Position,
        through: Month,
    ) -> Measures {
        self.of_line(deltas, line, &self.locate(deltas, at), through)
    }

    /// The figures of one line before a delta; cells must be lines.
    pub(crate) fn read_line_before(
        &self,
        deltas: &Deltas,
        line: usize,
        to: usize,
        through: Month,
    ) -> Measures {
        self.of_line(deltas, line, &self.locate_before(to), through)
    }

    fn of_line(&self, deltas: &Deltas, line: usize, place: &Place<'_>, through: Month) -> Measures {
        let &Place { frame, next, from, to } = place;
        let mut measures = Measures::default();
        if let Some(frame) = frame.filter(|frame| line < frame.cells) {
            for (measure, value) in measures.0.iter_mut().enumerate() {
                *value = frame.table[index_of(through.index(), measure, line, frame.cells)];
            }
        }
        let lasts = next.map_or(deltas.last_of_lines(), |frame| &frame.last_of_lines);
        let last = lasts.get(line).copied().unwrap_or(0);
        for index in deltas.back_from(last).take_while(|index| *index >= from) {
            let Delta { key, amount, .. } = deltas.get(index);
            if index < to && key.month() <= through.number() {
                let value = &mut measures.0[key.measure()];
                *value = value.wrapping_add(amount);
            }
        }
        measures
    }

    pub(crate) fn memory(&self) -> usize {
        let of = |frame: &Arc<Frame>| {
            let lines = size_of_val(&*frame.last_of_lines) + size_of_val(&*frame.stated);
            size_of_val(&*frame.table) + lines + size_of::<Frame>()
        };
        let frames: usize = self.frames.iter().map(of).sum();
        frames + self.cells.capacity() * size_of::<u32>()
    }
}

/// Where the figures as at a position are.
struct Place<'g> {
    frame: Option<&'g Frame>,
    next: Option<&'g Frame>,
    from: usize,
    to: usize,
}

/// Adds values to others of the same places.
fn add(to: &mut [i64], from: &[i64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = to.wrapping_add(*from);
    }
}
