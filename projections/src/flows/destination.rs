//! Destinations: where an entry moved budget that it took out of some lines.
//!
//! Answers the question: where did an underspend go?

use ledger_core::domain::event::Event;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::{Account, Leg};

/// An account that got budget from a movement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination<'e> {
    /// The movement.
    pub event: &'e Event,
    /// A line, a fund, or an account outside the book.
    pub account: Account,
    /// The amount it got.
    pub pence: Pence,
}

impl Destination<'_> {
    /// The kind of movement, by the event's name in the log.
    pub const fn how(&self) -> &'static str {
        match self.event {
            Event::Allocated(_) => "allocated",
            Event::Cut(_) => "cut",
            Event::Reallocated(_) => "reallocated",
            Event::Withdrawn(_) => "withdrawn",
            Event::LineSplit(_) => "lineSplit",
            Event::BudgetExchanged(_) => "budgetExchanged",
            // Not a movement, so never a destination.
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
            | Event::FigurePublished(_) => "",
        }
    }
}

/// The accounts outside the lines that got budget from movements that took some out of the lines.
///
/// Such a movement may also have other givers: a destination's amount can exceed what the lines
/// gave.
pub fn destinations(events: &[Event], is_of: impl Fn(&LineKey) -> bool) -> Vec<Destination<'_>> {
    let ours = |leg: &Leg| leg.as_line().is_some_and(|line| is_of(&line));
    let mut destinations = Vec::new();
    for event in events {
        let Some(movement) = event.movement() else { continue };
        let (own, others): (Vec<&Leg>, Vec<&Leg>) = movement.legs.iter().partition(|leg| ours(leg));
        if !Pence::sum(own.iter().map(|leg| leg.pence)).is_negative() {
            continue;
        }
        let gets = others.into_iter().filter(|leg| leg.pence.is_positive());
        destinations.extend(gets.map(|leg| Destination {
            event,
            account: leg.account,
            pence: leg.pence,
        }));
    }
    destinations
}
