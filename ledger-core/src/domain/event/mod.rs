//! Events: what happened, in the past tense. They are the only thing that changes a figure.
//!
//! Every event states its effects in full, so `apply` and the projections never look anything up
//! and never judge: a reversal repeats the reversed events with the amounts the other way.
//! The JSON form of an event is part of an entry's canonical bytes and never changes.

mod claim;
mod payload;
mod proposal;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

pub use claim::*;
pub use payload::*;
pub use proposal::*;

use super::calendar::Month;
use super::line::LineKey;
use super::movement::{Account, Leg, Movement, Pot};
use super::position::Position;
use super::text::Reference;

/// The events of one entry; nearly always one.
pub type Events = SmallVec<[Event; 1]>;

/// Something that happened to the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// The book was opened with its first policy. Position 1 of every book, and nowhere else.
    BookOpened(BookOpened),
    /// An organisation became known.
    BodyRegistered(BodyRegistered),
    /// An organisation ceased to exist.
    BodyClosed(BodyClosed),
    /// Organisations became one.
    BodiesMerged(BodiesMerged),
    /// A programme was opened.
    ProgrammeOpened(ProgrammeOpened),
    /// A programme got another name; its code stays.
    ProgrammeRenamed(ProgrammeRenamed),
    /// A programme was closed.
    ProgrammeClosed(ProgrammeStatusChanged),
    /// A programme and those below it were cancelled; what money they still free goes `to`.
    ProgrammeCancelled(ProgrammeCancelled),
    /// A cancellation was reversed.
    ProgrammeReinstated(ProgrammeCancelled),
    /// A fund was established.
    FundEstablished(FundEstablished),
    /// Money was settled on a fund.
    FundingSettled(FundingSettled),
    /// A fund's money was set aside for funds below it.
    Earmarked(Earmarked),
    /// A fund's money was allocated to lines.
    Allocated(Movement),
    /// A line's budget was cut, back to a fund or out to the Treasury.
    Cut(Movement),
    /// Budget was reallocated between lines of one year.
    Reallocated(Movement),
    /// What a cancelled programme freed went to its destination.
    Withdrawn(Movement),
    /// An unsplit line's money was reclassified as capital and revenue.
    LineSplit(Movement),
    /// Budget was exchanged into the next year: the leg in the later year is effective in its M1.
    BudgetExchanged(Movement),
    /// Money was committed.
    Committed(Obligation),
    /// A commitment, or part of it, was released without spend.
    CommitmentReleased(Obligation),
    /// Spend was accrued.
    Accrued(Accrual),
    /// An accrual, or part of it, was released without spend.
    AccrualReleased(Obligation),
    /// Money was spent.
    ActualRecorded(Actual),
    /// A full-year forecast was stated.
    ForecastRevised(Forecast),
    /// An underspend got a reason.
    UnderspendExplained(Explanation),
    /// A line got a monthly profile.
    ProfileSet(ProfileSet),
    /// A named baseline copied every line's revised figure of a year.
    BaselineStruck(BaselineStruck),
    /// A month, or all of a year, was closed.
    PeriodClosed(PeriodClosed),
    /// A softly closed month was opened again.
    PeriodReopened(PeriodReopened),
    /// The other events of this entry undo the entry named here.
    Reversed(Reversed),
    /// A policy took the place of the one before.
    PolicyAdopted(PolicyAdopted),
    /// Something happened to a proposal.
    Proposal(ProposalEvent),
    /// Something happened to a delegation.
    Delegation(DelegationEvent),
    /// An improvement was linked to the deterioration it compensates.
    OffsetLinked(OffsetLinked),
    /// A total was defined by name.
    ScopeDefined(ScopeDefined),
    /// A figure that somebody published was recorded.
    FigurePublished(FigurePublished),
}

/// The lines and funds that events change, in order.
pub fn changed<'e>(
    events: impl IntoIterator<Item = &'e Event>,
) -> (BTreeSet<LineKey>, BTreeSet<Pot>) {
    let (mut lines, mut pots) = (BTreeSet::new(), BTreeSet::new());
    for event in events {
        lines.extend(event.lines());
        pots.extend(event.legs().iter().filter_map(|leg| match leg.account {
            Account::Fund(pot) => Some(pot),
            Account::Line(_) | Account::Outside(_) => None,
        }));
    }
    (lines, pots)
}

