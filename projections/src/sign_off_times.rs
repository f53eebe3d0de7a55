//! How long sign-off took: the time each signed step had waited.
//!
//! Answers the question: which approvals waited, with whom, how long? [`crate::proposals`] answers
//! it for those still waiting.

use std::collections::BTreeMap;

use ledger_core::domain::actor::Tier;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::event::ProposalEvent;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::ActorId;
use rust_decimal::Decimal;

use crate::proposals::{ProposalRecord, Proposals};
use crate::scope::{Scope, Within};

/// How signatures are grouped within a month, step and tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// All together.
    #[default]
    Step,
    /// By approver.
    Approver,
}

/// The time taken by the signatures of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOffTime {
    /// The financial year of the signatures.
    pub year: FinancialYear,
    /// The month of the signatures.
    pub month: Month,
    /// The proposal's step, from 1.
    pub step: u32,
    /// The approver's tier.
    pub tier: Tier,
    /// The approver, also when signing under a delegation; None where not grouped by approver.
    pub approver: Option<ActorId>,
    /// The number of signatures.
    pub signatures: u64,
    /// The total time, in microseconds.
    pub micros: i64,
    /// The longest time, in microseconds.
    pub longest_micros: i64,
}

impl SignOffTime {
    /// The total time in hours, to one decimal, rounded down.
    pub fn total_hours(&self) -> Decimal {
        hours(self.micros)
    }

    /// The average time in hours, to one decimal, rounded down.
    pub fn average_hours(&self) -> Decimal {
        let signatures = i64::try_from(self.signatures).ok();
        hours(signatures.and_then(|count| self.micros.checked_div(count)).unwrap_or(0))
    }

    /// The longest time in hours, to one decimal, rounded down.
    pub fn longest_hours(&self) -> Decimal {
        hours(self.longest_micros)
    }
}

/// Hours to one decimal, rounded down.
fn hours(micros: i64) -> Decimal {
    const TENTH: i64 = 360_000_000;
    Decimal::new(micros / TENTH, 1)
}

impl Proposals {
    /// Times by month, step, tier and approver, over every signature of the proposals of a scope.
    /// Signatures of superseded versions count.
    pub(crate) fn sign_off_times(&self, by: By, at: Position, scope: &Scope) -> Vec<SignOffTime> {
        let mut times = BTreeMap::new();
        for (id, history) in self.histories(at) {
            let readable = || {
                self.get(id, at).is_some_and(|one| scope.admits_proposal(one.command, one.effects))
            };
            if !scope.is_everything() && !readable() {
                continue;
            }
            let mut since = None;
            for ProposalRecord { recorded, event, .. } in history {
                let signed = match event {
                    ProposalEvent::Submitted(_) => {
                        since = Some(*recorded);
                        continue;
                    }
                    ProposalEvent::Signed(signed) => signed,
                    ProposalEvent::Drafted(_)
                    | ProposalEvent::Rejected(_)
                    | ProposalEvent::Withdrawn(_)
                    | ProposalEvent::ReviewRequested(_)
                    | ProposalEvent::Reviewed(_) => continue,
                };
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

impl Within<'_> {
    /// Times by month, step, tier and approver, over every signature of the proposals in the scope.
    pub fn sign_off_times(&self, by: By, at: Position) -> Vec<SignOffTime> {
        self.models.proposals.sign_off_times(by, at, self.scope)
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
        let texts = |time: &SignOffTime| {
            let hours = [time.total_hours(), time.average_hours(), time.longest_hours()];
            hours.map(|hours| hours.to_string())
        };
        assert_eq!(texts(&time), ["3.0", "1.5", "1.4"]);
        let none = SignOffTime { signatures: 0, ..time };
        assert_eq!(none.average_hours().to_string(), "0.0");
    }
}
