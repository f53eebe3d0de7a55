//! Where budget went that an entry took out of some lines.

use ledger_core::domain::event::Event;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::{Account, Leg};

/// Where an entry moved budget to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination<'e> {
    /// What moved it.
    pub event: &'e Event,
    /// A line, a fund, or beyond the book.
    pub account: Account,
    /// How much.
    pub pence: Pence,
}

impl Destination<'_> {
    /// What moved it, as entries name that.
    pub const fn how(&self) -> &'static str {
        if let Event::Allocated(_) = self.event {
            "allocated"
        } else if let Event::Cut(_) = self.event {
            "cut"
        } else if let Event::Reallocated(_) = self.event {
            "reallocated"
        } else if let Event::Withdrawn(_) = self.event {
            "withdrawn"
        } else if let Event::LineSplit(_) = self.event {
            "lineSplit"
        } else {
            // Of movements there is no other left.
            "budgetExchanged"
        }
    }
}

/// The accounts beside the lines that got budget by those movements of an entry that took some out
/// of the lines. They may have got some from elsewhere by the same movement, too.
pub fn destinations(events: &[Event], is_of: impl Fn(&LineKey) -> bool) -> Vec<Destination<'_>> {
    let ours = |leg: &Leg| leg.as_line().is_some_and(|line| is_of(&line));
    let takes = |event: &&Event| {
        let legs = event.movement().map(|movement| movement.legs.as_slice()).unwrap_or_default();
        Pence::sum(legs.iter().filter(|leg| ours(leg)).map(|leg| leg.pence)).is_negative()
    };
    let taking = events.iter().filter(takes);
    let gets = taking.flat_map(|event| {
        let legs = event.movement().map(|movement| movement.legs.as_slice()).unwrap_or_default();
        legs.iter().map(move |leg| (event, leg))
    });
    let elsewhere = gets.filter(|(_, leg)| !ours(leg) && leg.pence.is_positive());
    let told =
        elsewhere.map(|(event, leg)| Destination { event, account: leg.account, pence: leg.pence });
    told.collect()
}
