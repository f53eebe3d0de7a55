//! Policy: the rules a department can change, with their limits.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use ledger_core::domain::{actor, policy, sign_off};
use projections::Adopted;

use crate::graphql::kit::page;
use crate::graphql::kit::scalars::{self, LogPosition, MoneyGbp, Number, Year};
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::sign_off::proposal::Tier;

/// How strictly a rule is applied.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "policy::Severity")]
pub(crate) enum Severity {
    /// A posting that breaks the rule is refused.
    Shall,
    /// A posting that breaks the rule is posted with a warning.
    Should,
}

/// The cap on capital used for revenue in a year, under an authority.
#[derive(SimpleObject)]
pub(crate) struct YearlyCap {
    /// The year of effect.
    year: Year,
    /// The published flexibility, over the whole book.
    cap: MoneyGbp,
}

/// Capital must not pay for revenue, except under an authority and up to a yearly cap.
#[derive(SimpleObject)]
pub(crate) struct CapitalToRevenue {
    /// How strictly the rule is applied.
    severity: Severity,
    /// The caps by year. A year without a cap has the cap of the last year before it. Before the
    /// first, an authority allows any amount, with a warning.
    caps: Vec<YearlyCap>,
}

/// Money moves to the next year only by budget exchange, up to a share of the class's revised
/// budget over the whole book.
#[derive(SimpleObject)]
pub(crate) struct BudgetExchange {
    /// How strictly the rule is applied.
    severity: Severity,
    /// The share for revenue and for unsplit money.
    revenue_share: Number,
    /// The share for capital.
    capital_share: Number,
}

/// When further investment needs sign-off.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "sign_off::Trigger")]
pub(crate) enum Trigger {
    /// While a provider of the system reports a deterioration.
    UnderRegime,
    /// Always, for all trusts.
    Always,
}

/// The limit of what one person moves out of one fund, or one programme with all below it.
#[derive(SimpleObject)]
pub(crate) struct MovementLimit {
    /// Above this amount the movement needs sign-off.
    over: MoneyGbp,
    /// Movements of the same person within this number of days are counted together.
    window_days: u32,
}

/// What needs sign-off, and by which tier at each step, in order.
#[derive(SimpleObject)]
pub(crate) struct SignOffRules {
    /// When investment needs sign-off.
    trigger: Trigger,
    /// Investment by a provider above this amount needs sign-off.
    provider_over: MoneyGbp,
    /// Investment by a system above this amount needs sign-off.
    system_over: MoneyGbp,
    /// Investment by one body within this number of days is counted together. A regime counts for
    /// this long after it has ended.
    window_days: u32,
    /// A movement above this amount needs sign-off; null where there is no such limit.
    movement_over: Option<MoneyGbp>,
    /// The limit of what one person moves out of one fund or programme; null where there is none.
    movements: Option<MovementLimit>,
    /// Whether what one person invests for several bodies of a system adds up across commands.
    across_commands: bool,
    /// Programmes at the top of the tree below which each programme counts by itself.
    portfolios: Vec<scalars::Programme>,
    /// The steps for a provider's investment.
    provider: Vec<Tier>,
    /// The steps for a provider's investment above the system's limit, in a system in deficit.
    provider_in_deficit: Vec<Tier>,
    /// The steps for a system's investment.
    system: Vec<Tier>,
    /// The steps for a movement above the limit.
    movement: Vec<Tier>,
    /// The steps for a proposal that passes no limit.
    proposed: Vec<Tier>,
    /// The steps for a change of policy.
    policy: Vec<Tier>,
    /// The steps for settling money, for what only an authority allows, for reopening a month, for
    /// splitting a line and for a hard close; empty in a book of one person.
    always: Vec<Tier>,
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
            movements: rules.movements.map(|limit| MovementLimit {
                over: limit.over.into(),
                window_days: limit.window_days,
            }),
            across_commands: rules.across_commands,
            portfolios: rules.portfolios.iter().copied().map(Into::into).collect(),
            provider: tiers(&chains.provider),
            provider_in_deficit: tiers(&chains.provider_in_deficit),
            system: tiers(&chains.system),
            movement: tiers(&chains.movement),
            proposed: tiers(&chains.proposed),
            policy: tiers(&chains.policy),
            always: tiers(&chains.always),
        }
    }
}

/// The rules in force.
#[derive(SimpleObject)]
pub(crate) struct Policy {
    /// The position of the entry that recorded the policy.
    recorded_by: LogPosition,
    /// When the policy took effect; null for the policy the book was opened with.
    effective: Option<scalars::Moment>,
    /// The whole policy as JSON, in the form that `adoptPolicy` takes. Only those who propose or
    /// sign policies read codes of restricted programmes that their role does not name.
    canonical: String,
    /// What needs sign-off, and by which tiers.
    sign_off: SignOffRules,
    /// Programmes that only readers with a grant for them may read, as far as the caller may know
    /// them.
    restricted: Vec<scalars::Programme>,
    /// Capital used for revenue.
    capital_to_revenue: CapitalToRevenue,
    /// Revenue used for capital.
    revenue_to_capital: Severity,
    /// Money that leaves a ring-fence without an authority.
    ring_fence: Severity,
    /// Budget exchanged into the next year.
    budget_exchange: BudgetExchange,
    /// A movement out of a line or fund beyond what is available there.
    availability: Severity,
    /// A posting into a softly closed month. A hard close always holds.
    closed_period: Severity,
    /// The share of the revised budget above which an underspend gives the status `UNDERSPENDING`.
    underspending_share: Number,
    /// The position the policy was read at.
    position: LogPosition,
    /// The day it was in force on, in UK time.
    on: scalars::Day,
}

impl Policy {
    fn at(view: &View) -> Option<Self> {
        let models = view.models();
        let Adopted { recorded_by, effective, policy } = models.policy(view.moment)?;
        let mut policy = policy.clone();
        if !view.scope.admits_policy(&policy) {
            policy.restricted.retain(|code| view.scope.knows(*code));
        }
        let policy = &policy;
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
            on: view.day(),
        })
    }
}

#[derive(Default)]
pub(crate) struct PolicyQuery(pub(crate) Root);

#[Object]
impl PolicyQuery {
    /// The policy in force; null before the book has an entry.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<Policy>> {
        Ok(Policy::at(&self.0.view_on(context, as_at, on, at_least_position).await?))
    }
}
