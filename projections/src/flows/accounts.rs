//! The accounts between which budget moves, numbered as they are first named, and the pools in
//! which the origins of their money are mixed.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::movement::{Account, Outside, Pot};

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
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
    by_pool: HashMap<Pool, u32>,
}

impl Accounts {
    /// The number of an account, which is new where it was not named before.
    pub(super) fn number(&mut self, account: &Account) -> u32 {
        let hash = self.hasher.hash_one(account);
        let known = self.numbers.find(hash, |number| self.all[*number as usize] == *account);
        if let Some(known) = known {
            return *known;
        }
        let number = self.all.len() as u32;
        let pools = self.by_pool.len() as u32;
        let pool = *self.by_pool.entry(Pool::of(account)).or_insert(pools);
        self.all.push(*account);
        self.pools.push(pool);
        let (all, hasher) = (&self.all, &self.hasher);
        self.numbers.insert_unique(hash, number, |number| hasher.hash_one(all[*number as usize]));
        number
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
        let of_account = size_of::<Account>() + 3 * size_of::<u32>();
        self.all.capacity() * of_account + self.by_pool.capacity() * size_of::<(Pool, u32)>()
    }
}
