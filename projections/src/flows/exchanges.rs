//! Exchanges: budget deferred to the next year, and how much of it arrived.
//!
//! Answers the question: how much was deferred to next year, and did it arrive?
//!
//! Exchanged budget waits on a holding line of the later year. It arrives when a reallocation moves
//! it to a programme's line. What leaves the holding line otherwise went elsewhere.

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

/// A programme's part of an exchange, in pence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchanged {
    /// The programme.
    pub programme: ProgrammeCode,
    /// Deferred by it to the next year.
    pub deferred: Pence,
    /// Received by it from the holding lines, whichever programme deferred it.
    pub arrived: Pence,
}

/// The exchange from one year to the next, in pence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchanges {
    /// By programme, in order.
    pub programmes: Vec<Exchanged>,
    /// Deferred in total.
    pub deferred: Pence,
    /// Received by programmes.
    pub arrived: Pence,
    /// Left the holding lines otherwise: cut, or exchanged again.
    pub elsewhere: Pence,
}

impl Exchanges {
    /// Still on the holding lines.
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
    /// The exchange from a year to the next, within a scope.
    pub(super) fn exchanges_in(
        &self,
        year: FinancialYear,
        at: Position,
        scope: &Scope,
    ) -> Exchanges {
        let mut sums: BTreeMap<ProgrammeCode, Sum> = BTreeMap::new();
        let mut exchange = Exchanges::default();
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
                    exchange.deferred = exchange.deferred.plus(Pence::new(pence));
                }
                continue;
            }
            let from_holding = from.filter(|from| from.year == next && from.is_exchange_holding());
            let arrives = to.filter(|to| to.year == next && !to.is_exchange_holding());
            match (from_holding, arrives) {
                (Some(_), Some(to)) if may_read(&to) => {
                    let sum = sums.entry(to.programme).or_default();
                    sum.arrived = sum.arrived.wrapping_add(pence);
                    exchange.arrived = exchange.arrived.plus(Pence::new(pence));
                }
                (Some(from), None) if may_read(&from) && to.is_none_or(|to| to.year != next) => {
                    exchange.elsewhere = exchange.elsewhere.plus(Pence::new(pence));
                }
                (Some(_) | None, _) => {}
            }
        }
        let sums = sums.into_iter().filter(|(_, sum)| (sum.deferred, sum.arrived) != (0, 0));
        exchange.programmes = sums
            .map(|(programme, Sum { deferred, arrived })| Exchanged {
                programme,
                deferred: Pence::new(deferred),
                arrived: Pence::new(arrived),
            })
            .collect();
        exchange
    }
}
