//! Flows: who paid for whom, as at any position, and from which settlement the money came.
//!
//! Answers questions 1 (which programmes paid for an uplift, and how much is unattributed) and 8
//! (how much was deferred to the next year, and whether it arrived) of `docs/questions.md`, and
//! what new money there is in a programme's budget, which question 3 begins.
//!
//! Each movement, on its own even in a batch, becomes transfers by the rule of
//! `pairs`: its margins are what the entry states, its pairs are the rule's where there are
//! several givers and several takers. A reversal undoes transfers: it subtracts from the same pair
//! and makes no flow the other way. A year's matrix is a scan of its transfers; origins are traced
//! by the rule of `mixes`.

mod accounts;
mod exchanges;
mod matrix;
mod mixes;
mod origins;
mod pairs;
mod party;
mod path;
mod shares;
mod sides;
mod snapshot;
mod transfers;
mod within;

use std::collections::BTreeMap;

use ledger_core::domain::calendar::Month;
use ledger_core::domain::code::FundCode;
use ledger_core::domain::event::{Event, with_undone};
use ledger_core::domain::movement::{Account, Leg, Outside};
use ledger_core::domain::position::Position;
use ledger_core::projection::Posted;
use serde::{Deserialize, Serialize};

pub use exchanges::{Exchanged, Exchanges};
pub use matrix::{Flow, FlowQuery, FlowTotals, Margin, YearFlows};
pub use origins::{OriginShare, Origins};
pub use party::{Grouping, InYear, Party};
pub use path::{PathStep, Transferred};

use accounts::{Accounts, Numbered};
use mixes::{Mixes, Step, Traced};
use shares::Split;
use transfers::{Transfer, Transfers};

use crate::planned::PlannedVersusActual;

/// What a settlement brought into the book: the money of a fund, new or re-announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    /// The fund that it was settled on.
    pub fund: FundCode,
    /// The Treasury, for new money; existing budgets, for what was re-announced.
    pub from: Outside,
}

/// Who paid whom, and what mix of origins each pool holds.
#[derive(Debug, Default)]
pub struct Flows {
    accounts: Accounts,
    transfers: Transfers,
    /// In order of their first settlement; in a mix they stand after what is unknown.
    origins: Vec<Origin>,
    /// Which origin a settlement between two accounts is of.
    settled: BTreeMap<(u32, u32), usize>,
    traced: Traced,
    /// Those of the entry that is being taken in.
    of_entry: Vec<Taken>,
    split: Split,
}

/// A transfer that is being taken in, and the accounts it is between.
#[derive(Clone, Copy, Debug)]
struct Taken {
    transfer: Transfer,
    from: Numbered,
    to: Numbered,
}

/// What a movement's transfers have in common.
#[derive(Clone, Copy)]
struct Moved {
    at: Position,
    /// None for what has no month: settlements and earmarks.
    month: Option<Month>,
    reclassifies: bool,
    undoes: bool,
}

impl Flows {
    fn movement(&mut self, moved: Moved, legs: &[Leg], planned: &PlannedVersusActual) {
        let sign = if moved.undoes { -1 } else { 1 };
        if let [one, other] = legs
            && one.account != other.account
        {
            // Nearly all movements: nothing to net or to share.
            let pence = sign * one.pence.get();
            let (gives, gets) = if pence < 0 { (one, other) } else { (other, one) };
            if pence != 0 {
                let from = self.accounts.number(&gives.account, planned);
                let to = self.accounts.number(&gets.account, planned);
                self.pay(moved, from, to, pence.abs(), false);
            }
            return;
        }
        let number =
            |leg: &Leg| (self.accounts.number(&leg.account, planned).number, leg.pence.get());
        let sides = legs.iter().map(number);
        let sides = pairs::net(sides.map(|(account, pence)| (account, sign * pence)));
        let mut paid = Vec::new();
        pairs::pairs(&sides, &mut self.split, |pair| paid.push(pair));
        for pairs::Pair { from, to, pence, by_rule } in paid {
            if let (Some(from), Some(to)) =
                (self.accounts.numbered(from), self.accounts.numbered(to))
            {
                self.pay(moved, from, to, pence, by_rule);
            }
        }
    }

    fn pay(&mut self, moved: Moved, from: Numbered, to: Numbered, pence: i64, by_rule: bool) {
        let pence = if moved.undoes { -pence } else { pence };
        let month = moved.month.map_or(0, Month::number);
        let transfer = Transfer::new(moved.at, from.number, to.number, pence, month);
        let transfer = transfer.paired_by_rule(by_rule).reclassifying(moved.reclassifies);
        if from.is_outside {
            self.note_origin(from.number, to.number);
        }
        self.of_entry.push(Taken { transfer, from, to });
    }

