//! What a book tells, whichever way it was asked.

use chrono::NaiveDate;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use ledger_core::domain::event::{BodyKind, UnderspendCause};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::warning::Warning;
use ledger_core::writer::{Preview, Receipt};
use projections::funds::FundBalance;
use projections::register::ProgrammeStatus;
use projections::scope::Scope;
use projections::year::Contribution;

/// Rows, all of them as at one position.
pub(in crate::cli) struct Answer<T> {
    pub(in crate::cli) position: Position,
    pub(in crate::cli) rows: Vec<T>,
}

/// An entry's part in a figure, and when it was recorded.
pub(in crate::cli) struct Behind {
    pub(in crate::cli) contribution: Contribution,
    pub(in crate::cli) recorded: Option<Timestamp>,
}

/// A line's underspend, and what has been said about it.
pub(in crate::cli) struct Underspend {
    pub(in crate::cli) line: LineKey,
    pub(in crate::cli) underspend: Pence,
    pub(in crate::cli) reasons: Vec<UnderspendReason>,
    pub(in crate::cli) unexplained: Pence,
}

/// A reason given for part of an underspend, and the entry that says so.
pub(in crate::cli) struct UnderspendReason {
    pub(in crate::cli) cause: UnderspendCause,
    pub(in crate::cli) pence: Pence,
    pub(in crate::cli) position: Position,
}

/// A fund's money in one class, with that of the funds below it.
pub(in crate::cli) struct FundRow {
    pub(in crate::cli) code: FundCode,
    pub(in crate::cli) name: String,
    pub(in crate::cli) parent: Option<FundCode>,
    /// None where the fund has no money in any class.
    pub(in crate::cli) balance: Option<(BudgetClass, FundBalance)>,
}

/// A programme.
pub(in crate::cli) struct ProgrammeRow {
    pub(in crate::cli) code: ProgrammeCode,
    pub(in crate::cli) name: Option<String>,
    pub(in crate::cli) parent: Option<ProgrammeCode>,
    pub(in crate::cli) status: Option<ProgrammeStatus>,
}

/// An organisation.
pub(in crate::cli) struct BodyRow {
    pub(in crate::cli) code: BodyCode,
    pub(in crate::cli) name: String,
    pub(in crate::cli) kind: BodyKind,
    pub(in crate::cli) parent: Option<BodyCode>,
    pub(in crate::cli) opened_on: Option<NaiveDate>,
    pub(in crate::cli) closed_on: Option<NaiveDate>,
    pub(in crate::cli) successor: Option<BodyCode>,
}

/// What deserves a look about a posting.
pub(in crate::cli) struct Noted {
    pub(in crate::cli) code: String,
    pub(in crate::cli) message: String,
}

/// An entry that is durable.
pub(in crate::cli) struct Posted {
    pub(in crate::cli) position: Position,
    pub(in crate::cli) recorded: Timestamp,
    pub(in crate::cli) warnings: Vec<Noted>,
    /// Whether an earlier request had posted it under the same key.
    pub(in crate::cli) replayed: bool,
}

/// A figure that a posting would change.
pub(in crate::cli) struct Change {
    pub(in crate::cli) account: String,
    pub(in crate::cli) figure: String,
    pub(in crate::cli) before: Pence,
    pub(in crate::cli) after: Pence,
}

/// What a posting would do.
pub(in crate::cli) struct Previewed {
    pub(in crate::cli) changes: Vec<Change>,
    pub(in crate::cli) warnings: Vec<Noted>,
    /// The entry that this key has posted already, if it has.
    pub(in crate::cli) posted: Option<Position>,
}

fn noted(warnings: &[Warning]) -> Vec<Noted> {
    let note = |w: &Warning| Noted { code: w.code().to_owned(), message: w.to_string() };
    warnings.iter().map(note).collect()
}

/// What was posted, as a receipt tells it.
pub(super) fn posted(receipt: Receipt) -> Posted {
    let Receipt { position, recorded, warnings, replayed } = receipt;
    Posted { position, recorded, warnings: noted(&warnings), replayed }
}

/// What a posting would change, as far as it may be read: balances of funds sum over all lines.
pub(super) fn previewed(preview: &Preview, scope: &Scope) -> Previewed {
    let mut changes = Vec::new();
    let mut change = |account: String, figure: &str, before: Pence, after: Pence| {
        if before != after {
            changes.push(Change { account, figure: figure.to_owned(), before, after });
        }
    };
    for (pot, before, after) in preview.pots.iter().filter(|_| scope.is_everything()) {
        change(pot.to_string(), "unallocated", *before, *after);
    }
    for (key, before, after) in preview.lines.iter().filter(|(key, ..)| scope.admits(key)) {
        change(key.to_string(), "revised", before.revised, after.revised);
        change(key.to_string(), "committed", before.committed, after.committed);
        change(key.to_string(), "accrued", before.accrued, after.accrued);
        change(key.to_string(), "actual", before.actual, after.actual);
        change(key.to_string(), "available", before.available(), after.available());
    }
    Previewed { changes, warnings: noted(&preview.decision.warnings), posted: preview.posted }
}
