//! Nets: what each entry adds to the figures of some lines of a year, all of its parts together.
//!
//! Found by going through the year's deltas in order of position, so that a page costs what is
//! between its first entry and its last, wherever it begins.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;

use super::{Table, Year};
use crate::measure::{Measure, Measures};

/// Some lines of a year, by their numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection(Vec<bool>);

impl FromIterator<bool> for Selection {
    fn from_iter<I: IntoIterator<Item = bool>>(lines: I) -> Self {
        Selection(lines.into_iter().collect())
    }
}

impl Selection {
    /// Whether a line is among them.
    pub(crate) fn has(&self, line: usize) -> bool {
        self.0.get(line).copied().unwrap_or(false)
    }

    /// Their numbers, in order.
    pub(crate) fn lines(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter(|(_, chosen)| **chosen).map(|(line, _)| line)
    }

    /// One measure of a table, summed over them.
    pub(crate) fn sum(&self, table: &Table, measure: Measure) -> i64 {
        let plane = table.plane(measure).iter().zip(&self.0);
        plane.filter(|(_, chosen)| **chosen).fold(0, |sum, (value, _)| sum.wrapping_add(*value))
    }
}

/// What one entry adds to each figure of the lines that are asked for, all of its parts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Net {
    pub(crate) position: Position,
    pub(crate) measures: Measures,
}

/// A forecast that was stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stated {
    /// The change it makes, among the year's deltas.
    pub(crate) delta: usize,
    pub(crate) position: Position,
    pub(crate) line: usize,
    pub(crate) month: Month,
    /// By how much it changes the level that stood in its month.
    pub(crate) change: Pence,
}

impl Year {
    /// The number of deltas up to a position.
    pub(crate) fn deltas_up_to(&self, at: Position) -> usize {
        self.deltas.after(at)
    }

    /// The number of deltas there were when the original baseline was struck, and the entry that
    /// struck it; none where that had not been done by then.
    pub(crate) fn struck(&self, at: Position) -> Option<(Position, usize)> {
        self.statements.struck(at, "original")
    }

    /// The figures of every line before a delta. `table` is filled, its memory reused.
    pub(crate) fn line_table_before(&self, delta: usize, through: Month, table: &mut Table) {
        self.line_grain.read_before(&self.deltas, delta, through, table);
    }

    /// The figures of one line before a delta.
    pub(crate) fn line_measures_before(
        &self,
        line: usize,
        delta: usize,
        through: Month,
    ) -> Measures {
        self.line_grain.read_line_before(&self.deltas, line, delta, through)
    }

    /// What each entry of a range of deltas adds to some measures of some lines, in order of
    /// position; entries that add to none of them are left out, and those whose parts cancel each
    /// other out are not.
    pub(crate) fn nets<'y>(
        &'y self,
        wanted: &'y Selection,
        measures: &[Measure],
        through: Month,
        range: std::ops::Range<usize>,
    ) -> impl Iterator<Item = Net> + 'y {
        let of = measures.iter().fold(0_u8, |of, measure| of | 1 << measure.index());
        let (mut index, to) = (range.start, range.end.min(self.deltas.len()));
        std::iter::from_fn(move || {
            let mut net: Option<Net> = None;
            while index < to {
                let key = self.deltas.key(index);
                let counts = of & (1 << key.measure()) != 0
                    && key.month() <= through.number()
                    && wanted.has(key.line());
                if counts {
                    let position = Position::new(self.deltas.position(index));
                    let net = net.get_or_insert(Net { position, measures: Measures::default() });
                    if net.position != position {
                        return Some(*net);
                    }
                    let measure = Measure::ALL[key.measure()];
                    net.measures.add(measure, self.deltas.amount(index));
                }
                index += 1;
            }
            net
        })
    }

    /// The forecasts of some lines stated after one entry and up to another, in order.
    ///
    /// A statement is the change of its own month, and where a later month has a level the opposite
    /// change there, directly after it. Another statement of the same entry may look like that; but
    /// then the line had no level in the later month before.
    pub(crate) fn statements_after<'y>(
        &'y self,
        wanted: &'y Selection,
        level: Measure,
        after: Position,
        to: Position,
    ) -> impl Iterator<Item = Stated> + 'y {
        let deltas = &self.deltas;
        let mut last: Option<usize> = None;
        (deltas.after(after)..deltas.after(to)).filter_map(move |delta| {
            let key = deltas.key(delta);
            if key.measure() != level.index() || !wanted.has(key.line()) {
                return None;
            }
            let before = last.take().filter(|last| last + 1 == delta);
            let evens_out = before.is_some_and(|own| {
                let of_own = deltas.key(own);
                deltas.position(own) == deltas.position(delta)
                    && of_own.line() == key.line()
                    && of_own.month() < key.month()
                    && deltas.amount(delta) != 0
                    && deltas.amount(own) == deltas.amount(delta).wrapping_neg()
                    && self.has_level(own, level, key.month())
            });
            if evens_out {
                return None;
            }
            last = Some(delta);
            Some(Stated {
                delta,
                position: Position::new(deltas.position(delta)),
                line: key.line(),
                month: Month::new(key.month()).unwrap_or(Month::M1),
                change: Pence::new(deltas.amount(delta)),
            })
        })
    }

    /// Whether a delta's line had a level in a month before it.
    fn has_level(&self, delta: usize, level: Measure, month: u8) -> bool {
        let before = self.deltas.back_from(delta as u32 + 1).skip(1);
        let mut keys = before.map(|index| self.deltas.key(index));
        keys.any(|key| key.measure() == level.index() && key.month() == month)
    }

    /// The entries after one and up to another that opened a line that is wanted, or state
    /// something beside figures about one or about the year.
    pub(crate) fn stating(
        &self,
        wanted: &Selection,
        from: Position,
        to: Position,
    ) -> Vec<Position> {
        let opened = wanted.lines().filter_map(|line| self.lines().get(line));
        let opened = opened.map(|line| line.opened).filter(|at| *at > from && *at <= to);
        let mut all = self.statements.stating(|line| wanted.has(line), from, to);
        all.extend(opened);
        all.sort_unstable();
        all.dedup();
        all
    }
}
