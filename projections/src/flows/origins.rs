//! Origins: which settlements a budget, and what was spent of it, came from.
//!
//! Each line holds the mix of its pool: the lines of a programme in one year and class share one,
//! whichever bodies and ring-fences they have. Spend is split over the mix that the budget has at
//! the moment asked for. Where a reader may see only some lines of a pool its mix is not told, for
//! it would tell of the others: their money is of unknown origin to that reader.

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

/// Money of one origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginShare {
    /// The settlement; none where it cannot be told.
    pub origin: Option<Origin>,
    /// How much of the revised budget.
    pub budget: Pence,
    /// How much of the spend.
    pub spent: Pence,
}

/// The origins of a year's money, or of a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// The revised budget: what the shares of it sum to.
    pub budget: Pence,
    /// The spend, likewise.
    pub spent: Pence,
    /// Each origin of either; what is unknown comes first.
    pub shares: Vec<OriginShare>,
}

/// The money of one pool that is asked for.
#[derive(Clone, Copy, Default)]
struct Held {
    budget: i64,
    spent: i64,
    /// Whether there is a line in the pool that may not be read.
    hidden: bool,
}

impl ReadModels {
    /// The origins of the lines of a query, of a scope.
    pub(super) fn origins_in(
        &self,
        query: &FlowQuery,
        scope: &Scope,
    ) -> Result<Origins, QueryError> {
        self.check_codes(&query.lines())?;
        let mixes = self.flows.mixes(query.moment.position);
        let mut told = Origins::default();
        let mut sums = vec![(0_i64, 0_i64); self.flows.origins.len() + 1];
        for ((programme, class), held) in self.held(query, scope) {
            let pool = Pool::Programme(query.year, programme, class);
            let mix = if held.hidden { &[] } else { self.mix(&mixes, &pool) };
            let budget = split(held.budget, mix);
            let spent = split(held.spent, mix);
            for ((sum, budget), spent) in sums.iter_mut().zip(budget).zip(spent) {
                *sum = (sum.0.wrapping_add(budget), sum.1.wrapping_add(spent));
            }
            told.budget = told.budget.plus(Pence::new(held.budget));
            told.spent = told.spent.plus(Pence::new(held.spent));
        }
        let origins = std::iter::once(None).chain(self.flows.origins.iter().copied().map(Some));
        let shares = origins.zip(sums).filter(|(_, sum)| *sum != (0, 0));
        let share = |(origin, (budget, spent))| OriginShare {
            origin,
            budget: Pence::new(budget),
            spent: Pence::new(spent),
        };
        told.shares = shares.map(share).collect();
        Ok(told)
    }

    fn mix<'m>(&self, mixes: &'m Mixes, pool: &Pool) -> &'m [i64] {
        self.flows.accounts.find_pool(pool).map_or(&[], |pool| mixes.of(pool))
    }

    /// The budget and spend asked for, by pool.
    fn held(
        &self,
        query: &FlowQuery,
        scope: &Scope,
    ) -> BTreeMap<(ProgrammeCode, BudgetClass), Held> {
        let mut held: BTreeMap<_, Held> = BTreeMap::new();
        let Some(year) = self.planned.year(query.year) else { return held };
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
            let pool = held.entry((key.programme, key.class)).or_default();
            if !scope.admits(&key) {
                pool.hidden = true;
            } else if wanted.has(&key) {
                pool.budget = pool.budget.wrapping_add(*budget);
                pool.spent = pool.spent.wrapping_add(*spent);
            }
        }
        held
    }
}

/// Splits what is held in a pool over its mix: the mix itself where that is all of it. What there
/// is no traced money for is of unknown origin.
fn split(held: i64, mix: &[i64]) -> Vec<i64> {
    if !mix.is_empty() && mix.iter().sum::<i64>() == held {
        return mix.to_vec();
    }
    if mix.iter().any(|part| *part > 0) {
        return shares(held, mix);
    }
    let mut unknown = vec![0; mix.len().max(UNKNOWN + 1)];
    unknown[UNKNOWN] = held;
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_the_mix_or_in_its_proportion_and_always_sums() {
        let table: [(i64, &[i64], &[i64]); 6] = [
            (100, &[0, 31, 69], &[0, 31, 69]),
            (5, &[-5, 0, 10], &[-5, 0, 10]),
            (10, &[0, 31, 69], &[0, 3, 7]),
            (-10, &[0, 31, 69], &[0, -3, -7]),
            (10, &[], &[10]),
            (10, &[0, 0, 0], &[10, 0, 0]),
        ];
        for (held, mix, expected) in table {
            assert_eq!(split(held, mix), expected, "{held} of {mix:?}");
        }
    }
}
