//! Events: what an entry records.

use async_graphql::{Enum, SimpleObject};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::event;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::{Account, Leg as Moved, Outside as Beyond};

use crate::graphql::budget::figures::BudgetClass;
use crate::graphql::kit::scalars::{self, MoneyGbp};
use crate::text::describe;

/// The kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum EventKind {
    /// The book was opened with its first policy.
    BookOpened,
    /// An organisation was registered.
    BodyRegistered,
    /// An organisation closed.
    BodyClosed,
    /// Organisations merged.
    BodiesMerged,
    /// A programme was opened.
    ProgrammeOpened,
    /// A programme was renamed.
    ProgrammeRenamed,
    /// A programme was closed.
    ProgrammeClosed,
    /// A programme and those below it were cancelled.
    ProgrammeCancelled,
    /// A cancellation was reversed.
    ProgrammeReinstated,
    /// A fund was established.
    FundEstablished,
    /// Money was settled on a fund.
    FundingSettled,
    /// A fund's money was set aside for funds below it.
    Earmarked,
    /// A fund's unallocated money was given up.
    FundCancelled,
    /// A fund's money was allocated to lines.
    Allocated,
    /// A line's budget was cut.
    Cut,
    /// Budget was reallocated between lines of one year.
    Reallocated,
    /// Money freed by a cancelled programme moved to its destination.
    Withdrawn,
    /// An unsplit line's money was reclassified as capital and revenue.
    LineSplit,
    /// Budget was exchanged into the next year.
    BudgetExchanged,
    /// Money was committed.
    Committed,
    /// A commitment, or part of it, was released.
    CommitmentReleased,
    /// Spend was accrued.
    Accrued,
    /// An accrual, or part of it, was released.
    AccrualReleased,
    /// Spend was recorded.
    ActualRecorded,
    /// A full-year forecast was stated.
    ForecastRevised,
    /// A forecast was withdrawn.
    ForecastWithdrawn,
    /// A reason for an underspend was recorded.
    UnderspendExplained,
    /// A line's monthly profile was set.
    ProfileSet,
    /// A named baseline was struck.
    BaselineStruck,
    /// A baseline was withdrawn.
    BaselineWithdrawn,
    /// A month, or all of a year, was closed.
    PeriodClosed,
    /// A softly closed month was reopened.
    PeriodReopened,
    /// The entry reverses an earlier one; its other events undo it.
    Reversed,
    /// A policy was adopted in place of the one before.
    PolicyAdopted,
    /// A proposal was drafted, or its draft revised.
    ProposalDrafted,
    /// A proposal, or a new version of one, was submitted for sign-off.
    ProposalSubmitted,
    /// A step of a proposal was signed. With the last, what it proposed follows in the same entry.
    ProposalSigned,
    /// A proposal was rejected.
    ProposalRejected,
    /// A proposal was withdrawn by its preparers.
    ProposalWithdrawn,
    /// A neighbouring provider was asked to review a proposal.
    PeerReviewRequested,
    /// A neighbouring provider reviewed a proposal.
    PeerReviewGiven,
    /// A person let another sign on their behalf.
    DelegationGiven,
    /// A delegation was ended before its time.
    DelegationEnded,
    /// An improvement was linked to the deterioration it compensates.
    OffsetLinked,
    /// A named total was defined.
    ScopeDefined,
    /// A published figure was recorded.
    FigurePublished,
}

