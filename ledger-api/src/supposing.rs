//! Supposing postings on a book as it stood, and what they would change: for every face.

use std::cell::RefCell;
use std::collections::BTreeSet;

use ledger_core::domain::actor::Actor;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::movement::{Account, Pot};
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::log::read::entry_at;
use ledger_core::log::store::{ReadError, Store};
use projections::figures::Figures;
use projections::what_if::{NotSupposed, WhatIf};

use crate::changes::Change;

/// What came of postings that were supposed, in their order: the entry each would be.
pub type Judged = Vec<Result<Position, NotSupposed>>;

/// Supposes postings, reading from the log what they cite.
///
/// # Errors
///
/// [`ReadError`] where the log cannot be read: what was supposed is then of no use.
pub fn suppose(
    supposed: &mut WhatIf,
    store: &dyn Store,
    postings: &[Posting],
    actor: &Actor,
) -> Result<Judged, ReadError> {
    let failed = RefCell::new(None);
    let events_of = |position| match entry_at(store, position) {
        Ok(entry) => entry.map(|entry| entry.events),
        Err(error) => {
            failed.replace(Some(error));
            None
        }
    };
    let judged = supposed.suppose(postings, actor, &events_of);
    failed.into_inner().map_or(Ok(judged), Err)
}

/// The figures that all of what was supposed would change, fund by fund and line by line.
pub fn changes(supposed: &WhatIf) -> Vec<Change> {
    let (models, from, end) = (supposed.models(), supposed.from(), supposed.moment());
    let mut lines: BTreeSet<LineKey> = BTreeSet::new();
    let mut pots: BTreeSet<Pot> = BTreeSet::new();
    for event in supposed.events() {
        lines.extend(event.lines());
        pots.extend(event.legs().iter().filter_map(|leg| match leg.account {
            Account::Fund(pot) => Some(pot),
            Account::Line(_) | Account::Outside(_) => None,
        }));
    }
    let mut changes = Vec::new();
    for pot in pots {
        let at = |position| models.funds.at(pot, position).unallocated();
        let (before, after) = (at(from.position), at(end.position));
        changes.push(Change { account: pot.to_string(), figure: "unallocated", before, after });
    }
    for line in lines {
        let at = |moment| models.line(&line, moment, None).unwrap_or_default();
        let (before, after): (Figures, Figures) = (at(from), at(end));
        let figures = [
            ("revised", before.revised, after.revised),
            ("committed", before.committed, after.committed),
            ("accrued", before.accrued, after.accrued),
            ("actual", before.actual, after.actual),
            ("available", before.available(), after.available()),
        ];
        changes.extend(figures.into_iter().map(|(figure, before, after)| {
            let account = line.to_string();
            Change { account, figure, before, after }
        }));
    }
    changes.retain(|change| change.before != change.after);
    changes
}
