//! Spend is a fact and is never held: beyond what a signature covers it posts with a finding.

use super::applies;
use crate::domain::decide::case::Case;
use crate::domain::event::Discharge;
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::warning::Warning;

impl Case<'_> {
    /// Warns where a provider's unsigned spend, with this, exceeds its limit within the window.
    pub(in crate::domain::decide) fn unsigned_rule(
        &mut self,
        line: LineKey,
        pence: Pence,
        discharges: Option<&Discharge>,
        accrued: bool,
    ) {
        let Some(place) = self.ledger.invests(&line) else { return };
        let unsigned = self.ledger.unsigned_parts(pence, discharges);
        if !unsigned.own.is_positive() {
            return;
        }
        let (rules, recorded) = (&self.policy.sign_off, self.context.recorded);
        let Some(applies) = applies(self.ledger, rules, place.system, recorded) else { return };
        let is_provider = place.provider != place.system;
        let limit = if is_provider { rules.provider_over } else { rules.system_over };
        let sum = self.ledger.unsigned(place.provider, applies.window.since, unsigned);
        if sum > limit {
            let pence = unsigned.own;
            let together = (sum > pence).then_some(sum);
            self.warnings.push(Warning::UnsignedInvestment {
                line,
                pence,
                limit,
                together,
                provider: (place.provider != line.body).then_some(place.provider),
                accrued,
            });
        }
    }
}
