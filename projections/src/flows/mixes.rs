//! Mixes: the origins of the money in each pool.
//!
//! Helps to answer the question: how much of a fund is new money?
//!
//! The rule applies in order of posting; within one entry, funds first, then year by year:
//!
//! - A settlement adds money of one origin to a fund: new or re-announced. Undoing it removes that
//!   origin, even if the fund then owes some.
//! - A payment out of a pool takes a share of each origin, in proportion, in exact pence by largest
//!   remainder. A reversal pays back by the mix the payee then has.
//! - A payment beyond a pool's traced money is of unknown origin, and the pool owes it.
//!
//! So the mix of a pool sums to its balance, and each origin sums over all pools to what was
//! settled.
//!
//! The mixes as at a position are those of the last checkpoint, with later transfers applied.

use std::sync::Arc;

use ledger_core::domain::position::Position;

use super::shares::Split;
use super::transfers::Transfer;

/// The index of the unknown origin.
pub(super) const UNKNOWN: usize = 0;

/// A checkpoint needs at least this many transfers: fewer are folded fast enough.
const SINCE_MIN: usize = 4096;

/// The mix of every pool: a row for each pool, a column for each origin.
#[derive(Clone, Debug)]
pub(super) struct Mixes {
    origins: usize,
    table: Vec<i64>,
    split: Split,
}

impl Default for Mixes {
    fn default() -> Self {
        // The unknown origin exists from the start.
        Mixes { origins: 1, table: Vec::new(), split: Split::default() }
    }
}

/// A transfer between pools.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) pence: i64,
    /// The origin, if it is a settlement.
    pub(super) settles: Option<usize>,
}

impl Mixes {
    /// Grows the table to a number of pools and origins.
    pub(super) fn make_room(&mut self, pools: usize, origins: usize) {
        if origins > self.origins {
            let mut table = Vec::with_capacity(pools * origins);
            for row in self.table.chunks(self.origins) {
                table.extend_from_slice(row);
                table.resize(table.len() + origins - self.origins, 0);
            }
            (self.table, self.origins) = (table, origins);
        }
        let cells = pools * self.origins;
        if cells > self.table.len() {
            self.table.resize(cells, 0);
        }
    }

    /// The mix of a pool.
    pub(super) fn of(&self, pool: usize) -> &[i64] {
        self.table.chunks(self.origins).nth(pool).unwrap_or_default()
    }

    pub(super) fn apply(&mut self, step: Step) {
        if let Some(origin) = step.settles {
            if let Some(held) = self.table.get_mut(step.to * self.origins + origin) {
                *held = held.wrapping_add(step.pence);
            }
        } else if step.pence < 0 {
            self.give(step.to, step.from, step.pence.saturating_neg());
        } else {
            self.give(step.from, step.to, step.pence);
        }
    }

    fn give(&mut self, from: usize, to: usize, pence: i64) {
        let origins = self.origins;
        let rows = self.table.len() / origins;
        if from == to || from >= rows || to >= rows {
            return;
        }
        let held = &self.table[from * origins..][..origins];
        let all: i64 = held.iter().filter(|held| **held > 0).sum();
        let traced = pence.min(all);
        self.split.share(traced, held);
        if let Some(unknown) = self.split.shares.get_mut(UNKNOWN) {
            *unknown += pence - traced;
        }
        for (origin, share) in self.split.shares.iter().enumerate() {
            let gives = &mut self.table[from * origins + origin];
            *gives = gives.wrapping_sub(*share);
            let gets = &mut self.table[to * origins + origin];
            *gets = gets.wrapping_add(*share);
        }
    }

    pub(super) const fn memory(&self) -> usize {
        self.table.capacity() * size_of::<i64>()
    }
}

/// The mixes before one entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// The first position not included.
    pub(super) position: u64,
    pub(super) origins: usize,
    pub(super) table: Box<[i64]>,
}

impl Checkpoint {
    pub(super) fn of(mixes: &Mixes, position: u64) -> Self {
        let (origins, table) = (mixes.origins, mixes.table.as_slice().into());
        Checkpoint { position, origins, table }
    }

    pub(super) fn mixes(&self) -> Mixes {
        let table = self.table.to_vec();
        Mixes { origins: self.origins, table, split: Split::default() }
    }
}

/// The current mixes, and checkpoints of earlier ones.
#[derive(Debug, Default)]
pub(super) struct MixHistory {
    pub(super) now: Mixes,
    pub(super) checkpoints: Vec<Arc<Checkpoint>>,
    /// The number of transfers since the last checkpoint.
    pub(super) since: usize,
}

