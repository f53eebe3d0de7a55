//! The current state of proposals and delegations.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::Ledger;
use crate::domain::actor::{ActorDigest, Capacity};
use crate::domain::calendar::Timestamp;
use crate::domain::code::BodyCode;
use crate::domain::command::Command;
use crate::domain::event::{
    DelegationEvent, DelegationGiven, Effect, ProposalDrafted, ProposalEvent, ProposalSubmitted,
};
use crate::domain::position::Position;
use crate::domain::sign_off::Step;
use crate::domain::text::ActorId;

/// The current state of a proposal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proposal {
    /// Its version, from 1.
    pub version: u32,
    /// Its status.
    pub status: ProposalStatus,
    /// Everybody who made a version of it.
    pub preparers: Vec<ActorId>,
    /// The command it proposes.
    pub command: Box<Command>,
    /// Whether an authority was cited.
    pub cites_authority: bool,
    /// Whether evidence was cited.
    pub cites_evidence: bool,
    /// The steps this version needs, in order.
    pub steps: Vec<Step>,
    /// A digest of its effects when it was submitted; None for a draft.
    #[serde(default)]
    effects: Option<u64>,
    /// The signatures so far, one for each of the first steps.
    pub signatures: Vec<Signature>,
    /// Providers asked to review this version, and whether they have done so.
    pub reviews: Vec<(BodyCode, bool)>,
}

impl Proposal {
    /// The person who made its last version.
    pub(in crate::domain) fn maker(&self) -> ActorDigest {
        self.preparers.last().map_or_else(Default::default, |id| ActorDigest::new(id.as_str()))
    }

    /// Whether these are the effects it had when it was submitted.
    pub(in crate::domain) fn still_has(&self, effects: &[Effect]) -> bool {
        self.effects.is_none_or(|read| read == digest(effects))
    }

    /// The step it waits for, where it waits.
    pub fn waits_for(&self) -> Option<&Step> {
        self.steps.get(self.signatures.len()).filter(|_| self.status == ProposalStatus::Submitted)
    }

    /// Whether somebody has signed a step, in person or through a delegate.
    pub(in crate::domain) fn is_signed_for(&self, who: &ActorId) -> bool {
        let mut signatures = self.signatures.iter();
        signatures.any(|one| one.by == *who || one.delegator.as_ref() == Some(who))
    }
}

/// The status of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProposalStatus {
    /// It waits for nobody yet.
    Draft,
    /// It waits for sign-off.
    Submitted,
    /// This entry posted it.
    Posted(Position),
    /// An approver rejected it.
    Rejected,
    /// A maker withdrew it.
    Withdrawn,
}

impl ProposalStatus {
    /// Whether it is over: posted, rejected or withdrawn.
    pub const fn is_over(self) -> bool {
        !matches!(self, ProposalStatus::Draft | ProposalStatus::Submitted)
    }
}

/// A signature of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The person who signed.
    pub by: ActorId,
    /// The person they signed for, under a delegation.
    pub delegator: Option<ActorId>,
}

/// A digest of effects: it differs where what a proposal would do has changed since it was read.
fn digest(effects: &[Effect]) -> u64 {
    xxh3_64(&serde_json::to_vec(effects).unwrap_or_default())
}

impl Ledger<'_> {
    /// A proposal of any status.
    pub fn proposal(&self, proposal: Position) -> Option<&Proposal> {
        self.proposals.get(&proposal)
    }

    /// Every proposal, oldest first.
    pub fn proposals(&self) -> Vec<Position> {
        self.proposals.sorted_keys()
    }

    /// A delegation that was not ended, in force or not.
    pub fn delegation(&self, delegation: Position) -> Option<&DelegationGiven> {
        self.delegations.get(&delegation)?.as_ref()
    }

    /// The delegations in force at a moment that let a person sign in a capacity.
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
                let row = self.row_of_version(id, *version, by, command);
                row.status = ProposalStatus::Draft;
                row.cites_authority = drafted.cites_authority;
                row.cites_evidence = drafted.cites_evidence;
            }
            ProposalEvent::Submitted(submitted) => {
                let ProposalSubmitted { version, by, command, steps, invests, .. } = submitted;
                let row = self.row_of_version(id, *version, by, command);
                row.status = ProposalStatus::Submitted;
                row.cites_authority = submitted.cites_authority;
                row.cites_evidence = submitted.cites_evidence;
                row.steps.clone_from(steps);
                row.effects = Some(digest(&submitted.effects));
                self.remove_pending(id);
                self.record_pending(invests, id);
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
                    self.remove_pending(id);
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

    fn row_of_version(
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
            effects: None,
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
        self.remove_pending(id);
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
