//! Why commands about closed periods were refused.

use crate::domain::calendar::{FinancialYear, Month};

/// Why a posting to a period, or a close of one, was refused. The book has not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodRejection {
    /// The month is hard-closed.
    #[error(
        "{year} {month} is hard-closed: post a prior-period adjustment on the line of an open year, and name {year} as the year it concerns"
    )]
    HardClosed {
        /// The year.
        year: FinancialYear,
        /// The month.
        month: Month,
    },
    /// The month is closed already.
    #[error("{year} {month} is already closed: there is nothing to do")]
    ClosedAlready {
        /// The year.
        year: FinancialYear,
        /// The month.
        month: Month,
    },
    /// The month is not softly closed.
    #[error("{year} {month} is not softly closed: choose a softly closed month to reopen")]
    NotSoftlyClosed {
        /// The year.
        year: FinancialYear,
        /// The month.
        month: Month,
    },
    /// A soft close needs a month.
    #[error("a soft close covers one month: name the month, or close the whole year hard")]
    SoftCloseNeedsMonth,
    /// M13 takes only corrections of spend.
    #[error("M13 takes corrections of spend only: use M1 to M12")]
    OutturnPeriod,
    /// No month is open for the reversal.
    #[error("{year} {month} is closed and no later month is open: reopen a month for the reversal")]
    NoOpenPeriod {
        /// The year.
        year: FinancialYear,
        /// The month of the entry.
        month: Month,
    },
    /// The period to close has not ended.
    #[error(
        "{year} {month} has not ended, so it cannot be closed: close a month softly once it has ended, and a year hard from the 1 April after it"
    )]
    NotEnded {
        /// The year.
        year: FinancialYear,
        /// The month; the last of a whole year.
        month: Month,
    },
}

impl PeriodRejection {
    /// The rejection's stable code, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            PeriodRejection::HardClosed { .. } => "HARD_CLOSED",
            PeriodRejection::ClosedAlready { .. } => "CLOSED_ALREADY",
            PeriodRejection::NotSoftlyClosed { .. } => "NOT_SOFTLY_CLOSED",
            PeriodRejection::SoftCloseNeedsMonth => "SOFT_CLOSE_NEEDS_MONTH",
            PeriodRejection::OutturnPeriod => "OUTTURN_PERIOD",
            PeriodRejection::NoOpenPeriod { .. } => "NO_OPEN_PERIOD",
            PeriodRejection::NotEnded { .. } => "NOT_ENDED",
        }
    }
}
