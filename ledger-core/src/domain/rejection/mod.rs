//! Rejections: why a command was refused. Each message says what, why and what to do next.

mod claim;
mod code;
mod sign_off;

use chrono::NaiveDate;

pub use claim::ClaimRejection;
use code::{hint, succeeded};
pub use sign_off::SignOffRejection;

use super::calendar::{FinancialYear, Month};
use super::code::{BodyCode, FundCode, ProgrammeCode};
use super::line::{BudgetClass, LineKey};
use super::money::Pence;
use super::policy::Breach;
use super::position::Position;
use super::text::{BaselineName, Reference};

/// Why a command was refused. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A rule of the policy is broken.
    #[error(transparent)]
    Breach(#[from] Breach),
    /// It is about proposals, signatures, delegations or offsets.
    #[error(transparent)]
    SignOff(#[from] SignOffRejection),
    /// It is about published figures or scopes.
    #[error(transparent)]
    Claim(#[from] ClaimRejection),
    /// No programme has this code.
    #[error("there is no programme {code}{}: open it first, or correct the code", hint(.like))]
    UnknownProgramme {
        /// What was named.
        code: ProgrammeCode,
        /// A code much like it.
        like: Option<String>,
    },
    /// No body has this code.
    #[error("there is no body {code}{}: register it first, or correct the code", hint(.like))]
    UnknownBody {
        /// What was named.
        code: BodyCode,
        /// A code much like it.
        like: Option<String>,
    },
    /// No fund has this code.
    #[error("there is no fund {code}{}: establish it first, or correct the code", hint(.like))]
    UnknownFund {
        /// What was named.
        code: FundCode,
        /// A code much like it.
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
        /// What was named.
        reference: Reference,
    },
    /// The book has no such entry.
    #[error("there is no entry {entry}: positions run from 1 to the head")]
    UnknownEntry {
        /// What was named.
        entry: Position,
    },
    /// Something already has this code.
    #[error("the code {code} is taken by another {what}: choose another code")]
    CodeTaken {
        /// The kind of thing.
        what: &'static str,
        /// The code.
        code: String,
    },
    /// A commitment or accrual already has this reference.
    #[error("the reference {reference} is taken by one on {line}: choose another reference")]
    ReferenceTaken {
        /// The reference.
        reference: Reference,
        /// Where it is used.
        line: LineKey,
    },
    /// The year already has a baseline of this name.
    #[error("{year} has a baseline {name} already, and none is overwritten: choose another name")]
    BaselineTaken {
        /// The year.
        year: FinancialYear,
        /// The name.
        name: BaselineName,
    },
    /// The programme takes no postings any more.
    #[error("the programme {code} is closed: post to another, or open a new one")]
    ProgrammeClosed {
        /// The programme.
        code: ProgrammeCode,
    },
    /// The programme is cancelled and only winds down.
    #[error(
        "the programme {code} is cancelled: it takes only spend, accruals and releases that discharge a commitment"
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
        /// What is in the way.
        what: String,
    },
    /// Reserved programmes are the book's own.
    #[error("{code} is the book's own programme: {instead}")]
    ReservedProgramme {
        /// The programme.
        code: ProgrammeCode,
        /// What can be done instead.
        instead: &'static str,
    },
    /// The body does not exist in that month.
    #[error("the body {code} closed on {on}{}: post to a body that is open in the month", succeeded(.successor))]
    BodyClosed {
        /// The body.
        code: BodyCode,
        /// Its last day.
        on: NaiveDate,
        /// The body that succeeded it.
        successor: Option<BodyCode>,
    },
    /// The department holds suspense and exchanged budget for as long as there is a book.
    #[error("{code} is the department of this book, which does not close: it holds suspense")]
    DepartmentStays {
        /// The department.
        code: BodyCode,
    },
    /// A body was to end, and to be succeeded by one that is counted with it.
    #[error("{1} is part of {0}: merge the parts into {0}, or into a body beside it")]
    MergedIntoPart(BodyCode, BodyCode),
    /// The body does not exist yet on that day or in that month.
    #[error("the body {code} opened on {on}: name a day or a month in which it exists")]
    BodyNotOpen {
        /// The body.
        code: BodyCode,
        /// Its first day.
        on: NaiveDate,
    },
    /// The month is closed for good.
    #[error(
        "{year} {month} is closed for good: post it as a prior-period adjustment, on the line of an open year with \"concerns\": \"{year}\""
    )]
    HardClosed {
        /// The year.
        year: FinancialYear,
        /// The month.
        month: Month,
    },
    /// The month is closed already.
    #[error("{year} {month} is closed already: there is nothing to do")]
    ClosedAlready {
        /// The year.
        year: FinancialYear,
        /// The month.
        month: Month,
    },
    /// The month cannot be reopened.
    #[error("{year} {month} is not softly closed: only a soft close can be reopened")]
    NotSoftlyClosed {
        /// The year.
        year: FinancialYear,
        /// The month.
        month: Month,
    },
    /// Only a hard close covers a whole year.
    #[error("a soft close is of one month: name the month, or close the year hard")]
    SoftCloseNeedsMonth,
    /// M13 is for corrections of spend.
    #[error("M13 takes corrections of spend only: use M1 to M12")]
    OutturnPeriod,
    /// The amount must be above zero.
    #[error("the amount {pence} is not above zero: state what moves as a positive amount")]
    NotPositive {
        /// The amount.
        pence: Pence,
    },
    /// Zero changes nothing.
    #[error(
        "an amount of 0.00 changes nothing: state an amount (only an allocation of 0.00 means something: it opens a line)"
    )]
    Zero,
    /// A balance would leave the range that is exact everywhere.
    #[error(
        "the amounts would pass £9999999999999.99 on one line or fund, or the most a book can hold: split them"
    )]
    OutOfRange,
    /// No leg at all.
    #[error("nothing is named to move: name at least one line on each side")]
    NoLegs,
    /// What is taken is not what is given.
    #[error("the legs do not balance: £{from} is taken and £{to} is given; they must be the same")]
    Unbalanced {
        /// What is taken.
        from: Pence,
        /// What is given.
        to: Pence,
    },
    /// A reallocation stays within a year.
    #[error(
        "the lines are of {first} and {other}: money moves to the next year only by budget exchange"
    )]
    YearsDiffer {
        /// One year.
        first: FinancialYear,
        /// Another.
        other: FinancialYear,
    },
    /// The fund's money is not for that year.
    #[error(
        "the money of {fund}/{class} is not settled for {year}: settle it, or allocate to another year"
    )]
    YearNotSettled {
        /// The fund.
        fund: FundCode,
        /// The class.
        class: BudgetClass,
        /// The year asked for.
        year: FinancialYear,
    },
    /// Years run forward.
    #[error("{from} comes after {to}: name the first year first")]
    YearsReversed {
        /// The first year named.
        from: FinancialYear,
        /// The last year named.
        to: FinancialYear,
    },
    /// Earmarks go one step down.
    #[error("the fund {child} is not directly below {parent}: earmark step by step")]
    NotChildFund {
        /// The fund it should be below.
        parent: FundCode,
        /// The fund named.
        child: FundCode,
    },
    /// Nobody has said where the cut goes.
    #[error("{line} was paid by {payers}: name the fund the cut returns to, or the Treasury")]
    ReturnUnclear {
        /// The line.
        line: LineKey,
        /// How many funds paid it.
        payers: &'static str,
    },
    /// Only unsplit lines can be split.
    #[error("{line} is not an unsplit line: only those are split")]
    NotUnsplit {
        /// The line.
        line: LineKey,
    },
    /// The command needs evidence.
    #[error("this needs evidence: cite the document it rests on")]
    EvidenceRequired,
    /// The command needs an authority.
    #[error("this needs an authority: cite who allowed it")]
    AuthorityRequired,
    /// The commitment or accrual is on another line.
    #[error("{reference} is on {line}: a discharge is posted on the same line")]
    ReferenceElsewhere {
        /// The reference.
        reference: Reference,
        /// Its line.
        line: LineKey,
    },
    /// An accrual cites a commitment; it cannot cite an accrual.
    #[error("{reference} is an accrual: an accrual discharges a commitment")]
    NotACommitment {
        /// The reference.
        reference: Reference,
    },
    /// A discharge cannot come before what it discharges.
    #[error("{reference} was made in {made}: it cannot be discharged in an earlier month")]
    DischargedTooEarly {
        /// The reference.
        reference: Reference,
        /// The month it was made in.
        made: Month,
    },
    /// A credit pays nothing off.
    #[error("a credit discharges nothing: leave the reference out")]
    CreditDischarges,
    /// Less is open than would be released.
    #[error("{reference} has £{open} open: release no more than that")]
    BeyondOpen {
        /// The reference.
        reference: Reference,
        /// What is open of it.
        open: Pence,
    },
    /// Phasing must make up the forecast.
    #[error(
        "the months sum to £{sum} and the forecast is £{forecast}: they must be the same, over twelve months"
    )]
    PhasingDiffers {
        /// The sum of the months.
        sum: Pence,
        /// The forecast.
        forecast: Pence,
    },
    /// More would be explained than was underspent.
    #[error(
        "{line} is underspent by £{underspend}, of which £{explained} is explained: explain no more than is left"
    )]
    BeyondUnderspend {
        /// The line.
        line: LineKey,
        /// Its underspend.
        underspend: Pence,
        /// What is explained of it.
        explained: Pence,
    },
    /// The adjustment must concern an earlier year that is closed for good.
    #[error(
        "{concerns} is not a year closed for good before {year}: post there, without \"concerns\""
    )]
    NotPriorPeriod {
        /// The year of the line.
        year: FinancialYear,
        /// The year it would concern.
        concerns: FinancialYear,
    },
    /// The entry undoes another; it cannot be undone in turn.
    #[error("entry {entry} is a reversal: a reversal is not reversed, post it again")]
    ReversalOfReversal {
        /// The entry.
        entry: Position,
    },
    /// The entry has been reversed.
    #[error("entry {entry} was reversed by entry {by}: an entry is reversed once")]
    ReversedAlready {
        /// The entry.
        entry: Position,
        /// The entry that reversed it.
        by: Position,
    },
    /// This kind of entry is not reversed.
    #[error("entry {entry} {what}: that is not reversed, {instead}")]
    NotReversible {
        /// The entry.
        entry: Position,
        /// What it did.
        what: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// There is no open month left to post a reversal in.
    #[error("{year} {month} is closed and no later month is open: open one for the reversal")]
    NoOpenPeriod {
        /// The year.
        year: FinancialYear,
        /// The month of the entry.
        month: Month,
    },
    /// A line has changed since the client saw it.
    #[error("{line} is at version {current}, not {expected}: read it again and decide afresh")]
    VersionConflict {
        /// The line.
        line: LineKey,
        /// What the client saw.
        expected: Position,
        /// What it is.
        current: Position,
    },
    /// A batch holds commands, not batches, and at least one.
    #[error("a batch holds at least one command and no other batch")]
    BatchForm,
    /// One command of a batch is refused, so all are.
    #[error("command {number} of the batch: {rejection}")]
    InBatch {
        /// Which one, from 1.
        number: usize,
        /// Why.
        rejection: Box<Rejection>,
    },
    /// The entry would be too large.
    #[error("the entry would have {bytes} bytes and an entry has at most 65535: post it in parts")]
    EntryTooLarge {
        /// Its size.
        bytes: usize,
    },
}
