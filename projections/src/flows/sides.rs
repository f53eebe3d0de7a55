//! Sides: the party of each account in a query, found once per account, and sums of pairs of them.

use hashbrown::HashMap;
use ledger_core::domain::movement::Account;

use super::accounts::year_of;
use super::matrix::FlowQuery;
use super::party::PartyInYear;
use super::transfers::Transfer;
use crate::ReadModels;
use crate::budget::Wanted;
use crate::scope::Scope;

/// Marks a line the query selects.
const WANTED: u32 = 1 << 31;
/// Marks a line of another year.
const OTHER_YEAR: u32 = 1 << 30;
/// The bits of the side's number.
const NUMBER: u32 = OTHER_YEAR - 1;

/// A party, and whether as lines the query selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Side {
    pub(super) party: PartyInYear,
    pub(super) wanted: bool,
}

/// The sides of a query.
pub(super) struct Sides<'q> {
    models: &'q ReadModels,
    query: &'q FlowQuery,
    scope: &'q Scope,
    wanted: Wanted,
    through: u8,
    /// By account: the side's number from 1, and marks; 0 until looked up.
    of_account: Vec<u32>,
    all: Vec<Side>,
    numbers: HashMap<Side, u32>,
}

impl<'q> Sides<'q> {
    pub(super) fn new(models: &'q ReadModels, query: &'q FlowQuery, scope: &'q Scope) -> Self {
        Sides {
            models,
            query,
            scope,
            wanted: models.wanted(&query.lines()),
            through: query.month().number(),
            of_account: vec![0; models.flows.accounts.all().len()],
            all: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    fn marked(&mut self, account: u32) -> u32 {
        match self.of_account.get(account as usize) {
            Some(0) | None => self.find(account),
            Some(known) => *known,
        }
    }

    #[cold]
    fn find(&mut self, account: u32) -> u32 {
        let Some(named) = self.models.flows.accounts.get(account) else { return 0 };
        let party = self.models.party(named, self.query, self.scope);
        let other = year_of(named).is_some_and(|year| year != self.query.year);
        let wanted = match named {
            Account::Line(line) => !other && self.wanted.has(line) && self.scope.admits(line),
            Account::Fund(_) | Account::Outside(_) => false,
        };
        let (side, all) = (Side { party, wanted }, &mut self.all);
        let number = *self.numbers.entry(side).or_insert_with(|| {
            all.push(side);
            all.len() as u32
        });
        let mark = |mark: u32, holds: bool| if holds { mark } else { 0 };
        let marked = number | mark(WANTED, wanted) | mark(OTHER_YEAR, other);
        if let Some(known) = self.of_account.get_mut(account as usize) {
            *known = marked;
        }
        marked
    }

    /// The numbers of a transfer's sides; None unless the query selects one of them and the
    /// transfer is effective. A transfer from the year before is effective in M1.
    pub(super) fn of(&mut self, transfer: Transfer) -> Option<(u32, u32)> {
        let (from, to) = (self.marked(transfer.from), self.marked(transfer.to()));
        let effective = transfer.month() <= self.through || from & OTHER_YEAR != 0;
        (effective && (from | to) & WANTED != 0).then_some((from & NUMBER, to & NUMBER))
    }

    /// The sides found, by number.
    pub(super) fn all(&self) -> &[Side] {
        &self.all
    }

    /// A side by its number.
    pub(super) fn get(&self, number: u32) -> Option<Side> {
        self.all.get((number as usize).checked_sub(1)?).copied()
    }

    /// The parties of a transfer; None where [`Sides::of`] is.
    pub(super) fn parties(&mut self, transfer: Transfer) -> Option<(PartyInYear, PartyInYear)> {
        let (from, to) = self.of(transfer)?;
        Some((self.get(from)?.party, self.get(to)?.party))
    }
}

/// The amount of a pair, and the part paired by rule.
pub(super) type Sum = (i64, i64);

/// Sums of pairs. Sides with low numbers, nearly always all of them, use a table.
#[derive(Default)]
pub(super) struct Sums {
    table: Vec<Vec<Sum>>,
    others: HashMap<(u32, u32), Sum>,
}

/// Sides below this number use the table.
const SIDES_MAX: u32 = 1024;

impl Sums {
    pub(super) fn add(&mut self, (from, to): (u32, u32), transfer: Transfer) {
        let sum = if from < SIDES_MAX && to < SIDES_MAX {
            let (from, to) = (from as usize, to as usize);
            if self.table.len() <= from {
                self.table.resize_with(from + 1, Vec::new);
            }
            let row = &mut self.table[from];
            if row.len() <= to {
                row.resize(to + 1, Sum::default());
            }
            &mut row[to]
        } else {
            self.others.entry((from, to)).or_default()
        };
        sum.0 = sum.0.wrapping_add(transfer.pence);
        if transfer.is_by_rule() {
            sum.1 = sum.1.wrapping_add(transfer.pence);
        }
    }

    /// The non-zero sums, sorted.
    pub(super) fn into_sorted(self) -> Vec<((u32, u32), Sum)> {
        let rows = self.table.into_iter().zip(0_u32..);
        let cells = rows.flat_map(|(row, from)| {
            row.into_iter().zip(0_u32..).map(move |(sum, to)| ((from, to), sum))
        });
        let mut sums: Vec<_> = cells.chain(self.others).filter(|(_, sum)| *sum != (0, 0)).collect();
        sums.sort_unstable();
        sums
    }
}
