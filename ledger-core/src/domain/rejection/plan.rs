//! Why baselines, withdrawals, fund cancellations, corrections and year openings were refused.

use crate::domain::calendar::FinancialYear;
use crate::domain::code::FundCode;
use crate::domain::position::Position;
use crate::domain::text::BaselineName;

/// Why such a command was refused. The book has not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanRejection {
    /// No forecast of the entry stands.
    #[error(
        "entry {entry} states no forecast that stands: it never did, or the forecast was withdrawn already; name the entry that states it"
    )]
    NoForecast {
        /// The entry.
        entry: Position,
    },
    /// The year already has a baseline of this name.
    #[error("{year} already has a baseline {name}, which is never overwritten: use another name")]
    BaselineTaken {
        /// The year.
        year: FinancialYear,
        /// The name.
        name: BaselineName,
    },
    /// The year has no baseline of this name.
    #[error("{year} has no baseline {name}: correct the year or the name")]
    UnknownBaseline {
        /// The year.
        year: FinancialYear,
        /// The name.
        name: BaselineName,
    },
    /// An original baseline without any budget.
    #[error("no line of {year} has budget yet: allocate budget, then strike the baseline original")]
    NothingToStrike {
        /// The year.
        year: FinancialYear,
    },
    /// The destination is not above the cancelled fund.
    #[error("the fund {to} is not above {fund}: name a fund above it, or the Treasury")]
    NotAboveFund {
        /// The cancelled fund.
        fund: FundCode,
        /// The destination.
        to: FundCode,
    },
    /// The fund and those below it have nothing unallocated.
    #[error(
        "{fund} has no unallocated money to give up: cut the lines it has paid first, or name another fund"
    )]
    NothingUnallocated {
        /// The fund.
        fund: FundCode,
    },
    /// The replacement is itself a correction.
    #[error("a replacement holds no other correction: correct each entry by itself")]
    NestedCorrection,
    /// Every line is open in the next year, or cannot be opened.
    #[error(
        "no line of {from} is left to open in {}: they are open already, or their programme or body has ended", .from.next()
    )]
    NothingToOpen {
        /// The year that is rolled forward.
        from: FinancialYear,
    },
}

impl PlanRejection {
    /// The rejection's stable code, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            PlanRejection::NoForecast { .. } => "NO_FORECAST",
            PlanRejection::BaselineTaken { .. } => "BASELINE_TAKEN",
            PlanRejection::UnknownBaseline { .. } => "UNKNOWN_BASELINE",
            PlanRejection::NothingToStrike { .. } => "NOTHING_TO_STRIKE",
            PlanRejection::NotAboveFund { .. } => "NOT_ABOVE_FUND",
            PlanRejection::NothingUnallocated { .. } => "NOTHING_UNALLOCATED",
            PlanRejection::NestedCorrection => "NESTED_CORRECTION",
            PlanRejection::NothingToOpen { .. } => "NOTHING_TO_OPEN",
        }
    }
}
