//! Sign-off policy: limits, chains and reasons.
//!
//! The defaults are NHS England's protocol for changes to in-year revenue financial forecasts
//! (November 2022). Under a regime a trust's investment over £50,000 needs its ICB; a system's over
//! £100,000 needs the NHS England region.

use serde::{Deserialize, Serialize};

use super::actor::Tier;
use super::code::{BodyCode, FundCode, ProgrammeCode};
use super::money::Pence;
use super::position::Position;

/// When further investment by a system needs sign-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Trigger {
    /// While a provider of the system reports a deterioration.
    UnderRegime,
    /// Always, for all trusts.
    Always,
}

/// The limits of sign-off, and who signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignOffPolicy {
    /// When investment needs sign-off.
    pub trigger: Trigger,
    /// The limit of one provider's investment, in pence. Exactly the limit passes.
    pub provider_over: Pence,
    /// The limit of a system's investment, in pence. In a deficit it also raises a provider's
    /// chain.
    pub system_over: Pence,
    /// Number of days within which a body's investments add up, and for which a regime counts
    /// after it has ended.
    pub window_days: u32,
    /// The limit of one movement, in pence; no limit where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movement_over: Option<Pence>,
    /// The limit of what one person moves out of one fund or programme; no limit where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movements: Option<MovementLimit>,
    /// Whether what one person invests for several bodies of a system adds up across commands;
    /// otherwise only within each.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub across_commands: bool,
    /// Programmes at the top of the tree below which each programme counts by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub portfolios: Vec<ProgrammeCode>,
    /// Who signs.
    pub chains: Chains,
}

/// The tiers that sign, in order, for each kind of proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Chains {
    /// A provider's investment.
    pub provider: Vec<Tier>,
    /// A provider's investment above the system's limit, in a system in deficit.
    pub provider_in_deficit: Vec<Tier>,
    /// A system's investment.
    pub system: Vec<Tier>,
    /// A large movement.
    pub movement: Vec<Tier>,
    /// A proposal that exceeds no limit.
    pub proposed: Vec<Tier>,
    /// A policy.
    pub policy: Vec<Tier>,
    /// An act of [`Act`], which always needs a second person. Empty in a book of one person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub always: Vec<Tier>,
}

/// The limit of what one person moves out of one fund or programme within some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MovementLimit {
    /// The limit, in pence. Exactly the limit passes.
    pub over: Pence,
    /// Number of days within which movements add up.
    pub window_days: u32,
}

impl Default for MovementLimit {
    /// £5,000,000.00 within 30 days: general practice.
    fn default() -> Self {
        MovementLimit { over: Pence::new(500_000_000), window_days: 30 }
    }
}

/// An act that a department approver always signs, where the policy names who: an authority is a
/// text until somebody answers for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Act {
    /// To settle money on a fund.
    Settlement,
    /// To post what only an authority allows.
    Authority,
    /// To reopen a closed month.
    Reopening,
    /// To split an unsplit line, or to undo a split.
    Split,
    /// To close a month or year for good.
    HardClose,
    /// To withdraw a baseline.
    BaselineWithdrawal,
    /// To merge bodies, which may leave their system and its regime.
    Merger,
}

impl Act {
    /// The act in words: "... always needs a second person".
    pub const fn as_str(self) -> &'static str {
        match self {
            Act::Settlement => "settling money",
            Act::Authority => "what only an authority allows",
            Act::Reopening => "reopening a month",
            Act::Split => "splitting an unsplit line",
            Act::HardClose => "a hard close",
            Act::BaselineWithdrawal => "withdrawing a baseline",
            Act::Merger => "merging organisations",
        }
    }
}

/// Where money leaves: a fund, or a programme with all below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MoneySource {
    /// A fund.
    Fund(FundCode),
    /// The root of a tree of programmes.
    Programme(ProgrammeCode),
}

impl std::fmt::Display for MoneySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            MoneySource::Fund(code) => write!(f, "the fund {code}"),
            MoneySource::Programme(code) => write!(f, "the programme {code}"),
        }
    }
}

impl Default for SignOffPolicy {
    fn default() -> Self {
        SignOffPolicy {
            trigger: Trigger::UnderRegime,
            provider_over: Pence::new(5_000_000),
            system_over: Pence::new(10_000_000),
            window_days: 90,
            movement_over: None,
            movements: None,
            across_commands: false,
            portfolios: Vec::new(),
            chains: Chains {
                provider: vec![Tier::Icb],
                provider_in_deficit: vec![Tier::Icb, Tier::Region],
                system: vec![Tier::Region],
                movement: vec![Tier::Department],
                proposed: vec![Tier::Department],
                policy: vec![Tier::Department],
                always: Vec::new(),
            },
        }
    }
}

