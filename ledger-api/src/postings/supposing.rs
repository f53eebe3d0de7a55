//! What-if for every interface: judges postings on a copy of the book, and lists the figures they
//! change.

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
use projections::scope::Scope;
use projections::what_if::{WhatIf, WhatIfError};

use crate::postings::changes::{Change, between};

/// For each posting in order, the position of its entry, or why it was refused.
pub type Verdicts = Vec<Result<Position, WhatIfError>>;

/// Judges postings on a copy of the book. Entries that they cite are read from the log.
///
/// # Errors
///
/// [`ReadError`] if the log cannot be read. `supposed` is then incomplete: drop it.
pub fn suppose(
    supposed: &mut WhatIf,
    store: &dyn Store,
    postings: &[Posting],
    actor: &Actor,
) -> Result<Verdicts, ReadError> {
    let failed = RefCell::new(None);
    let events_of = |position| match entry_at(store, position) {
        Ok(entry) => entry.map(|entry| entry.events),
        Err(error) => {
            failed.replace(Some(error));
            None
        }
    };
    let verdicts = supposed.suppose(postings, actor, &events_of);
    failed.into_inner().map_or(Ok(verdicts), Err)
}

/// The figures that all supposed postings would change, by fund and by line.
pub fn changes(supposed: &WhatIf) -> Vec<Change> {
    let whole = supposed.models().within(Scope::everything());
    let (from, end) = (supposed.from(), supposed.moment());
    let (lines, pots) = changed(supposed.events());
    let pots = pots.into_iter().map(|pot| {
        let at = |moment: Moment| {
            whole.fund_balance(pot, moment.position).unwrap_or_default().unallocated()
        };
        (pot, at(from), at(end))
    });
    let lines = lines.into_iter().map(|key| {
        let at = |moment| {
            let figures = whole.line(&key, moment, None).unwrap_or_default();
            let Figures { revised, committed, accrued, actual, .. } = figures;
            Line { revised, committed, accrued, actual, ..Line::default() }
        };
        (key, at(from), at(end))
    });
    between(pots, lines)
}
