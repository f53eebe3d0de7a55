//! Lapsed delegations: a delegation counts only while its giver has the delegated role.
//!
//! The book records delegations but cannot see roles. So the gate marks the lapsed ones: the book
//! ignores them, and the gate refuses a signer who has no other right to sign.

use std::sync::Arc;

use ledger_core::domain::actor::Actor;
use ledger_core::domain::command::Command;
use projections::scope::Scope;

use super::delegation::OpenDelegation;
use super::denied::Denied;
use super::lookup::BookLookup;
use crate::access::identity::principal::Principal;
use crate::access::identity::role::Role;
use crate::clock::now;

/// A principal as the rules of the book see it, with what it reads and its lapsed delegations.
pub fn actor(principal: &Principal, reads: Scope, book: &dyn BookLookup) -> Arc<Actor> {
    let delegations = book.delegations(&principal.id).into_iter();
    let lapsed = delegations.filter(|one| one.lapsed).map(|one| one.number).collect();
    Arc::new(Actor { lapsed, reads: Arc::new(reads), ..Actor::clone(&principal.actor()) })
}

/// Refuses a signature or rejection that only a lapsed delegation would allow. The book judges every
/// other rule of signing.
pub(super) fn judge(
    principal: &Principal,
    command: &Command,
    book: &dyn BookLookup,
) -> Result<(), Denied> {
    let (proposals, next_step_only) = if let Command::SignOff(sign_off) = command {
        (sign_off.proposals.iter().map(|one| one.proposal).collect(), true)
    } else if let Command::RejectProposal(reject) = command {
        (vec![reject.proposal], false)
    } else {
        return Ok(());
    };
    let delegations = book.delegations(&principal.id);
    if !delegations.iter().any(|one| one.lapsed) {
        return Ok(());
    }
    let now = now();
    for proposal in proposals {
        let mut steps = book.open_steps(proposal);
        if next_step_only {
            steps.truncate(1);
        }
        let lets_sign = |one: &&OpenDelegation| steps.iter().any(|step| one.lets_sign(*step, now));
        let in_person = steps.iter().any(|step| principal.has(Role::Approver(*step)));
        let by_another = || delegations.iter().filter(|one| !one.lapsed).any(|one| lets_sign(&one));
        if in_person || by_another() {
            continue;
        }
        if let Some(OpenDelegation { number, given, .. }) = delegations.iter().find(lets_sign) {
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
