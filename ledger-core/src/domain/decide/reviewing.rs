//! Rejections and peer reviews of proposals, by others than their makers.

use super::case::Case;
use super::signing::{capacity_of, not_own_work};
use super::{Event, Rejection, SignOffRejection};
use crate::domain::code::BodyCode;
use crate::domain::command::{RejectProposal, RequestPeerReview, ReviewProposal};
use crate::domain::event::{ProposalEvent, ProposalRejected, ProposalReviewed, ReviewRequested};
use crate::domain::ledger::Place;

impl Case<'_> {
    /// Rejects a proposal. Any approver of a remaining step may do so.
    pub(super) fn reject_proposal(&mut self, command: &RejectProposal) -> Result<(), Rejection> {
        let RejectProposal { proposal, version } = *command;
        let found = self.waiting(proposal, version)?;
        not_own_work(self.context.actor, proposal, found)?;
        let open = found.steps.iter().skip(found.signatures.len());
        let capacities =
            open.map(|step| capacity_of(self.ledger, self.context, proposal, found, step));
        // An actor without any of the capacities gets the next step in the refusal.
        let found_capacity =
            capacities.reduce(|now, later| now.or_else(|why| later.map_err(|_| why)));
        let (capacity, _) =
            found_capacity.ok_or(SignOffRejection::UnknownProposal { proposal })??;
        // --- nothing below can fail
        let by = self.context.actor.id.clone();
        let rejected = ProposalRejected { proposal, version, by, capacity };
        self.emit(Event::Proposal(ProposalEvent::Rejected(rejected)));
        Ok(())
    }

    pub(super) fn request_peer_review(
        &mut self,
        command: &RequestPeerReview,
    ) -> Result<(), Rejection> {
        let RequestPeerReview { proposal, version, body } = *command;
        self.waiting(proposal, version)?;
        self.body(body)?;
        let place = self.ledger.place(body).filter(|place| place.provider != place.system);
        let investors = self.ledger.investors_in(proposal);
        let is_neighbour = place.is_some_and(|Place { system, provider }| {
            let beside = |investor: &BodyCode| {
                *investor != provider && self.ledger.system_of(*investor) == Some(system)
            };
            !investors.is_empty() && investors.iter().all(beside)
        });
        if !is_neighbour {
            return Err(SignOffRejection::NotANeighbour { proposal, body }.into());
        }
        // --- nothing below can fail
        let by = self.context.actor.id.clone();
        let requested = ReviewRequested { proposal, version, body, by };
        self.emit(Event::Proposal(ProposalEvent::ReviewRequested(requested)));
        Ok(())
    }

    pub(super) fn review_proposal(&mut self, command: &ReviewProposal) -> Result<(), Rejection> {
        let ReviewProposal { proposal, version, body, outcome } = *command;
        let found = self.waiting(proposal, version)?;
        not_own_work(self.context.actor, proposal, found)?;
        if !found.reviews.contains(&(body, false)) {
            return Err(SignOffRejection::NoReviewAsked { proposal, body }.into());
        }
        // --- nothing below can fail
        let by = self.context.actor.id.clone();
        let reviewed = ProposalReviewed { proposal, version, body, by, outcome };
        self.emit(Event::Proposal(ProposalEvent::Reviewed(reviewed)));
        Ok(())
    }
}