impl From<&event::Event> for EventKind {
    fn from(event: &event::Event) -> Self {
        use event::{DelegationEvent, Event, ProposalEvent};
        match event {
            Event::BookOpened(_) => EventKind::BookOpened,
            Event::BodyRegistered(_) => EventKind::BodyRegistered,
            Event::BodyClosed(_) => EventKind::BodyClosed,
            Event::BodiesMerged(_) => EventKind::BodiesMerged,
            Event::ProgrammeOpened(_) => EventKind::ProgrammeOpened,
            Event::ProgrammeRenamed(_) => EventKind::ProgrammeRenamed,
            Event::ProgrammeClosed(_) => EventKind::ProgrammeClosed,
            Event::ProgrammeCancelled(_) => EventKind::ProgrammeCancelled,
            Event::ProgrammeReinstated(_) => EventKind::ProgrammeReinstated,
            Event::FundEstablished(_) => EventKind::FundEstablished,
            Event::FundingSettled(_) => EventKind::FundingSettled,
            Event::Earmarked(_) => EventKind::Earmarked,
            Event::FundCancelled(_) => EventKind::FundCancelled,
            Event::Allocated(_) => EventKind::Allocated,
            Event::Cut(_) => EventKind::Cut,
            Event::Reallocated(_) => EventKind::Reallocated,
            Event::Withdrawn(_) => EventKind::Withdrawn,
            Event::LineSplit(_) => EventKind::LineSplit,
            Event::BudgetExchanged(_) => EventKind::BudgetExchanged,
            Event::Committed(_) => EventKind::Committed,
            Event::CommitmentReleased(_) => EventKind::CommitmentReleased,
            Event::Accrued(_) => EventKind::Accrued,
            Event::AccrualReleased(_) => EventKind::AccrualReleased,
            Event::ActualRecorded(_) => EventKind::ActualRecorded,
            Event::ForecastRevised(_) => EventKind::ForecastRevised,
            Event::ForecastWithdrawn(_) => EventKind::ForecastWithdrawn,
            Event::UnderspendExplained(_) => EventKind::UnderspendExplained,
            Event::ProfileSet(_) => EventKind::ProfileSet,
            Event::BaselineStruck(_) => EventKind::BaselineStruck,
            Event::BaselineWithdrawn(_) => EventKind::BaselineWithdrawn,
            Event::PeriodClosed(_) => EventKind::PeriodClosed,
            Event::PeriodReopened(_) => EventKind::PeriodReopened,
            Event::Reversed(_) => EventKind::Reversed,
            Event::PolicyAdopted(_) => EventKind::PolicyAdopted,
            Event::Proposal(event) => match event {
                ProposalEvent::Drafted(_) => EventKind::ProposalDrafted,
                ProposalEvent::Submitted(_) => EventKind::ProposalSubmitted,
                ProposalEvent::Signed(_) => EventKind::ProposalSigned,
                ProposalEvent::Rejected(_) => EventKind::ProposalRejected,
                ProposalEvent::Withdrawn(_) => EventKind::ProposalWithdrawn,
                ProposalEvent::ReviewRequested(_) => EventKind::PeerReviewRequested,
                ProposalEvent::Reviewed(_) => EventKind::PeerReviewGiven,
            },
            Event::Delegation(DelegationEvent::Given(_)) => EventKind::DelegationGiven,
            Event::Delegation(DelegationEvent::Ended(_)) => EventKind::DelegationEnded,
            Event::OffsetLinked(_) => EventKind::OffsetLinked,
            Event::ScopeDefined(_) => EventKind::ScopeDefined,
            Event::FigurePublished(_) => EventKind::FigurePublished,
        }
    }
}

/// An account outside the book.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Beyond")]
pub(crate) enum Outside {
    /// The source of new money, and the destination of money given up.
    Treasury,
    /// The source of re-announced money, which was in an existing budget before.
    ExistingBudgets,
}

/// One side of a movement: an account and its change. An account is a line, a fund's money in one
/// class, or outside the book.
#[derive(SimpleObject)]
pub(crate) struct Leg {
    /// The line; null where it is another account.
    line: Option<scalars::Line>,
    /// The fund; null where it is another account.
    fund: Option<scalars::Fund>,
    /// The class of the fund's money; null where it is another account.
    class: Option<BudgetClass>,
    /// The outside account; null where it is another account.
    outside: Option<Outside>,
    /// The change; negative where the account pays.
    amount: MoneyGbp,
}

impl From<&Moved> for Leg {
    fn from(leg: &Moved) -> Self {
        let amount = leg.pence.into();
        let empty = Leg { line: None, fund: None, class: None, outside: None, amount };
        match leg.account {
            Account::Line(line) => Leg { line: Some(line.into()), ..empty },
            Account::Fund(pot) => {
                Leg { fund: Some(pot.fund.into()), class: Some(pot.class.into()), ..empty }
            }
            Account::Outside(outside) => Leg { outside: Some(outside.into()), ..empty },
        }
    }
}

