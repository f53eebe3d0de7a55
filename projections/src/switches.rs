//! Switches: movements in which capital paid for revenue, and their use of the year's cap.
//!
//! Answers the question: has capital paid for revenue, under which authority and cap?
//!
//! As in the policy, a switch is capital or unsplit money that becomes revenue, or capital that
//! becomes unsplit, net over a movement. Splitting an unsplit line is a reclassification, not a
//! switch. Reversing a switch frees the cap it used.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::event::Event;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::{ClassSwitch, Leg, Movement};
use ledger_core::domain::position::Position;
use ledger_core::projection::{Posted, Projection};
use serde::{Deserialize, Serialize};

use crate::ReadModels;
use crate::scope::{Scope, Within};

/// The switches of a book, in order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Switches {
    all: Vec<Stored>,
}

/// A switch as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    position: Position,
    year: FinancialYear,
    pence: Pence,
    lines: Vec<LineKey>,
}

/// A movement in which capital paid for revenue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The entry, which holds the authority.
    pub position: Position,
    /// The amount switched.
    pub pence: Pence,
    /// The year's cap used once this was posted, net of earlier reversals.
    pub used: Pence,
    /// The year's cap in the policy that judged the entry; None where it sets none.
    pub cap: Option<Pence>,
    /// The entry that recorded that policy.
    pub policy: Option<Position>,
    /// The entry that reversed it, if any.
    pub reversed_by: Option<Position>,
    /// The lines of the movement.
    pub lines: Vec<LineKey>,
}

impl Switches {
    /// A copy as at a position.
    pub(crate) fn until(&self, at: Position) -> Self {
        Switches {
            all: self.all.iter().take_while(|stored| stored.position <= at).cloned().collect(),
        }
    }

    /// Each switch's entry, year and amount.
    pub(crate) fn stored(&self) -> impl Iterator<Item = (Position, FinancialYear, Pence)> {
        self.all.iter().map(|stored| (stored.position, stored.year, stored.pence))
    }

    fn movement(&mut self, position: Position, movement: &Movement) {
        let pence = ClassSwitch::of(&movement.legs).to_revenue;
        let lines: Vec<LineKey> = movement.legs.iter().filter_map(Leg::as_line).collect();
        if let Some(year) = lines.first().map(|line| line.year)
            && pence.is_positive()
        {
            self.all.push(Stored { position, year, pence, lines });
        }
    }
}

impl ReadModels {
    fn switches_in(&self, year: FinancialYear, at: Position, scope: &Scope) -> Vec<Switch> {
        let in_scope = |stored: &&Stored| {
            stored.year == year && stored.lines.iter().all(|line| scope.admits(line))
        };
        let known = self.switches.all.partition_point(|stored| stored.position <= at);
        let mut used = Pence::ZERO;
        let mut given_back: BinaryHeap<Reverse<(Position, Pence)>> = BinaryHeap::new();
        let of_year = self.switches.all.iter().take(known).filter(in_scope);
        let switch = |stored: &Stored| {
            let position = stored.position;
            while let Some(Reverse((by, pence))) = given_back.peek().copied()
                && by < position
            {
                given_back.pop();
                used = used.minus(pence);
            }
            used = used.plus(stored.pence);
            let reversed_by = self.precedents.reversal(position).filter(|by| *by <= at);
            given_back.extend(reversed_by.map(|by| Reverse((by, stored.pence))));
            let adopted = self.policy_of(position);
            let rule = adopted.map(|adopted| &adopted.policy.capital_to_revenue);
            Switch {
                position,
                pence: stored.pence,
                used,
                cap: rule.and_then(|rule| rule.cap(year)),
                policy: adopted.map(|adopted| adopted.recorded_by),
                reversed_by,
                lines: stored.lines.clone(),
            }
        };
        of_year.map(switch).collect()
    }
}

impl Within<'_> {
    /// The switches of a year, in order of position. A switch counts only where the scope includes
    /// all of its lines.
    pub fn switches(&self, year: FinancialYear, at: Position) -> Vec<Switch> {
        self.models.switches_in(year, at, self.scope)
    }
}

impl Projection for Switches {
    fn apply(&mut self, entry: &Posted<'_>) {
        for event in entry.events {
            match event {
                Event::Allocated(movement) | Event::Reallocated(movement) => {
                    self.movement(entry.position, movement);
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
                | Event::FundingSettled(_)
                | Event::Earmarked(_)
                | Event::FundCancelled(_)
                | Event::Cut(_)
                | Event::Withdrawn(_)
                | Event::LineSplit(_)
                | Event::BudgetExchanged(_)
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
}
