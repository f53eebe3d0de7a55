//! Flows: who paid for whom, and which settlement the money came from, as at any position.
//!
//! Answers the questions:
//!
//! - Which programmes paid for the cyber uplift in a year, and how much is unattributed?
//! - How much was deferred to next year, and did it arrive?
//! - Where did an underspend go?
//! - How much of a programme's budget is new money?
//!
//! Each movement becomes transfers by the rule of `pairs`, on its own even in a batch. The totals
//! of each account are those of the entry; with several payers and payees, the pairs are by rule. A
//! reversal subtracts from the same pair. A year's matrix sums its transfers; `mixes` traces
//! origins.

mod accounts;
mod destination;
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

pub use destination::{Destination, destinations};
pub use exchanges::{Exchanged, Exchanges};
pub use matrix::{Flow, FlowQuery, FlowTotals, Margin, YearFlows};
pub use origins::{OriginShare, Origins};
pub use party::{Grouping, Party, PartyInYear};
pub use path::{FlowContribution, PathStep};

use accounts::{AccountRef, Accounts};
use mixes::{MixHistory, Mixes, Step};
use shares::Split;
use transfers::{Transfer, Transfers};

use crate::planned::PlannedVersusActual;

/// The origin of money: a settlement on a fund, new or re-announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    /// The fund.
    pub fund: FundCode,
    /// The Treasury for new money, existing budgets for re-announced money.
    pub from: Outside,
}

/// The transfers of a book, and the origins of the money in each pool.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    accounts: Accounts,
    transfers: Transfers,
    /// In order of first settlement. A mix has the unknown origin before these.
    origins: Vec<Origin>,
    /// The origin of a settlement between two accounts.
    settled: BTreeMap<(u32, u32), usize>,
    mix_history: MixHistory,
    /// The transfers of the entry being applied.
    pending_transfers: Vec<PendingTransfer>,
    split: Split,
}

/// A transfer not yet applied, and its accounts.
#[derive(Clone, Copy, Debug)]
struct PendingTransfer {
    transfer: Transfer,
    from: AccountRef,
    to: AccountRef,
}

/// What the transfers of a movement share.
#[derive(Clone, Copy)]
struct MovementContext {
    at: Position,
    /// None for settlements and earmarks, which have no month.
    month: Option<Month>,
    reclassifies: bool,
    undoes: bool,
}

impl Flows {
    fn movement(&mut self, context: MovementContext, legs: &[Leg], planned: &PlannedVersusActual) {
        let sign = if context.undoes { -1 } else { 1 };
        if let [one, other] = legs
            && one.account != other.account
        {
            // The common case: nothing to net or to share.
            let pence = sign * one.pence.get();
            let (gives, gets) = if pence < 0 { (one, other) } else { (other, one) };
            if pence != 0 {
                let from = self.accounts.number(&gives.account, planned);
                let to = self.accounts.number(&gets.account, planned);
                self.pay(context, from, to, pence.abs(), false);
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
                (self.accounts.account_ref(from), self.accounts.account_ref(to))
            {
                self.pay(context, from, to, pence, by_rule);
            }
        }
    }

    fn pay(
        &mut self,
        context: MovementContext,
        from: AccountRef,
        to: AccountRef,
        pence: i64,
        by_rule: bool,
    ) {
        let pence = if context.undoes { -pence } else { pence };
        let month = context.month.map_or(0, Month::number);
        let transfer = Transfer::new(context.at, from.number, to.number, pence, month);
        let transfer = transfer.paired_by_rule(by_rule).reclassifying(context.reclassifies);
        if from.is_outside {
            self.note_origin(from.number, to.number);
        }
        self.pending_transfers.push(PendingTransfer { transfer, from, to });
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

    /// Applies an entry. Planned versus actual must have applied it first.
    pub(crate) fn apply(&mut self, entry: &Posted<'_>, planned: &PlannedVersusActual) {
        for (event, undone) in with_undone(entry.events) {
            self.event(entry.position, undone.is_some(), event, planned);
        }
        self.finish_entry(entry.position);
    }

    /// Applies the transfers collected from an entry.
    fn finish_entry(&mut self, position: Position) {
        if self.pending_transfers.is_empty() {
            return;
        }
        let mut pending_transfers = std::mem::take(&mut self.pending_transfers);
        if pending_transfers.len() > 1 {
            pending_transfers.sort_by_key(|pending| transfers::home(pending.from, pending.to));
        }
        self.mix_history.now.make_room(self.accounts.pools(), self.origins.len() + 1);
        self.mix_history.before_entry(position);
        for PendingTransfer { transfer, from, to } in pending_transfers.drain(..) {
            self.transfers.push(transfer, from, to);
            self.mix_history.apply(self.step(from, to, transfer.pence));
        }
        self.pending_transfers = pending_transfers;
    }

    fn step(&self, from: AccountRef, to: AccountRef, pence: i64) -> Step {
        let settles = if from.is_outside {
            self.settled.get(&(from.number, to.number)).copied()
        } else {
            None
        };
        Step { from: from.pool as usize, to: to.pool as usize, pence, settles }
    }

    /// The mixes of all pools as at a position.
    fn mixes(&self, at: Position) -> Mixes {
        let (mut mixes, first) = self.mix_history.before(at);
        mixes.make_room(self.accounts.pools(), self.origins.len() + 1);
        for transfer in self.transfers.between(first, at) {
            let sides = (
                self.accounts.account_ref(transfer.from),
                self.accounts.account_ref(transfer.to()),
            );
            if let (Some(from), Some(to)) = sides {
                mixes.apply(self.step(from, to, transfer.pence));
            }
        }
        mixes
    }

    /// A copy as at a position, for `planned` copied likewise. Later accounts and origins stay,
    /// without money.
    pub(crate) fn until(&self, at: Position, planned: &PlannedVersusActual) -> Self {
        Flows {
            accounts: self.accounts.until(planned),
            transfers: self.transfers.until(at),
            origins: self.origins.clone(),
            settled: self.settled.clone(),
            mix_history: self.mix_history.until(at, self.mixes(at)),
            pending_transfers: Vec::new(),
            split: Split::default(),
        }
    }

    /// Bytes of memory that grow with the number of entries.
    pub(crate) fn memory(&self) -> usize {
        self.accounts.memory() + self.transfers.memory() + self.mix_history.memory()
    }

    fn event(&mut self, at: Position, undoes: bool, event: &Event, planned: &PlannedVersusActual) {
        let context = MovementContext { at, month: None, reclassifies: false, undoes };
        match event {
            Event::FundingSettled(settled) => self.movement(context, &settled.legs, planned),
            Event::Earmarked(earmarked) => self.movement(context, &earmarked.legs, planned),
            Event::FundCancelled(cancelled) => self.movement(context, &cancelled.legs, planned),
            Event::Allocated(movement)
            | Event::Cut(movement)
            | Event::Reallocated(movement)
            | Event::Withdrawn(movement)
            | Event::BudgetExchanged(movement) => {
                let context = MovementContext { month: Some(movement.month), ..context };
                self.movement(context, &movement.legs, planned);
            }
            Event::LineSplit(movement) => {
                let context =
                    MovementContext { month: Some(movement.month), reclassifies: true, ..context };
                self.movement(context, &movement.legs, planned);
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
            | Event::ForecastWithdrawn(_)
            | Event::UnderspendExplained(_)
            | Event::ProfileSet(_)
            | Event::BaselineStruck(_)
            | Event::BaselineWithdrawn(_)
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
