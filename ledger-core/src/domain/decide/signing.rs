//! Sign-off and delegations. Nobody signs off their own work, whatever their role.

use super::case::Case;
use super::parts::{Parts, count_reversal_events};
use super::proposing::{effects, one_event, waiting, with_citations};
use super::required::{Making, required_sign_off};
use super::{Context, Decision, Event, Ledger, Rejection, SignOffRejection, Warning, judge};
use crate::domain::actor::{Actor, Capacity};
use crate::domain::command::{Delegate, EndDelegation, ProposalVersion, SignOff};
use crate::domain::event::{
    DelegationEnded, DelegationEvent, DelegationGiven, ProposalEvent, ProposalSigned,
};
use crate::domain::ledger::Proposal;
use crate::domain::position::Position;
use crate::domain::sign_off::Step;

/// Signs a set of proposals, all or none, each on the state that the earlier ones leave.
pub(super) fn sign_off(
    ledger: &Ledger<'_>,
    command: &SignOff,
    context: &Context<'_>,
) -> Result<Decision, Rejection> {
    if command.proposals.is_empty() {
        return Err(SignOffRejection::NoProposals.into());
    }
    let alone = command.proposals.len() == 1;
    let mut parts = Parts::new(ledger, context);
    for (index, wanted) in command.proposals.iter().enumerate() {
        let number = index.saturating_add(1);
        let signed = sign(&parts.after, *wanted, context).map_err(|rejection| match alone {
            true => rejection,
            false => SignOffRejection::InSet { number, rejection: Box::new(rejection) }.into(),
        })?;
        parts.add(signed);
    }
    Ok(parts.whole)
}

/// Signs a proposal's next step. After the last step its command is judged again and posted.
fn sign(
    ledger: &Ledger<'_>,
    wanted: ProposalVersion,
    context: &Context<'_>,
) -> Result<Decision, Rejection> {
    let ProposalVersion { proposal, version } = wanted;
    let found = waiting(ledger, proposal, version, context)?;
    // Who was asked for a review may know of a proposal, and signs it only where they read it.
    if !context.actor.reads.admits_command(&found.command, ledger, context.originals)
        && !found.preparers.contains(&context.actor.id)
    {
        return Err(SignOffRejection::UnknownProposal { proposal }.into());
    }
    let step = found.waits_for().ok_or(SignOffRejection::UnknownProposal { proposal })?;
    not_own_work(context.actor, proposal, found)?;
    if found.is_signed_for(&context.actor.id) {
        return Err(SignOffRejection::SignedAlready { proposal }.into());
    }
    let (capacity, delegation) = capacity_of(ledger, context, proposal, found, step)?;
    let signatures = found.signatures.len();
    let posts = signatures.saturating_add(1) == found.steps.len();
    let signed = ProposalSigned {
        proposal,
        version,
        step: u32::try_from(signatures).unwrap_or(u32::MAX),
        by: context.actor.id.clone(),
        capacity,
        delegation,
        posts,
    };
    let mut decision = one_event(ProposalEvent::Signed(signed));
    if posts {
        let mut posted = judge(ledger, &found.command, &with_citations(context, found))?;
        let making =
            Making { maker: found.maker(), recorded: context.recorded, except: Some(proposal) };
        let required = required_sign_off(ledger, &posted, making);
        let waits_for = |step: &&Step| {
            !found.steps.iter().any(|one| (one.tier, one.body) == (step.tier, step.body))
        };
        if let Some(Step { tier, body, .. }) = required.steps.iter().find(waits_for) {
            let (tier, body) = (*tier, *body);
            return Err(SignOffRejection::NeedsMore { proposal, tier, body }.into());
        }
        if !found.still_has(&effects(&posted.events)) {
            return Err(SignOffRejection::EffectsChanged { proposal }.into());
        }
        count_reversal_events(&mut posted.events);
        decision.events.extend(posted.events);
        // The signatures cover what is spent.
        posted.warnings.retain(|warning| !matches!(warning, Warning::UnsignedInvestment { .. }));
        decision.warnings = posted.warnings;
    }
    Ok(decision)
}

pub(super) fn not_own_work(
    actor: &Actor,
    proposal: Position,
    found: &Proposal,
) -> Result<(), Rejection> {
    if found.preparers.contains(&actor.id) {
        return Err(SignOffRejection::OwnWork { proposal }.into());
    }
    Ok(())
}

/// The capacity in which an actor signs a step: their own, or one delegated by a person not
/// involved in the proposal.
pub(super) fn capacity_of(
    ledger: &Ledger<'_>,
    context: &Context<'_>,
    proposal: Position,
    found: &Proposal,
    step: &Step,
) -> Result<(Capacity, Option<Position>), Rejection> {
    let Context { actor, recorded, .. } = *context;
    let capacity = Capacity { tier: step.tier, body: step.body };
    if actor.capacities.contains(&capacity) {
        return Ok((capacity, None));
    }
    let involved = |given: &DelegationGiven| {
        found.preparers.contains(&given.from) || found.is_signed_for(&given.from)
    };
    let delegated = ledger.delegations_to(&actor.id, capacity, recorded);
    let mut delegated = delegated.filter(|(id, _)| !actor.lapsed.contains(id)).peekable();
    let any = delegated.peek().is_some();
    if let Some((delegation, _)) = delegated.find(|(_, given)| !involved(given)) {
        return Ok((capacity, Some(delegation)));
    }
    Err(if any {
        SignOffRejection::DelegatorInvolved { proposal }
    } else {
        SignOffRejection::NotYourStep { proposal, tier: step.tier, body: step.body }
    }
    .into())
}

impl Case<'_> {
    /// Delegates a capacity of one's own. A delegated capacity cannot be passed on.
    pub(super) fn delegate(&mut self, command: &Delegate) -> Result<(), Rejection> {
        let Delegate { to, capacity, begins, ends } = command.clone();
        let actor = self.context.actor;
        if !actor.capacities.contains(&capacity) {
            let Capacity { tier, body } = capacity;
            return Err(SignOffRejection::NotYourCapacity { tier, body }.into());
        }
        if to == actor.id || begins >= ends || ends <= self.context.recorded {
            return Err(SignOffRejection::DelegationForm.into());
        }
        // --- nothing below can fail
        let from = actor.id.clone();
        let given = DelegationGiven { from, to, capacity, begins, ends };
        self.emit(Event::Delegation(DelegationEvent::Given(given)));
        Ok(())
    }

    pub(super) fn end_delegation(&mut self, command: &EndDelegation) -> Result<(), Rejection> {
        let delegation = command.delegation;
        let given = self.ledger.delegation(delegation);
        if given.is_none_or(|given| given.from != self.context.actor.id) {
            return Err(SignOffRejection::UnknownDelegation { delegation }.into());
        }
        // --- nothing below can fail
        let ended = DelegationEnded { delegation };
        self.emit(Event::Delegation(DelegationEvent::Ended(ended)));
        Ok(())
    }
}
