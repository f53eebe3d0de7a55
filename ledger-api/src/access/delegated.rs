//! Delegations at the gate: one counts for as long as who gave it has what they delegated.
//!
//! The book holds who may sign for whom and until when, and judges by that; it cannot see roles. So
//! here is told which delegations have lapsed. The book passes over those, and whoever has no other
//! to sign under is refused before.

use std::sync::Arc;

use ledger_core::domain::actor::{Actor, Capacity};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::command::Command;
use ledger_core::domain::event::DelegationGiven;
use ledger_core::domain::position::Position;

use super::gate::{Denied, Known};
use super::keyring::Keyring;
use super::principal::Principal;
use super::role::Role;
use crate::clock::now;

/// A delegation that nobody has ended, in force or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegated {
    /// Its number: the entry that gave it.
    pub number: Position,
    /// What it says.
    pub given: DelegationGiven,
    /// Whether who gave it is known to have what they delegated no more.
    pub lapsed: bool,
}

impl Delegated {
    fn lets_sign(&self, capacity: Capacity, at: Timestamp) -> bool {
        let DelegationGiven { begins, ends, .. } = self.given;
        self.given.capacity == capacity && begins <= at && at < ends
    }
}

/// Whether who gave a delegation is known to have what they delegated no more. Of people of a
/// sign-in service it is not known what has become of their roles.
pub fn has_lapsed(given: &DelegationGiven, keys: Option<&Keyring>) -> bool {
    keys.is_some_and(|keys| keys.has_lost(&given.from, given.capacity, now()))
}

/// Who somebody is to the rules of the book, without the delegations that have lapsed.
pub fn actor(principal: &Principal, known: &dyn Known) -> Arc<Actor> {
    let delegations = known.delegations(&principal.id).into_iter();
    let lapsed = delegations.filter(|one| one.lapsed).map(|one| one.number).collect();
    Arc::new(Actor { lapsed, ..Actor::clone(&principal.actor()) })
}

/// Refuses to sign or reject what somebody could sign or reject under nothing but delegations that
/// have lapsed. All else about it is the book's to judge.
pub(super) fn judge(
    principal: &Principal,
    command: &Command,
    known: &dyn Known,
) -> Result<(), Denied> {
    let (proposals, next_step_only) = if let Command::SignOff(sign_off) = command {
        (sign_off.proposals.iter().map(|one| one.proposal).collect(), true)
    } else if let Command::RejectProposal(reject) = command {
        (vec![reject.proposal], false)
    } else {
        return Ok(());
    };
    let delegations = known.delegations(&principal.id);
    if !delegations.iter().any(|one| one.lapsed) {
        return Ok(());
    }
    let now = now();
    for proposal in proposals {
        let mut steps = known.open_steps(proposal);
        if next_step_only {
            steps.truncate(1);
        }
        let lets_sign = |one: &&Delegated| steps.iter().any(|step| one.lets_sign(*step, now));
        let in_person = steps.iter().any(|step| principal.has(Role::Approver(*step)));
        let by_another = || delegations.iter().filter(|one| !one.lapsed).any(|one| lets_sign(&one));
        if in_person || by_another() {
            continue;
        }
        if let Some(Delegated { number, given, .. }) = delegations.iter().find(lets_sign) {
            return Err(Denied::Lapsed {
                who: principal.id.to_string(),
                proposal,
                delegation: *number,
                from: given.from.to_string(),
                capacity: given.capacity,
            });
        }
    }
    Ok(())
}
