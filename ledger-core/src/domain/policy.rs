//! Policy: the rules of movement that a department can change, with their limits and severities.
//!
//! Policy is data in the log, never constants in code. The first entry of every book records the
//! default. An entry is judged by the latest policy recorded before it and in force at its recorded
//! time.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::actor::Tier;
use super::calendar::{FinancialYear, Month, Timestamp};
use super::code::{ProgrammeCode, RingFence};
use super::line::{BudgetClass, LineKey};
use super::money::Pence;
use super::movement::{Account, Pot};
use super::scope::Scope;
use super::sign_off::SignOffPolicy;
use super::unique;

/// How strictly a rule applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// The rule refuses a breach.
    Shall,
    /// The rule allows a breach and records a warning on the entry.
    Should,
}

/// The rules in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Policy {
    /// The ban on capital that pays for revenue.
    pub capital_to_revenue: CapitalToRevenue,
    /// Severity where revenue pays for capital.
    pub revenue_to_capital: Severity,
    /// Severity where money leaves a ring-fence without an authority.
    pub ring_fence: Severity,
    /// The limit on budget exchange, the only way into the next year.
    pub budget_exchange: BudgetExchange,
    /// Severity where a movement takes more than is available.
    pub availability: Severity,
    /// Severity of a posting to a softly closed month. A hard close always refuses.
    pub closed_period: Severity,
    /// The share of revised budget above which a variance counts as underspending.
    pub underspending_share: Decimal,
    /// The limits of sign-off and its chains.
    #[serde(default)]
    pub sign_off: SignOffPolicy,
    /// Days after which months close softly by themselves, in UK local time.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[serde(deserialize_with = "unique::maps")]
    pub close_calendar: BTreeMap<FinancialYear, BTreeMap<Month, NaiveDate>>,
    /// Programmes that only readers with a grant for them may read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restricted: Vec<ProgrammeCode>,
}

impl Policy {
    /// These rules for a book of several people: what one person may not do alone, an approver of
    /// the department signs.
    #[must_use]
    pub fn with_second_person(mut self) -> Self {
        self.sign_off.movements.get_or_insert_default();
        self.sign_off.across_commands = true;
        if self.sign_off.chains.always.is_empty() {
            self.sign_off.chains.always.push(Tier::Department);
        }
        self
    }

    /// Whether the calendar has closed a month by a moment.
    pub fn has_closed(&self, year: FinancialYear, month: Month, at: Timestamp) -> bool {
        let day = self.close_calendar.get(&year).and_then(|months| months.get(&month));
        day.is_some_and(|day| at > Timestamp::end_of_day(*day))
    }
}

/// The ban on capital that pays for revenue. An authority lifts it, up to a yearly cap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CapitalToRevenue {
    /// How strictly it applies.
    pub severity: Severity,
    /// The published cap by year of effect, over the whole book. A year without one has the cap of
    /// the last year before it. Before the first, an authority lifts the ban and the entry gets a
    /// warning.
    #[serde(deserialize_with = "unique::map")]
    pub caps: BTreeMap<FinancialYear, Pence>,
}

impl CapitalToRevenue {
    /// The cap of a year: its own, or that of the last year before it that has one.
    pub fn cap(&self, year: FinancialYear) -> Option<Pence> {
        self.caps.range(..=year).next_back().map(|(_, cap)| *cap)
    }
}

/// How much of a class may be exchanged into the next year, as a share of its revised budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BudgetExchange {
    /// How strictly it applies.
    pub severity: Severity,
    /// The share of revenue, and of unsplit money, which may hold revenue.
    pub revenue_share: Decimal,
    /// The share of capital.
    pub capital_share: Decimal,
}

impl BudgetExchange {
    /// The share for a class.
    pub const fn share(&self, class: BudgetClass) -> Decimal {
        match class {
            BudgetClass::Capital => self.capital_share,
            BudgetClass::Revenue | BudgetClass::Unsplit => self.revenue_share,
        }
    }
}

