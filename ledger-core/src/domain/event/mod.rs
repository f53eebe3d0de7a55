//! Events: facts in the past tense. Only events change figures.
//!
//! Every event states its effects in full, so `apply` and the projections look nothing up and judge
//! nothing. A reversal repeats the reversed events with opposite amounts. An event's JSON is part
//! of an entry's canonical bytes and never changes.

mod payload;
mod plan;
mod proposal;
mod publishing;
mod spend;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

pub use payload::*;
pub use plan::*;
pub use proposal::*;
pub use publishing::*;
pub use spend::*;

use super::calendar::{FinancialYear, Month};
use super::line::LineKey;
use super::movement::{Account, Leg, Legs, Movement, Pot};
use super::position::Position;
use super::sign_off::Step;
use super::text::Reference;

/// The events of one entry; nearly always one.
pub type Events = SmallVec<[Event; 1]>;

/// A fact about the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// The book was opened with its first policy: position 1 of every book only.
    BookOpened(BookOpened),
    /// An organisation was registered.
    BodyRegistered(BodyRegistered),
    /// An organisation ceased to exist.
    BodyClosed(BodyClosed),
    /// Organisations were merged into one.
    BodiesMerged(BodiesMerged),
    /// A programme was opened.
    ProgrammeOpened(ProgrammeOpened),
    /// A programme was renamed; its code stays.
    ProgrammeRenamed(ProgrammeRenamed),
    /// A programme was closed.
    ProgrammeClosed(ProgrammeStatusChanged),
    /// A programme and those below it were cancelled. Money they free later goes `to`.
    ProgrammeCancelled(ProgrammeCancelled),
    /// A cancellation was reversed.
    ProgrammeReinstated(ProgrammeCancelled),
    /// A fund was established.
    FundEstablished(FundEstablished),
    /// Money was settled on a fund.
    FundingSettled(FundingSettled),
    /// A fund's money was set aside for funds below it.
    Earmarked(Earmarked),
    /// A fund's unallocated money was given up, to a fund above it or to the Treasury.
    FundCancelled(FundCancelled),
    /// A fund's money was allocated to lines.
    Allocated(Movement),
    /// A line's budget was cut, back to a fund or out to the Treasury.
    Cut(Movement),
    /// Budget was reallocated between lines of one year.
    Reallocated(Movement),
    /// Money freed by a cancelled programme moved to its destination.
    Withdrawn(Movement),
    /// An unsplit line's money was reclassified as capital and revenue.
    LineSplit(Movement),
    /// Budget was exchanged into the next year. The leg in the later year is effective in its M1.
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
    /// A forecast was withdrawn: the latest other one stands.
    ForecastWithdrawn(ForecastWithdrawn),
    /// Part of an underspend was explained.
    UnderspendExplained(Explanation),
    /// A line's monthly profile was set.
    ProfileSet(ProfileSet),
    /// A named baseline copied the revised figure of every line of a year.
    BaselineStruck(BaselineStruck),
    /// A baseline was withdrawn.
    BaselineWithdrawn(BaselineWithdrawn),
    /// A month, or a whole year, was closed.
    PeriodClosed(PeriodClosed),
    /// A softly closed month was reopened.
    PeriodReopened(PeriodReopened),
    /// The events that follow in this entry undo the entry named here.
    Reversed(Reversed),
    /// A policy was adopted.
    PolicyAdopted(PolicyAdopted),
    /// A proposal changed.
    Proposal(ProposalEvent),
    /// A delegation changed.
    Delegation(DelegationEvent),
    /// An improvement was linked to the deterioration it compensates.
    OffsetLinked(OffsetLinked),
    /// A scope was defined.
    ScopeDefined(ScopeDefined),
    /// A published figure was recorded.
    FigurePublished(FigurePublished),
}

/// The lines and funds that events change, sorted.
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

/// The events of an entry. Each comes with the entry it undoes, where it is part of a reversal.
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