    fn note_origin(&mut self, from: u32, to: u32) {
        let sides = (self.accounts.get(from), self.accounts.get(to));
        if let (Some(Account::Outside(outside)), Some(Account::Fund(pot))) = sides {
            let origin = Origin { fund: pot.fund, from: *outside };
            let known = self.origins.iter().position(|known| *known == origin);
            let index = known.unwrap_or(self.origins.len());
            if known.is_none() {
                self.origins.push(origin);
            }
            self.settled.insert((from, to), index + 1);
        }
    }

    /// Takes in an entry, which planned versus actual has taken in already.
    pub(crate) fn apply(&mut self, entry: &Posted<'_>, planned: &PlannedVersusActual) {
        for (event, undone) in with_undone(entry.events) {
            self.event(entry.position, undone.is_some(), event, planned);
        }
        self.finish_entry(entry.position);
    }

    /// Takes in the transfers of an entry, once there are no more.
    fn finish_entry(&mut self, position: Position) {
        if self.of_entry.is_empty() {
            return;
        }
        let mut of_entry = std::mem::take(&mut self.of_entry);
        if of_entry.len() > 1 {
            of_entry.sort_by_key(|taken| transfers::home(taken.from, taken.to));
        }
        self.traced.now.make_room(self.accounts.pools(), self.origins.len() + 1);
        self.traced.before_entry(position);
        for Taken { transfer, from, to } in of_entry.drain(..) {
            self.transfers.push(transfer, from, to);
            self.traced.apply(self.step(from, to, transfer.pence));
        }
        self.of_entry = of_entry;
    }

    fn step(&self, from: Numbered, to: Numbered, pence: i64) -> Step {
        let settles = if from.is_outside {
            self.settled.get(&(from.number, to.number)).copied()
        } else {
            None
        };
        Step { from: from.pool as usize, to: to.pool as usize, pence, settles }
    }

    /// The mixes of all pools as at a position.
    fn mixes(&self, at: Position) -> Mixes {
        let (mut mixes, first) = self.traced.before(at);
        mixes.make_room(self.accounts.pools(), self.origins.len() + 1);
        for transfer in self.transfers.between(first, at) {
            let sides =
                (self.accounts.numbered(transfer.from), self.accounts.numbered(transfer.to()));
            if let (Some(from), Some(to)) = sides {
                mixes.apply(self.step(from, to, transfer.pence));
            }
        }
        mixes
    }

    /// The flows as they stood at a position, to go on otherwise from there with the years as they
    /// stood then. Accounts and origins that came later are kept: nothing is in them.
    pub(crate) fn until(&self, at: Position, planned: &PlannedVersusActual) -> Self {
        Flows {
            accounts: self.accounts.until(planned),
            transfers: self.transfers.until(at),
            origins: self.origins.clone(),
            settled: self.settled.clone(),
            traced: self.traced.until(at, self.mixes(at)),
            of_entry: Vec::new(),
            split: Split::default(),
        }
    }

    /// Bytes of memory held, as far as it grows with the number of entries.
    pub fn memory(&self) -> usize {
        self.accounts.memory() + self.transfers.memory() + self.traced.memory()
    }

    fn event(&mut self, at: Position, undoes: bool, event: &Event, planned: &PlannedVersusActual) {
        let moved = Moved { at, month: None, reclassifies: false, undoes };
        match event {
            Event::FundingSettled(settled) => self.movement(moved, &settled.legs, planned),
            Event::Earmarked(earmarked) => self.movement(moved, &earmarked.legs, planned),
            Event::Allocated(movement)
            | Event::Cut(movement)
            | Event::Reallocated(movement)
            | Event::Withdrawn(movement)
            | Event::BudgetExchanged(movement) => {
                let moved = Moved { month: Some(movement.month), ..moved };
                self.movement(moved, &movement.legs, planned);
            }
            Event::LineSplit(movement) => {
                let moved = Moved { month: Some(movement.month), reclassifies: true, ..moved };
                self.movement(moved, &movement.legs, planned);
            }
            Event::BookOpened(_)
            | Event::BodyRegistered(_)
            | Event::BodyClosed(_)
            | Event::BodiesMerged(_)
            | Event::ProgrammeOpened(_)
            | Event::ProgrammeRenamed(_)
            | Event::ProgrammeClosed(_)
            | Event::ProgrammeCancelled(_)
            | Event::ProgrammeReinstated(_)
            | Event::FundEstablished(_)
            | Event::Committed(_)
            | Event::CommitmentReleased(_)
            | Event::Accrued(_)
            | Event::AccrualReleased(_)
            | Event::ActualRecorded(_)
            | Event::ForecastRevised(_)
            | Event::UnderspendExplained(_)
            | Event::ProfileSet(_)
            | Event::BaselineStruck(_)
            | Event::PeriodClosed(_)
            | Event::PeriodReopened(_)
            | Event::Reversed(_)
            | Event::PolicyAdopted(_)
            | Event::Proposal(_)
            | Event::Delegation(_)
            | Event::OffsetLinked(_)
            | Event::ScopeDefined(_)
            | Event::FigurePublished(_) => {}
        }
    }
}