impl Default for Policy {
    /// The defaults: HM Treasury's ban on capital for revenue, with the caps published for 2014-15
    /// to 2019-20 (£ million: 640, 950, 1,200, 1,000, 500, 250). The rest is general practice.
    fn default() -> Self {
        let caps = [(2014, 640), (2015, 950), (2016, 1200), (2017, 1000), (2018, 500), (2019, 250)];
        let million = 100_000_000_i64;
        Policy {
            capital_to_revenue: CapitalToRevenue {
                severity: Severity::Shall,
                caps: caps
                    .into_iter()
                    .filter_map(|(start, cap)| {
                        let year = FinancialYear::starting(start).ok()?;
                        Some((year, Pence::new(million.saturating_mul(cap))))
                    })
                    .collect(),
            },
            revenue_to_capital: Severity::Should,
            ring_fence: Severity::Shall,
            budget_exchange: BudgetExchange {
                severity: Severity::Shall,
                revenue_share: Decimal::new(75, 4),
                capital_share: Decimal::new(15, 3),
            },
            availability: Severity::Shall,
            closed_period: Severity::Shall,
            underspending_share: Decimal::new(1, 1),
            sign_off: SignOffPolicy::default(),
            close_calendar: BTreeMap::new(),
            restricted: Vec::new(),
        }
    }
}

/// A breach of a policy rule: the reason of a refusal, or a warning on an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Breach {
    /// Capital or unsplit money pays for revenue without an authority.
    #[error(
        "{pence:#} of capital would pay for revenue in {year}: cite the Treasury authority that allows it"
    )]
    CapitalToRevenue {
        /// The year of effect.
        year: FinancialYear,
        /// The amount that would change class.
        pence: Pence,
    },
    /// Capital pays for revenue beyond the year's published cap.
    #[error(
        "{pence:#} of capital would pay for revenue in {year}. The year's cap has been {cap:#} since {}, and {used:#} of it is used: move no more than is left of the cap",
        in_force_since(.since)
    )]
    CapitalToRevenueCap {
        /// The year of effect.
        year: FinancialYear,
        /// The amount that would change class.
        pence: Pence,
        /// The published cap.
        cap: Pence,
        /// The part of the cap already used.
        used: Pence,
        /// When the cap was adopted, if after the book was opened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
    /// Capital pays for revenue under an authority, in a year without a cap.
    #[error("{pence:#} of capital pays for revenue in {year}, a year with no published cap")]
    CapitalToRevenueUncapped {
        /// The year of effect.
        year: FinancialYear,
        /// The amount that changes class.
        pence: Pence,
    },
    /// Revenue pays for capital.
    #[error("{pence:#} of revenue pays for capital in {year}")]
    RevenueToCapital {
        /// The year of effect.
        year: FinancialYear,
        /// The amount that changes class.
        pence: Pence,
    },
    /// Money leaves a ring-fence without an authority.
    #[error("{pence:#} would leave the ring-fence {ring_fence}: cite the authority that allows it")]
    RingFence {
        /// The ring-fence.
        ring_fence: RingFence,
        /// The amount that would leave.
        pence: Pence,
    },
    /// The exchange exceeds the limit of its year and class.
    #[error(
        "{pence:#} cannot be exchanged into the next year from {line}. The limit for all {} of {} is {limit:#}, by the share in force since {}, and {used:#} of it is used: exchange no more than is left",
        line.class,
        line.year,
        in_force_since(.since)
    )]
    BudgetExchange {
        /// The line that gives.
        line: LineKey,
        /// The amount to exchange.
        pence: Pence,
        /// The limit of the line's year and class, over the whole book.
        limit: Pence,
        /// The amount of that year and class already exchanged.
        used: Pence,
        /// When the share was adopted, if after the book was opened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
    /// A line or fund gives more than it has available.
    #[error(
        "{pence:#} cannot leave {account}, which has {available:#} available: move no more than that"
    )]
    BeyondAvailable {
        /// The line, or the fund and class.
        account: Source,
        /// The amount that would leave.
        pence: Pence,
        /// The amount available.
        available: Pence,
    },
    /// A line gives more than its revised budget. It may have more available, from a credit.
    #[error(
        "{pence:#} cannot leave {account}, whose revised budget is {revised:#}: a credit can be spent again on its line, and budget moves only up to the revised budget"
    )]
    BeyondRevised {
        /// The line.
        account: Source,
        /// The amount that would leave.
        pence: Pence,
        /// The revised budget before.
        revised: Pence,
    },
    /// The month is softly closed.
    #[error("{year} {month} is closed: post in an open month, or reopen it under an authority")]
    ClosedPeriod {
        /// The year.
        year: FinancialYear,
        /// The closed month.
        month: Month,
    },
}