/// The events of an entry, each with the entry whose event it undoes, if it undoes one.
pub fn with_undone(events: &[Event]) -> impl Iterator<Item = (&Event, Option<Position>)> {
    let (mut undoing, mut undone) = (0_usize, None);
    events.iter().map(move |event| {
        let found = (event, undone.filter(|_| undoing > 0));
        undoing = undoing.saturating_sub(1);
        if let Event::Reversed(reversed) = event {
            undoing = reversed.events.unwrap_or(usize::MAX);
            undone = Some(reversed.entry);
        }
        found
    })
}

impl Event {
    /// The movement of budget in it, if it is one.
    pub const fn movement(&self) -> Option<&Movement> {
        match self {
            Event::Allocated(movement)
            | Event::Cut(movement)
            | Event::Reallocated(movement)
            | Event::Withdrawn(movement)
            | Event::LineSplit(movement)
            | Event::BudgetExchanged(movement) => Some(movement),
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
            | Event::FigurePublished(_) => None,
        }
    }

    /// Whether it holds a command that is proposed.
    pub const fn proposes(&self) -> bool {
        matches!(self, Event::Proposal(ProposalEvent::Drafted(_) | ProposalEvent::Submitted(_)))
    }

    /// The month it is effective in, if it changes what is on a line.
    pub fn month(&self) -> Option<Month> {
        if let Event::Committed(obligation)
        | Event::CommitmentReleased(obligation)
        | Event::AccrualReleased(obligation) = self
        {
            return Some(obligation.month);
        }
        if let Event::Accrued(Accrual { month, .. }) | Event::ActualRecorded(Actual { month, .. }) =
            self
        {
            return Some(*month);
        }
        self.movement().map(|movement| movement.month)
    }

    /// The lines it changes, in the order it names them.
    pub fn lines(&self) -> SmallVec<[LineKey; 2]> {
        let one = match self {
            Event::Committed(obligation)
            | Event::CommitmentReleased(obligation)
            | Event::AccrualReleased(obligation) => obligation.line,
            Event::Accrued(accrual) => accrual.line,
            Event::ActualRecorded(actual) => actual.line,
            Event::ForecastRevised(forecast) => forecast.line,
            Event::UnderspendExplained(explanation) => explanation.line,
            Event::ProfileSet(set) => set.line,
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
            | Event::Allocated(_)
            | Event::Cut(_)
            | Event::Reallocated(_)
            | Event::Withdrawn(_)
            | Event::LineSplit(_)
            | Event::BudgetExchanged(_)
            | Event::BaselineStruck(_)
            | Event::PeriodClosed(_)
            | Event::PeriodReopened(_)
            | Event::Reversed(_)
            | Event::PolicyAdopted(_)
            | Event::Proposal(_)
            | Event::Delegation(_)
            | Event::OffsetLinked(_)
            | Event::ScopeDefined(_)
            | Event::FigurePublished(_) => {
                return self.legs().iter().filter_map(Leg::as_line).collect();
            }
        };
        smallvec::smallvec![one]
    }

    /// The references it names: of commitments, accruals and payments.
    pub fn references(&self) -> SmallVec<[&Reference; 2]> {
        if let Event::Committed(obligation)
        | Event::CommitmentReleased(obligation)
        | Event::AccrualReleased(obligation) = self
        {
            return smallvec::smallvec![&obligation.reference];
        }
        if let Event::Accrued(Accrual { reference, discharges, .. }) = self {
            return std::iter::once(reference).chain(discharged(discharges.as_ref())).collect();
        }
        if let Event::ActualRecorded(Actual { transaction, discharges, .. }) = self {
            return transaction.iter().chain(discharged(discharges.as_ref())).collect();
        }
        SmallVec::new()
    }

    /// The balanced legs in it: of a movement, a settlement or an earmark.
    pub fn legs(&self) -> &[Leg] {
        if let Event::FundingSettled(settled) = self {
            return &settled.legs;
        }
        if let Event::Earmarked(earmarked) = self {
            return &earmarked.legs;
        }
        self.movement().map_or(&[], |movement| &movement.legs)
    }
}

fn discharged(discharge: Option<&Discharge>) -> Option<&Reference> {
    discharge.map(|discharge| &discharge.reference)
}
