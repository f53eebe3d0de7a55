//! Sign-off as policy: what needs it, whose it is, and the words for its steps.
//!
//! The defaults are NHS England's protocol for changes to in-year revenue financial forecasts of
//! November 2022: under a regime a trust's investment over £50,000 needs its ICB, a system's over
//! £100,000 the NHS England region.

use serde::{Deserialize, Serialize};

use super::actor::Tier;
use super::code::{BodyCode, ProgrammeCode};
use super::money::Pence;
use super::position::Position;

/// When further investment of a system needs sign-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Trigger {
    /// While a provider of the system reports a deterioration.
    UnderRegime,
    /// Always, for all trusts.
    Always,
}

/// What needs sign-off, and by whom, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignOffPolicy {
    /// When investment needs it.
    pub trigger: Trigger,
    /// A provider's investment of more than this needs sign-off.
    pub provider_over: Pence,
    /// A system's of more than this does, and a provider's more of it in a system in deficit.
    pub system_over: Pence,
    /// Investment of the same body and programme within so many days counts together.
    pub window_days: u32,
    /// A movement of more than this between lines needs sign-off; none does where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movement_over: Option<Pence>,
    /// Who signs what.
    pub chains: Chains,
}

/// Who signs what, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Chains {
    /// A provider's investment.
    pub provider: Vec<Tier>,
    /// A provider's above the system's limit, in a system in deficit.
    pub provider_in_deficit: Vec<Tier>,
    /// A system's investment.
    pub system: Vec<Tier>,
    /// A large movement.
    pub movement: Vec<Tier>,
    /// What is proposed though it passes no limit.
    pub proposed: Vec<Tier>,
    /// Policy.
    pub policy: Vec<Tier>,
}

impl Default for SignOffPolicy {
    fn default() -> Self {
        SignOffPolicy {
            trigger: Trigger::UnderRegime,
            provider_over: Pence::new(5_000_000),
            system_over: Pence::new(10_000_000),
            window_days: 90,
            movement_over: None,
            chains: Chains {
                provider: vec![Tier::Icb],
                provider_in_deficit: vec![Tier::Icb, Tier::Region],
                system: vec![Tier::Region],
                movement: vec![Tier::Department],
                proposed: vec![Tier::Department],
                policy: vec![Tier::Department],
            },
        }
    }
}

/// Who oversees a system's spending, by what its providers report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Regime {
    /// No provider reports a deterioration.
    None,
    /// Every deterioration is compensated by other providers of the system: the ICB oversees.
    ProviderDeteriorated,
    /// One is not: the NHS England region oversees.
    SystemDeficit,
}

/// Why a step of sign-off is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Because {
    /// A provider's investment passes its limit.
    ProviderInvestment {
        /// The provider.
        body: BodyCode,
        /// The programme.
        programme: ProgrammeCode,
        /// All that counts within the window, this included.
        pence: Pence,
        /// The limit it passes.
        limit: Pence,
        /// The regime of its system.
        regime: Regime,
        /// What else counts: the latest of it, where it is much.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        counted: Vec<Counted>,
        /// How many more count that are not named.
        #[serde(default, skip_serializing_if = "is_none")]
        unnamed: u32,
    },
    /// A system's investment passes its limit.
    SystemInvestment {
        /// The ICB.
        system: BodyCode,
        /// All that counts, this included.
        pence: Pence,
        /// The limit it passes.
        limit: Pence,
        /// The regime of the system.
        regime: Regime,
        /// What else counts: the latest of it, where it is much.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        counted: Vec<Counted>,
        /// How many more count that are not named.
        #[serde(default, skip_serializing_if = "is_none")]
        unnamed: u32,
    },
    /// A movement passes its limit.
    LargeMovement {
        /// What moves.
        pence: Pence,
        /// The limit it passes.
        limit: Pence,
    },
    /// Somebody chose to propose it.
    Proposed,
    /// Policy is never adopted by one person.
    Policy,
}

impl Because {
    /// The rule's stable name, for programs.
    pub const fn rule(&self) -> &'static str {
        match self {
            Because::ProviderInvestment { .. } => "PROVIDER_INVESTMENT",
            Because::SystemInvestment { .. } => "SYSTEM_INVESTMENT",
            Because::LargeMovement { .. } => "LARGE_MOVEMENT",
            Because::Proposed => "PROPOSED",
            Because::Policy => "POLICY",
        }
    }

    /// The limit that is passed, where there is one.
    pub const fn limit(&self) -> Option<Pence> {
        match self {
            Because::ProviderInvestment { limit, .. }
            | Because::SystemInvestment { limit, .. }
            | Because::LargeMovement { limit, .. } => Some(*limit),
            Because::Proposed | Because::Policy => None,
        }
    }

    /// All that counts against the limit, this included, where there is one.
    pub const fn pence(&self) -> Option<Pence> {
        match self {
            Because::ProviderInvestment { pence, .. }
            | Because::SystemInvestment { pence, .. }
            | Because::LargeMovement { pence, .. } => Some(*pence),
            Because::Proposed | Because::Policy => None,
        }
    }

    /// What else was counted against the limit.
    pub fn counted(&self) -> &[Counted] {
        match self {
            Because::ProviderInvestment { counted, .. }
            | Because::SystemInvestment { counted, .. } => counted,
            Because::LargeMovement { .. } | Because::Proposed | Because::Policy => &[],
        }
    }
}

fn is_none(count: &u32) -> bool {
    *count == 0
}

/// Investment that counts against a limit beside what is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Counted {
    /// The entry that posted it, or the proposal it waits in.
    pub entry: Position,
    /// Whether it waits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
    /// How much of it counts.
    pub pence: Pence,
}

/// A step of sign-off: whose it is, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// The tier.
    pub tier: Tier,
    /// The ICB, the region or the department.
    pub body: BodyCode,
    /// Why.
    pub because: Because,
}
