//! Origins: the settlements that a budget and its spend came from.
//!
//! Answers the question: how much of a programme's budget is new money?
//!
//! Lines of one programme, year and class share a pool and its mix. Spend is split by the budget's
//! mix at the moment asked for. A reader of only part of a pool gets its money as of unknown
//! origin, since the mix would reveal the rest.

use std::collections::BTreeMap;

use ledger_core::domain::calendar::Month;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::money::Pence;

use super::Origin;
use super::accounts::Pool;
use super::matrix::FlowQuery;
use super::mixes::{Mixes, UNKNOWN};
use super::shares::shares;
use crate::measure::Measure;
use crate::scope::Scope;
use crate::year::Table;
use crate::{QueryError, ReadModels};

/// Money of one origin, in pence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginShare {
    /// The settlement; None where unknown.
    pub origin: Option<Origin>,
    /// The part of the revised budget.
    pub budget: Pence,
    /// The part of the spend.
    pub spent: Pence,
}

/// The origins of a year's selected lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// The revised budget: the sum of its shares.
    pub budget: Pence,
    /// The spend: the sum of its shares.
    pub spent: Pence,
    /// Origins of either, the unknown one first.
    pub shares: Vec<OriginShare>,
}

/// A pool's selected money.
#[derive(Clone, Copy, Default)]
struct PoolMoney {
    budget: i64,
    spent: i64,
    /// Whether the scope hides a line of the pool.
    hidden: bool,
}

impl ReadModels {
    /// The origins of a query's lines, within a scope.
    pub(super) fn origins_in(
        &self,
        query: &FlowQuery,
        scope: &Scope,
    ) -> Result<Origins, QueryError> {
        self.check_codes(&query.lines())?;
        let mixes = self.flows.mixes(query.moment.position);
        let mut found = Origins::default();
        let mut sums = vec![(0_i64, 0_i64); self.flows.origins.len() + 1];
        for ((programme, class), money) in self.pool_money(query, scope) {
            let pool = Pool::Programme(query.year, programme, class);
            let mix = if money.hidden { &[] } else { self.mix(&mixes, &pool) };
            let budget = split(money.budget, mix);
            let spent = split(money.spent, mix);
            for ((sum, budget), spent) in sums.iter_mut().zip(budget).zip(spent) {
                *sum = (sum.0.wrapping_add(budget), sum.1.wrapping_add(spent));
            }
            found.budget = found.budget.plus(Pence::new(money.budget));
            found.spent = found.spent.plus(Pence::new(money.spent));
        }
        let origins = std::iter::once(None).chain(self.flows.origins.iter().copied().map(Some));
        let shares = origins.zip(sums).filter(|(_, sum)| *sum != (0, 0));
        let share = |(origin, (budget, spent))| OriginShare {
            origin,
            budget: Pence::new(budget),
            spent: Pence::new(spent),
        };
        found.shares = shares.map(share).collect();
        Ok(found)
    }

    fn mix<'m>(&self, mixes: &'m Mixes, pool: &Pool) -> &'m [i64] {
        self.flows.accounts.find_pool(pool).map_or(&[], |pool| mixes.of(pool))
    }

    /// The selected budget and spend of each pool.
    fn pool_money(
        &self,
        query: &FlowQuery,
        scope: &Scope,
    ) -> BTreeMap<(ProgrammeCode, BudgetClass), PoolMoney> {
        let mut pools: BTreeMap<_, PoolMoney> = BTreeMap::new();
        let Some(year) = self.planned.year(query.year) else { return pools };
        let at = query.moment.position;
        let (mut whole, mut through) = (Table::default(), Table::default());
        year.line_table(at, Month::M13, &mut whole);
        year.line_table(at, query.month(), &mut through);
        let wanted = self.wanted(&query.lines());
        let figures = whole.plane(Measure::Revised).iter().zip(through.plane(Measure::Actual));
        for (line, (budget, spent)) in year.lines().iter().zip(figures) {
            let key = line.key;
            if line.opened > at || !wanted.has_pool(&key) {
                continue;
            }
            let pool = pools.entry((key.programme, key.class)).or_default();
            if !scope.admits(&key) {
                pool.hidden = true;
            } else if wanted.has(&key) {
                pool.budget = pool.budget.wrapping_add(*budget);
                pool.spent = pool.spent.wrapping_add(*spent);
            }
        }
        pools
    }
}

/// Splits an amount of a pool by its mix: the mix itself where it is all of the pool. Without
/// traced money, the origin is unknown.
fn split(amount: i64, mix: &[i64]) -> Vec<i64> {
    if !mix.is_empty() && mix.iter().sum::<i64>() == amount {
        return mix.to_vec();
    }
    if mix.iter().any(|part| *part > 0) {
        return shares(amount, mix);
    }
    let mut unknown = vec![0; mix.len().max(UNKNOWN + 1)];
    unknown[UNKNOWN] = amount;
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_split_by_the_mix_and_sums_to_the_penny() {
        let table: [(i64, &[i64], &[i64]); 6] = [
            (100, &[0, 31, 69], &[0, 31, 69]),
            (5, &[-5, 0, 10], &[-5, 0, 10]),
            (10, &[0, 31, 69], &[0, 3, 7]),
            (-10, &[0, 31, 69], &[0, -3, -7]),
            (10, &[], &[10]),
            (10, &[0, 0, 0], &[10, 0, 0]),
        ];
        for (amount, mix, expected) in table {
            assert_eq!(split(amount, mix), expected, "{amount} of {mix:?}");
        }
    }
}
