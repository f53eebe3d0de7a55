//! Whose sign-off a command's investments need.
//!
//! Source: the protocol for changes to in-year revenue financial forecasts (NHS England, November
//! 2022). Policy sets the limits, the window and the chains.
//!
//! - What counts: `ledger/investments.rs`, as entries are applied.
//! - Over what it is summed: [`summing`].
//! - Against which limit: [`limits`].
//! - Spend, which is never held: [`findings`].
//!
//! A command is judged on the state that results from it, so whatever it does counts once, however
//! it is put.

mod findings;
mod limits;
mod summing;

use smallvec::SmallVec;

use super::required::{Making, RequiredSignOff};
use super::{Event, Ledger};
use crate::domain::calendar::Timestamp;
use crate::domain::code::BodyCode;
use crate::domain::event::Investment;
use crate::domain::ledger::{CountingRegime, Place, Window};
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::movement::Leg;
use crate::domain::position::Position;
use crate::domain::sign_off::{Regime, SignOffPolicy, Trigger};

/// Adds the steps that the events' investments need.
pub(super) fn judge_investments(
    ledger: &Ledger<'_>,
    rules: &SignOffPolicy,
    events: &[Event],
    making: Making,
    required: &mut RequiredSignOff,
) {
    let places = places(ledger, events);
    if places.is_empty() {
        return;
    }
    let holds = |place: &Place| applies(ledger, rules, place.system, making.recorded).is_some();
    if !places.iter().any(holds) && !events.iter().any(may_begin_regime) {
        return;
    }
    let after = &ledger.after(making.recorded, making.maker, events);
    let mut judged: SmallVec<[BodyCode; 2]> = SmallVec::new();
    for place in &places {
        if let Some(applies) = applies(after, rules, place.system, making.recorded) {
            let judge = limits::Judge { after, rules, events, making, applies };
            judge.provider(*place, required);
            let beside = |other: &Place| other.system == place.system && other != place;
            let adds_up = rules.across_commands || places.iter().any(beside);
            if adds_up && !judged.contains(&place.system) {
                judged.push(place.system);
                judge.maker(place.system, required);
            }
        }
    }
}

/// How the rules apply to a system.
#[derive(Clone, Copy)]
struct Applicable {
    regime: CountingRegime,
    window: Window,
}

impl Applicable {
    /// The regime to state: the one that holds now, or held before.
    fn stated(&self) -> Regime {
        if self.regime.now == Regime::None { self.regime.strictest } else { self.regime.now }
    }
}

/// Where the rules apply to a system at a moment: under a regime that counts, or by the policy
/// always.
fn applies(
    ledger: &Ledger<'_>,
    rules: &SignOffPolicy,
    system: BodyCode,
    at: Timestamp,
) -> Option<Applicable> {
    let since = at.minus_days(rules.window_days);
    let counting = ledger.counting_regime(system, at, rules.window_days);
    let none =
        CountingRegime { now: Regime::None, strictest: Regime::None, began: Position::START };
    match rules.trigger {
        Trigger::Always => {
            let regime = counting.unwrap_or(none);
            Some(Applicable { regime, window: Window { since, began: Position::START } })
        }
        Trigger::UnderRegime => counting
            .map(|regime| Applicable { regime, window: Window { since, began: regime.began } }),
    }
}

/// The places in systems whose lines the events give budget or commit, once each.
fn places(ledger: &Ledger<'_>, events: &[Event]) -> SmallVec<[Place; 2]> {
    let mut places: SmallVec<[Place; 2]> = SmallVec::new();
    let mut add = |line: &LineKey| {
        if let Some(place) = ledger.invests(line)
            && !places.contains(&place)
        {
            places.push(place);
        }
    };
    for event in events {
        match event {
            Event::Committed(made) if made.pence.is_positive() => add(&made.line),
            // A release that is reversed commits again.
            Event::CommitmentReleased(released) if released.pence.is_negative() => {
                add(&released.line);
            }
            Event::Allocated(movement)
            | Event::Cut(movement)
            | Event::Reallocated(movement)
            | Event::Withdrawn(movement)
            | Event::BudgetExchanged(movement) => {
                let gets = movement.legs.iter().filter(|leg| leg.pence.is_positive());
                gets.filter_map(Leg::as_line).for_each(|line| add(&line));
            }
            Event::Committed(_)
            | Event::CommitmentReleased(_)
            | Event::LineSplit(_)
            | Event::Accrued(_)
            | Event::AccrualReleased(_)
            | Event::ActualRecorded(_)
            | Event::BookOpened(_)
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
            | Event::FundCancelled(_)
            | Event::ForecastRevised(_)
            | Event::ForecastWithdrawn(_)
            | Event::UnderspendExplained(_)
            | Event::ProfileSet(_)
            | Event::BaselineStruck(_)
            | Event::BaselineWithdrawn(_)
            | Event::PeriodClosed(_)
            | Event::PeriodReopened(_)
            | Event::Reversed(_)
            | Event::Proposal(_)
            | Event::Delegation(_)
            | Event::OffsetLinked(_)
            | Event::ScopeDefined(_)
            | Event::FigurePublished(_)
            | Event::PolicyAdopted(_) => {}
        }
    }
    places
}

/// Whether an event can bring a system under a regime: a forecast, or budget that leaves a line.
fn may_begin_regime(event: &Event) -> bool {
    let leaves = |leg: &Leg| {
        leg.pence.is_negative()
            && leg.as_line().is_some_and(|line| line.class == BudgetClass::Revenue)
    };
    matches!(event, Event::ForecastRevised(_) | Event::ForecastWithdrawn(_))
        || event.legs().iter().any(leaves)
}

/// What the events would invest, for a proposal that waits.
pub(super) fn investments(
    ledger: &Ledger<'_>,
    events: &[Event],
    making: Making,
) -> Vec<Investment> {
    let places = places(ledger, events);
    if places.is_empty() {
        return Vec::new();
    }
    summing::of_entry(&ledger.after(making.recorded, making.maker, events), &places)
}
