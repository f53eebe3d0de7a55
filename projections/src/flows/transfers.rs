//! Transfers: payments between accounts, by year, in order of position.

use std::iter::Peekable;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::position::Position;

use super::accounts::AccountRef;
use crate::growing::Growing;

/// The most accounts of a book.
const ACCOUNTS_MAX: u32 = 1 << 25;

const BY_RULE: u32 = 1 << 27;
const RECLASSIFIES: u32 = 1 << 26;
const COPY: u32 = 1 << 25;

/// A payment from one account to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) position: u64,
    /// Negative for a reversal.
    pub(super) pence: i64,
    pub(super) from: u32,
    /// The payee's account, the month and the flags.
    packed: u32,
}

impl Transfer {
    pub(super) const BYTES: usize = 24;

    pub(super) fn new(position: Position, from: u32, to: u32, pence: i64, month: u8) -> Self {
        let packed = (to % ACCOUNTS_MAX) | (u32::from(month % 16) << 28);
        Transfer { position: position.get(), pence, from, packed }
    }

    #[must_use]
    pub(super) const fn paired_by_rule(mut self, by_rule: bool) -> Self {
        if by_rule {
            self.packed |= BY_RULE;
        }
        self
    }

    #[must_use]
    pub(super) const fn reclassifying(mut self, reclassifies: bool) -> Self {
        if reclassifies {
            self.packed |= RECLASSIFIES;
        }
        self
    }

    /// A copy for the other year it concerns.
    const fn copied(mut self) -> Self {
        self.packed |= COPY;
        self
    }

    pub(super) const fn is_copy(self) -> bool {
        self.packed & COPY != 0
    }

    pub(super) const fn to(self) -> u32 {
        self.packed & (ACCOUNTS_MAX - 1)
    }

    /// The effective month in the payer's year; 0 for none.
    pub(super) const fn month(self) -> u8 {
        (self.packed >> 28) as u8
    }

    /// Whether the pair is by rule.
    pub(super) const fn is_by_rule(self) -> bool {
        self.packed & BY_RULE != 0
    }

    /// Whether it splits an unsplit line: a reclassification, not a flow.
    pub(super) const fn reclassifies(self) -> bool {
        self.packed & RECLASSIFIES != 0
    }

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.position.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.pence.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.from.to_le_bytes());
        bytes[20..].copy_from_slice(&self.packed.to_le_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let (words, []) = bytes.as_chunks::<8>() else { return None };
        let [position, pence, accounts] = words else { return None };
        let accounts = u64::from_le_bytes(*accounts);
        Some(Transfer {
            position: u64::from_le_bytes(*position),
            pence: i64::from_le_bytes(*pence),
            from: accounts as u32,
            packed: (accounts >> 32) as u32,
        })
    }
}

/// The year a transfer is stored under: the payer's, else the payee's; None between funds and
/// outside accounts.
pub(super) fn home(from: AccountRef, to: AccountRef) -> Option<FinancialYear> {
    from.year.or(to.year)
}

/// The transfers of a book.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    /// By year, those without one first. An exchange between years has a copy in the later year.
    years: Vec<(Option<FinancialYear>, Growing<Transfer>)>,
}

/// The number of transfers up to a position.
fn count_until(all: &Growing<Transfer>, at: Position) -> usize {
    all.partition_point(0..all.len(), |transfer| transfer.position <= at.get())
}

impl Transfers {
    pub(super) fn push(&mut self, transfer: Transfer, from: AccountRef, to: AccountRef) {
        let home = home(from, to);
        self.year_mut(home).push(transfer);
        if to.year.is_some() && to.year != home {
            self.year_mut(to.year).push(transfer.copied());
        }
    }

    /// A copy as at a position.
    pub(super) fn until(&self, at: Position) -> Self {
        let years = self.years.iter().map(|(year, all)| (*year, all.first(count_until(all, at))));
        Transfers { years: years.filter(|(_, all)| all.len() > 0).collect() }
    }

