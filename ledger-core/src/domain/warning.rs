//! Warnings: what deserves a look about an entry that was posted. They stay on the entry.

use serde::{Deserialize, Serialize};

use super::calendar::FinancialYear;
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
        }
    }
}
