//! What an open book knows, for the [gate](super::gate).

use std::time::Duration;

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::event::Event;
use ledger_core::domain::ledger::ProposalStatus;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::{ActorId, Reference};
use ledger_core::log::read::entry_at;
use projections::proposals::Delegation;
use projections::register::Register;

use super::delegated::{Delegated, has_lapsed};
use super::gate::Known;
use super::keyring::Keyring;
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

    /// The book alone does not know of any that it has lapsed.
    fn delegations(&self, to: &ActorId) -> Vec<Delegated> {
        let models = self.models();
        let delegations = models.proposals.delegations(models.times.head());
        let theirs = delegations.filter(|one| one.ended.is_none() && one.given.to == *to);
        let told = |one: Delegation| Delegated { number: one.id, given: one.given, lapsed: false };
        theirs.map(told).collect()
    }

    fn open_steps(&self, proposal: Position) -> Vec<Capacity> {
        let models = self.models();
        let found = models.proposals.get(proposal, models.times.head());
        let steps = found.iter().filter(|found| found.status == ProposalStatus::Submitted);
        let open = steps.flat_map(|found| &found.steps).filter(|taken| taken.signed.is_none());
        open.map(|taken| Capacity { tier: taken.step.tier, body: taken.step.body }).collect()
    }

    fn with_register(&self, work: &mut dyn FnMut(&Register)) {
        work(&self.models().register);
    }
}

/// An open book, and the keys of those who sign in to it by keys. Of people of a sign-in service it
/// is not known what has become of their roles: what they delegated counts until it ends.
pub struct Guarded<'b> {
    /// The book.
    pub book: &'b Book,
    /// The keys, where there are any.
    pub keys: Option<&'b Keyring>,
}

impl Known for Guarded<'_> {
    fn line_of(&self, reference: &Reference) -> Option<LineKey> {
        self.book.line_of(reference)
    }

    fn lines_of(&self, entry: Position) -> Option<Vec<LineKey>> {
        self.book.lines_of(entry)
    }

    fn delegations(&self, to: &ActorId) -> Vec<Delegated> {
        let mut delegations = self.book.delegations(to);
        for Delegated { given, lapsed, .. } in &mut delegations {
            *lapsed = has_lapsed(given, self.keys);
        }
        delegations
    }

    fn open_steps(&self, proposal: Position) -> Vec<Capacity> {
        self.book.open_steps(proposal)
    }

    fn with_register(&self, work: &mut dyn FnMut(&Register)) {
        self.book.with_register(work);
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
