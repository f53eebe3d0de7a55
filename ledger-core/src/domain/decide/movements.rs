//! The ladder of rules that every movement of budget passes, whatever command it follows from:
//! class, ring-fence, availability and range.

use smallvec::SmallVec;

use super::case::Case;
use super::{Availability, Breach, Context, Ledger, Rejection};
use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::code::RingFence;
use crate::domain::event::{Event, changed};
use crate::domain::ledger::Line;
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::movement::{Account, ClassSwitch, Leg, Legs, Movement, Pot};
use crate::domain::policy::Severity;

impl<'a> Case<'a> {
    /// Checks and builds a movement between lines, or between a fund and lines, of one year.
    pub(super) fn movement(
        &mut self,
        month: Month,
        concerns: Option<FinancialYear>,
        legs: Legs,
    ) -> Result<Movement, Rejection> {
        let year = one_year(&legs)?;
        self.open_budget_month(year, month)?;
        self.check_prior_period(year, concerns)?;
        for leg in &legs {
            if let Some(line) = leg.as_line() {
                if leg.pence.is_negative() {
                    self.open_line(&line)?;
                    self.may_give(&line)?;
                } else {
                    self.may_receive(&line, month)?;
                }
            }
        }
        self.movement_rules(year, &legs)?;
        Ok(Movement { month, concerns, legs })
    }

    /// The rules of class, ring-fence and balance.
    pub(super) fn movement_rules(
        &mut self,
        year: FinancialYear,
        legs: &[Leg],
    ) -> Result<(), Rejection> {
        self.class_rule(year, legs)?;
        self.ring_fence_rule(legs)?;
        self.balance_rules(legs)
    }

    /// Capital may pay for revenue only under an authority, up to the year's cap.
    pub(super) fn class_rule(
        &mut self,
        year: FinancialYear,
        legs: &[Leg],
    ) -> Result<(), Rejection> {
        let switch = ClassSwitch::of(legs);
        if switch.to_capital.is_positive() {
            let breach = Breach::RevenueToCapital { year, pence: switch.to_capital };
            self.enforce(self.policy.revenue_to_capital, breach)?;
        }
        let pence = switch.to_revenue;
        if !pence.is_positive() {
            return Ok(());
        }
        let severity = self.policy.capital_to_revenue.severity;
        if !self.context.has_authority {
            return self.enforce(severity, Breach::CapitalToRevenue { year, pence });
        }
        self.lift(severity);
        let used = self.ledger.switched(year);
        match self.policy.capital_to_revenue.cap(year) {
            Some(cap) if used.plus(pence) > cap => {
                let since = self.ledger.policy_since(self.context.recorded);
                self.enforce(
                    severity,
                    Breach::CapitalToRevenueCap { year, pence, cap, used, since },
                )
            }
            Some(_) => Ok(()),
            None => {
                let breach = Breach::CapitalToRevenueUncapped { year, pence };
                self.enforce(Severity::Should, breach)
            }
        }
    }

    /// Money leaves a ring-fence only under an authority.
    pub(super) fn ring_fence_rule(&mut self, legs: &[Leg]) -> Result<(), Rejection> {
        let fence_of = |leg: &Leg| leg.as_line().and_then(|line| line.ring_fence);
        let mut fences: Vec<RingFence> = legs.iter().filter_map(fence_of).collect();
        fences.sort_unstable();
        fences.dedup();
        for ring_fence in fences {
            let inside = legs.iter().filter(|leg| fence_of(leg) == Some(ring_fence));
            let net = Pence::sum(inside.map(|leg| leg.pence));
            if net.is_negative() && self.context.has_authority {
                self.lift(self.policy.ring_fence);
            } else if net.is_negative() {
                let breach = Breach::RingFence { ring_fence, pence: net.negated() };
                self.enforce(self.policy.ring_fence, breach)?;
            }
        }
        Ok(())
    }

    /// Notes that the authority cited lifts a rule that would refuse the command.
    fn lift(&mut self, severity: Severity) {
        self.by_authority |= severity == Severity::Shall;
    }

    /// No account may give more than it has. No balance may exceed the exact range.
    pub(super) fn balance_rules(&mut self, legs: &[Leg]) -> Result<(), Rejection> {
        for (account, net) in net_by_account(legs) {
            match account {
                Account::Line(key) => {
                    let mut line = self.ledger.line(&key).copied().unwrap_or_default();
                    let before = line.revised;
                    line.revised = before.plus(net);
                    self.line_fits(before, line.revised)?;
                    if net.is_negative() {
                        self.may_leave(key, net.negated(), &line)?;
                    }
                }
                Account::Fund(pot) => {
                    let after = self.ledger.unallocated(pot).plus(net);
                    within_limit(after)?;
                    if self.availability == Availability::Alone {
                        self.may_leave_fund(pot, net.negated(), after)?;
                    }
                }
                Account::Outside(_) => {}
            }
        }
        Ok(())
    }