/// An event: one thing an entry records.
#[derive(SimpleObject)]
pub(crate) struct Event {
    /// The kind of event.
    kind: EventKind,
    /// The event in words.
    summary: String,
    /// The steps of sign-off that it gives a proposal, in words.
    steps: Vec<String>,
    /// The lines changed, in the order the event names them.
    lines: Vec<scalars::Line>,
    /// The effective month; null where it has none.
    month: Option<scalars::YearMonth>,
    /// The amount of spend, an obligation, a forecast or an explanation; negative for a reversal. Of a
    /// withdrawn forecast, the one of that month that now stands. Null for movements, which have legs.
    amount: Option<MoneyGbp>,
    /// The legs of a movement, which sum to zero.
    legs: Vec<Leg>,
    /// The references of commitments, accruals and payments the event names.
    references: Vec<scalars::Ref>,
    /// The closed year, where this is a prior-period adjustment.
    concerns: Option<scalars::Year>,
    /// The position of the reversed entry; null where this is not a reversal.
    reverses: Option<scalars::LogPosition>,
}

impl From<&event::Event> for Event {
    fn from(event: &event::Event) -> Self {
        let Stated { month, amount, concerns } = Stated::in_event(event);
        let reverses = if let event::Event::Reversed(reversed) = event {
            Some(reversed.entry.into())
        } else {
            None
        };
        Event {
            kind: event.into(),
            summary: describe::event(event),
            steps: event.steps().iter().map(describe::step).collect(),
            lines: event.lines().into_iter().map(Into::into).collect(),
            month: month.map(Into::into),
            amount: amount.map(Into::into),
            legs: event.legs().iter().map(Into::into).collect(),
            references: event.references().into_iter().cloned().map(Into::into).collect(),
            concerns: concerns.map(Into::into),
            reverses,
        }
    }
}

/// The values that only some kinds of event have.
#[derive(Default)]
pub(crate) struct Stated {
    month: Option<Month>,
    pub(crate) amount: Option<Pence>,
    concerns: Option<FinancialYear>,
}

impl Stated {
    pub(crate) fn in_event(event: &event::Event) -> Self {
        use event::Event;
        let of =
            |month, amount, concerns| Stated { month: Some(month), amount: Some(amount), concerns };
        match event {
            Event::Allocated(movement)
            | Event::Cut(movement)
            | Event::Reallocated(movement)
            | Event::Withdrawn(movement)
            | Event::LineSplit(movement)
            | Event::BudgetExchanged(movement) => {
                Stated { month: Some(movement.month), amount: None, concerns: movement.concerns }
            }
            Event::Committed(made)
            | Event::CommitmentReleased(made)
            | Event::AccrualReleased(made) => of(made.month, made.pence, None),
            Event::Accrued(accrual) => of(accrual.month, accrual.pence, accrual.concerns),
            Event::ActualRecorded(actual) => of(actual.month, actual.pence, actual.concerns),
            Event::ForecastRevised(forecast) => of(forecast.month, forecast.pence, None),
            Event::ForecastWithdrawn(withdrawn) => {
                let (month, amount) = (Some(withdrawn.month), withdrawn.stands);
                Stated { month, amount, concerns: None }
            }
            Event::UnderspendExplained(explained) => {
                Stated { amount: Some(explained.pence), ..Stated::default() }
            }
            Event::PeriodClosed(closed) => Stated { month: closed.month, ..Stated::default() },
            Event::PeriodReopened(reopened) => {
                Stated { month: Some(reopened.month), ..Stated::default() }
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
            | Event::ProfileSet(_)
            | Event::BaselineStruck(_)
            | Event::BaselineWithdrawn(_)
            | Event::Reversed(_)
            | Event::PolicyAdopted(_)
            | Event::Proposal(_)
            | Event::Delegation(_)
            | Event::ScopeDefined(_)
            | Event::FigurePublished(_) => Stated::default(),
            Event::OffsetLinked(linked) => {
                Stated { amount: Some(linked.pence), ..Stated::default() }
            }
        }
    }
}