/// The regime of a system, by the forecasts of its providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Regime {
    /// No provider reports a deterioration.
    None,
    /// Other providers compensate every deterioration: the ICB oversees.
    ProviderDeteriorated,
    /// A deterioration is not compensated: the NHS England region oversees.
    SystemDeficit,
}

/// Why a step of sign-off is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum SignOffReason {
    /// A provider's investment exceeds its limit.
    ProviderInvestment {
        /// The provider.
        body: BodyCode,
        /// The programme.
        programme: ProgrammeCode,
        /// Everything counted within the window, this included.
        pence: Pence,
        /// The limit exceeded.
        limit: Pence,
        /// The regime of its system.
        regime: Regime,
        /// Other investments counted; the latest where there are many.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        counted: Vec<Counted>,
        /// Number of counted investments left out of `counted`.
        #[serde(default, skip_serializing_if = "is_zero")]
        unnamed: u32,
    },
    /// A system's investment exceeds its limit.
    SystemInvestment {
        /// The ICB.
        system: BodyCode,
        /// Everything counted, this included.
        pence: Pence,
        /// The limit exceeded.
        limit: Pence,
        /// The regime of the system.
        regime: Regime,
        /// Other investments counted; the latest where there are many.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        counted: Vec<Counted>,
        /// Number of counted investments left out of `counted`.
        #[serde(default, skip_serializing_if = "is_zero")]
        unnamed: u32,
    },
    /// A movement exceeds its limit.
    LargeMovement {
        /// The amount moved.
        pence: Pence,
        /// The limit exceeded.
        limit: Pence,
    },
    /// One person's movements out of one fund or programme exceed their limit.
    MovementsOut {
        /// The fund or programme.
        source: MoneySource,
        /// Everything counted within the window, this included.
        pence: Pence,
        /// The limit exceeded.
        limit: Pence,
        /// Other movements counted; the latest where there are many.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        counted: Vec<Counted>,
        /// Number of counted movements left out of `counted`.
        #[serde(default, skip_serializing_if = "is_zero")]
        unnamed: u32,
    },
    /// The act always needs a second person.
    Always {
        /// The act.
        act: Act,
    },
    /// The maker chose to propose it.
    Proposed,
    /// Policy always needs a second person.
    Policy,
}

impl SignOffReason {
    /// The rule's stable code, for programs.
    pub const fn rule(&self) -> &'static str {
        match self {
            SignOffReason::ProviderInvestment { .. } => "PROVIDER_INVESTMENT",
            SignOffReason::SystemInvestment { .. } => "SYSTEM_INVESTMENT",
            SignOffReason::LargeMovement { .. } => "LARGE_MOVEMENT",
            SignOffReason::MovementsOut { .. } => "MOVEMENTS_OUT",
            SignOffReason::Always { .. } => "ALWAYS_SIGNED",
            SignOffReason::Proposed => "PROPOSED",
            SignOffReason::Policy => "POLICY",
        }
    }

    /// The limit exceeded, where there is one.
    pub const fn limit(&self) -> Option<Pence> {
        match self {
            SignOffReason::ProviderInvestment { limit, .. }
            | SignOffReason::SystemInvestment { limit, .. }
            | SignOffReason::MovementsOut { limit, .. }
            | SignOffReason::LargeMovement { limit, .. } => Some(*limit),
            SignOffReason::Always { .. } | SignOffReason::Proposed | SignOffReason::Policy => None,
        }
    }

    /// The amount counted against the limit, this included.
    pub const fn pence(&self) -> Option<Pence> {
        match self {
            SignOffReason::ProviderInvestment { pence, .. }
            | SignOffReason::SystemInvestment { pence, .. }
            | SignOffReason::MovementsOut { pence, .. }
            | SignOffReason::LargeMovement { pence, .. } => Some(*pence),
            SignOffReason::Always { .. } | SignOffReason::Proposed | SignOffReason::Policy => None,
        }
    }

    /// Other investments counted against the limit.
    pub fn counted(&self) -> &[Counted] {
        match self {
            SignOffReason::ProviderInvestment { counted, .. }
            | SignOffReason::MovementsOut { counted, .. }
            | SignOffReason::SystemInvestment { counted, .. } => counted,
            SignOffReason::LargeMovement { .. }
            | SignOffReason::Always { .. }
            | SignOffReason::Proposed
            | SignOffReason::Policy => &[],
        }
    }
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Another investment counted against a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Counted {
    /// The entry that posted it, or the proposal that holds it.
    pub entry: Position,
    /// Whether it is in a proposal that waits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
    /// The amount counted.
    pub pence: Pence,
}

/// A step of sign-off: who signs, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// The tier.
    pub tier: Tier,
    /// The ICB, the region or the department.
    pub body: BodyCode,
    /// Why the step is needed.
    pub because: SignOffReason,
}
