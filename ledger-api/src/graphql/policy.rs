//! Policy: the rules a department can change, with their limits.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use ledger_core::domain::{actor, policy, sign_off};
use projections::Adopted;

use super::page;
use super::proposal::Tier;
use super::scalars::{self, LogPosition, MoneyGbp, Number, Year};
use super::view::{AsAt, Root, View};

/// How strictly a rule is held.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "policy::Severity")]
pub(super) enum Severity {
    /// The rule blocks what breaks it.
    Shall,
    /// What breaks the rule is posted, and the warning stays on the entry.
    Should,
}

/// How much capital may pay for revenue in a year, under an authority.
#[derive(SimpleObject)]
pub(super) struct YearlyCap {
    /// The year of effect.
    year: Year,
    /// The published flexibility, over the whole book.
    cap: MoneyGbp,
}

/// Capital must not pay for revenue, but for what an authority allows up to a yearly cap.
#[derive(SimpleObject)]
pub(super) struct CapitalToRevenue {
    /// How strictly it is held.
    severity: Severity,
    /// The caps by year. In a year that is not listed an authority lifts the ban without a cap, and
    /// the entry carries a warning.
    caps: Vec<YearlyCap>,
}

/// Money moves to the next year only by budget exchange, up to a share of the line's revised
/// figure.
#[derive(SimpleObject)]
pub(super) struct BudgetExchange {
    /// How strictly it is held.
    severity: Severity,
    /// The share for revenue lines, and for unsplit ones, which may hold revenue.
    revenue_share: Number,
    /// The share for capital lines.
    capital_share: Number,
}

/// When further investment of a system needs sign-off.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "sign_off::Trigger")]
pub(super) enum Trigger {
    /// While a provider of the system reports a deterioration.
    UnderRegime,
    /// Always, for all trusts.
    Always,
}

/// What needs sign-off, and whose: a tier for each step, in order.
#[derive(SimpleObject)]
pub(super) struct SignOffRules {
    /// When investment needs it.
    trigger: Trigger,
    /// A provider's investment of more than this does.
    provider_over: MoneyGbp,
    /// A system's of more than this does.
    system_over: MoneyGbp,
    /// Investment of the same body and programme within so many days counts together.
    window_days: u32,
    /// A movement of more than this needs it; null where none does.
    movement_over: Option<MoneyGbp>,
    /// A provider's investment.
    provider: Vec<Tier>,
    /// A provider's above the system's limit, in a system in deficit.
    provider_in_deficit: Vec<Tier>,
    /// A system's investment.
    system: Vec<Tier>,
    /// A movement above its limit.
    movement: Vec<Tier>,
    /// What is proposed though it passes no limit.
    proposed: Vec<Tier>,
    /// Policy itself.
    policy: Vec<Tier>,
}

impl From<&sign_off::SignOffPolicy> for SignOffRules {
    fn from(rules: &sign_off::SignOffPolicy) -> Self {
        let tiers = |chain: &[actor::Tier]| chain.iter().map(|tier| (*tier).into()).collect();
        let chains = &rules.chains;
        SignOffRules {
            trigger: rules.trigger.into(),
            provider_over: rules.provider_over.into(),
            system_over: rules.system_over.into(),
            window_days: rules.window_days,
            movement_over: rules.movement_over.map(Into::into),
            provider: tiers(&chains.provider),
            provider_in_deficit: tiers(&chains.provider_in_deficit),
            system: tiers(&chains.system),
            movement: tiers(&chains.movement),
            proposed: tiers(&chains.proposed),
            policy: tiers(&chains.policy),
        }
    }
}

/// The rules in force.
#[derive(SimpleObject)]
pub(super) struct Policy {
    /// The entry that recorded them.
    recorded_by: LogPosition,
    /// Since when they hold; null of those the book was opened with, which held for all time before.
    effective: Option<scalars::Moment>,
    /// All of them as JSON, in the form that `adoptPolicy` takes.
    canonical: String,
    /// What needs sign-off, and whose.
    sign_off: SignOffRules,
    /// Programmes that only readers with a grant for them may read.
    restricted: Vec<scalars::Programme>,
    /// Capital that pays for revenue.
    capital_to_revenue: CapitalToRevenue,
    /// Revenue that pays for capital.
    revenue_to_capital: Severity,
    /// Money that leaves a ring-fence without an authority.
    ring_fence: Severity,
    /// Budget exchanged into the next year.
    budget_exchange: BudgetExchange,
    /// A movement out of a line or fund beyond what is available there.
    availability: Severity,
    /// A posting into a softly closed month. A hard close always holds.
    closed_period: Severity,
    /// A line is underspending where its variance is above this share of its revised budget.
    underspending_share: Number,
    /// The position they are told as at.
    position: LogPosition,
}

impl Policy {
    fn at(view: &View) -> Option<Self> {
        let models = view.models();
        let Adopted { recorded_by, effective, policy } = models.policy(view.moment)?;
        let policy::CapitalToRevenue { severity, caps } = &policy.capital_to_revenue;
        let caps =
            caps.iter().map(|(year, cap)| YearlyCap { year: (*year).into(), cap: (*cap).into() });
        let policy::BudgetExchange { severity: exchange, revenue_share, capital_share } =
            policy.budget_exchange;
        Some(Policy {
            recorded_by: (*recorded_by).into(),
            effective: effective.map(Into::into),
            canonical: serde_json::to_string(policy).unwrap_or_default(),
            sign_off: (&policy.sign_off).into(),
            restricted: policy.restricted.iter().map(|code| (*code).into()).collect(),
            capital_to_revenue: CapitalToRevenue {
                severity: (*severity).into(),
                caps: caps.collect(),
            },
            revenue_to_capital: policy.revenue_to_capital.into(),
            ring_fence: policy.ring_fence.into(),
            budget_exchange: BudgetExchange {
                severity: exchange.into(),
                revenue_share: revenue_share.into(),
                capital_share: capital_share.into(),
            },
            availability: policy.availability.into(),
            closed_period: policy.closed_period.into(),
            underspending_share: policy.underspending_share.into(),
            position: view.position().into(),
        })
    }
}

#[derive(Default)]
pub(super) struct PolicyQuery(pub(super) Root);

#[Object]
impl PolicyQuery {
    /// The policy in force; null before the book was opened.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<Policy>> {
        Ok(Policy::at(&self.0.view(context, as_at, at_least_position).await?))
    }
}
