//! Frames: whole tables of a year's figures, one now and then, from which any moment is near.
//!
//! The figures as at a position are those of the last frame before it, plus the deltas since. A
//! frame is taken whenever the deltas since the last one take as much memory as the table does,
//! so neither outgrows the other, however many lines there are. Frames never change.
//!
//! Two deltas of one entry may fall either side of a frame. The frame then holds the first, and is
//! used only from that entry's position on, where both count.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::position::Position;

use super::deltas::{DELTA_BYTES, Delta, Deltas};
use crate::measure::{Measure, Measures};

/// Fewer deltas than this are folded as fast as a table is found.
const DELTAS_MIN: usize = 1024;

/// The figures of a year by cell, at one grain: cells are lines, or what lines are summed into.
#[derive(Debug, Default)]
pub(crate) struct Grain {
    /// The cell of each line.
    cells: Vec<u32>,
    cell_count: usize,
    /// Figures so far by month, not summed over months: [month][measure][cell], with room for
    /// `stride` cells.
    running: Vec<i64>,
    stride: usize,
    frames: Vec<Frame>,
}

/// The figures before one delta, each month's summed with those before it.
#[derive(Debug)]
struct Frame {
    /// The first delta that is not in it.
    delta: usize,
    /// That delta's position.
    position: u64,
    cells: usize,
    /// [month][measure][cell]
    table: Box<[i64]>,
}

/// The figures of every cell at one moment: [measure][cell].
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

const fn place(month: usize, measure: usize, cell: usize, stride: usize) -> usize {
    (month * Measure::COUNT + measure) * stride + cell
}

impl Grain {
    /// Takes in a line whose figures are summed into `cell`, which may be the next new one.
    pub(crate) fn add_line(&mut self, cell: usize) {
        self.cells.push(cell as u32);
        self.cell_count = self.cell_count.max(cell + 1);
        if self.cell_count > self.stride {
            self.widen(self.cell_count + self.cell_count / 8 + 4);
        }
    }

    fn widen(&mut self, stride: usize) {
        let mut running = vec![0; Month::COUNT * Measure::COUNT * stride];
        if self.stride > 0 {
            for (from, to) in self.running.chunks(self.stride).zip(running.chunks_mut(stride)) {
                to[..self.stride].copy_from_slice(from);
            }
        }
        self.running = running;
        self.stride = stride;
    }

    /// Takes in a delta, before it is pushed.
    pub(crate) fn apply(&mut self, delta: Delta, deltas: &Deltas) {
        let since = deltas.len() - self.frames.last().map_or(0, |frame| frame.delta);
        let table_bytes = Month::COUNT * Measure::COUNT * self.cell_count * size_of::<i64>();
        if since >= DELTAS_MIN && since * DELTA_BYTES >= table_bytes {
            self.take_frame(deltas.len(), delta.position);
        }
        let key = delta.key;
        let cell = self.cells[key.line()] as usize;
        let index = place(usize::from(key.month()) - 1, key.measure(), cell, self.stride);
        self.running[index] = self.running[index].wrapping_add(delta.amount);
    }

    #[cold]
    fn take_frame(&mut self, delta: usize, position: u64) {
        let cells = self.cell_count;
        let mut table = Vec::with_capacity(Month::COUNT * Measure::COUNT * cells);
        for (row, running) in self.running.chunks(self.stride).enumerate() {
            match row.checked_sub(Measure::COUNT) {
                None => table.extend_from_slice(&running[..cells]),
                Some(before) => {
                    let month_before = before * cells;
                    for (cell, value) in running[..cells].iter().enumerate() {
                        table.push(table[month_before + cell].wrapping_add(*value));
                    }
                }
            }
        }
        self.frames.push(Frame { delta, position, cells, table: table.into() });
    }

    /// Where the figures as at a position are: the last frame before it, and the deltas since.
    fn locate(&self, deltas: &Deltas, at: Position) -> (Option<&Frame>, usize, usize) {
        let next = self.frames.partition_point(|frame| frame.position <= at.get());
        let frame = next.checked_sub(1).map(|index| &self.frames[index]);
        let from = frame.map_or(0, |frame| frame.delta);
        let to = self.frames.get(next).map_or(deltas.len(), |frame| frame.delta);
        (frame, from, deltas.end_at(from, to, at))
    }

    /// The figures of every cell as at a position, of all months up to one. `table` is reused.
    pub(crate) fn read(&self, deltas: &Deltas, at: Position, through: Month, table: &mut Table) {
        let (frame, from, to) = self.locate(deltas, at);
        let cells = self.cell_count;
        table.cells = cells;
        table.values.clear();
        if let Some(frame) = frame {
            let plane = place(through.index(), 0, 0, frame.cells);
            for measure in 0..Measure::COUNT {
                let row = &frame.table[plane + measure * frame.cells..][..frame.cells];
                table.values.extend_from_slice(row);
                // Cells that came after the frame begin at nothing.
                table.values.resize((measure + 1) * cells, 0);
            }
        } else {
            table.values.resize(Measure::COUNT * cells, 0);
        }
        for (key, amount) in deltas.range(from, to) {
            let counts = i64::from(key.month() <= through.number());
            let index = key.measure() * cells + self.cells[key.line()] as usize;
            table.values[index] = table.values[index].wrapping_add(amount * counts);
        }
    }

    /// The figures of one line as at a position; cells must be lines. `own` are the line's deltas.
    pub(crate) fn read_line(
        &self,
        deltas: &Deltas,
        own: &[u32],
        line: usize,
        at: Position,
        through: Month,
    ) -> Measures {
        let (frame, from, to) = self.locate(deltas, at);
        let mut measures = Measures::default();
        if let Some(frame) = frame.filter(|frame| line < frame.cells) {
            for (measure, value) in measures.0.iter_mut().enumerate() {
                *value = frame.table[place(through.index(), measure, line, frame.cells)];
            }
        }
        let first = own.partition_point(|index| (*index as usize) < from);
        for index in own[first..].iter().map(|index| *index as usize).take_while(|i| *i < to) {
            let Delta { key, amount, .. } = deltas.get(index);
            if key.month() <= through.number() {
                let value = &mut measures.0[key.measure()];
                *value = value.wrapping_add(amount);
            }
        }
        measures
    }

    /// One measure of every cell over all months, now.
    pub(crate) fn now(&self, measure: Measure) -> Vec<i64> {
        let mut sums = vec![0_i64; self.cell_count];
        for month in 0..Month::COUNT {
            let row = &self.running[place(month, measure.index(), 0, self.stride)..];
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum = sum.wrapping_add(*value);
            }
        }
        sums
    }

    pub(crate) fn memory(&self) -> usize {
        let tables: usize = self.frames.iter().map(|frame| frame.table.len()).sum();
        (tables + self.running.capacity()) * size_of::<i64>()
            + self.cells.capacity() * size_of::<u32>()
            + self.frames.capacity() * size_of::<Frame>()
    }
}
