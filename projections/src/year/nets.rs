//! Nets: the net change each entry makes to the figures of some lines of a year.
//!
//! They are read from the year's deltas in order of position. A page costs the deltas between its
//! first and last entry, wherever it starts.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;

use super::{Table, Year};
use crate::measure::{Measure, Measures};

/// Lines of a year, selected by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection(Vec<bool>);

impl FromIterator<bool> for Selection {
    fn from_iter<I: IntoIterator<Item = bool>>(lines: I) -> Self {
        Selection(lines.into_iter().collect())
    }
}

impl Selection {
    /// Whether a line is selected.
    pub(crate) fn has(&self, line: usize) -> bool {
        self.0.get(line).copied().unwrap_or(false)
    }

    /// The numbers of the selected lines, in order.
    pub(crate) fn lines(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter(|(_, chosen)| **chosen).map(|(line, _)| line)
    }

    /// The sum of one measure over the selected lines.
    pub(crate) fn sum(&self, table: &Table, measure: Measure) -> i64 {
        let plane = table.plane(measure).iter().zip(&self.0);
        plane.filter(|(_, chosen)| **chosen).fold(0, |sum, (value, _)| sum.wrapping_add(*value))
    }
}

/// The net change one entry makes to each measure of the selected lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Net {
    pub(crate) position: Position,
    pub(crate) measures: Measures,
}

/// The net change of one measure in a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MonthNet {
    pub(crate) amount: i64,
    /// The number of entries.
    pub(crate) entries: usize,
    pub(crate) last: Option<Position>,
}

/// A forecast statement, or a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ForecastStatement {
    /// The index of its delta.
    pub(crate) delta: usize,
    pub(crate) position: Position,
    pub(crate) line: usize,
    pub(crate) month: Month,
    /// The change of the level of its month.
    pub(crate) change: Pence,
    /// The change of the number of forecasts of its month: 1 for a first one, -1 for a last one
    /// withdrawn.
    pub(crate) lines: i64,
}

impl Year {
    /// The number of deltas up to a position.
    pub(crate) fn deltas_up_to(&self, at: Position) -> usize {
        self.deltas.after(at)
    }

    /// The entry that struck the original baseline, and the number of deltas then.
    pub(crate) fn struck(&self, at: Position) -> Option<(Position, usize)> {
        self.statements.struck(at, "original")
    }

    /// Fills `table` with the figures by line before a delta, through a month.
    pub(crate) fn line_table_before(&self, delta: usize, through: Month, table: &mut Table) {
        self.line_grain.read_before(&self.deltas, delta, through, table);
    }

    /// A line's figures before a delta, through a month.
    pub(crate) fn line_measures_before(
        &self,
        line: usize,
        delta: usize,
        through: Month,
    ) -> Measures {
        self.line_grain.read_line_before(&self.deltas, line, delta, through)
    }

    /// The nets of a range of deltas, in order of position. Entries that touch none of the lines
    /// and measures are left out; entries whose changes cancel out are kept.
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

    /// The net change of one measure of the selected lines in each month, as at a position.
    pub(crate) fn month_nets(
        &self,
        wanted: &Selection,
        measure: Measure,
        at: Position,
    ) -> [MonthNet; Month::COUNT] {
        let mut nets = [MonthNet::default(); Month::COUNT];
        for index in 0..self.deltas.after(at) {
            let key = self.deltas.key(index);
            if key.measure() == measure.index() && wanted.has(key.line()) {
                let position = Some(Position::new(self.deltas.position(index)));
                let net = &mut nets[usize::from(key.month()) - 1];
                net.amount = net.amount.wrapping_add(self.deltas.amount(index));
                net.entries += usize::from(net.last != position);
                net.last = position;
            }
        }
        nets
    }

    /// The forecast statements about the selected lines in a range of positions, in order.
    ///
    /// A statement's own delta may be followed by the opposite change in a later month with a
    /// level. That second delta is no statement. A real statement can look alike, but only where
    /// the later month had no level before.
    pub(crate) fn statements_after<'y>(
        &'y self,
        wanted: &'y Selection,
        (level, count): (Measure, Measure),
        after: Position,
        to: Position,
    ) -> impl Iterator<Item = ForecastStatement> + 'y {
        let deltas = &self.deltas;
        let mut last: Option<usize> = None;
        (deltas.after(after)..deltas.after(to)).filter_map(move |delta| {
            let key = deltas.key(delta);
            if key.measure() != level.index() || !wanted.has(key.line()) {
                return None;
            }
            let before = last.take().filter(|last| last + 1 == delta);
            let is_opposite_change = before.is_some_and(|own| {
                let of_own = deltas.key(own);
                deltas.position(own) == deltas.position(delta)
                    && of_own.line() == key.line()
                    && of_own.month() < key.month()
                    && deltas.amount(delta) != 0
                    && deltas.amount(own) == deltas.amount(delta).wrapping_neg()
                    && self.has_level(own, level, key.month())
            });
            if is_opposite_change {
                return None;
            }
            last = Some(delta);
            Some(ForecastStatement {
                delta,
                position: Position::new(deltas.position(delta)),
                line: key.line(),
                month: Month::new(key.month()).unwrap_or(Month::M1),
                change: Pence::new(deltas.amount(delta)),
                lines: self.change_of_lines(delta, count),
            })
        })
    }

    /// The change of the number of forecasts that follows a statement's own delta, at most one delta
    /// later.
    fn change_of_lines(&self, own: usize, count: Measure) -> i64 {
        let deltas = &self.deltas;
        let (position, key) = (deltas.position(own), deltas.key(own));
        let mut following = (own + 1..deltas.len().min(own + 3)).take_while(|next| {
            deltas.position(*next) == position && deltas.key(*next).line() == key.line()
        });
        let is_it = |next: &usize| {
            let next = deltas.key(*next);
            next.measure() == count.index() && next.month() == key.month()
        };
        following.find(is_it).map_or(0, |next| deltas.amount(next))
    }

    /// Whether the line of a delta had a level in a month before it.
    fn has_level(&self, delta: usize, level: Measure, month: u8) -> bool {
        let before = self.deltas.back_from(delta as u32 + 1).skip(1);
        let mut keys = before.map(|index| self.deltas.key(index));
        keys.any(|key| key.measure() == level.index() && key.month() == month)
    }

    /// The entries in a range of positions that opened a selected line, or state something about
    /// one or about the year.
    pub(crate) fn stating_entries(
        &self,
        wanted: &Selection,
        from: Position,
        to: Position,
    ) -> Vec<Position> {
        let opened = wanted.lines().filter_map(|line| self.lines().get(line));
        let opened = opened.map(|line| line.opened).filter(|at| *at > from && *at <= to);
        let mut all = self.statements.stating_entries(|line| wanted.has(line), from, to);
        all.extend(opened);
        all.sort_unstable();
        all.dedup();
        all
    }
}
