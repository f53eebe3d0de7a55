//! Rules of budget movements: balance, class, ring-fence, availability and range.

use smallvec::SmallVec;

use super::case::Case;
use super::{Breach, Context, Ledger, Rejection};
use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::code::RingFence;
use crate::domain::line::LineKey;
use crate::domain::money::{Pence, TURNOVER_LIMIT};
use crate::domain::movement::{Account, ClassSwitch, Leg, Legs, Movement};
use crate::domain::policy::Severity;

impl Case<'_> {
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
        self.class_rule(year, &legs)?;
        self.ring_fence_rule(&legs)?;
        self.balance_rules(&legs)?;
        Ok(Movement { month, concerns, legs })
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
        let used = self.ledger.switched(year);
        match self.policy.capital_to_revenue.caps.get(&year).copied() {
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
        if self.context.has_authority {
            return Ok(());
        }
        let fence_of = |leg: &Leg| leg.as_line().and_then(|line| line.ring_fence);
        let mut fences: Vec<RingFence> = legs.iter().filter_map(fence_of).collect();
        fences.sort_unstable();
        fences.dedup();
        for ring_fence in fences {
            let inside = legs.iter().filter(|leg| fence_of(leg) == Some(ring_fence));
            let net = Pence::sum(inside.map(|leg| leg.pence));
            if net.is_negative() {
                let breach = Breach::RingFence { ring_fence, pence: net.negated() };
                self.enforce(self.policy.ring_fence, breach)?;
            }
        }
        Ok(())
    }

    /// No account may give more than it has available. No balance may exceed the exact range.
    pub(super) fn balance_rules(&mut self, legs: &[Leg]) -> Result<(), Rejection> {
        for (account, net) in net_by_account(legs) {
            let (balance, available) = match account {
                Account::Line(line) => {
                    let line = self.ledger.line(&line).copied().unwrap_or_default();
                    (line.revised, line.available())
                }
                Account::Fund(pot) => {
                    let unallocated = self.ledger.unallocated(pot);
                    (unallocated, unallocated)
                }
                Account::Outside(_) => continue,
            };
            if net.is_negative() && available.plus(net).is_negative() {
                let account = account.into();
                let breach = Breach::BeyondAvailable { account, pence: net.negated(), available };
                self.enforce(self.policy.availability, breach)?;
            }
            within_limit(balance.plus(net))?;
        }
        self.turnover_allows(legs.iter().map(|leg| leg.pence))
    }

    pub(super) fn turnover_allows(
        &self,
        amounts: impl IntoIterator<Item = Pence>,
    ) -> Result<(), Rejection> {
        let added = Pence::sum(amounts.into_iter().map(Pence::magnitude));
        if self.ledger.turnover().plus(added).get() > TURNOVER_LIMIT {
            return Err(Rejection::OutOfRange);
        }
        Ok(())
    }

    /// The balance of a line or fund; zero for an outside account, which has no limit.
    pub(super) fn balance(&self, account: &Account) -> Pence {
        match account {
            Account::Line(line) => self.ledger.line(line).map_or(Pence::ZERO, |l| l.revised),
            Account::Fund(pot) => self.ledger.unallocated(*pot),
            Account::Outside(_) => Pence::ZERO,
        }
    }

    pub(super) fn available(&self, line: &LineKey) -> Pence {
        self.ledger.line(line).map_or(Pence::ZERO, |line| line.available())
    }

    /// The ledger after the events decided so far.
    pub(super) fn ledger_after(&self) -> Ledger<'_> {
        let mut fork = self.ledger.fork();
        let Context { actor, recorded, .. } = *self.context;
        fork.apply(self.ledger.position().next(), recorded, actor.digest(), &self.events);
        fork
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

/// The net change of each account, in order of first appearance.
fn net_by_account(legs: &[Leg]) -> NetChanges {
    let mut nets = NetChanges::new();
    for leg in legs {
        match nets.iter_mut().find(|(account, _)| *account == leg.account) {
            Some((_, net)) => *net = net.plus(leg.pence),
            None => nets.push((leg.account, leg.pence)),
        }
    }
    nets
}
