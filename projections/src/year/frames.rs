//! Frames: full tables of a year's figures, taken at intervals.
//!
//! The figures as at a position are those of the last frame before it plus the later deltas. A
//! frame is taken once the deltas since the last take as much memory as the table, so that neither
//! outgrows the other. Frames never change; copies of a year share them.
//!
//! A frame may fall between two deltas of one entry. It holds the first, and is used only from that
//! entry's position on, where both count.

use std::sync::Arc;

use ledger_core::domain::calendar::Month;
use ledger_core::domain::position::Position;

use super::deltas::{DELTA_BYTES, Delta, Deltas};
use super::forecasts::StatedMonths;
use crate::measure::{Measure, Measures};

/// A frame needs at least this many deltas: fewer are folded fast enough.
const DELTAS_MIN: usize = 1024;

/// A year's frames at one grain. A cell is one line, or the lines summed together.
#[derive(Debug, Default)]
pub(crate) struct Grain {
    /// The cell of each line.
    cells: Vec<u32>,
    cell_count: usize,
    frames: Vec<Arc<Frame>>,
}

/// The table before a delta. Each month includes the months before it.
#[derive(Debug)]
struct Frame {
    /// The first delta not included.
    delta: usize,
    /// The position of that delta.
    position: u64,
    cells: usize,
    /// `[month][measure][cell]`
    table: Box<[i64]>,
    /// The last delta of each line, from 1.
    last_of_lines: Box<[u32]>,
    /// The months forecast for each line.
    stated: Box<[StatedMonths]>,
}

/// The figures of every cell at one moment: `[measure][cell]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    cells: usize,
    values: Vec<i64>,
}

impl Table {
    /// The number of cells.
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
    /// Adds a line to a cell, which may be new.
    pub(crate) fn add_line(&mut self, cell: usize) {
        self.cells.push(cell as u32);
        self.cell_count = self.cell_count.max(cell + 1);
    }

    /// Takes a frame if one is due. Call before pushing a delta of an entry at `position`.
    pub(crate) fn before_push(&mut self, deltas: &Deltas, position: u64, follows_lines: bool) {
        let since = deltas.len() - self.frames.last().map_or(0, |frame| frame.delta);
        let table_bytes = Month::COUNT * Measure::COUNT * self.cell_count * size_of::<i64>();
        if since >= DELTAS_MIN && since * DELTA_BYTES >= table_bytes {
            self.take_frame(deltas, position, follows_lines);
        }
    }

    /// Builds the next frame from the last one and the deltas since.
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
        // Each month includes the months before it, as in the last frame.
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

    /// A copy as at a position, with the first lines.
    pub(crate) fn until(&self, at: Position, lines: usize) -> Self {
        let frames = self.frames.partition_point(|frame| frame.position <= at.get());
        let frames = self.frames[..frames].to_vec();
        let cells = self.cells[..lines].to_vec();
        // Cells are numbered in the order of their first lines.
        let cell_count = cells.iter().max().map_or(0, |last| *last as usize + 1);
        Grain { cells, cell_count, frames }
    }

    /// The number of cells.
    pub(crate) const fn cell_count(&self) -> usize {
        self.cell_count
    }

    /// The last frame as at a position: the first delta not included, and the last delta of each
    /// line.
    pub(crate) fn before(&self, at: Position) -> (usize, &[u32]) {
        let after = self.frames.partition_point(|frame| frame.position <= at.get());
        let frame = after.checked_sub(1).map(|index| &self.frames[index]);
        frame.map_or((0, &[]), |frame| (frame.delta, &frame.last_of_lines))
    }

    /// The months forecast for the first lines before delta `to`, which must not be before the last
    /// frame. Cells must be lines.
    pub(crate) fn stated(&self, deltas: &Deltas, to: usize, lines: usize) -> Vec<StatedMonths> {
        let last = self.frames.last();
        let mut stated = last.map_or_else(Vec::new, |frame| frame.stated.to_vec());
        stated.resize(lines, StatedMonths::default());
        let from = last.map_or(0, |frame| frame.delta);
        deltas.for_each(from, to, |key, _| stated[key.line()].note(key));
        stated
    }

    /// The frames around a position, and the deltas to fold.
    fn locate(&self, deltas: &Deltas, at: Position) -> Place<'_> {
        let next = self.frames.partition_point(|frame| frame.position <= at.get());
        let frame = next.checked_sub(1).map(|index| &*self.frames[index]);
        let next = self.frames.get(next).map(|next| &**next);
        let from = frame.map_or(0, |frame| frame.delta);
        let to = next.map_or(deltas.len(), |frame| frame.delta);
        Place { frame, next, from, to: deltas.end_at(from, to, at) }
    }

    /// The frames around delta `to`, and the deltas to fold.
    fn locate_before(&self, to: usize) -> Place<'_> {
        let next = self.frames.partition_point(|frame| frame.delta <= to);
        let frame = next.checked_sub(1).map(|index| &*self.frames[index]);
        let from = frame.map_or(0, |frame| frame.delta);
        Place { frame, next: self.frames.get(next).map(|next| &**next), from, to }
    }

    /// Fills `table` with the figures of every cell as at a position, through a month.
    pub(crate) fn read(&self, deltas: &Deltas, at: Position, through: Month, table: &mut Table) {
        self.fill(deltas, &self.locate(deltas, at), through, table);
    }

    /// Fills `table` with the figures of every cell before delta `to`, through a month.
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
                // A cell added after the frame starts at 0.
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

    /// A line's figures as at a position, through a month. Cells must be lines.
    pub(crate) fn read_line(
        &self,
        deltas: &Deltas,
        line: usize,
        at: Position,
        through: Month,
    ) -> Measures {
        self.of_line(deltas, line, &self.locate(deltas, at), through)
    }

    /// A line's figures before delta `to`, through a month. Cells must be lines.
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

/// The frames around a moment, and the range of deltas to fold onto the first.
struct Place<'g> {
    frame: Option<&'g Frame>,
    next: Option<&'g Frame>,
    from: usize,
    to: usize,
}

/// Adds values pairwise.
fn add(to: &mut [i64], from: &[i64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = to.wrapping_add(*from);
    }
}
