//! What events carry.

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
use crate::domain::text::{BaselineName, BookId, Name, Reference};

/// Defines what an event carries.
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
        /// The book's own id, so that no two books share a first entry.
        pub book: BookId,
        /// The department: the body at the top, which holds suspense and exchanged budget.
        pub department: BodyCode,
        /// What it is called.
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
        /// What it is called.
        pub name: Name,
        /// What sort of organisation it is.
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
        /// Those that end.
        pub from: Vec<BodyCode>,
        /// The one that succeeds them.
        pub into: BodyCode,
        /// The last day on which those that end exist.
        pub on: NaiveDate,
    }
);

payload!(
    /// A programme.
    ProgrammeOpened {
        /// Its code.
        pub code: ProgrammeCode,
        /// What it is called.
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
        /// What it is called from now on.
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
        /// Where what it frees goes, now and later.
        pub to: Destination,
    }
);

payload!(
    /// A fund.
    FundEstablished {
        /// Its code.
        pub code: FundCode,
        /// What it is called.
        pub name: Name,
        /// The fund it is part of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub parent: Option<FundCode>,
    }
);

payload!(
    /// A settlement: what came in as new money and what was re-announced.
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
    /// Money of a fund set aside for funds below it.
    Earmarked {
        /// From the fund to those below it.
        pub legs: Legs,
    }
);

payload!(
    /// A commitment made, or released.
    Obligation {
        /// The line that carries it.
        pub line: LineKey,
        /// The effective month.
        pub month: Month,
        /// The commitment's or accrual's own reference.
        pub reference: Reference,
        /// How much; negative where reversed.
        pub pence: Pence,
    }
);

payload!(
    /// What a posting takes off an open commitment or accrual of the same line.
    Discharge {
        /// Which of the two it is.
        pub kind: ObligationKind,
        /// Its reference.
        pub reference: Reference,
        /// How much of it; negative where reversed.
        pub pence: Pence,
    }
);

payload!(
    /// Spend that has happened and is not yet paid.
    Accrual {
        /// The line that carries it.
        pub line: LineKey,
        /// The effective month.
        pub month: Month,
        /// The accrual's own reference.
        pub reference: Reference,
        /// How much; negative where reversed.
        pub pence: Pence,
        /// The commitment it discharges.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub discharges: Option<Discharge>,
        /// The closed year it concerns, where it is a prior-period adjustment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub concerns: Option<FinancialYear>,
    }
);

payload!(
    /// Money spent, or received back.
    Actual {
        /// The line that carries it.
        pub line: LineKey,
        /// The effective month.
        pub month: Month,
        /// How much; a credit is negative.
        pub pence: Pence,
        /// The payment's own number, as the payer publishes it. A split invoice repeats it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub transaction: Option<Reference>,
        /// The class it was accounted in, where that is not the line's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub accounting_class: Option<BudgetClass>,
        /// The commitment or accrual it discharges.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub discharges: Option<Discharge>,
        /// The closed year it concerns, where it is a prior-period adjustment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub concerns: Option<FinancialYear>,
    }
);

payload!(
    /// A full-year level, stated in a month.
    Forecast {
        /// The line.
        pub line: LineKey,
        /// The month in which it was stated.
        pub month: Month,
        /// Reported, or internal.
        pub series: Series,
        /// The outturn expected for the whole year.
        pub pence: Pence,
        /// That figure by month, M1 to M12, where the forecaster gave one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub phasing: Option<Box<[Pence; 12]>>,
    }
);

payload!(
    /// Part of an underspend, explained.
    Explanation {
        /// The line.
        pub line: LineKey,
        /// Why.
        pub cause: UnderspendCause,
        /// How much of it; negative where reversed.
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
        /// Its name; the one called `original` is what original budgets are.
        pub name: BaselineName,
    }
);

payload!(
    /// A close.
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
    /// The end of a soft close.
    PeriodReopened {
        /// The year.
        pub year: FinancialYear,
        /// The month.
        pub month: Month,
    }
);

payload!(
    /// Which entry is undone by the events that follow in this one.
    Reversed {
        /// Its position.
        pub entry: Position,
        /// How many events that is, where others follow them in a batch; all of them where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub events: Option<usize>,
    }
);

/// What can be discharged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ObligationKind {
    /// Money promised.
    Commitment,
    /// Spend not yet paid.
    Accrual,
}

/// What sort of organisation a body is.
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

/// Which of two forecasts is meant: they are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Series {
    /// What is reported upwards.
    Reported,
    /// What managers work with.
    Internal,
}

/// Why money was not spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnderspendCause {
    /// It will be spent later.
    Slippage,
    /// It was not needed.
    Saving,
    /// It was taken back.
    Clawback,
    /// It was used for something else.
    Diversion,
    /// Nobody has said.
    Unknown,
}

/// How firmly a period is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Close {
    /// It can be reopened under an authority.
    Soft,
    /// Never reopens: year end.
    Hard,
}

/// Where the money of a cancelled programme goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Destination {
    /// Out of the book.
    Treasury,
    /// Back to a fund, in the class of the line it leaves.
    Fund(FundCode),
    /// To the line of this programme with the same body, year, class and ring-fence; for
    /// `SUSPENSE`, to the department's suspense line.
    Programme(ProgrammeCode),
}
