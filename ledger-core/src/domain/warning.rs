//! Warnings: findings about an entry that was posted. They stay on the entry.

use serde::{Deserialize, Serialize};

use super::calendar::{FinancialYear, Month};
use super::code::BodyCode;
use super::line::{BudgetClass, LineKey};
use super::money::Pence;
use super::policy::Breach;
use super::position::Position;
use super::scope::Scope;

/// A finding about a posted entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Warning {
    /// The entry breaks a rule whose severity is *should*.
    #[error(transparent)]
    Breach(Breach),
    /// Spend exceeds the line's revised budget.
    #[error("{line} is overspent by {by:#}")]
    Overspent {
        /// The line.
        line: LineKey,
        /// The excess.
        by: Pence,
    },
    /// The line has spend and no budget.
    #[error("{line} has spend and no budget")]
    NoBudget {
        /// The line.
        line: LineKey,
    },
    /// Commitments exceed what is available.
    #[error("{line} is committed {by:#} beyond what is available")]
    Overcommitted {
        /// The line.
        line: LineKey,
        /// The excess.
        by: Pence,
    },
    /// The accounting class differs from the funding class.
    #[error("{line} was funded as {} and the spend is accounted as {accounted}", line.class)]
    ClassMismatch {
        /// The line.
        line: LineKey,
        /// The accounting class.
        accounted: BudgetClass,
    },
    /// A year is closed while a suspense line holds money.
    #[error("{line} holds {pence:#} whose destination is not known, and {year} is closed")]
    SuspenseAtClose {
        /// The year.
        year: FinancialYear,
        /// The suspense line.
        line: LineKey,
        /// The amount it holds.
        pence: Pence,
    },
    /// Money freed by a cancelled programme stays on its line: the destination cannot take it, or a
    /// rule refuses its movement or wants it signed.
    #[error(
        "{pence:#} freed on {line} stays there: its destination cannot take it now, or a rule refuses the movement or wants it signed"
    )]
    FreedMoneyStays {
        /// The line.
        line: LineKey,
        /// The amount freed.
        pence: Pence,
    },
    /// Spend exceeds the limit of the system's regime without a signed commitment.
    #[error(
        "{pence:#} was {} on {line} without a signed commitment{}; spend over {limit:#} needs sign-off",
        if *accrued { "accrued" } else { "spent" },
        in_all(together)
    )]
    UnsignedInvestment {
        /// The line.
        line: LineKey,
        /// The part of the spend that no signature covers.
        pence: Pence,
        /// The limit exceeded.
        limit: Pence,
        /// With other unsigned investment of the body within the window, where there is any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        together: Option<Pence>,
        /// The body whose investment counts together, where it is not the line's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provider: Option<BodyCode>,
        /// Whether it is an accrual.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        accrued: bool,
    },
    /// Spend or a forecast is in a month that has not begun.
    #[error("{} {month} has not begun: check the month", line.year)]
    FutureMonth {
        /// The line.
        line: LineKey,
        /// The month.
        month: Month,
    },
    /// A payment with the same line, transaction and amount is posted already.
    #[error(
        "entry {entry} has the same line, transaction and amount: check that this is not the same payment"
    )]
    LikeEntry {
        /// The earlier entry.
        entry: Position,
    },
    /// A forecast is over ten times the revised budget.
    #[error(
        "{line} is forecast at {forecast:#}, over ten times its revised budget of {revised:#}: check the amount"
    )]
    ForecastFarAbove {
        /// The line.
        line: LineKey,
        /// The forecast.
        forecast: Pence,
        /// The revised budget.
        revised: Pence,
    },
    /// A later month's forecast stands, so this one changes nothing.
    #[error(
        "{line} has a forecast stated in {latest}, which stands: this one, of {month}, does not replace it"
    )]
    ForecastNotLatest {
        /// The line.
        line: LineKey,
        /// The month in which it was stated.
        month: Month,
        /// The month of the forecast that stands.
        latest: Month,
    },
    /// A forecast changed in the last quarter. NHS England's protocol (November 2022) calls this
    /// very poor financial control.
    #[error("the forecast of {line} changes in {month}: very poor financial control")]
    LateForecast {
        /// The line.
        line: LineKey,
        /// The month in which it was stated.
        month: Month,
    },
}

fn in_all(together: &Option<Pence>) -> String {
    let text = |sum| format!(", {sum:#} in all with what its body invested unsigned before");
    together.map_or_else(String::new, text)
}

impl Warning {
    /// The warning as it may be told within a scope: without figures of a rule over more than the
    /// scope. `None` where it concerns a line out of the scope.
    pub fn shown(&self, scope: &Scope) -> Option<String> {
        if scope.is_everything() {
            return Some(self.to_string());
        }
        let withheld =
            || Some(format!("the rule {} warns by figures that you may not read", self.code()));
        let admitted = match self {
            Warning::Breach(breach) if breach.is_shown(scope) => true,
            Warning::Breach(_) => return withheld(),
            Warning::UnsignedInvestment { line, together: Some(_), provider, .. }
                if scope.admits(line)
                    && !scope.admits_whole_body(provider.unwrap_or(line.body)) =>
            {
                return withheld();
            }
            Warning::Overspent { line, .. }
            | Warning::NoBudget { line }
            | Warning::Overcommitted { line, .. }
            | Warning::ClassMismatch { line, .. }
            | Warning::SuspenseAtClose { line, .. }
            | Warning::FreedMoneyStays { line, .. }
            | Warning::UnsignedInvestment { line, .. }
            | Warning::LateForecast { line, .. }
            | Warning::FutureMonth { line, .. }
            | Warning::ForecastNotLatest { line, .. }
            | Warning::ForecastFarAbove { line, .. } => scope.admits(line),
            // An entry of the same line.
            Warning::LikeEntry { .. } => true,
        };
        admitted.then(|| self.to_string())
    }

    /// The warning's stable code, for programs.
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
            Warning::FutureMonth { .. } => "FUTURE_MONTH",
            Warning::LikeEntry { .. } => "LIKE_ENTRY",
            Warning::ForecastFarAbove { .. } => "FORECAST_FAR_ABOVE",
            Warning::ForecastNotLatest { .. } => "FORECAST_NOT_LATEST",
            Warning::LateForecast { .. } => "LATE_FORECAST",
        }
    }
}
