//! The sign-off that a command needs: of its investments, of a policy, of a large movement.

use super::investing::judge_investments;
use super::{Event, Ledger};
use crate::domain::actor::Tier;
use crate::domain::calendar::Timestamp;
use crate::domain::event::Investment;
use crate::domain::money::Pence;
use crate::domain::position::Position;
use crate::domain::sign_off::{SignOffReason, Step};

/// The sign-off that a set of events needs.
#[derive(Default)]
pub(super) struct RequiredSignOff {
    /// The steps, in order; none where the events exceed no limit.
    pub(super) steps: Vec<Step>,
    /// The events' investments.
    pub(super) invests: Vec<Investment>,
}

impl RequiredSignOff {
    pub(super) fn add(&mut self, ledger: &Ledger<'_>, tiers: &[Tier], because: &SignOffReason) {
        let system = match because {
            SignOffReason::ProviderInvestment { body, .. } => ledger.system_of(*body),
            SignOffReason::SystemInvestment { system, .. } => Some(*system),
            SignOffReason::LargeMovement { .. }
            | SignOffReason::Proposed
            | SignOffReason::Policy => None,
        };
        for capacity in tiers.iter().filter_map(|tier| ledger.overseer(*tier, system)) {
            let (tier, body) = (capacity.tier, capacity.body);
            if !self.steps.iter().any(|step| (step.tier, step.body) == (tier, body)) {
                self.steps.push(Step { tier, body, because: because.clone() });
            }
        }
        self.steps.sort_by_key(|step| step.tier);
    }
}

/// The sign-off that events need now. Pending investments of the proposal `except` do not count.
pub(super) fn required_sign_off(
    ledger: &Ledger<'_>,
    events: &[Event],
    recorded: Timestamp,
    except: Option<Position>,
) -> RequiredSignOff {
    let mut required = RequiredSignOff::default();
    let Some((_, policy)) = ledger.policy(recorded) else { return required };
    let rules = &policy.sign_off;
    judge_investments(ledger, rules, events, recorded, except, &mut required);
    if events.iter().any(Event::adopts_policy) {
        required.add(ledger, &rules.chains.policy, &SignOffReason::Policy);
        // No policy can remove this step: otherwise two people could let one person adopt the
        // next policy.
        required.add(ledger, &[Tier::Department], &SignOffReason::Policy);
    }
    if let Some(limit) = rules.movement_over {
        let legs = events.iter().filter_map(Event::movement).flat_map(|movement| &movement.legs);
        let pence = Pence::sum(legs.map(|leg| leg.pence).filter(|pence| pence.is_positive()));
        if pence > limit {
            let because = SignOffReason::LargeMovement { pence, limit };
            required.add(ledger, &rules.chains.movement, &because);
        }
    }
    required
}
