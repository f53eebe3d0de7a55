//! Payloads of events.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::code::{BodyCode, FundCode, ProgrammeCode};
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::money::Pence;
use crate::domain::movement::Legs;
use crate::domain::policy::Policy;
use crate::domain::position::Position;
use crate::domain::profile::Profile;
use crate::domain::text::{BaselineName, BookId, Name};

/// Defines the payload of an event.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $($fields:tt)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name { $($fields)* }
    };
}
pub(super) use payload;

payload!(
    /// The first entry of a book.
    BookOpened {
        /// The book's id, which makes every book's first entry unique.
        pub book: BookId,
        /// The department: the body at the top, which holds suspense and exchanged budget.
        pub department: BodyCode,
        /// The department's name.
        pub name: Name,
        /// The rules in force from the start.
        pub policy: Box<Policy>,
    }
);

payload!(
    /// An organisation.
    BodyRegistered {
        /// Its ODS code.
        pub code: BodyCode,
        /// Its name.
        pub name: Name,
        /// Its kind.
        pub kind: BodyKind,
        /// The body above it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub parent: Option<BodyCode>,
        /// The first day on which it exists; absent where unknown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub opened_on: Option<NaiveDate>,
    }
);

payload!(
    /// The end of an organisation.
    BodyClosed {
        /// Its code.
        pub code: BodyCode,
        /// The last day on which it exists.
        pub on: NaiveDate,
    }
);

payload!(
    /// A merger: each of `from` closes and is succeeded by `into`.
    BodiesMerged {
        /// The bodies that end.
        pub from: Vec<BodyCode>,
        /// The body that succeeds them.
        pub into: BodyCode,
        /// The last day on which the bodies that end exist.
        pub on: NaiveDate,
    }
);

payload!(
    /// A programme.
    ProgrammeOpened {
        /// Its code.
        pub code: ProgrammeCode,
        /// Its name.
        pub name: Name,
        /// The programme it is part of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub parent: Option<ProgrammeCode>,
    }
);

payload!(
    /// A programme's new name.
    ProgrammeRenamed {
        /// Its code.
        pub code: ProgrammeCode,
        /// Its new name.
        pub name: Name,
    }
);

payload!(
    /// A programme whose status changed.
    ProgrammeStatusChanged {
        /// Its code.
        pub code: ProgrammeCode,
    }
);

payload!(
    /// A cancelled programme.
    ProgrammeCancelled {
        /// The programme that was named, then every open one below it.
        pub programmes: Vec<ProgrammeCode>,
        /// The destination of the money they free, now and later.
        pub to: Destination,
    }
);

payload!(
    /// A fund.
    FundEstablished {
        /// Its code.
        pub code: FundCode,
        /// Its name.
        pub name: Name,
        /// The fund it is part of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub parent: Option<FundCode>,
    }
);

payload!(
    /// A settlement: new money and re-announced money on a fund.
    FundingSettled {
        /// The fund.
        pub fund: FundCode,
        /// The class of the money.
        pub class: BudgetClass,
        /// The first year it may be allocated to.
        pub from: FinancialYear,
        /// The last year it may be allocated to.
        pub to: FinancialYear,
        /// From the Treasury and from existing budgets to the fund.
        pub legs: Legs,
    }
);

payload!(
    /// Money of a fund set aside for the funds below it.
    Earmarked {
        /// From the fund to those below it.
        pub legs: Legs,
    }
);

payload!(
    /// A forecast: a full-year level, stated in a month.
    Forecast {
        /// The line.
        pub line: LineKey,
        /// The month in which it was stated.
        pub month: Month,
        /// Reported, or internal.
        pub series: Series,
        /// The outturn expected for the whole year.
        pub pence: Pence,
        /// The forecast by month, M1 to M12, where given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub phasing: Option<Box<[Pence; 12]>>,
    }
);

payload!(
    /// An explanation of part of an underspend.
    Explanation {
        /// The line.
        pub line: LineKey,
        /// The reason.
        pub cause: UnderspendCause,
        /// The amount in pence; negative where reversed.
        pub pence: Pence,
    }
);

payload!(
    /// A line's monthly profile.
    ProfileSet {
        /// The line.
        pub line: LineKey,
        /// Its twelve weights.
        pub profile: Profile,
    }
);

payload!(
    /// A named copy of a year's revised figures.
    BaselineStruck {
        /// The year.
        pub year: FinancialYear,
        /// Its name. The baseline `original` gives original budgets.
        pub name: BaselineName,
    }
);

payload!(
    /// The close of a month or year.
    PeriodClosed {
        /// The year.
        pub year: FinancialYear,
        /// The month; absent for the whole year.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub month: Option<Month>,
        /// Whether it can be reopened.
        pub close: Close,
    }
);

payload!(
    /// The reopening of a softly closed month.
    PeriodReopened {
        /// The year.
        pub year: FinancialYear,
        /// The month.
        pub month: Month,
    }
);

payload!(
    /// Names the entry that the next events of this entry undo.
    Reversed {
        /// Its position.
        pub entry: Position,
        /// Number of events that undo it, where others follow in a batch; all of them where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub events: Option<usize>,
    }
);

/// The kind of an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BodyKind {
    /// The department at the top.
    Department,
    /// An arm's-length body such as NHS England.
    NationalBody,
    /// An NHS England region.
    Region,
    /// An integrated care board.
    Icb,
    /// An NHS trust or foundation trust.
    Trust,
    /// A clinical commissioning group or sub-ICB location.
    Ccg,
    /// A general practice.
    GpPractice,
}

/// The series of a forecast. The two are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Series {
    /// The forecast reported upwards.
    Reported,
    /// The forecast that managers work with.
    Internal,
}

/// The reason for an underspend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnderspendCause {
    /// Timing: it will be spent later.
    Slippage,
    /// It was not needed.
    Saving,
    /// It was taken back.
    Clawback,
    /// It was spent on something else.
    Diversion,
    /// Not stated.
    Unknown,
}

/// How firmly a period is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Close {
    /// It can be reopened under an authority.
    Soft,
    /// It never reopens: the year-end close.
    Hard,
}

/// The destination of a cancelled programme's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Destination {
    /// The Treasury: out of the book.
    Treasury,
    /// Back to a fund, in the class of the line it leaves.
    Fund(FundCode),
    /// To the line of this programme with the same body, year, class and ring-fence. `SUSPENSE`
    /// means the department's suspense line.
    Programme(ProgrammeCode),
}