/// The part of an event that changes a line or an account.
enum Change<'e> {
    Movement(&'e Movement),
    /// The legs of a settlement, an earmark or a fund's cancellation.
    Funding(&'e Legs),
    Obligation(&'e Obligation),
    Accrual(&'e Accrual),
    Actual(&'e Actual),
    /// A statement about a line that changes no balance.
    Statement(LineKey),
    None,
}

impl Event {
    const fn change(&self) -> Change<'_> {
        match self {
            Event::Allocated(movement)
            | Event::Cut(movement)
            | Event::Reallocated(movement)
            | Event::Withdrawn(movement)
            | Event::LineSplit(movement)
            | Event::BudgetExchanged(movement) => Change::Movement(movement),
            Event::FundingSettled(settled) => Change::Funding(&settled.legs),
            Event::Earmarked(earmarked) => Change::Funding(&earmarked.legs),
            Event::FundCancelled(cancelled) => Change::Funding(&cancelled.legs),
            Event::Committed(obligation)
            | Event::CommitmentReleased(obligation)
            | Event::AccrualReleased(obligation) => Change::Obligation(obligation),
            Event::Accrued(accrual) => Change::Accrual(accrual),
            Event::ActualRecorded(actual) => Change::Actual(actual),
            Event::ForecastRevised(forecast) => Change::Statement(forecast.line),
            Event::ForecastWithdrawn(withdrawn) => Change::Statement(withdrawn.line),
            Event::UnderspendExplained(explanation) => Change::Statement(explanation.line),
            Event::ProfileSet(set) => Change::Statement(set.line),
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
            | Event::FigurePublished(_) => Change::None,
        }
    }

    /// The movement of budget it holds.
    pub const fn movement(&self) -> Option<&Movement> {
        match self.change() {
            Change::Movement(movement) => Some(movement),
            Change::Funding(_)
            | Change::Obligation(_)
            | Change::Accrual(_)
            | Change::Actual(_)
            | Change::Statement(_)
            | Change::None => None,
        }
    }

    /// Whether it holds a proposed command.
    pub const fn proposes(&self) -> bool {
        matches!(self, Event::Proposal(ProposalEvent::Drafted(_) | ProposalEvent::Submitted(_)))
    }

    pub(in crate::domain) const fn adopts_policy(&self) -> bool {
        matches!(self, Event::PolicyAdopted(_))
    }

    /// The steps of sign-off that it gives a proposal.
    pub fn steps(&self) -> &[Step] {
        if let Event::Proposal(ProposalEvent::Submitted(submitted)) = self {
            return &submitted.steps;
        }
        &[]
    }

    /// The closed year that it concerns, where it is a prior-period adjustment.
    pub fn concerns(&self) -> Option<FinancialYear> {
        match self.change() {
            Change::Movement(movement) => movement.concerns,
            Change::Accrual(accrual) => accrual.concerns,
            Change::Actual(actual) => actual.concerns,
            Change::Obligation(_) | Change::Funding(_) | Change::Statement(_) | Change::None => {
                None
            }
        }
    }

    /// The month it is effective in, where it changes a line's balances.
    pub fn month(&self) -> Option<Month> {
        match self.change() {
            Change::Movement(movement) => Some(movement.month),
            Change::Obligation(obligation) => Some(obligation.month),
            Change::Accrual(accrual) => Some(accrual.month),
            Change::Actual(actual) => Some(actual.month),
            Change::Funding(_) | Change::Statement(_) | Change::None => None,
        }
    }

    /// The lines it changes, in its own order.
    pub fn lines(&self) -> SmallVec<[LineKey; 2]> {
        match self.change() {
            Change::Movement(Movement { legs, .. }) | Change::Funding(legs) => {
                legs.iter().filter_map(Leg::as_line).collect()
            }
            Change::Obligation(obligation) => smallvec::smallvec![obligation.line],
            Change::Accrual(accrual) => smallvec::smallvec![accrual.line],
            Change::Actual(actual) => smallvec::smallvec![actual.line],
            Change::Statement(line) => smallvec::smallvec![line],
            Change::None => SmallVec::new(),
        }
    }

    /// The references it names: of commitments, accruals and payments.
    pub fn references(&self) -> SmallVec<[&Reference; 2]> {
        match self.change() {
            Change::Obligation(obligation) => smallvec::smallvec![&obligation.reference],
            Change::Accrual(Accrual { reference, discharges, .. }) => {
                std::iter::once(reference).chain(discharged(discharges.as_ref())).collect()
            }
            Change::Actual(Actual { transaction, discharges, .. }) => {
                transaction.iter().chain(discharged(discharges.as_ref())).collect()
            }
            Change::Movement(_) | Change::Funding(_) | Change::Statement(_) | Change::None => {
                SmallVec::new()
            }
        }
    }

    /// The legs it holds, which sum to zero: of a movement or between funds and the outside.
    pub fn legs(&self) -> &[Leg] {
        match self.change() {
            Change::Movement(Movement { legs, .. }) | Change::Funding(legs) => legs,
            Change::Obligation(_)
            | Change::Accrual(_)
            | Change::Actual(_)
            | Change::Statement(_)
            | Change::None => &[],
        }
    }
}

fn discharged(discharge: Option<&Discharge>) -> Option<&Reference> {
    discharge.map(|discharge| &discharge.reference)
}
