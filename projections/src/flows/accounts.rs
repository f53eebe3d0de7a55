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

/// What taking a transfer in needs of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    /// Its number.
    pub(super) number: u32,
    /// Its pool.
    pub(super) pool: u32,
    /// Of a line: the year.
    pub(super) year: Option<FinancialYear>,
    /// Whether it is beyond the book.
    pub(super) is_outside: bool,
}

impl Numbered {
    const fn new(numbers: Numbers, account: &Account) -> Self {
        let Numbers { account: number, pool } = numbers;
        let is_outside = matches!(account, Account::Outside(_));
        Numbered { number, pool, year: year_of(account), is_outside }
    }
}

/// The numbers of an account and of its pool.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    account: u32,
    pool: u32,
}

/// Stands for an account that has no number yet.
const NONE: Numbers = Numbers { account: u32::MAX, pool: u32::MAX };

/// The accounts of a book.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    all: Vec<Account>,
    /// The pool of each.
    pools: Vec<u32>,
    /// The numbers of each line by its place in its year: planned versus actual has just looked that
    /// up, and a table of lines here, or the account itself, would be read from memory for every
    /// posting again.
    of_lines: BTreeMap<FinancialYear, Vec<Numbers>>,
    others: HashMap<Account, Numbers>,
    by_pool: HashMap<Pool, u32>,
}

impl Accounts {
    /// An account, which gets a number where it was not named before. Lines are those of `planned`.
    pub(super) fn number(&mut self, account: &Account, planned: &PlannedVersusActual) -> Numbered {
        let place = match account {
            Account::Line(line) => planned.find(line).map(|place| (line.year, place)),
            Account::Fund(_) | Account::Outside(_) => None,
        };
        let numbers = match place {
            Some((year, place)) => {
                let of_year = self.of_lines.entry(year).or_default();
                if of_year.len() <= place {
                    of_year.resize(place + 1, NONE);
                }
                &mut of_year[place]
            }
            None => self.others.entry(*account).or_insert(NONE),
        };
        if numbers.account == NONE.account {
            let pools = self.by_pool.len() as u32;
            let pool = *self.by_pool.entry(Pool::of(account)).or_insert(pools);
            *numbers = Numbers { account: self.all.len() as u32, pool };
            self.pools.push(pool);
            self.all.push(*account);
        }
        Numbered::new(*numbers, account)
    }

    /// An account by its number, to take a transfer in.
    pub(super) fn numbered(&self, number: u32) -> Option<Numbered> {
        let (account, pool) = (self.get(number)?, *self.pools.get(number as usize)?);
        Some(Numbered::new(Numbers { account: number, pool }, account))
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

    /// The number of a pool, if money was ever in it.
    pub(super) fn find_pool(&self, pool: &Pool) -> Option<usize> {
        self.by_pool.get(pool).map(|number| *number as usize)
    }

    /// How many pools there are.
    pub(super) fn pools(&self) -> usize {
        self.by_pool.len()
    }

    pub(super) fn memory(&self) -> usize {
        let of_account = size_of::<Account>() + size_of::<u32>() + size_of::<Numbers>();
        self.all.capacity() * of_account + self.by_pool.capacity() * size_of::<(Pool, u32)>()
    }
}

/// The year of an account, if it is a line.
pub(super) const fn year_of(account: &Account) -> Option<FinancialYear> {
    match account {
        Account::Line(line) => Some(line.year),
        Account::Fund(_) | Account::Outside(_) => None,
    }
}
