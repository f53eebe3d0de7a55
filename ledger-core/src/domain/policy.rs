//! Policy: the rules of movement a department can change, with their limits and severities.
//!
//! A policy is data in the log, never constants in code. The first entry of every book records
//! the default; an entry is judged by the latest policy recorded before it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::calendar::{FinancialYear, Month, Timestamp};
use super::code::{ProgrammeCode, RingFence};
use super::line::{BudgetClass, LineKey};
use super::money::Pence;
use super::movement::Account;
use super::sign_off::SignOffPolicy;

/// How strictly a rule is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// The rule blocks what breaks it.
    Shall,
    /// What breaks the rule is posted, and the warning stays on the entry.
    Should,
}

/// The rules in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Policy {
    /// Capital must not pay for revenue.
    pub capital_to_revenue: CapitalToRevenue,
    /// Revenue that pays for capital deserves a look.
    pub revenue_to_capital: Severity,
    /// Money leaves a ring-fence only under an authority.
    pub ring_fence: Severity,
    /// Money moves to the next year only by budget exchange.
    pub budget_exchange: BudgetExchange,
    /// A movement out leaves nothing below zero.
    pub availability: Severity,
    /// A softly closed month takes no postings. (A hard close always holds.)
    pub closed_period: Severity,
    /// A line is underspending where its variance is above this share of its revised budget.
    pub underspending_share: Decimal,
    /// What needs sign-off, and whose.
    #[serde(default)]
    pub sign_off: SignOffPolicy,
    /// When months close softly by themselves: at the end of these days, in UK local time.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub close_calendar: BTreeMap<FinancialYear, BTreeMap<Month, NaiveDate>>,
    /// Programmes that only readers with a grant for them may read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restricted: Vec<ProgrammeCode>,
}

impl Policy {
    /// Whether the calendar has closed a month by then.
    pub fn has_closed(&self, year: FinancialYear, month: Month, at: Timestamp) -> bool {
        let day = self.close_calendar.get(&year).and_then(|months| months.get(&month));
        day.is_some_and(|day| at > Timestamp::end_of_day(*day))
    }
}

/// The ban on capital that pays for revenue, lifted by an authority up to a yearly cap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CapitalToRevenue {
    /// How strictly it is held.
    pub severity: Severity,
    /// The published flexibility by year of effect, over the whole book. In a year that is not
    /// listed an authority lifts the ban without a cap, and the entry carries a warning.
    pub caps: BTreeMap<FinancialYear, Pence>,
}

/// How much of a line may be carried into the next year, as a share of its revised figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BudgetExchange {
    /// How strictly it is held.
    pub severity: Severity,
    /// For revenue lines, and for unsplit ones, which may hold revenue.
    pub revenue_share: Decimal,
    /// For capital lines.
    pub capital_share: Decimal,
}

impl BudgetExchange {
    /// The share for lines of a class.
    pub const fn share(&self, class: BudgetClass) -> Decimal {
        match class {
            BudgetClass::Capital => self.capital_share,
            BudgetClass::Revenue | BudgetClass::Unsplit => self.revenue_share,
        }
    }
}

impl Default for Policy {
    /// The defaults: HM Treasury's capital-to-revenue ban with the flexibility published for
    /// 2014-15 to 2019-20 (£ million: 640, 950, 1,200, 1,000, 500, 250), and general practice for
    /// the rest.
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

/// A rule of the policy that a posting breaks: refused, or kept on the entry as a warning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Breach {
    /// Capital (or unsplit money) pays for revenue without an authority.
    #[error(
        "£{pence} of capital would pay for revenue in {year}: cite the Treasury authority that allows it"
    )]
    CapitalToRevenue {
        /// The year of effect.
        year: FinancialYear,
        /// What would change class.
        pence: Pence,
    },
    /// Capital pays for revenue beyond the year's published flexibility.
    #[error(
        "£{pence} of capital would pay for revenue in {year}, where the cap is £{cap}, held since {}, and £{used} is used already: the authority covers no more than the cap",
        held_since(.since)
    )]
    CapitalToRevenueCap {
        /// The year of effect.
        year: FinancialYear,
        /// What would change class.
        pence: Pence,
        /// The flexibility published for the year.
        cap: Pence,
        /// What has been used of it.
        used: Pence,
        /// Since when the cap holds, where it was adopted after the book was opened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
    /// Capital pays for revenue under an authority in a year without published flexibility.
    #[error("£{pence} of capital pays for revenue in {year}, a year with no published cap")]
    CapitalToRevenueUncapped {
        /// The year of effect.
        year: FinancialYear,
        /// What changes class.
        pence: Pence,
    },
    /// Revenue pays for capital.
    #[error("£{pence} of revenue pays for capital in {year}")]
    RevenueToCapital {
        /// The year of effect.
        year: FinancialYear,
        /// What changes class.
        pence: Pence,
    },
    /// Money leaves a ring-fence without an authority.
    #[error("£{pence} would leave the ring-fence {ring_fence}: cite the authority that allows it")]
    RingFence {
        /// The ring-fence.
        ring_fence: RingFence,
        /// What would leave it.
        pence: Pence,
    },
    /// More budget is exchanged into the next year than the line's share allows.
    #[error(
        "£{pence} cannot be exchanged into the next year from {line}: its limit for the year is £{limit}, by a share held since {}, and £{used} of it is used",
        held_since(.since)
    )]
    BudgetExchange {
        /// The line it would leave.
        line: LineKey,
        /// What would be exchanged.
        pence: Pence,
        /// The line's limit over the year.
        limit: Pence,
        /// What has been exchanged already.
        used: Pence,
        /// Since when the share holds, where it was adopted after the book was opened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
    /// More would leave a line or fund than is available on it.
    #[error("£{pence} cannot leave {account}: £{available} is available there")]
    BeyondAvailable {
        /// The line, or the fund and class.
        account: Source,
        /// What would leave.
        pence: Pence,
        /// What is available.
        available: Pence,
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
    /// The rule's stable name, for programs.
    pub const fn rule(&self) -> &'static str {
        match self {
            Breach::CapitalToRevenue { .. } => "CAPITAL_TO_REVENUE",
            Breach::CapitalToRevenueCap { .. } => "CAPITAL_TO_REVENUE_CAP",
            Breach::CapitalToRevenueUncapped { .. } => "CAPITAL_TO_REVENUE_UNCAPPED",
            Breach::RevenueToCapital { .. } => "REVENUE_TO_CAPITAL",
            Breach::RingFence { .. } => "RING_FENCE",
            Breach::BudgetExchange { .. } => "BUDGET_EXCHANGE",
            Breach::BeyondAvailable { .. } => "BEYOND_AVAILABLE",
            Breach::ClosedPeriod { .. } => "CLOSED_PERIOD",
        }
    }

    /// The limit that was in the way, where the rule has one.
    pub const fn limit(&self) -> Option<Pence> {
        match self {
            Breach::CapitalToRevenueCap { cap, .. } => Some(*cap),
            Breach::BudgetExchange { limit, .. } => Some(*limit),
            Breach::BeyondAvailable { available, .. } => Some(*available),
            Breach::CapitalToRevenue { .. }
            | Breach::CapitalToRevenueUncapped { .. }
            | Breach::RevenueToCapital { .. }
            | Breach::RingFence { .. }
            | Breach::ClosedPeriod { .. } => None,
        }
    }
}

fn held_since(since: &Option<Timestamp>) -> String {
    since.map_or_else(|| "the book was opened".to_owned(), |since| since.to_string())
}

/// What money was to leave: text in a warning, since a line and a fund are both named by it.
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
}
