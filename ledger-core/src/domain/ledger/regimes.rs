//! Regimes: which oversight a system is under by its forecasts, and was under until when.

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::domain::calendar::{FinancialYear, Month, Timestamp};
use crate::domain::code::BodyCode;
use crate::domain::event::{BodyKind, OffsetLinked};
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::money::Pence;
use crate::domain::position::Position;
use crate::domain::sign_off::Regime;

/// The state of a system in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its regime.
    pub regime: Regime,
    /// The bodies whose forecasts exceed their budgets.
    pub deteriorations: Vec<Deterioration>,
}

impl Standing {
    /// The state of a system, from each body's forecast less budget (negative where improved) and
    /// the linked offsets in order.
    ///
    /// An offset counts only up to the improvement that remains.
    pub fn new(by_body: Vec<(BodyCode, Pence)>, links: &[OffsetLinked]) -> Self {
        let mut improvements: Vec<(BodyCode, Pence)> =
            by_body.iter().map(|(body, pence)| (*body, pence.negated().max(Pence::ZERO))).collect();
        let mut deteriorations: Vec<Deterioration> = by_body
            .into_iter()
            .filter(|(_, pence)| pence.is_positive())
            .map(|(body, pence)| Deterioration { body, pence, offsets: Vec::new() })
            .collect();
        for link in links {
            let left = improvements.iter_mut().find(|(body, _)| *body == link.by);
            let found = deteriorations.iter_mut().find(|found| found.body == link.deteriorated);
            if let (Some((_, left)), Some(found)) = (left, found) {
                let counts = link.pence.min(*left).min(found.uncompensated());
                *left = left.minus(counts);
                if counts.is_positive() {
                    found.offsets.push((link.by, counts));
                }
            }
        }
        let regime = if deteriorations.is_empty() {
            Regime::None
        } else if deteriorations.iter().all(|found| found.uncompensated().is_zero()) {
            Regime::ProviderDeteriorated
        } else {
            Regime::SystemDeficit
        };
        Standing { regime, deteriorations }
    }
}

/// A body whose reported revenue forecast exceeds its budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deterioration {
    /// The body.
    pub body: BodyCode,
    /// The excess.
    pub pence: Pence,
    /// The improvements that compensate it, as far as they remain.
    pub offsets: Vec<(BodyCode, Pence)>,
}

impl Deterioration {
    /// The part without compensation.
    pub fn uncompensated(&self) -> Pence {
        let offset = Pence::sum(self.offsets.iter().map(|(_, pence)| *pence));
        self.pence.minus(offset).max(Pence::ZERO)
    }
}

/// A system in a year.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SystemYear {
    year: FinancialYear,
    /// By body, in order: the reported revenue forecast less the budget of the lines forecast.
    above_budget: Vec<(BodyCode, i128)>,
    /// In the order they were linked.
    offsets: Vec<OffsetLinked>,
    regime: Regime,
    /// The entry since which a regime has counted without a gap.
    began: Position,
    /// When the system last left each regime.
    left: [Option<Timestamp>; 2],
}

/// The place of a regime in [`SystemYear::left`].
const fn place_of(regime: Regime) -> Option<usize> {
    match regime {
        Regime::None => None,
        Regime::ProviderDeteriorated => Some(0),
        Regime::SystemDeficit => Some(1),
    }
}

/// The moment of a change, and the start of the window that ends there.
#[derive(Clone, Copy)]
struct Moment {
    entry: Position,
    recorded: Timestamp,
    since: Timestamp,
}

impl SystemYear {
    fn new(year: FinancialYear) -> Self {
        let (above_budget, offsets) = (Vec::new(), Vec::new());
        let (regime, began, left) = (Regime::None, Position::START, [None; 2]);
        SystemYear { year, above_budget, offsets, regime, began, left }
    }

    fn above_budget(&self, body: BodyCode) -> Pence {
        let found = self.above_budget.iter().find(|(of, _)| *of == body);
        found.map_or(Pence::ZERO, |(_, sum)| narrow(*sum))
    }

    fn standing(&self) -> Standing {
        let by_body = self.above_budget.iter().map(|(body, sum)| (*body, narrow(*sum)));
        Standing::new(by_body.collect(), &self.offsets)
    }

    /// Changes a body's sum. Returns whether the regime may have changed.
    fn change(&mut self, body: BodyCode, change: i128) -> bool {
        let place = self.above_budget.binary_search_by_key(&body, |(of, _)| *of);
        let place = place.unwrap_or_else(|place| {
            self.above_budget.insert(place, (body, 0));
            place
        });
        let Some((_, sum)) = self.above_budget.get_mut(place) else { return false };
        let before = *sum;
        *sum = sum.saturating_add(change);
        // Without a deterioration, before and after, there is no regime to change.
        before > 0 || *sum > 0 || self.regime != Regime::None
    }

    /// Notes a change of regime, with the moment the earlier one was left.
    fn review(&mut self, moment: Moment) {
        let regime = self.standing().regime;
        if regime == self.regime {
            return;
        }
        if self.counts(moment.since) == Regime::None {
            self.began = moment.entry;
        }
        if let Some(left) = place_of(self.regime).and_then(|place| self.left.get_mut(place)) {
            *left = Some(moment.recorded);
        }
        self.regime = regime;
    }

    /// The strictest regime that held at `since` or later.
    fn counts(&self, since: Timestamp) -> Regime {
        let held = [Regime::ProviderDeteriorated, Regime::SystemDeficit].into_iter();
        let held = held.zip(self.left).filter(|(_, left)| left.is_some_and(|left| left >= since));
        held.map(|(regime, _)| regime).fold(self.regime, Regime::max)
    }
}

