//! What an open book knows, for the [gate](super::gate).

use std::time::Duration;

use ledger_core::domain::event::Event;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::{ActorId, Reference};
use ledger_core::log::read::entry_at;
use projections::register::Register;

use super::gate::Known;
use crate::book::Book;

/// How long the index may take to catch up with the log before a reference counts as unknown.
const INDEX_WAIT: Duration = Duration::from_secs(2);

impl Known for Book {
    fn line_of(&self, reference: &Reference) -> Option<LineKey> {
        let index = self.index()?;
        if !index.catch_up(INDEX_WAIT) {
            return None;
        }
        let mut found = index.find_reference(reference.as_str()).into_iter();
        // Authorities and evidence may read the same: only what opened it tells the line.
        found.find_map(|position| {
            let entry = entry_at(&**self.store(), position).ok()??;
            entry.events.iter().find_map(|event| opened(event, reference))
        })
    }

    fn lines_of(&self, entry: Position) -> Option<Vec<LineKey>> {
        let entry = entry_at(&**self.store(), entry).ok()??;
        let mut lines = Vec::new();
        for event in &entry.events {
            let changed = event.lines();
            if changed.is_empty() {
                return None;
            }
            lines.extend(changed);
        }
        Some(lines)
    }

    fn has_delegation(&self, to: &ActorId) -> bool {
        let models = self.models();
        let mut delegations = models.proposals.delegations(models.times.head());
        delegations.any(|one| one.ended.is_none() && one.given.to == *to)
    }

    fn with_register(&self, work: &mut dyn FnMut(&Register)) {
        work(&self.models().register);
    }
}

/// The line of a commitment or accrual, where an event opened it.
fn opened(event: &Event, reference: &Reference) -> Option<LineKey> {
    if let Event::Committed(obligation) = event
        && obligation.reference == *reference
    {
        return Some(obligation.line);
    }
    if let Event::Accrued(accrual) = event
        && accrual.reference == *reference
    {
        return Some(accrual.line);
    }
    None
}
