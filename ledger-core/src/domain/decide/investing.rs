//! Which limits a command's investments exceed, and whose sign-off they need.
//!
//! Source: the protocol for changes to in-year revenue financial forecasts (NHS England, November
//! 2022). It covers revenue committed by, or allocated to, bodies of a system under a regime.
//! Policy sets the limits.

use super::case::Case;
use super::required::{RequiredSignOff, latest};
use super::{Event, Ledger};
use crate::domain::calendar::{FinancialYear, Timestamp};
use crate::domain::code::{BodyCode, ProgrammeCode};
use crate::domain::event::{Investment, Obligation};
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::money::Pence;
use crate::domain::policy::Policy;
use crate::domain::position::Position;
use crate::domain::sign_off::{Counted, Regime, SignOffPolicy, SignOffReason, Trigger};

/// Investment of one body in one programme, by the command judged.
struct BodyInvestment {
    system: BodyCode,
    body: BodyCode,
    programme: ProgrammeCode,
    years: Vec<FinancialYear>,
    pence: Pence,
}

fn investments(ledger: &Ledger<'_>, events: &[Event]) -> Vec<BodyInvestment> {
    let mut found: Vec<BodyInvestment> = Vec::new();
    let mut add = |line: LineKey, pence: Pence| {
        let LineKey { body, programme, year, class, .. } = line;
        if class != BudgetClass::Revenue || !pence.is_positive() {
            return;
        }
        let Some(system) = ledger.system_of(body) else { return };
        let same = |one: &&mut BodyInvestment| (one.body, one.programme) == (body, programme);
        match found.iter_mut().find(same) {
            Some(one) => {
                one.pence = one.pence.plus(pence);
                if !one.years.contains(&year) {
                    one.years.push(year);
                }
            }
            None => {
                found.push(BodyInvestment { system, body, programme, years: vec![year], pence });
            }
        }
    };
    for event in events {
        match event {
            Event::Committed(Obligation { line, pence, .. }) => add(*line, *pence),
            Event::Allocated(movement) => {
                let lines =
                    movement.legs.iter().filter_map(|leg| Some((leg.as_line()?, leg.pence)));
                lines.for_each(|(line, pence)| add(line, pence));
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
            | Event::Cut(_)
            | Event::Reallocated(_)
            | Event::Withdrawn(_)
            | Event::LineSplit(_)
            | Event::BudgetExchanged(_)
            | Event::ForecastRevised(_)
            | Event::UnderspendExplained(_)
            | Event::ProfileSet(_)
            | Event::BaselineStruck(_)
            | Event::PeriodClosed(_)
            | Event::PeriodReopened(_)
            | Event::Reversed(_)
            | Event::Proposal(_)
            | Event::Delegation(_)
            | Event::OffsetLinked(_)
            | Event::ScopeDefined(_)
            | Event::FigurePublished(_)
            | Event::CommitmentReleased(_)
            | Event::Accrued(_)
            | Event::AccrualReleased(_)
            | Event::ActualRecorded(_)
            | Event::PolicyAdopted(_) => {}
        }
    }
    found
}

/// The start of the window in which investments add up.
fn window(rules: &SignOffPolicy, recorded: Timestamp) -> Timestamp {
    const DAY: i64 = 24 * 60 * 60 * 1_000_000;
    let back = DAY.saturating_mul(i64::from(rules.window_days));
    Timestamp::from_micros(recorded.micros().saturating_sub(back))
}

/// Adds the steps that the events' investments need. Pending investments of the proposal `except`
/// do not count.
pub(super) fn judge_investments(
    ledger: &Ledger<'_>,
    rules: &SignOffPolicy,
    events: &[Event],
    recorded: Timestamp,
    except: Option<Position>,
    required: &mut RequiredSignOff,
) {
    let invested = investments(ledger, events);
    if !invested.is_empty() {
        judge(ledger, rules, &invested, window(rules, recorded), except, required);
    }
    required.invests = invested
        .into_iter()
        .map(|BodyInvestment { body, programme, pence, .. }| Investment { body, programme, pence })
        .collect();
}

fn judge(
    ledger: &Ledger<'_>,
    rules: &SignOffPolicy,
    invested: &[BodyInvestment],
    since: Timestamp,
    except: Option<Position>,
    required: &mut RequiredSignOff,
) {
    let mut judged: Vec<(&BodyInvestment, Regime, Vec<Counted>)> = Vec::new();
    for one in invested {
        let counted = ledger.counted((one.body, one.programme), since, except);
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
        let BodyInvestment { system, body, programme, .. } = **one;
        let (regime, pence) = (*regime, one.pence.plus(sum(all)));
        if body == system {
            if pence > rules.system_over {
                let (limit, (counted, unnamed)) = (rules.system_over, latest(all));
                let because = SignOffReason::SystemInvestment {
                    system,
                    pence,
                    limit,
                    regime,
                    counted,
                    unnamed,
                };
                required.add(ledger, &rules.chains.system, &because);
            }
        } else if pence > rules.provider_over {
            let in_deficit = regime == Regime::SystemDeficit && pence > rules.system_over;
            let chains = &rules.chains;
            let tiers = if in_deficit { &chains.provider_in_deficit } else { &chains.provider };
            let limit = if in_deficit { rules.system_over } else { rules.provider_over };
            let (counted, unnamed) = latest(all);
            let because = SignOffReason::ProviderInvestment {
                body,
                programme,
                pence,
                limit,
                regime,
                counted,
                unnamed,
            };
            required.add(ledger, tiers, &because);
        }
    }
    // Investment of several providers of one system is judged as the system's.
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
            let (counted, unnamed) = latest(&counted);
            let because =
                SignOffReason::SystemInvestment { system, pence, limit, regime, counted, unnamed };
            required.add(ledger, &rules.chains.system, &because);
        }
    }
}

fn sum(counted: &[Counted]) -> Pence {
    Pence::sum(counted.iter().map(|one| one.pence))
}

impl Case<'_> {
    /// The limit on a body's investment without sign-off, where `pence` exceeds it and the rule
    /// applies now.
    pub(super) fn exceeded_limit(&self, line: &LineKey, pence: Pence) -> Option<Pence> {
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
