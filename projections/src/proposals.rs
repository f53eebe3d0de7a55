//! Proposals: what waits for sign-off, with whom and since when, and what became of the rest.
//!
//! Answers questions 10 (what is only proposed, and what if all of it were confirmed), 13 (who
//! approved a movement, under which limit) and 14 (which approvals wait, with whom, how long) of
//! `docs/questions.md`.

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

use crate::scope::Scope;

/// Every proposal and delegation of a book.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Proposals {
    /// In the order in which they were made.
    proposals: BTreeMap<Position, Vec<Happening>>,
    delegations: Vec<Delegation>,
}

/// Something that happened to a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    /// The entry.
    pub at: Position,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// What it was.
    pub event: ProposalEvent,
}

/// A delegation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// The entry that gave it.
    pub id: Position,
    /// What it says.
    pub given: DelegationGiven,
    /// The entry that ended it before its time, if one did.
    pub ended: Option<Position>,
}

/// A proposal as at a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal<'p> {
    /// The entry that first made it.
    pub id: Position,
    /// Its version, from 1.
    pub version: u32,
    /// What has become of it.
    pub status: ProposalStatus,
    /// Everybody who has made a version of it.
    pub preparers: Vec<&'p ActorId>,
    /// What it proposes.
    pub command: &'p Command,
    /// The steps of this version, in order.
    pub steps: Vec<StepTaken<'p>>,
    /// What it would change, as things were when this version was submitted.
    pub effects: &'p [Effect],
    /// Peer reviews of this version.
    pub reviews: Vec<Review<'p>>,
    /// When this version was submitted; none of a draft.
    pub submitted: Option<Timestamp>,
    /// The entry that made this version.
    pub made_by: Position,
    /// The entry that ended it, and when: posted, rejected or withdrawn it.
    pub over: Option<(Position, Timestamp)>,
}

/// A step of sign-off, taken or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepTaken<'p> {
    /// Whose it is, and why.
    pub step: &'p Step,
    /// Since when the proposal waits, or waited, for it; none where it is not its turn yet.
    pub since: Option<Timestamp>,
    /// The signature, once it is given.
    pub signed: Option<Signed<'p>>,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<'p> {
    /// Who signed.
    pub by: &'p ActorId,
    /// As what.
    pub capacity: Capacity,
    /// The delegation they signed under.
    pub delegation: Option<Position>,
    /// The entry.
    pub entry: Position,
    /// When.
    pub at: Timestamp,
}

/// A peer review, asked for or given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review<'p> {
    /// The provider that was asked.
    pub body: BodyCode,
    /// Who reviewed it and what came of it, once that is given.
    pub given: Option<(&'p ActorId, ReviewOutcome)>,
}

impl Proposal<'_> {
    /// The step it waits for; none where it does not wait.
    pub fn waits_for(&self) -> Option<&StepTaken<'_>> {
        let waits = self.status == ProposalStatus::Submitted;
        self.steps.iter().find(|taken| waits && taken.signed.is_none())
    }
}

impl Proposals {
    /// Those there were at a position, to go on otherwise from there.
    pub(crate) fn until(&self, at: Position) -> Self {
        let histories = self.histories(at).map(|(id, history)| (id, history.cloned().collect()));
        Proposals { proposals: histories.collect(), delegations: self.delegations(at).collect() }
    }

    /// Every proposal made by then, in the order in which they were made.
    pub fn all(&self, at: Position) -> impl Iterator<Item = Proposal<'_>> {
        self.proposals.range(..=at).filter_map(move |(id, history)| as_at(*id, history, at))
    }

    /// One proposal.
    pub fn get(&self, id: Position, at: Position) -> Option<Proposal<'_>> {
        as_at(id, self.proposals.get(&id)?, at)
    }

    /// All that happened to a proposal, in order: every version, who signed or rejected it, and as
    /// what.
    pub fn history(&self, id: Position, at: Position) -> impl Iterator<Item = &Happening> {
        until(self.proposals.get(&id).map_or(&[], Vec::as_slice), at)
    }

    /// Those that wait for sign-off, the longest first.
    pub fn waiting(&self, at: Position) -> impl Iterator<Item = Proposal<'_>> {
        self.all(at).filter(|proposal| proposal.status == ProposalStatus::Submitted)
    }

    /// What would change if everything that waits, and may be read, were posted: each figure of each
    /// account once.
    pub fn if_all_were_posted(&self, at: Position, scope: &Scope) -> Vec<Effect> {
        let waiting = self.waiting(at).filter(|found| scope.admits_effects(found.effects));
        Effect::summed(waiting.flat_map(|proposal| proposal.effects).cloned())
    }

    /// What happened by then to each proposal made by then, in order.
    pub(crate) fn histories(
        &self,
        at: Position,
    ) -> impl Iterator<Item = (Position, impl Iterator<Item = &Happening>)> {
        self.proposals.range(..=at).map(move |(id, history)| (*id, until(history, at)))
    }

    /// The delegations given by then. One that was ended later still stood.
    pub fn delegations(&self, at: Position) -> impl Iterator<Item = Delegation> {
        let given = self.delegations.iter().take_while(move |one| one.id <= at);
        given.map(move |one| Delegation {
            ended: one.ended.filter(|ended| *ended <= at),
            ..one.clone()
        })
    }
}

fn until(history: &[Happening], at: Position) -> impl Iterator<Item = &Happening> {
    history.iter().take_while(move |one| one.at <= at)
}

fn as_at(id: Position, history: &[Happening], at: Position) -> Option<Proposal<'_>> {
    let mut found: Option<Proposal<'_>> = None;
    for Happening { at: entry, recorded, event } in until(history, at) {
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
                    .map(|(index, step)| StepTaken { step, since: since(index), signed: None })
                    .collect();
                found = Some(proposal);
            }
            ProposalEvent::Signed(signed) => {
                let proposal = found.as_mut()?;
                let index = signed.step as usize;
                if let Some(taken) = proposal.steps.get_mut(index) {
                    taken.signed = Some(Signed {
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
                    history.push(Happening { at, recorded, event: event.clone() });
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
                | Event::UnderspendExplained(_)
                | Event::ProfileSet(_)
                | Event::BaselineStruck(_)
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
