//! Transfers: who paid whom how much, in order of position.

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::movement::Account;
use ledger_core::domain::position::Position;

/// A book has at most so many accounts.
const ACCOUNTS_MAX: u32 = 1 << 26;

const BY_RULE: u32 = 1 << 27;
const RECLASSIFIES: u32 = 1 << 26;

/// One account paid another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) position: u64,
    /// Negative where a reversal undid it.
    pub(super) pence: i64,
    pub(super) from: u32,
    /// The account, the month, and what sort of transfer it is.
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

    pub(super) const fn to(self) -> u32 {
        self.packed & (ACCOUNTS_MAX - 1)
    }

    /// Its effective month in the year of the line that gave; 0 where it has none.
    pub(super) const fn month(self) -> u8 {
        (self.packed >> 28) as u8
    }

    /// Whether the rule paired the two.
    pub(super) const fn is_by_rule(self) -> bool {
        self.packed & BY_RULE != 0
    }

    /// Whether it is the split of an unsplit line: a reclassification, and no flow.
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

/// At least so much room is made at a time.
const ROOM_MIN: usize = 1024;

/// Pushes; twice the room would be too much of it in a book of ten million entries.
fn push<T>(to: &mut Vec<T>, value: T) {
    if to.len() == to.capacity() {
        to.reserve_exact((to.len() / 4).max(ROOM_MIN));
    }
    to.push(value);
}

/// Every transfer of a book, and which of them concern a year.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    all: Vec<Transfer>,
    /// By year, in order: the transfers of which either side is a line of the year. The first,
    /// without a year, are those between funds and beyond the book.
    by_year: Vec<(Option<FinancialYear>, Vec<u32>)>,
}

/// The year of an account, if it is a line.
pub(super) const fn year_of(account: &Account) -> Option<FinancialYear> {
    match account {
        Account::Line(line) => Some(line.year),
        Account::Fund(_) | Account::Outside(_) => None,
    }
}

impl Transfers {
    pub(super) fn push(&mut self, transfer: Transfer, from: &Account, to: &Account) {
        let number = self.all.len() as u32;
        let (gives, gets) = (year_of(from), year_of(to));
        self.note(gives.or(gets), number);
        if gives.is_some() && gets.is_some() && gives != gets {
            self.note(gets, number);
        }
        push(&mut self.all, transfer);
    }

    fn note(&mut self, year: Option<FinancialYear>, number: u32) {
        let index = self.by_year.partition_point(|(known, _)| *known < year);
        if self.by_year.get(index).is_none_or(|(known, _)| *known != year) {
            self.by_year.insert(index, (year, Vec::new()));
        }
        push(&mut self.by_year[index].1, number);
    }

    /// Makes room for so many.
    pub(super) fn reserve(&mut self, count: usize) {
        self.all.reserve_exact(count);
    }

    pub(super) fn all(&self) -> &[Transfer] {
        &self.all
    }

    /// The transfers that concern a year (or none: those between funds) up to a position, in order.
    pub(super) fn of_year(
        &self,
        year: Option<FinancialYear>,
        at: Position,
    ) -> impl Iterator<Item = Transfer> {
        let found = self.by_year.binary_search_by_key(&year, |(known, _)| *known);
        let numbers = found.map_or(&[][..], |index| &self.by_year[index].1);
        let all = &self.all;
        let before = numbers.partition_point(|number| all[*number as usize].position <= at.get());
        numbers[..before].iter().map(move |number| all[*number as usize])
    }

    pub(super) fn memory(&self) -> usize {
        let indexes: usize = self.by_year.iter().map(|(_, numbers)| numbers.capacity()).sum();
        self.all.capacity() * size_of::<Transfer>() + indexes * size_of::<u32>()
    }
}
