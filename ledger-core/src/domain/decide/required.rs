//! The sign-off that a command needs: of its investments, of acts that one person may not do
//! alone, of what one person moves, and of a policy.

use super::investing::judge_investments;
use super::{Decision, Event, Ledger};
use crate::domain::actor::{ActorDigest, Tier};
use crate::domain::calendar::Timestamp;
use crate::domain::event::{Close, Investment};
use crate::domain::money::Pence;
use crate::domain::movement::Leg;
use crate::domain::policy::Policy;
use crate::domain::position::Position;
use crate::domain::sign_off::{Act, Counted, MovementLimit, SignOffReason, Step};

/// At most this many counted items are listed.
const COUNTED_MAX: usize = 100;

/// The sign-off that a set of events needs.
#[derive(Default)]
pub(super) struct RequiredSignOff {
    /// The steps, in order; none where the events exceed no limit.
    pub(super) steps: Vec<Step>,
    /// The investments that a proposal counts while it waits.
    pub(super) invests: Vec<Investment>,
}

impl RequiredSignOff {
    pub(super) fn add(&mut self, ledger: &Ledger<'_>, tiers: &[Tier], because: &SignOffReason) {
        let system = match because {
            SignOffReason::ProviderInvestment { body, .. } => ledger.system_of(*body),
            SignOffReason::SystemInvestment { system, .. } => Some(*system),
            SignOffReason::LargeMovement { .. }
            | SignOffReason::MovementsOut { .. }
            | SignOffReason::Always { .. }
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

    /// Whether no sign-off is needed.
    pub(super) fn passes(&self) -> bool {
        self.steps.is_empty()
    }
}

/// Who made a command, and when it is judged.
#[derive(Clone, Copy)]
pub(super) struct Making {
    /// Its maker, who is not the approver that signs it.
    pub(super) maker: ActorDigest,
    /// The moment it is judged at.
    pub(super) recorded: Timestamp,
    /// Its own proposal, whose pending investments do not count.
    pub(super) except: Option<Position>,
}

/// The sign-off that a decision needs now.
pub(super) fn required_sign_off(
    ledger: &Ledger<'_>,
    decision: &Decision,
    making: Making,
) -> RequiredSignOff {
    let mut required = RequiredSignOff::default();
    let Some((_, policy)) = ledger.policy(making.recorded) else { return required };
    let rules = &policy.sign_off;
    let events = &decision.events;
    judge_investments(ledger, rules, events, making, &mut required);
    for act in acts(decision) {
        // A policy from before this act was signed names its chain for policies alone.
        let withdraws = act == Act::BaselineWithdrawal && rules.chains.always.is_empty();
        let chain = if withdraws { &rules.chains.policy } else { &rules.chains.always };
        required.add(ledger, chain, &SignOffReason::Always { act });
    }
    if events.iter().any(|event| needs_approval(event, policy)) {
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
    if let Some(limit) = rules.movements {
        for because in movements_out(ledger, limit, events, making) {
            required.add(ledger, &rules.chains.movement, &because);
        }
    }
    required
}

/// Whether an event adopts a policy that needs approval. To ask for a second person, and nothing
/// else, needs none.
fn needs_approval(event: &Event, current: &Policy) -> bool {
    let Event::PolicyAdopted(adopted) = event else { return false };
    let is_solo = current.sign_off.chains.always.is_empty();
    !(is_solo && *adopted.policy == current.clone().with_second_person())
}

/// The acts of a decision that always need a second person.
fn acts(decision: &Decision) -> Vec<Act> {
    let mut acts: Vec<Act> = decision.events.iter().filter_map(act).collect();
    acts.extend(decision.by_authority.then_some(Act::Authority));
    acts.sort_unstable();
    acts.dedup();
    acts
}

fn act(event: &Event) -> Option<Act> {
    match event {
        Event::FundingSettled(_) => Some(Act::Settlement),
        Event::LineSplit(_) => Some(Act::Split),
        Event::PeriodReopened(_) => Some(Act::Reopening),
        Event::BaselineWithdrawn(_) => Some(Act::BaselineWithdrawal),
        Event::BodiesMerged(_) => Some(Act::Merger),
        Event::PeriodClosed(closed) => (closed.close == Close::Hard).then_some(Act::HardClose),
        Event::BookOpened(_)
        | Event::BodyRegistered(_)
        | Event::BodyClosed(_)
        | Event::ProgrammeOpened(_)
        | Event::ProgrammeRenamed(_)
        | Event::ProgrammeClosed(_)
        | Event::ProgrammeCancelled(_)
        | Event::ProgrammeReinstated(_)
        | Event::FundEstablished(_)
        | Event::Earmarked(_)
        | Event::FundCancelled(_)
        | Event::Allocated(_)
        | Event::Cut(_)
        | Event::Reallocated(_)
        | Event::Withdrawn(_)
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
        | Event::Reversed(_)
        | Event::PolicyAdopted(_)
        | Event::Proposal(_)
        | Event::Delegation(_)
        | Event::OffsetLinked(_)
        | Event::ScopeDefined(_)
        | Event::FigurePublished(_) => None,
    }
}

/// Each fund or programme that the maker's movements take more than the limit from.
fn movements_out(
    ledger: &Ledger<'_>,
    limit: MovementLimit,
    events: &[Event],
    making: Making,
) -> Vec<SignOffReason> {
    let settles = |event: &&Event| matches!(event, Event::FundingSettled(_));
    let moving = events.iter().filter(|event| !settles(event));
    let mut losses: Vec<(_, Pence)> = Vec::new();
    for event in moving {
        let legs: &[Leg] = event.legs();
        for (source, pence) in ledger.losses(legs) {
            match losses.iter_mut().find(|(known, _)| *known == source) {
                Some((_, sum)) => *sum = sum.plus(pence),
                None => losses.push((source, pence)),
            }
        }
    }
    let since = making.recorded.minus_days(limit.window_days);
    let over = |(source, own): (_, Pence)| {
        let counted: Vec<Counted> = ledger.moved_out(making.maker, source, since).collect();
        let pence = own.plus(Pence::sum(counted.iter().map(|one| one.pence)));
        let (counted, unnamed) = latest(counted);
        let limit = limit.over;
        (pence > limit).then_some(SignOffReason::MovementsOut {
            source,
            pence,
            limit,
            counted,
            unnamed,
        })
    };
    losses.into_iter().filter_map(over).collect()
}

/// The latest counted items, and the number left out. The size of an entry is limited.
pub(super) fn latest(mut counted: Vec<Counted>) -> (Vec<Counted>, u32) {
    counted.sort_by_key(|one| one.entry);
    let unnamed = counted.len().saturating_sub(COUNTED_MAX);
    (counted.split_off(unnamed), u32::try_from(unnamed).unwrap_or(u32::MAX))
}
