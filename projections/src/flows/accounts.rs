//! Accounts of movements, numbered as first named, and the pools whose money shares one mix of
//! origins.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::movement::{Account, Outside, Pot};

use crate::planned::PlannedVersusActual;

/// A pool: money with one mix of origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Pool {
    /// Money that left the book.
    Outside(Outside),
    /// A fund's money of one class.
    Fund(Pot),
    /// A programme's money of one year and class, across bodies and ring-fences.
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

/// What a transfer needs to know of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AccountRef {
    /// The account's number.
    pub(super) number: u32,
    /// The pool's number.
    pub(super) pool: u32,
    /// The year of a line; None for other accounts.
    pub(super) year: Option<FinancialYear>,
    /// Whether the account is outside the book.
    pub(super) is_outside: bool,
}

impl AccountRef {
    const fn new(numbers: Numbers, account: &Account) -> Self {
        let Numbers { account: number, pool } = numbers;
        let is_outside = matches!(account, Account::Outside(_));
        AccountRef { number, pool, year: year_of(account), is_outside }
    }
}

/// The numbers of an account and its pool.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    account: u32,
    pool: u32,
}

/// Marks an account without a number.
const NONE: Numbers = Numbers { account: u32::MAX, pool: u32::MAX };

/// The accounts and pools of a book.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    all: Vec<Account>,
    /// The pool of each account.
    pools: Vec<u32>,
    /// By year and line number. Planned versus actual has just found the line, so this saves a hash
    /// lookup for each posting.
    of_lines: BTreeMap<FinancialYear, Vec<Numbers>>,
    others: HashMap<Account, Numbers>,
    by_pool: HashMap<Pool, u32>,
}

impl Accounts {
    /// The numbers of an account, new where it was never named. `planned` must hold its line.
    pub(super) fn number(
        &mut self,
        account: &Account,
        planned: &PlannedVersusActual,
    ) -> AccountRef {
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
        AccountRef::new(*numbers, account)
    }

    /// An account's numbers, by its account number.
    pub(super) fn account_ref(&self, number: u32) -> Option<AccountRef> {
        let (account, pool) = (self.get(number)?, *self.pools.get(number as usize)?);
        Some(AccountRef::new(Numbers { account: number, pool }, account))
    }

    /// A copy for a copy of the book, which may have fewer lines. Other accounts stay, without
    /// money.
    pub(super) fn until(&self, planned: &PlannedVersusActual) -> Self {
        let mut copy = self.clone();
        for (year, of_year) in &mut copy.of_lines {
            of_year.truncate(planned.year(*year).map_or(0, |year| year.lines().len()));
        }
        copy
    }

    /// The accounts, by number.
    pub(super) fn all(&self) -> &[Account] {
        &self.all
    }

    /// An account by its number.
    pub(super) fn get(&self, number: u32) -> Option<&Account> {
        self.all.get(number as usize)
    }

    /// The number of a pool; None where it never had money.
    pub(super) fn find_pool(&self, pool: &Pool) -> Option<usize> {
        self.by_pool.get(pool).map(|number| *number as usize)
    }

    /// The number of pools.
    pub(super) fn pools(&self) -> usize {
        self.by_pool.len()
    }

    pub(super) fn memory(&self) -> usize {
        let of_account = size_of::<Account>() + size_of::<u32>() + size_of::<Numbers>();
        self.all.capacity() * of_account + self.by_pool.capacity() * size_of::<(Pool, u32)>()
    }
}

/// The year of a line; None for other accounts.
pub(super) const fn year_of(account: &Account) -> Option<FinancialYear> {
    match account {
        Account::Line(line) => Some(line.year),
        Account::Fund(_) | Account::Outside(_) => None,
    }
}
