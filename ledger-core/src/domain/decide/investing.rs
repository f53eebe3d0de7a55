//! What passes a limit, and whose sign-off it needs.
//!
//! The protocol for changes to in-year revenue financial forecasts (NHS England, November 2022), as
//! the policy words it: revenue that a system's bodies commit or are allocated, under a regime.

use super::case::Case;
use super::{Event, Ledger};
use crate::domain::actor::Tier;
use crate::domain::calendar::{FinancialYear, Timestamp};
use crate::domain::code::{BodyCode, ProgrammeCode};
use crate::domain::event::{Investment, Obligation};
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::money::Pence;
use crate::domain::policy::Policy;
use crate::domain::position::Position;
use crate::domain::sign_off::{Because, Counted, Regime, SignOffPolicy, Step, Trigger};

/// So many of those that count against a limit a proposal names.
const NAMED_MAX: usize = 100;

/// The sign-off that events need.
#[derive(Default)]
pub(super) struct Needed {
    /// Whose, in order, and why; none where they pass.
    pub(super) steps: Vec<Step>,
    /// What of them is investment.
    pub(super) invests: Vec<Investment>,
}

impl Needed {
    pub(super) fn add(&mut self, ledger: &Ledger<'_>, tiers: &[Tier], because: &Because) {
        let system = match because {
            Because::ProviderInvestment { body, .. } => ledger.system_of(*body),
            Because::SystemInvestment { system, .. } => Some(*system),
            Because::LargeMovement { .. } | Because::Proposed | Because::Policy => None,
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

/// The sign-off that events need as things are, whatever one proposal (this one) has pending.
pub(super) fn needed(
    ledger: &Ledger<'_>,
    events: &[Event],
    recorded: Timestamp,
    but: Option<Position>,
) -> Needed {
    let mut needed = Needed::default();
    let Some((_, policy)) = ledger.policy(recorded) else { return needed };
    let rules = &policy.sign_off;
    let invested = investments(ledger, events);
    if !invested.is_empty() {
        judge_investments(ledger, rules, &invested, window(rules, recorded), but, &mut needed);
    }
    for event in events {
        if let Event::PolicyAdopted(_) = event {
            needed.add(ledger, &rules.chains.policy, &Because::Policy);
            // No policy does away with this: else one adopted by two would let others be by one.
            needed.add(ledger, &[Tier::Department], &Because::Policy);
        }
    }
    if let Some(limit) = rules.movement_over {
        let legs = events.iter().filter_map(Event::movement).flat_map(|movement| &movement.legs);
        let pence = Pence::sum(legs.map(|leg| leg.pence).filter(|pence| pence.is_positive()));
        if pence > limit {
            let because = Because::LargeMovement { pence, limit };
            needed.add(ledger, &rules.chains.movement, &because);
        }
    }
    needed.invests = invested
        .into_iter()
        .map(|Invested { body, programme, pence, .. }| Investment { body, programme, pence })
        .collect();
    needed
}

/// Investment of one body in one programme, in what is judged.
struct Invested {
    system: BodyCode,
    body: BodyCode,
    programme: ProgrammeCode,
    years: Vec<FinancialYear>,
    pence: Pence,
}

fn investments(ledger: &Ledger<'_>, events: &[Event]) -> Vec<Invested> {
    let mut found: Vec<Invested> = Vec::new();
    let mut add = |line: LineKey, pence: Pence| {
        let LineKey { body, programme, year, class, .. } = line;
        if class != BudgetClass::Revenue || !pence.is_positive() {
            return;
        }
        let Some(system) = ledger.system_of(body) else { return };
        let same = |one: &&mut Invested| (one.body, one.programme) == (body, programme);
        match found.iter_mut().find(same) {
            Some(one) => {
                one.pence = one.pence.plus(pence);
                if !one.years.contains(&year) {
                    one.years.push(year);
                }
            }
            None => found.push(Invested { system, body, programme, years: vec![year], pence }),
        }
    };
    for event in events {
        if let Event::Committed(Obligation { line, pence, .. }) = event {
            add(*line, *pence);
        } else if let Event::Allocated(movement) = event {
            let lines = movement.legs.iter().filter_map(|leg| Some((leg.as_line()?, leg.pence)));
            lines.for_each(|(line, pence)| add(line, pence));
        }
    }
    found
}

/// What was recorded since then counts together.
fn window(rules: &SignOffPolicy, recorded: Timestamp) -> Timestamp {
    const DAY: i64 = 24 * 60 * 60 * 1_000_000;
    let back = DAY.saturating_mul(i64::from(rules.window_days));
    Timestamp::from_micros(recorded.micros().saturating_sub(back))
}

fn judge_investments(
    ledger: &Ledger<'_>,
    rules: &SignOffPolicy,
    invested: &[Invested],
    since: Timestamp,
    but: Option<Position>,
    needed: &mut Needed,
) {
    let mut judged: Vec<(&Invested, Regime, Vec<Counted>)> = Vec::new();
    for one in invested {
        let counted = ledger.counted((one.body, one.programme), since, but);
        judged.push((one, Regime::None, counted));
    }
    let all = judged.iter().map(|(one, _, counted)| one.pence.plus(sum(counted)));
    if Pence::sum(all) <= rules.provider_over.min(rules.system_over) {
        return;
    }
    for (one, regime, _) in &mut judged {
        let regimes = one.years.iter().map(|year| ledger.standing(one.system, *year).regime);
        *regime = regimes.max().unwrap_or(Regime::None);
    }
    judged.retain(|(_, regime, _)| *regime != Regime::None || rules.trigger == Trigger::Always);
    for (one, regime, all) in &judged {
        let Invested { system, body, programme, .. } = **one;
        let (regime, pence) = (*regime, one.pence.plus(sum(all)));
        if body == system {
            if pence > rules.system_over {
                let (limit, (counted, unnamed)) = (rules.system_over, named(all));
                let because =
                    Because::SystemInvestment { system, pence, limit, regime, counted, unnamed };
                needed.add(ledger, &rules.chains.system, &because);
            }
        } else if pence > rules.provider_over {
            let in_deficit = regime == Regime::SystemDeficit && pence > rules.system_over;
            let chains = &rules.chains;
            let tiers = if in_deficit { &chains.provider_in_deficit } else { &chains.provider };
            let limit = if in_deficit { rules.system_over } else { rules.provider_over };
            let (counted, unnamed) = named(all);
            let because = Because::ProviderInvestment {
                body,
                programme,
                pence,
                limit,
                regime,
                counted,
                unnamed,
            };
            needed.add(ledger, tiers, &because);
        }
    }
    // Several providers of one system in one command are the system.
    let mut systems: Vec<BodyCode> = judged.iter().map(|(one, ..)| one.system).collect();
    systems.sort_unstable();
    systems.dedup();
    for system in systems {
        let of_system: Vec<_> = judged.iter().filter(|(one, ..)| one.system == system).collect();
        let mut bodies: Vec<BodyCode> = of_system.iter().map(|(one, ..)| one.body).collect();
        bodies.sort_unstable();
        bodies.dedup();
        let own = Pence::sum(of_system.iter().map(|(one, ..)| one.pence));
        let counted: Vec<Counted> =
            of_system.iter().flat_map(|(_, _, counted)| counted.iter().copied()).collect();
        let (pence, limit) = (own.plus(sum(&counted)), rules.system_over);
        if bodies.len() > 1 && pence > limit {
            let regime = of_system.iter().map(|(_, regime, _)| *regime).max();
            let regime = regime.unwrap_or(Regime::None);
            let (counted, unnamed) = named(&counted);
            let because =
                Because::SystemInvestment { system, pence, limit, regime, counted, unnamed };
            needed.add(ledger, &rules.chains.system, &because);
        }
    }
}

fn sum(counted: &[Counted]) -> Pence {
    Pence::sum(counted.iter().map(|one| one.pence))
}

/// The latest of what counts, and how many more there are: an entry has only so much room.
fn named(counted: &[Counted]) -> (Vec<Counted>, u32) {
    let mut named = counted.to_vec();
    named.sort_by_key(|one| one.entry);
    let unnamed = named.len().saturating_sub(NAMED_MAX);
    (named.split_off(unnamed), u32::try_from(unnamed).unwrap_or(u32::MAX))
}

impl Case<'_> {
    /// What a body of a system may invest on a revenue line without sign-off, where an amount is
    /// above it as things are.
    pub(super) fn passed_limit(&self, line: &LineKey, pence: Pence) -> Option<Pence> {
        if line.class != BudgetClass::Revenue {
            return None;
        }
        let system = self.ledger.system_of(line.body)?;
        let Policy { sign_off, .. } = &*self.policy;
        let is_provider = system != line.body;
        let limit = if is_provider { sign_off.provider_over } else { sign_off.system_over };
        let holds = || {
            sign_off.trigger == Trigger::Always
                || self.ledger.standing(system, line.year).regime != Regime::None
        };
        (pence > limit && holds()).then_some(limit)
    }
}
