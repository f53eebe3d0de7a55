//! What came of postings to a folder's book, as verbs tell it.

use ledger_core::domain::warning::Warning;
use ledger_core::writer::{Fate, Preview, Receipt};
use projections::scope::Scope;

use super::answer::{Change, Noted, Posted, Previewed};
use crate::changes;

impl From<changes::Change> for Change {
    fn from(change: changes::Change) -> Self {
        let changes::Change { account, figure, before, after } = change;
        Change { account, figure: figure.to_owned(), before, after }
    }
}

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

/// What may be read of it.
pub(super) fn previewed(preview: &Preview, scope: &Scope) -> Previewed {
    let changes = changes::changes(preview, scope).into_iter().map(Change::from).collect();
    Previewed { changes, warnings: noted(&preview.decision.warnings), posted: preview.posted }
}
