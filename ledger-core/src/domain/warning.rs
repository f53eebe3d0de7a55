//! Warnings: what deserves a look about an entry that was posted. They stay on the entry.

use serde::{Deserialize, Serialize};

use super::calendar::{FinancialYear, Month};
use super::line::{BudgetClass, LineKey};
use super::money::Pence;
use super::policy::Breach;

/// What deserves a look.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Warning {
    /// A rule that the policy holds as *should* is broken.
    #[error(transparent)]
    Breach(Breach),
    /// Spend is above the line's revised budget.
    #[error("{line} is overspent by £{by}")]
    Overspent {
        /// The line.
        line: LineKey,
        /// By how much.
        by: Pence,
    },
    /// There is spend and no budget.
    #[error("{line} has spend and no budget")]
    NoBudget {
        /// The line.
        line: LineKey,
    },
    /// More is committed than is available.
    #[error("{line} is committed £{by} beyond what is available")]
    Overcommitted {
        /// The line.
        line: LineKey,
        /// By how much.
        by: Pence,
    },
    /// The accounting class is not the funding class.
    #[error("{line} was funded as {} and the spend is accounted as {accounted}", line.class)]
    ClassMismatch {
        /// The line.
        line: LineKey,
        /// The class it was accounted in.
        accounted: BudgetClass,
    },
    /// A year is closed while money waits for a destination.
    #[error("{line} holds £{pence} whose destination is not known, and {year} is closed")]
    SuspenseAtClose {
        /// The year.
        year: FinancialYear,
        /// The suspense line.
        line: LineKey,
        /// What it holds.
        pence: Pence,
    },
    /// What a cancelled programme freed stays on its line: its destination takes no money now.
    #[error("£{pence} freed on {line} stays there: its destination takes no money now")]
    FreedMoneyStays {
        /// The line.
        line: LineKey,
        /// What was freed.
        pence: Pence,
    },
    /// Spend of a system's body above the limit of its regime, and no signed commitment behind it.
    #[error(
        "£{pence} was spent on {line} without a signed commitment, where £{limit} needs sign-off"
    )]
    UnsignedInvestment {
        /// The line.
        line: LineKey,
        /// What was spent.
        pence: Pence,
        /// The limit it passes.
        limit: Pence,
    },
    /// A forecast changed in the last quarter, which the protocol calls very poor financial control.
    #[error("the forecast of {line} changes in {month}: very poor financial control")]
    LateForecast {
        /// The line.
        line: LineKey,
        /// The month it is stated in.
        month: Month,
    },
}

impl Warning {
    /// The warning's stable name, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Warning::Breach(breach) => breach.rule(),
            Warning::Overspent { .. } => "OVERSPENT",
            Warning::NoBudget { .. } => "NO_BUDGET",
            Warning::Overcommitted { .. } => "OVERCOMMITTED",
            Warning::ClassMismatch { .. } => "CLASS_MISMATCH",
            Warning::SuspenseAtClose { .. } => "SUSPENSE_AT_CLOSE",
            Warning::FreedMoneyStays { .. } => "FREED_MONEY_STAYS",
            Warning::UnsignedInvestment { .. } => "UNSIGNED_INVESTMENT",
            Warning::LateForecast { .. } => "LATE_FORECAST",
        }
    }
}
