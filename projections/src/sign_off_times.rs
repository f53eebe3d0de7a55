//! How long sign-off takes: of every step that was signed, how long its proposal had waited for it.
//!
//! Answers question 14 of `docs/questions.md` for what no longer waits; what still does is in
//! [`crate::proposals`].

use std::collections::BTreeMap;

use ledger_core::domain::actor::Tier;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::event::ProposalEvent;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::ActorId;
use rust_decimal::Decimal;

use crate::proposals::{Happening, Proposals};
use crate::scope::Scope;

/// What signatures are counted by, beside their month, step and tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// Nothing else.
    #[default]
    Step,
    /// Who signed.
    Approver,
}

/// How long sign-off took, of the signatures of one month, step and tier, and of one approver where
/// they are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOffTime {
    /// The financial year of the signatures.
    pub year: FinancialYear,
    /// Their month.
    pub month: Month,
    /// The step of the proposal that they signed, from 1.
    pub step: u32,
    /// Their tier.
    pub tier: Tier,
    /// Who signed, under a delegation too; none where approvers are not told apart.
    pub approver: Option<ActorId>,
    /// How many there were.
    pub signatures: u64,
    /// How long they took together, in microseconds.
    pub micros: i64,
    /// The longest, in microseconds.
    pub longest_micros: i64,
}

impl SignOffTime {
    /// How long they took together, in hours with one decimal.
    pub fn total_hours(&self) -> Decimal {
        hours(self.micros)
    }

    /// How long each took on average, in hours with one decimal.
    pub fn average_hours(&self) -> Decimal {
        let signatures = i64::try_from(self.signatures).ok();
        hours(signatures.and_then(|count| self.micros.checked_div(count)).unwrap_or(0))
    }

    /// How long the longest took, in hours with one decimal.
    pub fn longest_hours(&self) -> Decimal {
        hours(self.longest_micros)
    }
}

/// Whole tenths of hours.
fn hours(micros: i64) -> Decimal {
    const TENTH: i64 = 360_000_000;
    Decimal::new(micros / TENTH, 1)
}

impl Proposals {
    /// How long sign-off took, in order of month, step, tier and approver: of every signature of the
    /// proposals that may be read, also of versions that were superseded.
    pub fn sign_off_times(&self, by: By, at: Position, scope: &Scope) -> Vec<SignOffTime> {
        let mut times = BTreeMap::new();
        for (id, history) in self.histories(at) {
            let readable = || self.get(id, at).is_some_and(|one| scope.admits_effects(one.effects));
            if !scope.is_everything() && !readable() {
                continue;
            }
            let mut since = None;
            for Happening { recorded, event, .. } in history {
                if let ProposalEvent::Submitted(_) = event {
                    since = Some(*recorded);
                }
                let ProposalEvent::Signed(signed) = event else { continue };
                let (Some(from), Ok((year, month))) = (since, recorded.period()) else { continue };
                since = Some(*recorded);
                let (step, tier) = (signed.step.saturating_add(1), signed.capacity.tier);
                let approver = (by == By::Approver).then_some(&signed.by);
                let none = || SignOffTime {
                    year,
                    month,
                    step,
                    tier,
                    approver: approver.cloned(),
                    signatures: 0,
                    micros: 0,
                    longest_micros: 0,
                };
                let time = times.entry((year, month, step, tier, approver)).or_insert_with(none);
                let micros = recorded.micros().saturating_sub(from.micros());
                time.signatures += 1;
                time.micros = time.micros.saturating_add(micros);
                time.longest_micros = time.longest_micros.max(micros);
            }
        }
        times.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_have_one_decimal_and_no_signature_takes_none() {
        let time = SignOffTime {
            year: "2022-23".parse().unwrap(),
            month: Month::M10,
            step: 1,
            tier: Tier::Icb,
            approver: None,
            signatures: 2,
            micros: 3 * 3_600_000_000 + 1,
            longest_micros: 5_399_999_999,
        };
        let told = |time: &SignOffTime| {
            let hours = [time.total_hours(), time.average_hours(), time.longest_hours()];
            hours.map(|hours| hours.to_string())
        };
        assert_eq!(told(&time), ["3.0", "1.5", "1.4"]);
        let none = SignOffTime { signatures: 0, ..time };
        assert_eq!(none.average_hours().to_string(), "0.0");
    }
}