impl Breach {
    /// The rule's stable code, for programs.
    pub const fn rule(&self) -> &'static str {
        match self {
            Breach::CapitalToRevenue { .. } => "CAPITAL_TO_REVENUE",
            Breach::CapitalToRevenueCap { .. } => "CAPITAL_TO_REVENUE_CAP",
            Breach::CapitalToRevenueUncapped { .. } => "CAPITAL_TO_REVENUE_UNCAPPED",
            Breach::RevenueToCapital { .. } => "REVENUE_TO_CAPITAL",
            Breach::RingFence { .. } => "RING_FENCE",
            Breach::BudgetExchange { .. } => "BUDGET_EXCHANGE",
            Breach::BeyondAvailable { .. } => "BEYOND_AVAILABLE",
            Breach::BeyondRevised { .. } => "BEYOND_REVISED",
            Breach::ClosedPeriod { .. } => "CLOSED_PERIOD",
        }
    }

    /// The rule's limit, where it has one.
    pub const fn limit(&self) -> Option<Pence> {
        match self {
            Breach::CapitalToRevenueCap { cap, .. } => Some(*cap),
            Breach::BudgetExchange { limit, .. } => Some(*limit),
            Breach::BeyondAvailable { available, .. } => Some(*available),
            Breach::BeyondRevised { revised, .. } => Some(*revised),
            Breach::CapitalToRevenue { .. }
            | Breach::CapitalToRevenueUncapped { .. }
            | Breach::RevenueToCapital { .. }
            | Breach::RingFence { .. }
            | Breach::ClosedPeriod { .. } => None,
        }
    }
}

fn in_force_since(since: &Option<Timestamp>) -> String {
    since.map_or_else(|| "the book was opened".to_owned(), |since| since.day().to_string())
}

/// The line or fund that gives. Kept as text, because a warning names either.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Source(String);

impl From<Account> for Source {
    fn from(account: Account) -> Self {
        Source(match account {
            Account::Line(line) => line.to_string(),
            Account::Fund(pot) => pot.to_string(),
            Account::Outside(outside) => format!("{outside:?}"),
        })
    }
}

impl Source {
    /// Whether a scope includes the line, or the fund's balance.
    pub(super) fn is_in(&self, scope: &Scope) -> bool {
        let line = self.0.parse::<LineKey>().map(|line| scope.admits(&line));
        let fund = || self.0.parse::<Pot>().map(|pot| scope.admits_fund(pot.fund));
        line.or_else(|_| fund()).unwrap_or(false)
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policy_reads_back_and_holds_the_published_caps() {
        let policy = Policy::default();
        let text = serde_json::to_string(&policy).expect("writes");
        assert_eq!(serde_json::from_str::<Policy>(&text).expect("reads"), policy);
        assert!(text.contains(r#""2019-20":25000000000"#), "{text}");
        assert!(text.contains(r#""revenueShare":"0.0075""#), "{text}");
    }

    #[test]
    fn a_year_or_month_given_twice_is_refused() {
        let text = serde_json::to_string(&Policy::default()).expect("writes");
        let cap = r#""2019-20":25000000000"#;
        let with_calendar = |months: &str| {
            let calendar = format!(r#"{{"closeCalendar":{{"2026-27":{{{months}}}}},"#);
            format!("{calendar}{}", text.trim_start_matches('{'))
        };
        let once = r#""M1":"2026-05-10""#;
        assert!(serde_json::from_str::<Policy>(&with_calendar(once)).is_ok());
        for twice in [
            text.replace(cap, &format!(r#"{cap},"2019-20":1"#)),
            with_calendar(&format!("{once},{once}")),
        ] {
            let error = serde_json::from_str::<Policy>(&twice).expect_err("a name comes twice");
            assert!(error.to_string().contains("is given twice"), "{error}");
        }
    }
}
