//! Tallies: amounts by entry, whose sum over a period is one subtraction.

use serde::{Deserialize, Serialize};

use crate::domain::calendar::Timestamp;
use crate::domain::money::Pence;
use crate::domain::position::Position;

const HOUR: i64 = 3_600_000_000;

/// At least this many items are dropped at a time.
const DROPPED_MIN: usize = 64;

/// Two amounts by entry. Running totals are exact beyond 64 bits, so no posting can wear one out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    /// Whether entries of one hour share an item.
    by_hour: bool,
    /// The totals of the items dropped, and the last entry among them.
    base: [i128; 2],
    dropped: Position,
    items: Vec<Item>,
}

/// The running totals after an entry; by the hour, after its last entry.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Item {
    entry: Position,
    recorded: Timestamp,
    through: [i128; 2],
}

impl Tally {
    /// A tally that keeps no entry apart from others of its hour.
    pub(super) fn by_hour() -> Self {
        Tally { by_hour: true, ..Tally::default() }
    }

    /// Adds amounts of the latest entry. Drops items recorded before `keep`.
    pub(super) fn add(
        &mut self,
        entry: Position,
        recorded: Timestamp,
        amounts: [Pence; 2],
        keep: Timestamp,
    ) {
        let through = add(self.total(), amounts.map(wide));
        let by_hour = self.by_hour;
        let shares = |last: &&mut Item| {
            let hour = |at: Timestamp| at.micros().div_euclid(HOUR);
            last.entry == entry || by_hour && hour(last.recorded) == hour(recorded)
        };
        let item = Item { entry, recorded, through };
        match self.items.last_mut().filter(shares) {
            Some(last) => *last = item,
            None => self.items.push(item),
        }
        self.drop_before(keep);
    }

    fn drop_before(&mut self, keep: Timestamp) {
        let stale = self.items.first().is_some_and(|first| first.recorded < keep);
        if !stale || self.items.len() < DROPPED_MIN {
            return;
        }
        let stale = self.items.partition_point(|item| item.recorded < keep);
        if stale.saturating_mul(2) >= self.items.len()
            && let Some(last) = self.items.drain(..stale).next_back()
        {
            (self.base, self.dropped) = (last.through, last.entry);
        }
    }

    /// Takes amounts off those an entry added, down to zero. Returns whether the entry is here.
    pub(super) fn take_off(&mut self, entry: Position, amounts: [Pence; 2]) -> bool {
        let Some(place) = self.find(entry) else { return false };
        let (before, here) = (self.before(place), self.items.get(place).map(|item| item.through));
        let own = here.map_or([0; 2], |here| minus(here, before));
        let [first, second] = amounts.map(wide);
        let taken = [first.clamp(0, own[0].max(0)), second.clamp(0, own[1].max(0))];
        for item in self.items.iter_mut().skip(place) {
            item.through = minus(item.through, taken);
        }
        true
    }

    /// Whether an entry is here.
    pub(super) fn has(&self, entry: Position) -> bool {
        self.find(entry).is_some()
    }

    fn find(&self, entry: Position) -> Option<usize> {
        let place = self.items.partition_point(|item| item.entry < entry);
        let found = self.items.get(place)?;
        (entry > self.dropped && (self.by_hour || found.entry == entry)).then_some(place)
    }

    /// The sums of what was recorded at `since` or later, of entries from `from` on.
    pub(super) fn since(&self, since: Timestamp, from: Position) -> [Pence; 2] {
        let sums = minus(self.total(), self.before(self.place(since, from)));
        sums.map(narrow)
    }

    /// The amounts of each entry from then on.
    pub(super) fn entries(
        &self,
        since: Timestamp,
        from: Position,
    ) -> impl Iterator<Item = (Position, [Pence; 2])> {
        let place = self.place(since, from);
        let items = self.items.iter().enumerate().skip(place);
        items.map(|(place, item)| (item.entry, minus(item.through, self.before(place)).map(narrow)))
    }

    fn place(&self, since: Timestamp, from: Position) -> usize {
        self.items.partition_point(|item| item.recorded < since || item.entry < from)
    }

    /// The totals before an item.
    fn before(&self, place: usize) -> [i128; 2] {
        let last = place.checked_sub(1).and_then(|last| self.items.get(last));
        last.map_or(self.base, |item| item.through)
    }

    fn total(&self) -> [i128; 2] {
        self.items.last().map_or(self.base, |item| item.through)
    }
}

fn wide(pence: Pence) -> i128 {
    i128::from(pence.get())
}

fn narrow(sum: i128) -> Pence {
    Pence::new(i64::try_from(sum).unwrap_or(i64::MAX))
}

const fn add(one: [i128; 2], other: [i128; 2]) -> [i128; 2] {
    [one[0].saturating_add(other[0]), one[1].saturating_add(other[1])]
}

const fn minus(one: [i128; 2], other: [i128; 2]) -> [i128; 2] {
    [one[0].saturating_sub(other[0]), one[1].saturating_sub(other[1])]
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Position = Position::START;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_micros(hours.saturating_mul(HOUR))
    }

    fn pence(first: i64, second: i64) -> [Pence; 2] {
        [Pence::new(first), Pence::new(second)]
    }

    #[test]
    fn a_window_holds_what_was_added_in_it_less_what_was_taken_off() {
        let mut tally = Tally::default();
        for number in 1..=5 {
            let hours = i64::try_from(number).expect("small");
            tally.add(Position::new(number), at(hours), pence(10, 1), at(0));
        }
        assert_eq!(tally.since(at(3), START), pence(30, 3));
        assert_eq!(tally.since(at(0), Position::new(5)), pence(10, 1));
        assert!(tally.take_off(Position::new(4), pence(4, 9)));
        assert_eq!(tally.since(at(3), START), pence(26, 2));
        assert!(tally.take_off(Position::new(1), pence(10, 1)));
        assert_eq!(tally.since(at(3), START), pence(26, 2), "before the window");
        assert!(!tally.take_off(Position::new(9), pence(1, 1)));
        let entries: Vec<_> = tally.entries(at(4), START).collect();
        assert_eq!(entries, [(Position::new(4), pence(6, 0)), (Position::new(5), pence(10, 1))]);
    }

    #[test]
    fn by_the_hour_a_tally_stays_small_and_drops_what_is_old() {
        let mut tally = Tally::by_hour();
        for number in 1..=100_000_u64 {
            let seconds = i64::try_from(number).expect("small").saturating_mul(36);
            let recorded = Timestamp::from_micros(seconds.saturating_mul(1_000_000));
            let keep = Timestamp::from_micros(recorded.micros().saturating_sub(at(100).micros()));
            tally.add(Position::new(number), recorded, pence(1, 0), keep);
        }
        assert!(tally.items.len() <= 203, "{}", tally.items.len());
        assert_eq!(tally.since(at(999), START), pence(101, 0), "the last hour and a bit");
        assert!(tally.take_off(Position::new(99_950), pence(1, 0)));
        assert_eq!(tally.since(at(999), START), pence(100, 0));
        assert!(!tally.take_off(Position::new(1), pence(1, 0)), "it is no longer kept");
    }

    #[test]
    fn amounts_without_end_never_wear_a_tally_out() {
        let mut tally = Tally::default();
        for number in 1..=20_000 {
            tally.add(Position::new(number), at(0), [Pence::LIMIT; 2], at(0));
        }
        tally.add(Position::new(20_001), at(1), pence(7, 0), at(0));
        assert_eq!(tally.since(at(1), START), pence(7, 0));
    }
}
