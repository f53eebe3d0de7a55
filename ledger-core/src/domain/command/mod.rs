//! Commands: requests to the book, in the imperative.
//!
//! Posting files hold the JSON form of a command: one member named for the command, with its fields
//! inside. Amounts are text in pounds.

mod part;
mod plan;
mod publishing;
mod sign_off;
mod subject;
mod targets;
mod texts;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

pub use part::{FundAmount, LineAmount, PhasedAmount, ProposalVersion, ReturnTo};
pub use plan::*;
pub use publishing::*;
pub use sign_off::*;
pub use subject::Subjects;
pub use targets::Targets;

use super::calendar::{FinancialYear, Month};
use super::code::{BodyCode, FundCode, ProgrammeCode};
use super::event::{BodyKind, Close, Destination, Series, UnderspendCause};
use super::line::{BudgetClass, LineKey};
use super::money::{Pence, pounds};
use super::position::Position;
use super::profile::Profile;
use super::text::{BaselineName, Name, Reference};

/// Defines the payloads of commands.
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

/// Defines commands and the type [`Command`] of them all. `also` lists commands defined elsewhere.
macro_rules! commands {
    (
        $($(#[$doc:meta])* $name:ident { $($fields:tt)* })*
        ; also { $($also:ident),* $(,)? }
    ) => {
        payloads!($($(#[$doc])* $name { $($fields)* })*);

        /// A request to the book.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum Command {
            $($(#[$doc])* $name($name),)*
            $(#[doc = concat!("See [`", stringify!($also), "`].")] $also($also),)*
            /// Several commands as one entry, posted all or none. Each is judged after those before
            /// it.
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
        /// Its name.
        name: Name,
        /// Its kind.
        kind: BodyKind,
        /// The body above it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<BodyCode>,
        /// The first day on which it exists, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opened_on: Option<NaiveDate>,
    }

    /// Close an organisation: it accepts no postings for later months.
    CloseBody {
        /// Its code.
        code: BodyCode,
        /// Its last day.
        on: NaiveDate,
    }

    /// Merge organisations into an existing one.
    MergeBodies {
        /// The organisations that end.
        from: Vec<BodyCode>,
        /// The organisation that succeeds them.
        into: BodyCode,
        /// The last day of the organisations that end.
        on: NaiveDate,
    }

    /// Open a programme.
    OpenProgramme {
        /// Its code.
        code: ProgrammeCode,
        /// Its name.
        name: Name,
        /// The programme it is part of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<ProgrammeCode>,
    }

    /// Rename a programme.
    RenameProgramme {
        /// Its code.
        code: ProgrammeCode,
        /// Its new name.
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
        /// The destination of its money.
        to: Destination,
        /// The effective month in the current year. Later years take effect in M1, and earlier
        /// years still open in their last open month.
        month: Month,
    }

    /// Establish a fund.
    EstablishFund {
        /// Its code.
        code: FundCode,
        /// Its name.
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
        /// The new money, from the Treasury, in pounds.
        #[serde(with = "pounds")]
        new_money: Pence,
        /// The re-announced money, from existing budgets, in pounds.
        #[serde(with = "pounds")]
        reannounced: Pence,
    }

    /// Allocate a fund's money to lines. An amount of 0.00 opens a line.
    Allocate {
        /// The fund.
        fund: FundCode,
        /// The class of the fund's money; each line's own class where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        class: Option<BudgetClass>,
        /// The effective month.
        month: Month,
        /// The lines, with the amount for each.
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
        /// The funds directly below it, with the amount for each.
        to: Vec<FundAmount>,
    }

    /// Cut a line's budget, back to a fund or out to the Treasury.
    Cut {
        /// The line.
        line: LineKey,
        /// The amount, in pounds.
        #[serde(with = "pounds")]
        amount: Pence,
        /// The effective month.
        month: Month,
        /// Where the money returns; may be left out where exactly one fund has paid the line.
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
        /// The lines that give, with the amount of each.
        from: SmallVec<[LineAmount; 1]>,
        /// The lines that receive, with the amount for each; the two sides have equal sums.
        to: SmallVec<[LineAmount; 1]>,
        /// The closed year this concerns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        concerns: Option<FinancialYear>,
    }

    /// Reclassify money of an unsplit line as capital and revenue. Requires evidence.
    SplitLine {
        /// The unsplit line.
        line: LineKey,
        /// The capital part, in pounds.
        #[serde(with = "pounds")]
        capital: Pence,
        /// The revenue part, in pounds.
        #[serde(with = "pounds")]
        revenue: Pence,
        /// The effective month.
        month: Month,
    }

    /// Exchange budget into the next year.
    ExchangeBudget {
        /// The line that gives.
        line: LineKey,
        /// The amount, in pounds.
        #[serde(with = "pounds")]
        amount: Pence,
        /// The effective month in the line's year.
        month: Month,
    }

    /// Commit money: promise it to a supplier or body.
    Commit {
        /// The line.
        line: LineKey,
        /// The effective month.
        month: Month,
        /// The amount, in pounds.
        #[serde(with = "pounds")]
        amount: Pence,
        /// A reference that no other commitment or accrual has.
        reference: Reference,
    }

    /// Release an open commitment or accrual without spend.
    ReleaseCommitment {
        /// Its reference.
        reference: Reference,
        /// The effective month.
        month: Month,
        /// The amount in pounds; all that is open where absent.
        #[serde(default, with = "pounds::optional", skip_serializing_if = "Option::is_none")]
        amount: Option<Pence>,
    }

    /// Accrue spend that is not yet paid.
    Accrue {
        /// The line.
        line: LineKey,
        /// The effective month.
        month: Month,
        /// The amount, in pounds.
        #[serde(with = "pounds")]
        amount: Pence,
        /// A reference that no other commitment or accrual has.
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
        /// The amount, in pounds.
        #[serde(with = "pounds")]
        amount: Pence,
        /// The payment's number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transaction: Option<Reference>,
        /// The accounting class, where it differs from the line's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accounting_class: Option<BudgetClass>,
        /// The commitment or accrual it discharges.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        discharges: Option<Reference>,
        /// The closed year it concerns; where absent, the year that the discharged accrual
        /// concerns.
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
        /// The forecast by month, M1 to M12.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phasing: Option<Vec<PhasedAmount>>,
    }

    /// Explain part of a line's underspend.
    ExplainUnderspend {
        /// The line.
        line: LineKey,
        /// The reason.
        cause: UnderspendCause,
        /// The amount in pounds.
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

    /// Close a month, or a whole year (hard only).
    ClosePeriod {
        /// The year.
        year: FinancialYear,
        /// The month; the whole year where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        month: Option<Month>,
        /// A soft close can be reopened; a hard close never.
        close: Close,
    }

    /// Reopen a softly closed month. Requires an authority.
    ReopenPeriod {
        /// The year.
        year: FinancialYear,
        /// The month.
        month: Month,
    }

    /// Reverse a whole entry, once.
    Reverse {
        /// Its position.
        entry: Position,
    }

    ; also {
        WithdrawForecast, WithdrawBaseline, CancelFund, Correct, OpenYear, AdoptPolicy, Propose, SubmitProposal, ReviseProposal, SignOff, RejectProposal,
        WithdrawProposal, RequestPeerReview, ReviewProposal, Delegate, EndDelegation, LinkOffset,
        DefineScope, PublishFigure,
    }
}
