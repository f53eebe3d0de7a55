//! Proposals and delegations, as at any position.
//!
//! Answers the questions:
//!
//! - What is only proposed, and what if all of it were confirmed?
//! - Who approved a movement, under which limit in force that day?
//! - Which approvals wait, with whom, how long?

use std::collections::BTreeMap;

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::command::Command;
use ledger_core::domain::event::{
    DelegationEvent, DelegationGiven, Effect, Event, ProposalEvent, ReviewOutcome,
};
use ledger_core::domain::ledger::ProposalStatus;
use ledger_core::domain::position::Position;
use ledger_core::domain::sign_off::Step;
use ledger_core::domain::text::ActorId;
use ledger_core::projection::{Posted, Projection};
use serde::{Deserialize, Serialize};

use crate::scope::{Scope, Within};

/// Every proposal and delegation of a book.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Proposals {
    /// Keyed by the entry that made the first version.
    proposals: BTreeMap<Position, Vec<ProposalRecord>>,
    delegations: Vec<Delegation>,
}

/// One event of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalRecord {
    /// The entry that recorded it.
    pub at: Position,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// The event.
    pub event: ProposalEvent,
}

/// A delegation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// The entry that gave it.
    pub id: Position,
    /// Its terms.
    pub given: DelegationGiven,
    /// The entry that ended it early, if any.
    pub ended: Option<Position>,
}

/// A proposal as at a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal<'p> {
    /// The entry that made its first version: its number.
    pub id: Position,
    /// The current version, from 1.
    pub version: u32,
    /// Its status.
    pub status: ProposalStatus,
    /// Everyone who made a version. None of them may sign it.
    pub preparers: Vec<&'p ActorId>,
    /// The proposed command.
    pub command: &'p Command,
    /// The sign-off steps of this version, in order.
    pub steps: Vec<ProposalStep<'p>>,
    /// The changes it would make, as computed when this version was submitted.
    pub effects: &'p [Effect],
    /// The peer reviews of this version.
    pub reviews: Vec<Review<'p>>,
    /// When this version was submitted; None for a draft.
    pub submitted: Option<Timestamp>,
    /// The entry that made this version.
    pub made_by: Position,
    /// The entry that posted, rejected or withdrew it, and when.
    pub over: Option<(Position, Timestamp)>,
}

/// A step of sign-off and its signature, if given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalStep<'p> {
    /// The approver required, and the rule that requires it.
    pub step: &'p Step,
    /// When the proposal reached this step; None before its turn.
    pub since: Option<Timestamp>,
    /// The signature, if given.
    pub signed: Option<Signature<'p>>,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature<'p> {
    /// The approver.
    pub by: &'p ActorId,
    /// The capacity they signed in.
    pub capacity: Capacity,
    /// The delegation they signed under, if any.
    pub delegation: Option<Position>,
    /// The entry that recorded it.
    pub entry: Position,
    /// When it was recorded.
    pub at: Timestamp,
}

/// A peer review, requested or given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review<'p> {
    /// The provider asked to review.
    pub body: BodyCode,
    /// The reviewer and the outcome, once given.
    pub given: Option<(&'p ActorId, ReviewOutcome)>,
}

impl Proposal<'_> {
    /// The step awaiting a signature; None unless the proposal is submitted.
    pub fn waits_for(&self) -> Option<&ProposalStep<'_>> {
        let waits = self.status == ProposalStatus::Submitted;
        self.steps.iter().find(|taken| waits && taken.signed.is_none())
    }
}

impl Proposals {
    /// A copy as at a position.
    pub(crate) fn until(&self, at: Position) -> Self {
        let histories = self.histories(at).map(|(id, history)| (id, history.cloned().collect()));
        Proposals { proposals: histories.collect(), delegations: self.delegations(at).collect() }
    }

    /// The proposals made by a position, oldest first.
    pub fn all(&self, at: Position) -> impl Iterator<Item = Proposal<'_>> {
        self.proposals.range(..=at).filter_map(move |(id, history)| as_at(*id, history, at))
    }

    /// One proposal; None where it was not made by the position.
    pub fn get(&self, id: Position, at: Position) -> Option<Proposal<'_>> {
        as_at(id, self.proposals.get(&id)?, at)
    }

    /// The events of a proposal up to a position, in order.
    pub fn history(&self, id: Position, at: Position) -> impl Iterator<Item = &ProposalRecord> {
        until(self.proposals.get(&id).map_or(&[], Vec::as_slice), at)
    }

    /// The proposals awaiting sign-off, oldest first.
    fn waiting(&self, at: Position) -> impl Iterator<Item = Proposal<'_>> {
        self.all(at).filter(|proposal| proposal.status == ProposalStatus::Submitted)
    }

    /// The net changes if every waiting proposal in the scope were posted: one effect for each
    /// figure of each account.
    pub(crate) fn if_all_were_posted(&self, at: Position, scope: &Scope) -> Vec<Effect> {
        let waiting =
            self.waiting(at).filter(|found| scope.admits_proposal(found.command, found.effects));
        Effect::summed(waiting.flat_map(|proposal| proposal.effects).cloned())
    }

    /// Each proposal and its events up to a position.
    pub(crate) fn histories(
        &self,
        at: Position,
    ) -> impl Iterator<Item = (Position, impl Iterator<Item = &ProposalRecord>)> {
        self.proposals.range(..=at).map(move |(id, history)| (*id, until(history, at)))
    }

    /// When each delegation given by a position begins and ends.
    pub(crate) fn terms(&self, at: Position) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let given = self.delegations.iter().take_while(move |one| one.id <= at);
        given.map(|one| (one.given.begins, one.given.ends))
    }

    /// The delegations given by a position. One ended later counts as not ended.
    pub fn delegations(&self, at: Position) -> impl Iterator<Item = Delegation> {
        let given = self.delegations.iter().take_while(move |one| one.id <= at);
        given.map(move |one| Delegation {
            ended: one.ended.filter(|ended| *ended <= at),
            ..one.clone()
        })
    }
}

