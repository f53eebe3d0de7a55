//! The [gate](super::gate)'s lookups in an open book and its keys.

use std::time::Duration;

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::command::Command;
use ledger_core::domain::event::{DelegationGiven, Event};
use ledger_core::domain::ledger::ProposalStatus;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::movement::Account;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::{ActorId, Reference};
use ledger_core::log::read::entry_at;
use projections::proposals::Delegation;
use projections::register::Register;
use projections::scope::Scope;

use super::gate::{BookLookup, OpenDelegation, Reversal};
use crate::access::sign_in::keyring::Keyring;
use crate::clock::now;
use projections::book::Book;

/// The longest wait for the index to catch up. Then a reference counts as unknown.
const INDEX_WAIT: Duration = Duration::from_secs(2);

impl BookLookup for Book {
    fn line_of(&self, reference: &Reference) -> Option<LineKey> {
        let index = self.index()?;
        if !index.catch_up(INDEX_WAIT) {
            return None;
        }
        let mut found = index.find_reference(reference.as_str()).into_iter();
        // An authority or evidence may have the same text: only the opening event has the line.
        found.find_map(|position| {
            let entry = entry_at(&**self.store(), position).ok()??;
            entry.events.iter().find_map(|event| opened(event, reference))
        })
    }

    fn reversal_of(&self, entry: Position) -> Option<Reversal> {
        let entry = entry_at(&**self.store(), entry).ok()??;
        let mut found = Reversal::default();
        for event in &entry.events {
            let changed = event.lines();
            if changed.is_empty() {
                return None;
            }
            found.lines.extend(changed);
            let returned = event.legs().iter().filter(|leg| leg.pence.is_positive());
            found.funds.extend(returned.filter_map(|leg| match leg.account {
                Account::Fund(pot) => Some(pot.fund),
                Account::Line(_) | Account::Outside(_) => None,
            }));
        }
        Some(found)
    }

    fn proposed(&self, proposal: Position, by: &ActorId) -> Option<Command> {
        let models = self.models();
        let found = models.proposals.get(proposal, models.times.head())?;
        found.preparers.contains(&by).then(|| found.command.clone())
    }

    /// The book alone cannot see roles, so no delegation counts as lapsed.
    fn delegations(&self, to: &ActorId) -> Vec<OpenDelegation> {
        let models = self.models();
        let delegations = models.proposals.delegations(models.times.head());
        let received = delegations.filter(|one| one.ended.is_none() && one.given.to == *to);
        let open =
            |one: Delegation| OpenDelegation { number: one.id, given: one.given, lapsed: false };
        received.map(open).collect()
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

/// An open book and its keys.
///
/// The roles of people from a sign-in service are not known here: their delegations count to the
/// end of their term.
pub struct KeyedBook<'b> {
    /// The book.
    pub book: &'b Book,
    /// The keys, if people sign in by key.
    pub keys: Option<&'b Keyring>,
    /// What the caller may read. What they may not counts as absent.
    pub reads: &'b Scope,
}

impl BookLookup for KeyedBook<'_> {
    fn line_of(&self, reference: &Reference) -> Option<LineKey> {
        self.book.line_of(reference).filter(|line| self.reads.admits(line))
    }

    fn reversal_of(&self, entry: Position) -> Option<Reversal> {
        let found = self.book.reversal_of(entry)?;
        found.lines.iter().all(|line| self.reads.admits(line)).then_some(found)
    }

    fn proposed(&self, proposal: Position, by: &ActorId) -> Option<Command> {
        self.book.proposed(proposal, by)
    }

    fn delegations(&self, to: &ActorId) -> Vec<OpenDelegation> {
        let mut delegations = self.book.delegations(to);
        for OpenDelegation { given, lapsed, .. } in &mut delegations {
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

/// Whether the giver of a delegation has lost the delegated role. False for people of a sign-in
/// service, whose current roles are not known here.
pub fn has_lapsed(given: &DelegationGiven, keys: Option<&Keyring>) -> bool {
    keys.is_some_and(|keys| keys.has_lost(&given.from, given.capacity, now()))
}

/// The line of a commitment or accrual, if the event opened this reference.
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