    /// Checks a line that budget has left: neither what is available nor the revised budget may be
    /// below zero. A credit may thus be spent again on its line, and is no budget to move.
    fn may_leave(&mut self, key: LineKey, pence: Pence, after: &Line) -> Result<(), Rejection> {
        let account = || Account::Line(key).into();
        if self.availability == Availability::Together {
            return Ok(());
        }
        if after.available().is_negative() {
            let available = after.available().plus(pence);
            let breach = Breach::BeyondAvailable { account: account(), pence, available };
            self.enforce(self.policy.availability, breach)?;
        } else if after.revised.is_negative() {
            let revised = after.revised.plus(pence);
            let breach = Breach::BeyondRevised { account: account(), pence, revised };
            self.enforce(self.policy.availability, breach)?;
        }
        Ok(())
    }

    /// Checks a fund that money has left, if any has: what it has left may not be below zero.
    pub(super) fn may_leave_fund(
        &mut self,
        pot: Pot,
        pence: Pence,
        after: Pence,
    ) -> Result<(), Rejection> {
        if pence.is_positive() && after.is_negative() {
            let (account, available) = (Account::Fund(pot).into(), after.plus(pence));
            let breach = Breach::BeyondAvailable { account, pence, available };
            self.enforce(self.policy.availability, breach)?;
        }
        Ok(())
    }

    /// Judges the state that several events together result in: each line whose budget they have
    /// lowered, and each balance they have changed.
    ///
    /// `lowers` says whether a line that only its spend or commitments have lowered counts too.
    pub(super) fn result_rules(
        &mut self,
        after: &Ledger<'_>,
        events: &[Event],
        lowers: bool,
    ) -> Result<(), Rejection> {
        for key in changed(events).0 {
            let before = self.ledger.line(&key).copied().unwrap_or_default();
            let line = after.line(&key).copied().unwrap_or_default();
            let figures = |line: &Line| [line.revised, line.committed, line.accrued, line.actual];
            for (before, after) in figures(&before).into_iter().zip(figures(&line)) {
                self.line_fits(before, after)?;
            }
            let moved = before.revised.minus(line.revised);
            let freed = before.available().minus(line.available());
            if moved.is_positive() {
                self.may_leave(key, moved.max(freed), &line)?;
            } else if lowers && freed.is_positive() {
                self.may_leave(key, freed, &line)?;
            }
        }
        Ok(())
    }

    /// Checks that a balance of a line does not grow beyond what each line may hold.
    pub(super) fn line_fits(&self, before: Pence, after: Pence) -> Result<(), Rejection> {
        /// £343 million, which each of sixteen million lines may hold.
        const ALWAYS: Pence = Pence::limit_of_each(1 << 24);
        let after = after.magnitude();
        let fits = after <= ALWAYS || after <= before.magnitude();
        if fits || after <= self.ledger.line_limit() { Ok(()) } else { Err(Rejection::OutOfRange) }
    }

    /// The ledger after the events decided so far.
    pub(super) fn ledger_after(&self) -> Ledger<'a> {
        let Context { actor, recorded, .. } = *self.context;
        self.ledger.after(recorded, actor.digest(), &self.events)
    }
}

pub(super) fn within_limit(balance: Pence) -> Result<(), Rejection> {
    if balance.magnitude() > Pence::LIMIT { Err(Rejection::OutOfRange) } else { Ok(()) }
}

/// The common year of the lines.
fn one_year(legs: &[Leg]) -> Result<FinancialYear, Rejection> {
    let mut years = legs.iter().filter_map(Leg::as_line).map(|line| line.year);
    let first = years.next().ok_or(Rejection::NoLegs)?;
    match years.find(|year| *year != first) {
        Some(other) => Err(Rejection::YearsDiffer { first, other }),
        None => Ok(first),
    }
}

/// Whether every account's net change is zero.
pub(super) fn changes_nothing(legs: &[Leg]) -> bool {
    net_by_account(legs).iter().all(|(_, net)| net.is_zero())
}

type NetChanges = SmallVec<[(Account, Pence); 4]>;

/// The net change of each account, in order of account.
fn net_by_account(legs: &[Leg]) -> NetChanges {
    let mut nets: NetChanges = legs.iter().map(|leg| (leg.account, leg.pence)).collect();
    nets.sort_unstable_by_key(|(account, _)| *account);
    nets.dedup_by(|(account, pence), (kept, net)| {
        let same = account == kept;
        if same {
            *net = net.plus(*pence);
        }
        same
    });
    nets
}