impl<'m> Within<'m> {
    /// The proposals of the scope made by a position, oldest first.
    pub fn proposals(&self, at: Position) -> impl Iterator<Item = Proposal<'m>> + use<'m> {
        let scope = self.scope;
        let all = self.models.proposals.all(at);
        all.filter(move |proposal| scope.admits_proposal(proposal.command, proposal.effects))
    }

    /// One proposal; None where it was not made by the position, or is not in the scope.
    pub fn proposal(&self, id: Position, at: Position) -> Option<Proposal<'m>> {
        let found = self.models.proposals.get(id, at);
        found.filter(|proposal| self.scope.admits_proposal(proposal.command, proposal.effects))
    }

    /// The net changes if every waiting proposal were posted: one effect for each figure of each
    /// account.
    pub fn if_all_were_posted(&self, at: Position) -> Vec<Effect> {
        self.models.proposals.if_all_were_posted(at, self.scope)
    }
}

fn until(history: &[ProposalRecord], at: Position) -> impl Iterator<Item = &ProposalRecord> {
    history.iter().take_while(move |one| one.at <= at)
}

fn as_at(id: Position, history: &[ProposalRecord], at: Position) -> Option<Proposal<'_>> {
    let mut found: Option<Proposal<'_>> = None;
    for ProposalRecord { at: entry, recorded, event } in until(history, at) {
        let (entry, recorded) = (*entry, *recorded);
        match event {
            ProposalEvent::Drafted(drafted) => {
                let (by, command) = (&drafted.by, &*drafted.command);
                found = Some(version(id, found, drafted.version, by, command, entry));
            }
            ProposalEvent::Submitted(submitted) => {
                let (by, command) = (&submitted.by, &*submitted.command);
                let mut proposal = version(id, found, submitted.version, by, command, entry);
                proposal.status = ProposalStatus::Submitted;
                proposal.submitted = Some(recorded);
                proposal.effects = &submitted.effects;
                let since = |index| (index == 0).then_some(recorded);
                let steps = submitted.steps.iter().enumerate();
                proposal.steps = steps
                    .map(|(index, step)| ProposalStep { step, since: since(index), signed: None })
                    .collect();
                found = Some(proposal);
            }
            ProposalEvent::Signed(signed) => {
                let proposal = found.as_mut()?;
                let index = signed.step as usize;
                if let Some(taken) = proposal.steps.get_mut(index) {
                    taken.signed = Some(Signature {
                        by: &signed.by,
                        capacity: signed.capacity,
                        delegation: signed.delegation,
                        entry,
                        at: recorded,
                    });
                }
                if let Some(next) = proposal.steps.get_mut(index + 1) {
                    next.since = Some(recorded);
                }
                if signed.posts {
                    proposal.status = ProposalStatus::Posted(entry);
                    proposal.over = Some((entry, recorded));
                }
            }
            ProposalEvent::Rejected(_) => {
                let proposal = found.as_mut()?;
                proposal.status = ProposalStatus::Rejected;
                proposal.over = Some((entry, recorded));
            }
            ProposalEvent::Withdrawn(_) => {
                let proposal = found.as_mut()?;
                proposal.status = ProposalStatus::Withdrawn;
                proposal.over = Some((entry, recorded));
            }
            ProposalEvent::ReviewRequested(requested) => {
                found.as_mut()?.reviews.push(Review { body: requested.body, given: None });
            }
            ProposalEvent::Reviewed(reviewed) => {
                let mut reviews = found.as_mut()?.reviews.iter_mut();
                if let Some(review) = reviews.find(|review| review.body == reviewed.body) {
                    review.given = Some((&reviewed.by, reviewed.outcome));
                }
            }
        }
    }
    found
}

fn version<'p>(
    id: Position,
    before: Option<Proposal<'p>>,
    version: u32,
    by: &'p ActorId,
    command: &'p Command,
    made_by: Position,
) -> Proposal<'p> {
    let mut preparers = before.map(|before| before.preparers).unwrap_or_default();
    if !preparers.contains(&by) {
        preparers.push(by);
    }
    Proposal {
        id,
        version,
        status: ProposalStatus::Draft,
        preparers,
        command,
        steps: Vec::new(),
        effects: &[],
        reviews: Vec::new(),
        submitted: None,
        made_by,
        over: None,
    }
}

impl Projection for Proposals {
    fn apply(&mut self, entry: &Posted<'_>) {
        let Posted { position: at, recorded, .. } = *entry;
        for event in entry.events {
            match event {
                Event::Proposal(event) => {
                    let history = self.proposals.entry(event.proposal().unwrap_or(at)).or_default();
                    history.push(ProposalRecord { at, recorded, event: event.clone() });
                }
                Event::Delegation(DelegationEvent::Given(given)) => {
                    let given = given.clone();
                    self.delegations.push(Delegation { id: at, given, ended: None });
                }
                Event::Delegation(DelegationEvent::Ended(ended)) => {
                    let mut delegations = self.delegations.iter_mut();
                    if let Some(found) = delegations.find(|one| one.id == ended.delegation) {
                        found.ended = Some(at);
                    }
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
                | Event::Allocated(_)
                | Event::Cut(_)
                | Event::Reallocated(_)
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
                | Event::OffsetLinked(_)
                | Event::ScopeDefined(_)
                | Event::FigurePublished(_) => {}
            }
        }
    }
}
