//! Commands that withdraw statements, cancel funds, correct entries and open the next year.

use serde::{Deserialize, Serialize};

use super::{Command, ReturnTo, payloads};
use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::code::{BodyCode, FundCode, ProgrammeCode};
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::position::Position;
use crate::domain::text::BaselineName;

payloads! {
    /// Withdraw the forecasts that an entry stated: the latest other ones then stand.
    WithdrawForecast {
        /// The entry that stated them.
        entry: Position,
        /// Only those of this line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<LineKey>,
    }

    /// Withdraw a baseline that was struck by mistake. Its name is then free again.
    WithdrawBaseline {
        /// The year.
        year: FinancialYear,
        /// Its name.
        name: BaselineName,
    }

    /// Cancel a fund and those below it: what is unallocated moves to a fund above or out to the
    /// Treasury.
    CancelFund {
        /// The fund.
        fund: FundCode,
        /// The class of the money; every class where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        class: Option<BudgetClass>,
        /// The destination of its money.
        to: ReturnTo,
    }

    /// Reverse an entry and post its replacement, as one entry.
    Correct {
        /// The entry to reverse.
        entry: Position,
        /// The command to post in its place.
        replacement: Box<Command>,
    }

    /// Open the lines of a year in the next year, at 0.00 or with their budget.
    OpenYear {
        /// The year whose lines are opened in the next.
        from: FinancialYear,
        /// The fund that opens them, and pays recurring budget.
        fund: FundCode,
        /// Whether each line is allocated its revised budget again; 0.00 otherwise.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        recurring: bool,
        /// Only lines of this programme and those below it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        programme: Option<ProgrammeCode>,
        /// Only lines of this body and those below it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<BodyCode>,
        /// The effective month in the next year.
        month: Month,
    }
}
