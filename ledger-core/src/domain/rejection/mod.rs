//! Rejections: why a command was refused. Each message says what happened, why, and what to do
//! next.

mod code;
mod period;
mod plan;
mod publishing;
mod shown;
mod sign_off;

use chrono::NaiveDate;

use code::{hint, succeeded};
pub use period::PeriodRejection;
pub use plan::PlanRejection;
pub use publishing::FigureRejection;
pub use sign_off::SignOffRejection;

use super::calendar::{FinancialYear, Month};
use super::code::{BodyCode, FundCode, ProgrammeCode};
use super::line::{BudgetClass, LineKey};
use super::money::Pence;
use super::policy::Breach;
use super::position::Position;
use super::text::{Reference, TextError};

/// Why a command was refused. The book has not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A policy rule is broken.
    #[error(transparent)]
    Breach(#[from] Breach),
    /// The command is about proposals, signatures, delegations or offsets.
    #[error(transparent)]
    SignOff(#[from] SignOffRejection),
    /// The command is about published figures or scopes.
    #[error(transparent)]
    Figure(#[from] FigureRejection),
    /// The command is about closed periods.
    #[error(transparent)]
    Period(#[from] PeriodRejection),
    /// A text has the wrong form.
    #[error("{0}: correct it")]
    Malformed(#[from] TextError),
    /// What the command names, or would change, is absent or out of the caller's reach.
    #[error(
        "this names or would change something that does not exist or that you may not read: correct it, or ask someone whose role covers it"
    )]
    OutOfReach,
    /// A rule refuses it by figures that the caller may not read.
    #[error("{what}")]
    Withheld {
        /// The rule's stable code.
        code: &'static str,
        /// The reason without figures, and what to do next.
        what: &'static str,
    },
    /// The body would stand below one that it oversees.
    #[error(
        "{code} is of a kind that stands above {parent}: name a body above it, such as a region or the department"
    )]
    BodyOutOfOrder {
        /// The body.
        code: BodyCode,
        /// The body named above it.
        parent: BodyCode,
    },
    /// The command is about baselines, withdraws, cancels a fund, corrects, or opens a year.
    #[error(transparent)]
    Plan(#[from] PlanRejection),
    /// No programme has this code.
    #[error("there is no programme {code}{}: open it first, or correct the code", hint(.like))]
    UnknownProgramme {
        /// The code given.
        code: ProgrammeCode,
        /// A similar code.
        like: Option<String>,
    },
    /// No body has this code.
    #[error("there is no body {code}{}: register it first, or correct the code", hint(.like))]
    UnknownBody {
        /// The code given.
        code: BodyCode,
        /// A similar code.
        like: Option<String>,
    },
    /// No fund has this code.
    #[error("there is no fund {code}{}: establish it first, or correct the code", hint(.like))]
    UnknownFund {
        /// The code given.
        code: FundCode,
        /// A similar code.
        like: Option<String>,
    },
    /// The line has never been posted to.
    #[error("the line {line} is not open: allocate to it first (0.00 opens it), or correct it")]
    UnknownLine {
        /// The line.
        line: LineKey,
    },
    /// No commitment or accrual has this reference.
    #[error("there is no commitment or accrual {reference}: correct the reference")]
    UnknownReference {
        /// The reference given.
        reference: Reference,
    },
    /// The book has no such entry.
    #[error("there is no entry {entry}: correct the number")]
    UnknownEntry {
        /// The number given.
        entry: Position,
    },
    /// Another object of the kind has this code.
    #[error("the code {code} is already used by another {what}: choose another code")]
    CodeTaken {
        /// The kind of object.
        what: &'static str,
        /// The code.
        code: String,
    },
    /// Another commitment or accrual has this reference.
    #[error("the reference {reference} is already used on {line}: choose another reference")]
    ReferenceTaken {
        /// The reference.
        reference: Reference,
        /// The line of that commitment or accrual.
        line: LineKey,
    },
    /// The programme is closed.
    #[error("the programme {code} is closed: post to another, or open a new one")]
    ProgrammeClosed {
        /// The programme.
        code: ProgrammeCode,
    },
    /// The programme is cancelled and only discharges its commitments.
    #[error(
        "the programme {code} is cancelled and accepts only spend, accruals and releases that discharge a commitment: post to another programme"
    )]
    ProgrammeClosing {
        /// The programme.
        code: ProgrammeCode,
    },
    /// The programme still holds money or has open programmes below it.
    #[error(
        "the programme {code} cannot be closed: {what}; move or release it first, or cancel the programme"
    )]
    ProgrammeInUse {
        /// The programme.
        code: ProgrammeCode,
        /// The obstacle.
        what: String,
    },
    /// The programme is reserved for the ledger's own use.
    #[error("{code} is reserved for the ledger's own use: {instead}")]
    ReservedProgramme {
        /// The programme.
        code: ProgrammeCode,
        /// What to do instead.
        instead: &'static str,
    },
    /// The body does not exist in the month.
    #[error("the body {code} closed on {on}{}: post to a body that is open in the month", succeeded(.successor))]
    BodyClosed {
        /// The body.
        code: BodyCode,
        /// Its last day.
        on: NaiveDate,
        /// The body that succeeded it.
        successor: Option<BodyCode>,
    },
    /// The department cannot close: it holds suspense and exchanged budget.
    #[error("{code} is the book's department, which holds suspense and cannot close: name another")]
    DepartmentStays {
        /// The department.
        code: BodyCode,
    },
    /// The succeeding body is part of the body that would end.
    #[error("{1} is part of {0}: merge the parts into {0}, or into a body beside it")]
    MergedIntoPart(BodyCode, BodyCode),
    /// The body does not exist yet.
    #[error("the body {code} opened on {on}: name a day or a month in which it exists")]
    BodyNotOpen {
        /// The body.
        code: BodyCode,
        /// Its first day.
        on: NaiveDate,
    },
    /// The amount must be above zero.
    #[error("the amount {pence:#} is not above zero: state the amount as a positive number")]
    NotPositive {
        /// The amount.
        pence: Pence,
    },
    /// Zero changes nothing.
    #[error(
        "an amount of £0.00 changes nothing: state another amount (only an allocation may be £0.00, to open a line)"
    )]
    Zero,
    /// A balance would exceed the range in which sums are exact.
    #[error(
        "the amounts would exceed £9,999,999,999,999.99 on one line or fund, or what each line of so large a book may hold: check them, or use more lines"
    )]
    OutOfRange,
    /// No line is named.
    #[error("there is nothing to move: name at least one line on each side")]
    NoLegs,
    /// The amount taken differs from the amount given.
    #[error("the amounts do not sum to zero: {from:#} leaves and {to:#} arrives; make them equal")]
    Unbalanced {
        /// The amount taken.
        from: Pence,
        /// The amount given.
        to: Pence,
    },
    /// The lines are of different years.
    #[error(
        "the lines are of {first} and {other}: name lines of one year, or use budget exchange to the next year"
    )]
    YearsDiffer {
        /// One year.
        first: FinancialYear,
        /// Another.
        other: FinancialYear,
    },
    /// The fund has no money settled for the year.
    #[error("{fund}/{class} has no money settled for {year}: settle it, or choose another year")]
    YearNotSettled {
        /// The fund.
        fund: FundCode,
        /// The class.
        class: BudgetClass,
        /// The year.
        year: FinancialYear,
    },
    /// The years are in the wrong order.
    #[error("{from} comes after {to}: name the first year first")]
    YearsReversed {
        /// The first year named.
        from: FinancialYear,
        /// The last year named.
        to: FinancialYear,
    },
    /// The fund is not directly below the other.
    #[error("the fund {child} is not directly below {parent}: earmark level by level")]
    NotChildFund {
        /// The fund above.
        parent: FundCode,
        /// The fund named.
        child: FundCode,
    },
    /// The cut does not say where the money returns.
    #[error("{line} was paid by {payers}: name the fund that the cut returns to, or the Treasury")]
    ReturnUnclear {
        /// The line.
        line: LineKey,
        /// The funds that paid it, in words.
        payers: &'static str,
    },
    /// The line is not unsplit.
    #[error("{line} is not an unsplit line: name an unsplit line to split")]
    NotUnsplit {
        /// The line.
        line: LineKey,
    },
    /// The command cites no evidence.
    #[error("this needs evidence: cite the document that supports it")]
    EvidenceRequired,
    /// The command cites no authority.
    #[error("this needs an authority: cite who allowed it")]
    AuthorityRequired,
    /// The commitment or accrual is on another line.
    #[error("{reference} is on {line}: post on that line to discharge it")]
    ReferenceElsewhere {
        /// The reference.
        reference: Reference,
        /// Its line.
        line: LineKey,
    },
    /// An accrual discharges only commitments.
    #[error("{reference} is an accrual: name the commitment that this accrual discharges")]
    NotACommitment {
        /// The reference.
        reference: Reference,
    },
    /// The discharge is in an earlier month than the commitment or accrual.
    #[error("{reference} was made in {made}: discharge it in that month or a later one")]
    DischargedTooEarly {
        /// The reference.
        reference: Reference,
        /// The month it was made in.
        made: Month,
    },
    /// A credit cannot discharge anything.
    #[error("a credit cannot discharge a commitment or accrual: leave the reference out")]
    CreditDischarges,
    /// The release exceeds the open amount.
    #[error("{reference} has {open:#} open: release no more than that")]
    BeyondOpen {
        /// The reference.
        reference: Reference,
        /// The open amount.
        open: Pence,
    },
    /// The months do not sum to the forecast.
    #[error(
        "the months sum to {sum:#} and the forecast is {forecast:#}: give twelve months that sum to the forecast"
    )]
    PhasingDiffers {
        /// The sum of the months.
        sum: Pence,
        /// The forecast.
        forecast: Pence,
    },
    /// The explanation exceeds the underspend.
    #[error(
        "{line} is underspent by {underspend:#}, and {explained:#} of it is already explained: explain no more than is left"
    )]
    BeyondUnderspend {
        /// The line.
        line: LineKey,
        /// Its underspend.
        underspend: Pence,
        /// The amount already explained.
        explained: Pence,
    },
    /// The year concerned is not an earlier, hard-closed year.
    #[error("{concerns} is not an earlier year that is hard-closed: post in {concerns} itself")]
    NotPriorPeriod {
        /// The year of the line.
        year: FinancialYear,
        /// The year named.
        concerns: FinancialYear,
    },
    /// The entry is itself a reversal.
    #[error("entry {entry} is a reversal, which cannot be reversed: post the original again")]
    ReversalOfReversal {
        /// The entry.
        entry: Position,
    },
    /// The entry is already reversed.
    #[error("entry {entry} was already reversed by entry {by}: there is nothing to do")]
    ReversedAlready {
        /// The entry.
        entry: Position,
        /// The entry that reversed it.
        by: Position,
    },
    /// Entries of this kind cannot be reversed.
    #[error("entry {entry} {what}, which cannot be reversed: {instead}")]
    NotReversible {
        /// The entry.
        entry: Position,
        /// What the entry did.
        what: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// The line changed after the client read it.
    #[error(
        "{line} has changed since you read it (version {current}, not {expected}): read it again and decide afresh"
    )]
    VersionConflict {
        /// The line.
        line: LineKey,
        /// The version the client read.
        expected: Position,
        /// The current version.
        current: Position,
    },
    /// The batch is empty or holds another batch.
    #[error("a batch holds at least one command and no other batch: correct the batch")]
    BatchForm,
    /// One command of the batch is refused, and so the whole batch.
    #[error("command {number} of the batch: {rejection}")]
    InBatch {
        /// Its number, from 1.
        number: usize,
        /// The reason.
        rejection: Box<Rejection>,
    },
    /// The entry would be too large.
    #[error("this is too large for one entry ({bytes} bytes of at most 65,535): post it in parts")]
    EntryTooLarge {
        /// The size in bytes.
        bytes: usize,
    },
}
