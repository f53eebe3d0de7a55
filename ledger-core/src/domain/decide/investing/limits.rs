//! Against which limit investment is held. Exactly the limit passes.
//!
//! - A provider's, over its limit: its ICB. Over the system's limit, in a deficit: the region too.
//! - An ICB's own, over the system's limit: the region.
//! - One person's for several bodies of a system, over the system's limit: the region.

use super::summing::{Scope, Sum, counted, root_of, sum};
use super::{Applicable, Making, RequiredSignOff};
use crate::domain::actor::ActorDigest;
use crate::domain::code::{BodyCode, ProgrammeCode};
use crate::domain::event::Event;
use crate::domain::ledger::{Ledger, Place};
use crate::domain::money::Pence;
use crate::domain::sign_off::{Regime, SignOffPolicy, SignOffReason};

/// A system to be judged, on the state after a command.
pub(super) struct Judge<'j> {
    pub(super) after: &'j Ledger<'j>,
    pub(super) rules: &'j SignOffPolicy,
    pub(super) events: &'j [Event],
    pub(super) making: Making,
    pub(super) applies: Applicable,
}

impl Judge<'_> {
    fn scope(&self, by: Option<ActorDigest>) -> Scope<'_> {
        let (rules, window) = (self.rules, self.applies.window);
        Scope { rules, window, by, except: self.making.except }
    }

    /// The programme of a place in which the command invests.
    fn programme(&self, place: Place) -> Option<ProgrammeCode> {
        let here = |event: &Event| {
            let mut lines = event.lines().into_iter();
            lines.rfind(|line| self.after.invests(line) == Some(place))
        };
        let line = self.events.iter().find_map(here)?;
        Some(root_of(self.after, self.rules, line.programme))
    }

    /// Holds the investment of one provider, or of the ICB itself.
    pub(super) fn provider(&self, place: Place, required: &mut RequiredSignOff) {
        let Place { system, provider: body } = place;
        let (scope, rules, applies) = (self.scope(None), self.rules, self.applies);
        let sum = sum(self.after, body, &scope);
        let pence = sum.pence();
        if body == system {
            if pence > rules.system_over {
                self.hold_system(system, pence, &[(body, sum)], &scope, required);
            }
            return;
        }
        if pence <= rules.provider_over {
            return;
        }
        let Some(programme) = self.programme(place) else { return };
        let chains = &rules.chains;
        let was_in_deficit = applies.regime.strictest == Regime::SystemDeficit;
        let (tiers, limit, regime) = if was_in_deficit && pence > rules.system_over {
            (&chains.provider_in_deficit, rules.system_over, Regime::SystemDeficit)
        } else {
            (&chains.provider, rules.provider_over, applies.stated())
        };
        let (counted, unnamed) = counted(self.after, [(&body, &sum)], &scope);
        let because = SignOffReason::ProviderInvestment {
            body,
            programme,
            pence,
            limit,
            regime,
            counted,
            unnamed,
        };
        required.add(self.after, tiers, &because);
    }

    /// Holds what the maker invests for several bodies of a system.
    pub(super) fn maker(&self, system: BodyCode, required: &mut RequiredSignOff) {
        let scope = self.scope(Some(self.making.maker));
        let providers = self.after.providers_of(system).into_iter();
        let sums = providers.map(|body| (body, sum(self.after, body, &scope)));
        let sums: Vec<(BodyCode, Sum)> =
            sums.filter(|(_, sum)| sum.pence().is_positive()).collect();
        let pence = Pence::sum(sums.iter().map(|(_, sum)| sum.pence()));
        if sums.len() > 1 && pence > self.rules.system_over {
            self.hold_system(system, pence, &sums, &scope, required);
        }
    }

    fn hold_system(
        &self,
        system: BodyCode,
        pence: Pence,
        sums: &[(BodyCode, Sum)],
        scope: &Scope<'_>,
        required: &mut RequiredSignOff,
    ) {
        let (limit, regime) = (self.rules.system_over, self.applies.stated());
        let sums = sums.iter().map(|(body, sum)| (body, sum));
        let (counted, unnamed) = counted(self.after, sums, scope);
        let because =
            SignOffReason::SystemInvestment { system, pence, limit, regime, counted, unnamed };
        required.add(self.after, &self.rules.chains.system, &because);
    }
}
