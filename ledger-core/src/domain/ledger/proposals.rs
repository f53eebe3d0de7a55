//! Proposals and delegations as they stand.

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::domain::actor::Capacity;
use crate::domain::calendar::Timestamp;
use crate::domain::code::BodyCode;
use crate::domain::command::Command;
use crate::domain::event::{
    DelegationEvent, DelegationGiven, ProposalDrafted, ProposalEvent, ProposalSubmitted,
};
use crate::domain::position::Position;
use crate::domain::sign_off::Step;
use crate::domain::text::ActorId;

/// A proposal as it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proposal {
    /// Its version, from 1.
    pub version: u32,
    /// What has become of it.
    pub status: ProposalStatus,
    /// Everybody who has made a version of it.
    pub preparers: Vec<ActorId>,
    /// What it proposes.
    pub command: Box<Command>,
    /// Whether an authority was cited for it.
    pub cites_authority: bool,
    /// Whether evidence was.
    pub cites_evidence: bool,
    /// Whose sign-off this version needs, in order.
    pub steps: Vec<Step>,
    /// Those it has, one for each of the first steps.
    pub signatures: Vec<Signature>,
    /// Providers asked to review this version, and whether they have.
    pub reviews: Vec<(BodyCode, bool)>,
}

impl Proposal {
    /// The step it waits for; none where it does not wait.
    pub fn waits_for(&self) -> Option<&Step> {
        self.steps.get(self.signatures.len()).filter(|_| self.status == ProposalStatus::Submitted)
    }

    /// Whether somebody has signed a step, in person or by somebody they delegated to.
    pub(in crate::domain) fn is_signed_for(&self, who: &ActorId) -> bool {
        let mut signatures = self.signatures.iter();
        signatures.any(|one| one.by == *who || one.delegator.as_ref() == Some(who))
    }
}

/// What has become of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProposalStatus {
    /// It waits for nobody yet.
    Draft,
    /// It waits for sign-off.
    Submitted,
    /// It was posted, by this entry.
    Posted(Position),
    /// One of those it waited for rejected it.
    Rejected,
    /// Those who made it took it back.
    Withdrawn,
}

impl ProposalStatus {
    /// Whether it is over: posted, rejected or withdrawn.
    pub const fn is_over(self) -> bool {
        !matches!(self, ProposalStatus::Draft | ProposalStatus::Submitted)
    }
}

/// Who signed a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Who.
    pub by: ActorId,
    /// Who delegated it to them, if somebody did.
    pub delegator: Option<ActorId>,
}

impl Ledger<'_> {
    /// A proposal, over or not.
    pub fn proposal(&self, proposal: Position) -> Option<&Proposal> {
        self.proposals.get(&proposal)
    }

    /// Every proposal, in the order in which they were first made.
    pub fn proposals(&self) -> Vec<Position> {
        self.proposals.sorted_keys()
    }

    /// A delegation that has not been ended, in force or not.
    pub fn delegation(&self, delegation: Position) -> Option<&DelegationGiven> {
        self.delegations.get(&delegation)?.as_ref()
    }

    /// The delegations in force at a moment that let somebody sign as this.
    pub(in crate::domain) fn delegations_to(
        &self,
        to: &ActorId,
        capacity: Capacity,
        at: Timestamp,
    ) -> impl Iterator<Item = (Position, &DelegationGiven)> {
        let keys = self.delegations.sorted_keys().into_iter();
        keys.filter_map(|key| Some((key, self.delegation(key)?))).filter(move |(_, given)| {
            given.to == *to && given.capacity == capacity && given.begins <= at && at < given.ends
        })
    }

    pub(super) fn apply_proposal(&mut self, event: &ProposalEvent) {
        let id = event.proposal().unwrap_or(self.position);
        match event {
            ProposalEvent::Drafted(drafted) => {
                let ProposalDrafted { version, by, command, .. } = drafted;
                let row = self.version_of(id, *version, by, command);
                row.status = ProposalStatus::Draft;
                row.cites_authority = drafted.cites_authority;
                row.cites_evidence = drafted.cites_evidence;
            }
            ProposalEvent::Submitted(submitted) => {
                let ProposalSubmitted { version, by, command, steps, invests, .. } = submitted;
                let row = self.version_of(id, *version, by, command);
                row.status = ProposalStatus::Submitted;
                row.cites_authority = submitted.cites_authority;
                row.cites_evidence = submitted.cites_evidence;
                row.steps.clone_from(steps);
                self.forget_pending(id);
                for investment in invests {
                    self.note_pending(investment, id);
                }
            }
            ProposalEvent::Signed(signed) => {
                let delegation = signed.delegation.and_then(|given| self.delegation(given));
                let delegator = delegation.map(|given| given.from.clone());
                let posted = self.position;
                if let Some(row) = self.proposals.get_mut(&id) {
                    row.signatures.push(Signature { by: signed.by.clone(), delegator });
                    if signed.posts {
                        row.status = ProposalStatus::Posted(posted);
                    }
                }
                if signed.posts {
                    self.forget_pending(id);
                }
            }
            ProposalEvent::Rejected(_) => self.end_proposal(id, ProposalStatus::Rejected),
            ProposalEvent::Withdrawn(_) => self.end_proposal(id, ProposalStatus::Withdrawn),
            ProposalEvent::ReviewRequested(requested) => {
                if let Some(row) = self.proposals.get_mut(&id) {
                    row.reviews.push((requested.body, false));
                }
            }
            ProposalEvent::Reviewed(reviewed) => {
                let row = self.proposals.get_mut(&id);
                let mut reviews = row.into_iter().flat_map(|row| &mut row.reviews);
                if let Some((_, done)) = reviews.find(|(body, _)| *body == reviewed.body) {
                    *done = true;
                }
            }
        }
    }

    fn version_of(
        &mut self,
        id: Position,
        version: u32,
        by: &ActorId,
        command: &Command,
    ) -> &mut Proposal {
        let row = self.proposals.get_or_insert_with(&id, || Proposal {
            version,
            status: ProposalStatus::Draft,
            preparers: Vec::new(),
            command: Box::new(command.clone()),
            cites_authority: false,
            cites_evidence: false,
            steps: Vec::new(),
            signatures: Vec::new(),
            reviews: Vec::new(),
        });
        if row.version != version {
            *row.command = command.clone();
            row.version = version;
        }
        row.signatures.clear();
        row.reviews.clear();
        if !row.preparers.contains(by) {
            row.preparers.push(by.clone());
        }
        row
    }

    fn end_proposal(&mut self, id: Position, status: ProposalStatus) {
        if let Some(row) = self.proposals.get_mut(&id) {
            row.status = status;
        }
        self.forget_pending(id);
    }

    pub(super) fn apply_delegation(&mut self, event: &DelegationEvent) {
        match event {
            DelegationEvent::Given(given) => {
                self.delegations.insert(self.position, Some(given.clone()));
            }
            DelegationEvent::Ended(ended) => self.delegations.insert(ended.delegation, None),
        }
    }
}
