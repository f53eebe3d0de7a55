//! The accounts between which budget moves, numbered as they are first named, and the pools in
//! which the origins of their money are mixed.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::movement::{Account, Outside, Pot};

use crate::planned::PlannedVersusActual;

/// Money whose origins are mixed: what is in one pool has one mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Pool {
    /// What was given up to beyond the book.
    Outside(Outside),
    /// A fund's money of one class.
    Fund(Pot),
    /// A programme's money of one year and class, whichever bodies and ring-fences it is on.
    Programme(FinancialYear, ProgrammeCode, BudgetClass),
}

impl Pool {
    fn of(account: &Account) -> Self {
        match account {
            Account::Outside(outside) => Pool::Outside(*outside),
            Account::Fund(pot) => Pool::Fund(*pot),
            Account::Line(line) => Pool::Programme(line.year, line.programme, line.class),
        }
    }
}

/// The accounts of a book.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    all: Vec<Account>,
    /// The pool of each.
    pools: Vec<u32>,
    /// The number of each line by its place in its year: planned versus actual has just looked that
    /// up, and a table of lines here would be read from memory for every posting again.
    of_lines: BTreeMap<FinancialYear, Vec<u32>>,
    others: HashMap<Account, u32>,
    by_pool: HashMap<Pool, u32>,
}

/// Stands for an account that has no number yet.
const NONE: u32 = u32::MAX;

impl Accounts {
    /// The number of an account, which is new where it was not named before. Lines are those of
    /// `planned`.
    pub(super) fn number(&mut self, account: &Account, planned: &PlannedVersusActual) -> u32 {
        let place = match account {
            Account::Line(line) => planned.find(line).map(|place| (line.year, place)),
            Account::Fund(_) | Account::Outside(_) => None,
        };
        let number = match place {
            Some((year, place)) => {
                let of_year = self.of_lines.entry(year).or_default();
                if of_year.len() <= place {
                    of_year.resize(place + 1, NONE);
                }
                &mut of_year[place]
            }
            None => self.others.entry(*account).or_insert(NONE),
        };
        if *number == NONE {
            *number = self.all.len() as u32;
            let pools = self.by_pool.len() as u32;
            self.pools.push(*self.by_pool.entry(Pool::of(account)).or_insert(pools));
            self.all.push(*account);
        }
        *number
    }

    /// Those of a copy of the book, which has fewer lines. The accounts of others stay, with nothing
    /// in them.
    pub(super) fn until(&self, planned: &PlannedVersusActual) -> Self {
        let mut copy = self.clone();
        for (year, of_year) in &mut copy.of_lines {
            of_year.truncate(planned.year(*year).map_or(0, |year| year.lines().len()));
        }
        copy
    }

    /// Every account, in order of number.
    pub(super) fn all(&self) -> &[Account] {
        &self.all
    }

    /// An account by its number.
    pub(super) fn get(&self, number: u32) -> Option<&Account> {
        self.all.get(number as usize)
    }

    /// The pool of an account.
    pub(super) fn pool(&self, number: u32) -> usize {
        self.pools.get(number as usize).map_or(0, |pool| *pool as usize)
    }

    /// The number of a pool, if money was ever in it.
    pub(super) fn find_pool(&self, pool: &Pool) -> Option<usize> {
        self.by_pool.get(pool).map(|number| *number as usize)
    }

    /// How many pools there are.
    pub(super) fn pools(&self) -> usize {
        self.by_pool.len()
    }

    pub(super) fn memory(&self) -> usize {
        let of_account = size_of::<Account>() + 2 * size_of::<u32>();
        self.all.capacity() * of_account + self.by_pool.capacity() * size_of::<(Pool, u32)>()
    }
}
