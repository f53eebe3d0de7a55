//! Commands: what somebody asks the book to do, in the imperative.
//!
//! The JSON form of a command is what posting files hold: one member named for the command, with
//! its fields inside, and amounts as text in pounds.

mod claim;
mod part;
mod sign_off;
mod subject;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

pub use claim::*;
pub use part::{FundAmount, LineAmount, PhasedAmount, ProposalVersion, ReturnTo};
pub use sign_off::*;
pub use subject::Grounds;

use super::calendar::{FinancialYear, Month};
use super::code::{BodyCode, FundCode, ProgrammeCode};
use super::event::{BodyKind, Close, Destination, Series, UnderspendCause};
use super::line::{BudgetClass, LineKey};
use super::money::{Pence, pounds};
use super::position::Position;
use super::profile::Profile;
use super::text::{BaselineName, Name, Reference};

/// Defines what commands carry.
macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident : $type:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(rename_all = "camelCase", deny_unknown_fields)]
            pub struct $name { $($(#[$field_doc])* pub $field: $type),* }
        )*
    };
}
use payloads;

/// Defines commands, and the one type of all of them. `also`: those defined elsewhere.
macro_rules! commands {
    (
        $($(#[$doc:meta])* $name:ident { $($fields:tt)* })*
        ; also { $($also:ident),* $(,)? }
    ) => {
        payloads!($($(#[$doc])* $name { $($fields)* })*);

        /// Something the book is asked to do.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum Command {
            $($(#[$doc])* $name($name),)*
            $(#[doc = concat!("See [`", stringify!($also), "`].")] $also($also),)*
            /// Several commands as one entry: each is judged after those before it, and all are
            /// posted or none.
            Batch(Vec<Command>),
        }

        commands!(@from $($name)* $($also)*);
    };
    (@from $($name:ident)*) => {
        $(
            impl From<$name> for Command {
                fn from(command: $name) -> Self {
                    Command::$name(command)
                }
            }
        )*
    };
}

commands! {
    /// Register an organisation.
    RegisterBody {
        /// Its ODS code.
        code: BodyCode,
        /// What it is called.
        name: Name,
        /// What sort of organisation it is.
        kind: BodyKind,
        /// The body above it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<BodyCode>,
        /// The first day on which it exists, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opened_on: Option<NaiveDate>,
    }

    /// Close an organisation: it takes no postings for later months.
    CloseBody {
        /// Its code.
        code: BodyCode,
        /// Its last day.
        on: NaiveDate,
    }

    /// Merge organisations into one that exists.
    MergeBodies {
        /// Those that end.
        from: Vec<BodyCode>,
        /// The one that succeeds them.
        into: BodyCode,
        /// The last day of those that end.
        on: NaiveDate,
    }

    /// Open a programme.
    OpenProgramme {
        /// Its code.
        code: ProgrammeCode,
        /// What it is called.
        name: Name,
        /// The programme it is part of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<ProgrammeCode>,
    }

    /// Give a programme another name.
    RenameProgramme {
        /// Its code.
        code: ProgrammeCode,
        /// What it is called from now on.
        name: Name,
    }

    /// Close a programme that holds no money.
    CloseProgramme {
        /// Its code.
        code: ProgrammeCode,
    }

    /// Cancel a programme and those below it, and move what is available to a destination.
    CancelProgramme {
        /// The programme.
        programme: ProgrammeCode,
        /// Where its money goes.
        to: Destination,
        /// The effective month in the current year. Later years take effect in M1, earlier ones
        /// that are still open in their last open month.
        month: Month,
    }

    /// Establish a fund.
    EstablishFund {
        /// Its code.
        code: FundCode,
        /// What it is called.
        name: Name,
        /// The fund it is part of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<FundCode>,
    }

    /// Settle money on a fund.
    SettleFunding {
        /// The fund.
        fund: FundCode,
        /// The class of the money.
        class: BudgetClass,
        /// The first year it may be allocated to.
        from: FinancialYear,
        /// The last year it may be allocated to.
        to: FinancialYear,
        /// What comes from the Treasury.
        #[serde(with = "pounds")]
        new_money: Pence,
        /// What was in existing budgets before.
        #[serde(with = "pounds")]
        reannounced: Pence,
    }

    /// Allocate a fund's money to lines. An amount of 0.00 opens a line.
    Allocate {
        /// The fund.
        fund: FundCode,
        /// The class of the fund's money it comes from; the class of each line where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        class: Option<BudgetClass>,
        /// The effective month.
        month: Month,
        /// The lines, and what each gets.
        to: SmallVec<[LineAmount; 1]>,
        /// The closed year this concerns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        concerns: Option<FinancialYear>,
    }

    /// Earmark a fund's money for a fund directly below it.
    Earmark {
        /// The fund it leaves.
        fund: FundCode,
        /// The class of the money.
        class: BudgetClass,
        /// The funds below it, and what each gets.
        to: Vec<FundAmount>,
    }

    /// Cut a line's budget, back to a fund or out to the Treasury.
    Cut {
        /// The line.
        line: LineKey,
        /// How much.
        #[serde(with = "pounds")]
        amount: Pence,
        /// The effective month.
        month: Month,
        /// Where it goes; may be left out where exactly one fund has paid the line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<ReturnTo>,
        /// The closed year this concerns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        concerns: Option<FinancialYear>,
    }

    /// Reallocate budget between lines of one year.
    Reallocate {
        /// The effective month.
        month: Month,
        /// The lines that give, and what.
        from: SmallVec<[LineAmount; 1]>,
        /// The lines that get, and what; the same in all.
        to: SmallVec<[LineAmount; 1]>,
        /// The closed year this concerns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        concerns: Option<FinancialYear>,
    }

    /// Reclassify money of an unsplit line as capital and revenue. Evidence is required.
    SplitLine {
        /// The unsplit line.
        line: LineKey,
        /// What is capital.
        #[serde(with = "pounds")]
        capital: Pence,
        /// What is revenue.
        #[serde(with = "pounds")]
        revenue: Pence,
        /// The effective month.
        month: Month,
    }

    /// Exchange budget into the next year.
    ExchangeBudget {
        /// The line it leaves.
        line: LineKey,
        /// How much.
        #[serde(with = "pounds")]
        amount: Pence,
        /// The effective month in the line's year.
        month: Month,
    }

    /// Commit money: it is promised to somebody.
    Commit {
        /// The line.
        line: LineKey,
        /// The effective month.
        month: Month,
        /// How much.
        #[serde(with = "pounds")]
        amount: Pence,
        /// A reference no other commitment or accrual has.
        reference: Reference,
    }

    /// Release an open commitment or accrual without spend.
    ReleaseCommitment {
        /// Its reference.
        reference: Reference,
        /// The effective month.
        month: Month,
        /// How much of it; all that is open where absent.
        #[serde(default, with = "pounds::optional", skip_serializing_if = "Option::is_none")]
        amount: Option<Pence>,
    }

    /// Accrue spend that is not yet paid.
    Accrue {
        /// The line.
        line: LineKey,
        /// The effective month.
        month: Month,
        /// How much.
        #[serde(with = "pounds")]
        amount: Pence,
        /// A reference no other commitment or accrual has.
        reference: Reference,
        /// The commitment it discharges.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        discharges: Option<Reference>,
        /// The closed year this concerns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        concerns: Option<FinancialYear>,
    }

    /// Record actual spend; a credit is negative.
    RecordActual {
        /// The line.
        line: LineKey,
        /// The effective month.
        month: Month,
        /// How much.
        #[serde(with = "pounds")]
        amount: Pence,
        /// The payment's own number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transaction: Option<Reference>,
        /// The class it was accounted in, where that is not the line's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accounting_class: Option<BudgetClass>,
        /// The commitment or accrual it discharges.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        discharges: Option<Reference>,
        /// The closed year all of this concerns; without it, that of the accrual it discharges.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        concerns: Option<FinancialYear>,
    }

    /// State a full-year forecast.
    ReviseForecast {
        /// The line.
        line: LineKey,
        /// The month in which it is stated.
        month: Month,
        /// Reported, or internal.
        series: Series,
        /// The outturn expected for the whole year.
        #[serde(with = "pounds")]
        amount: Pence,
        /// The same by month, M1 to M12.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phasing: Option<Vec<PhasedAmount>>,
    }

    /// Explain part of a line's underspend.
    ExplainUnderspend {
        /// The line.
        line: LineKey,
        /// Why.
        cause: UnderspendCause,
        /// How much of the underspend.
        #[serde(with = "pounds")]
        amount: Pence,
    }

    /// Set a line's monthly profile.
    SetProfile {
        /// The line.
        line: LineKey,
        /// Twelve weights, April first.
        profile: Profile,
    }

    /// Strike a named baseline of a year.
    StrikeBaseline {
        /// The year.
        year: FinancialYear,
        /// Its name, unique in the year.
        name: BaselineName,
    }

    /// Close a month, or (hard only) a whole year.
    ClosePeriod {
        /// The year.
        year: FinancialYear,
        /// The month; the whole year where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        month: Option<Month>,
        /// Soft can be reopened; hard never.
        close: Close,
    }

    /// Reopen a softly closed month. An authority is required.
    ReopenPeriod {
        /// The year.
        year: FinancialYear,
        /// The month.
        month: Month,
    }

    /// Reverse one entry, whole, once.
    Reverse {
        /// Its position.
        entry: Position,
    }

    ; also {
        AdoptPolicy, Propose, SubmitProposal, ReviseProposal, SignOff, RejectProposal,
        WithdrawProposal, RequestPeerReview, ReviewProposal, Delegate, EndDelegation, LinkOffset,
        DefineScope, PublishFigure,
    }
}
