//! Exchanges: what was deferred to the next year, and how much of it has arrived there.
//!
//! Exchanged budget waits in a holding line of the later year. It has arrived when a reallocation
//! gives it to a programme; what leaves the holding line in another way went elsewhere.

use std::collections::BTreeMap;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::Account;
use ledger_core::domain::position::Position;

use super::transfers::Transfer;
use crate::ReadModels;
use crate::scope::Scope;

/// A programme's part in the exchange between two years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchanged {
    /// The programme.
    pub programme: ProgrammeCode,
    /// What it deferred to the next year.
    pub deferred: Pence,
    /// What it got there of what was deferred, by whomever.
    pub arrived: Pence,
}

/// What was deferred from one year to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchanges {
    /// By programme, in order.
    pub programmes: Vec<Exchanged>,
    /// All that was deferred.
    pub deferred: Pence,
    /// Of that, what programmes got.
    pub arrived: Pence,
    /// What left the holding lines in another way: cut, or exchanged into the year after.
    pub elsewhere: Pence,
}

impl Exchanges {
    /// What is still held.
    pub fn waiting(&self) -> Pence {
        self.deferred.minus(self.arrived).minus(self.elsewhere)
    }
}

#[derive(Clone, Copy, Default)]
struct Sum {
    deferred: i64,
    arrived: i64,
}

impl ReadModels {
    /// The exchange from a year to the next, of a scope.
    pub(super) fn exchanges_in(
        &self,
        year: FinancialYear,
        at: Position,
        scope: &Scope,
    ) -> Exchanges {
        let mut sums: BTreeMap<ProgrammeCode, Sum> = BTreeMap::new();
        let mut told = Exchanges::default();
        let next = year.next();
        let lines = |transfer: &Transfer| {
            let line = |number| match self.flows.accounts.get(number)? {
                Account::Line(line) => Some(*line),
                Account::Fund(_) | Account::Outside(_) => None,
            };
            (line(transfer.from), line(transfer.to()))
        };
        let may_read = |line: &LineKey| scope.admits(line);
        for transfer in self.flows.transfers.of_year(Some(next), at) {
            let pence = transfer.pence;
            let (from, to) = lines(&transfer);
            let came = from.filter(|from| from.year == year);
            if let Some(from) = came.filter(|_| to.is_some_and(|to| to.year == next)) {
                if may_read(&from) {
                    let sum = sums.entry(from.programme).or_default();
                    sum.deferred = sum.deferred.wrapping_add(pence);
                    told.deferred = told.deferred.plus(Pence::new(pence));
                }
                continue;
            }
            let held = from.filter(|from| from.year == next && from.is_exchange_holding());
            let arrives = to.filter(|to| to.year == next && !to.is_exchange_holding());
            match (held, arrives) {
                (Some(_), Some(to)) if may_read(&to) => {
                    let sum = sums.entry(to.programme).or_default();
                    sum.arrived = sum.arrived.wrapping_add(pence);
                    told.arrived = told.arrived.plus(Pence::new(pence));
                }
                (Some(from), None) if may_read(&from) && to.is_none_or(|to| to.year != next) => {
                    told.elsewhere = told.elsewhere.plus(Pence::new(pence));
                }
                (Some(_) | None, _) => {}
            }
        }
        let sums = sums.into_iter().filter(|(_, sum)| (sum.deferred, sum.arrived) != (0, 0));
        told.programmes = sums
            .map(|(programme, Sum { deferred, arrived })| Exchanged {
                programme,
                deferred: Pence::new(deferred),
                arrived: Pence::new(arrived),
            })
            .collect();
        told
    }
}
