//! Supposing postings on a book as it stood, and what they would change: for every face.

use std::cell::RefCell;

use ledger_core::domain::actor::Actor;
use ledger_core::domain::event::changed;
use ledger_core::domain::ledger::Line;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::log::read::entry_at;
use ledger_core::log::store::{ReadError, Store};
use projections::Moment;
use projections::figures::Figures;
use projections::what_if::{NotSupposed, WhatIf};

use crate::changes::{Change, between};

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
    let (lines, pots) = changed(supposed.events());
    let pots = pots.into_iter().map(|pot| {
        let at = |moment: Moment| models.funds.at(pot, moment.position).unallocated();
        (pot, at(from), at(end))
    });
    let lines = lines.into_iter().map(|key| {
        let at = |moment| {
            let figures = models.line(&key, moment, None).unwrap_or_default();
            let Figures { revised, committed, accrued, actual, .. } = figures;
            Line { revised, committed, accrued, actual, ..Line::default() }
        };
        (key, at(from), at(end))
    });
    between(pots, lines)
}