    /// The transfers of a year, which is added if new.
    pub(super) fn year_mut(&mut self, year: Option<FinancialYear>) -> &mut Growing<Transfer> {
        let index = self.years.partition_point(|(known, _)| *known < year);
        if self.years.get(index).is_none_or(|(known, _)| *known != year) {
            self.years.insert(index, (year, Growing::default()));
        }
        &mut self.years[index].1
    }

    /// The transfers by year, copies included.
    pub(super) fn years(&self) -> &[(Option<FinancialYear>, Growing<Transfer>)] {
        &self.years
    }

    /// The transfers of a year, or of none, up to a position, in order.
    pub(super) fn of_year(
        &self,
        year: Option<FinancialYear>,
        at: Position,
    ) -> impl Iterator<Item = Transfer> {
        let found = self.years.binary_search_by_key(&year, |(known, _)| *known);
        let all = found.ok().map(|index| &self.years[index].1);
        all.into_iter().flat_map(move |all| all.range(0..count_until(all, at)))
    }

    /// The transfers in a range of positions, without copies: entry by entry, within an entry those
    /// without a year first.
    pub(super) fn between(&self, from: u64, at: Position) -> impl Iterator<Item = Transfer> {
        let part = |all: &Growing<Transfer>| {
            let first = all.partition_point(0..all.len(), |transfer| transfer.position < from);
            first..count_until(all, at).max(first)
        };
        let of_years = self.years.iter().map(|(_, all)| all.range(part(all)).peekable());
        let mut left: Vec<_> = of_years.collect();
        let next = move || {
            let first = |(index, all): (usize, &mut Peekable<_>)| {
                all.peek().map(|transfer: &Transfer| (transfer.position, index))
            };
            let (_, index) = left.iter_mut().enumerate().filter_map(first).min()?;
            left.get_mut(index)?.next()
        };
        std::iter::from_fn(next).filter(|transfer| !transfer.is_copy())
    }

    pub(super) fn memory(&self) -> usize {
        self.years.iter().map(|(_, all)| all.memory()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transfers_are_read_back_by_year_and_in_one_order_across_years() {
        let years = [None, None, Some("2017-18"), Some("2018-19")];
        let side = |number: u32| {
            let year = years[number as usize].map(|year| year.parse().expect("a year"));
            AccountRef { number, pool: 0, year, is_outside: false }
        };
        let mut transfers = Transfers::default();
        for (position, from, to) in [(1, 0, 1), (2, 2, 3), (3, 0, 2), (3, 1, 3), (5, 0, 3)] {
            let transfer = Transfer::new(Position::new(position), from, to, 7, 12);
            let bytes = transfer.to_bytes();
            assert_eq!(Transfer::from_bytes(&bytes), Some(transfer));
            transfers.push(transfer, side(from), side(to));
        }
        let sides = |transfer: Transfer| (transfer.position, transfer.from, transfer.to());
        let of = |year: Option<&str>, at| {
            let year = year.map(|year| year.parse().expect("a year"));
            transfers.of_year(year, Position::new(at)).map(sides).collect::<Vec<_>>()
        };
        assert_eq!(of(None, 9), [(1, 0, 1)]);
        assert_eq!(of(Some("2017-18"), 9), [(2, 2, 3), (3, 0, 2)]);
        assert_eq!(of(Some("2018-19"), 4), [(2, 2, 3), (3, 1, 3)]);
        assert_eq!(of(Some("2019-20"), 9), []);
        let between =
            |from, at| transfers.between(from, Position::new(at)).map(sides).collect::<Vec<_>>();
        assert_eq!(between(0, 9), [(1, 0, 1), (2, 2, 3), (3, 0, 2), (3, 1, 3), (5, 0, 3)]);
        assert_eq!(between(3, 4), [(3, 0, 2), (3, 1, 3)]);
        assert_eq!(between(9, 3), []);
    }
}