/// The regime that counts for a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain) struct CountingRegime {
    /// The one that holds now.
    pub(in crate::domain) now: Regime,
    /// The strictest that held within the window.
    pub(in crate::domain) strictest: Regime,
    /// The entry since which one has counted.
    pub(in crate::domain) began: Position,
}

impl Ledger<'_> {
    /// The systems, each with its state in a year.
    pub fn systems(&self, year: FinancialYear) -> Vec<(BodyCode, Standing)> {
        let systems = self.bodies.sorted_keys().into_iter();
        let systems =
            systems.filter(|code| self.body(*code).is_some_and(|body| body.kind == BodyKind::Icb));
        systems.map(|system| (system, self.standing(system, year))).collect()
    }

    /// A body's reported revenue forecast less its revised budget, over its lines with a forecast.
    /// Positive is a deterioration, negative an improvement.
    pub fn deterioration(&self, body: BodyCode, year: FinancialYear) -> Pence {
        let row = self.system_of(body).and_then(|system| self.system_year(system, year));
        row.map_or(Pence::ZERO, |row| row.above_budget(body))
    }

    /// The state of a system in a year.
    pub fn standing(&self, system: BodyCode, year: FinancialYear) -> Standing {
        let without = || Standing::new(Vec::new(), &[]);
        self.system_year(system, year).map_or_else(without, SystemYear::standing)
    }

    fn system_year(&self, system: BodyCode, year: FinancialYear) -> Option<&SystemYear> {
        self.systems.get(&system)?.iter().find(|row| row.year == year)
    }

    /// The regime that counts at a moment for all years of a system: one that held within
    /// `window_days`, of a year that is not hard-closed and ended no longer ago than that.
    pub(in crate::domain) fn counting_regime(
        &self,
        system: BodyCode,
        at: Timestamp,
        window_days: u32,
    ) -> Option<CountingRegime> {
        let since = at.minus_days(window_days);
        let rows = self.systems.get(&system)?.iter();
        let counting = rows.filter_map(|row| {
            let regime = row.counts(since);
            let over = || Timestamp::end_of_day(row.year.last_day(Month::M12)) < since;
            let counts = regime != Regime::None && !over() && !self.is_hard_closed(row.year);
            let (now, began) = (row.regime, row.began);
            counts.then_some(CountingRegime { now, strictest: regime, began })
        });
        counting.reduce(|one, other| CountingRegime {
            now: one.now.max(other.now),
            strictest: one.strictest.max(other.strictest),
            began: one.began.min(other.began),
        })
    }

    /// Changes a system's row of a year, and notes where its regime may have changed.
    fn change_system(
        &mut self,
        system: BodyCode,
        year: FinancialYear,
        change: impl FnOnce(&mut SystemYear) -> bool,
    ) {
        let rows = self.systems.get_or_insert_with(&system, Vec::new);
        let place = rows.iter().position(|row| row.year == year).unwrap_or_else(|| {
            rows.push(SystemYear::new(year));
            rows.len().saturating_sub(1)
        });
        if rows.get_mut(place).is_some_and(change) && !self.changed.contains(&(system, year)) {
            self.changed.push((system, year));
        }
    }

    /// Reviews the regimes that an entry may have changed, once all of it is applied: no moment
    /// passes within an entry.
    pub(super) fn review_regimes(&mut self) {
        if self.changed.is_empty() {
            return;
        }
        let (entry, recorded) = (self.position, self.recorded);
        let moment = Moment { entry, recorded, since: recorded.minus_days(self.window_days()) };
        for (system, year) in std::mem::take(&mut self.changed) {
            let rows = self.systems.get_mut(&system).into_iter().flatten();
            rows.filter(|row| row.year == year).for_each(|row| row.review(moment));
        }
    }

    pub(super) fn record_offset(&mut self, linked: &OffsetLinked) {
        if let Some(system) = self.system_of(linked.deteriorated) {
            self.change_system(system, linked.year, |row| {
                row.offsets.push(linked.clone());
                true
            });
        }
    }

    /// Notes a change of a line's budget, where the line has a reported forecast.
    pub(super) fn note_budget(&mut self, line: &LineKey, pence: Pence) {
        if line.class == BudgetClass::Revenue
            && let Some(place) = self.place(line.body)
            && self.reported_forecast(line).is_some()
        {
            let change = i128::from(pence.get()).saturating_neg();
            self.change_system(place.system, line.year, |row| row.change(line.body, change));
        }
    }

    /// Notes a change of a line's reported forecast.
    pub(super) fn note_forecast(
        &mut self,
        line: &LineKey,
        before: Option<Pence>,
        after: Option<Pence>,
    ) {
        let Some(place) = self.place(line.body) else { return };
        if line.class != BudgetClass::Revenue {
            return;
        }
        let revised = self.line(line).map_or(0, |line| i128::from(line.revised.get()));
        let above = |forecast: Option<Pence>| {
            forecast.map_or(0, |level| i128::from(level.get()).saturating_sub(revised))
        };
        let change = above(after).saturating_sub(above(before));
        self.change_system(place.system, line.year, |row| row.change(line.body, change));
    }

    /// The window of the policy in force now.
    pub(super) fn window_days(&self) -> u32 {
        self.policy(self.recorded).map_or(0, |(_, policy)| policy.sign_off.window_days)
    }
}

fn narrow(sum: i128) -> Pence {
    let least = || if sum.is_negative() { i64::MIN } else { i64::MAX };
    Pence::new(i64::try_from(sum).unwrap_or_else(|_| least()))
}
