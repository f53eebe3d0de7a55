//! Switches: movements in which capital paid for revenue, and what of the year's cap they used.
//!
//! Answers question 9 of `docs/questions.md`. What counts is what the policy judges: capital or
//! unsplit money that becomes revenue, or capital that becomes unsplit, net over a movement; a
//! split of an unsplit line is a reclassification and does not count. An entry that is reversed
//! gives back what it used.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::event::{Event, with_undone};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::{ClassSwitch, Leg, Movement};
use ledger_core::domain::position::Position;
use ledger_core::projection::{Posted, Projection};
use serde::{Deserialize, Serialize};

use crate::ReadModels;
use crate::scope::{Scope, Within};

/// Every switch of a book, in order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Switches {
    all: Vec<Noted>,
}

/// One movement.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Noted {
    position: Position,
    year: FinancialYear,
    pence: Pence,
    lines: Vec<LineKey>,
}

/// Capital paid for revenue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The entry; its authority is in it.
    pub position: Position,
    /// How much.
    pub pence: Pence,
    /// What the year's switches came to with it, less what earlier entries had given back.
    pub used: Pence,
    /// The cap of the policy that the entry was judged by; none where it sets none for the year.
    pub cap: Option<Pence>,
    /// The entry that recorded that policy.
    pub policy: Option<Position>,
    /// The entry that reversed it, if one did by then.
    pub reversed_by: Option<Position>,
    /// The lines of the movement.
    pub lines: Vec<LineKey>,
}

impl Switches {
    /// Those there were at a position.
    pub(crate) fn until(&self, at: Position) -> Self {
        Switches {
            all: self.all.iter().take_while(|noted| noted.position <= at).cloned().collect(),
        }
    }

    /// Each with its entry and year.
    pub(crate) fn noted(&self) -> impl Iterator<Item = (Position, FinancialYear, Pence)> {
        self.all.iter().map(|noted| (noted.position, noted.year, noted.pence))
    }

    fn movement(&mut self, position: Position, movement: &Movement) {
        let pence = ClassSwitch::of(&movement.legs).to_revenue;
        let lines: Vec<LineKey> = movement.legs.iter().filter_map(Leg::as_line).collect();
        if let Some(year) = lines.first().map(|line| line.year)
            && pence.is_positive()
        {
            self.all.push(Noted { position, year, pence, lines });
        }
    }
}

impl ReadModels {
    fn capital_for_revenue_in(
        &self,
        year: FinancialYear,
        at: Position,
        scope: &Scope,
    ) -> Vec<Switch> {
        let told = |noted: &&Noted| {
            noted.year == year && noted.lines.iter().all(|line| scope.admits(line))
        };
        let known = self.switches.all.partition_point(|noted| noted.position <= at);
        let mut used = Pence::ZERO;
        let mut given_back: BinaryHeap<Reverse<(Position, Pence)>> = BinaryHeap::new();
        let of_year = self.switches.all.iter().take(known).filter(told);
        let switch = |noted: &Noted| {
            let position = noted.position;
            while let Some(Reverse((by, pence))) = given_back.peek().copied()
                && by < position
            {
                given_back.pop();
                used = used.minus(pence);
            }
            used = used.plus(noted.pence);
            let reversed_by = self.precedents.reversal(position).filter(|by| *by <= at);
            given_back.extend(reversed_by.map(|by| Reverse((by, noted.pence))));
            let adopted = self.policy_of(position);
            let caps = adopted.map(|adopted| &adopted.policy.capital_to_revenue.caps);
            Switch {
                position,
                pence: noted.pence,
                used,
                cap: caps.and_then(|caps| caps.get(&year)).copied(),
                policy: adopted.map(|adopted| adopted.recorded_by),
                reversed_by,
                lines: noted.lines.clone(),
            }
        };
        of_year.map(switch).collect()
    }
}

impl Within<'_> {
    /// The movements of a year in which capital paid for revenue, in order of position, of those
    /// whose every line may be read; what was used sums them alone.
    pub fn capital_for_revenue(&self, year: FinancialYear, at: Position) -> Vec<Switch> {
        self.models.capital_for_revenue_in(year, at, self.scope)
    }
}

impl Projection for Switches {
    fn apply(&mut self, entry: &Posted<'_>) {
        for (event, undone) in with_undone(entry.events) {
            if let Event::Allocated(movement) | Event::Reallocated(movement) = event
                && undone.is_none()
            {
                self.movement(entry.position, movement);
            }
        }
    }
}
