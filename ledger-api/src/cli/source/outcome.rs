//! What came of postings to a folder's book, as verbs tell it.

use ledger_core::domain::money::Pence;
use ledger_core::domain::warning::Warning;
use ledger_core::writer::{Fate, Preview, Receipt};
use projections::scope::Scope;

use super::answer::{Change, Noted, Posted, Previewed};

fn noted(warnings: &[Warning]) -> Vec<Noted> {
    let note = |w: &Warning| Noted { code: w.code().to_owned(), message: w.to_string() };
    warnings.iter().map(note).collect()
}

pub(super) fn posted(receipt: Receipt) -> Posted {
    let Receipt { position, recorded, warnings, fate, replayed } = receipt;
    let waits = match fate {
        Fate::Posted => None,
        Fate::AwaitingSignOff { proposal } => Some(proposal),
    };
    Posted { position, recorded, warnings: noted(&warnings), waits, replayed }
}

/// What may be read of it: balances of funds sum over all lines.
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