impl MixHistory {
    /// Takes a checkpoint if one is due. Call before applying an entry's transfers.
    pub(super) fn before_entry(&mut self, position: Position) {
        let table = self.now.table.len() * size_of::<i64>();
        if self.since >= SINCE_MIN && self.since * Transfer::BYTES >= table {
            self.checkpoints.push(Arc::new(Checkpoint::of(&self.now, position.get())));
            self.since = 0;
        }
    }

    pub(super) fn apply(&mut self, step: Step) {
        self.since += 1;
        self.now.apply(step);
    }

    /// The mixes of the last checkpoint as at a position, and the first position not included.
    pub(super) fn before(&self, at: Position) -> (Mixes, u64) {
        let after = self.checkpoints.partition_point(|known| known.position <= at.get());
        let last = after.checked_sub(1).and_then(|index| self.checkpoints.get(index));
        last.map_or_else(|| (Mixes::default(), 0), |last| (last.mixes(), last.position))
    }

    /// A copy as at a position, whose mixes were `now`.
    pub(super) fn until(&self, at: Position, now: Mixes) -> Self {
        let checkpoints = self.checkpoints.iter().take_while(|known| known.position <= at.get());
        MixHistory { now, checkpoints: checkpoints.cloned().collect(), since: 0 }
    }

    pub(super) fn memory(&self) -> usize {
        let of = |known: &Arc<Checkpoint>| size_of_val(&*known.table) + size_of::<Checkpoint>();
        self.now.memory() + self.checkpoints.iter().map(of).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: usize = 1;
    const OLD: usize = 2;

    fn mixes(pools: usize) -> Mixes {
        let mut mixes = Mixes::default();
        mixes.make_room(pools, 3);
        mixes
    }

    fn step(from: usize, to: usize, pence: i64) -> Step {
        Step { from, to, pence, settles: None }
    }

    #[test]
    fn a_payment_takes_a_share_of_each_origin() {
        let mut mixes = mixes(3);
        mixes.apply(Step { from: 0, to: 1, pence: 130, settles: Some(NEW) });
        mixes.apply(Step { from: 0, to: 1, pence: 290, settles: Some(OLD) });
        mixes.apply(step(1, 2, 100));
        // 30.95 and 69.05: the odd penny goes to the larger remainder.
        assert_eq!(mixes.of(2), [0, 31, 69]);
        assert_eq!(mixes.of(1), [0, 99, 221]);
        // Undone by the payee's mix at that time: here, all it received.
        mixes.apply(step(1, 2, -100));
        assert_eq!(mixes.of(2), [0, 0, 0]);
        assert_eq!(mixes.of(1), [0, 130, 290]);
    }

    #[test]
    fn a_payment_beyond_traced_money_is_owed_and_no_penny_is_lost() {
        let mut mixes = mixes(3);
        mixes.apply(Step { from: 0, to: 1, pence: 10, settles: Some(NEW) });
        mixes.apply(step(1, 2, 15));
        assert_eq!((mixes.of(1), mixes.of(2)), (&[-5, 0, 0][..], &[5, 10, 0][..]));
        mixes.apply(Step { from: 0, to: 1, pence: 8, settles: Some(OLD) });
        mixes.apply(step(1, 2, 3));
        assert_eq!((mixes.of(1), mixes.of(2)), (&[-5, 0, 5][..], &[5, 10, 3][..]));
    }

    #[test]
    fn undoing_a_settlement_removes_its_own_origin() {
        let mut mixes = mixes(3);
        mixes.apply(Step { from: 0, to: 1, pence: 10, settles: Some(NEW) });
        mixes.apply(Step { from: 0, to: 1, pence: 10, settles: Some(OLD) });
        mixes.apply(step(1, 2, 10));
        mixes.apply(Step { from: 0, to: 1, pence: -10, settles: Some(NEW) });
        assert_eq!((mixes.of(1), mixes.of(2)), (&[0, -5, 5][..], &[0, 5, 5][..]));
    }

    #[test]
    fn adding_an_origin_keeps_the_mixes() {
        let mut mixes = mixes(2);
        mixes.apply(Step { from: 0, to: 1, pence: 10, settles: Some(OLD) });
        mixes.make_room(3, 5);
        assert_eq!(mixes.of(1), [0, 0, 10, 0, 0]);
        assert_eq!(mixes.of(2), [0; 5]);
        assert_eq!(mixes.of(3), &[] as &[i64]);
    }
}
