//! An entry that is decided in parts: a batch, a correction, a set of signatures.

use super::{Context, Decision, Event, Events, Ledger, Position};

/// The parts decided so far.
pub(super) struct Parts<'l> {
    context: &'l Context<'l>,
    /// The entry's position.
    position: Position,
    /// The state that they leave, on which the next part is judged.
    pub(super) after: Ledger<'l>,
    /// What they decide together.
    pub(super) whole: Decision,
}

impl<'l> Parts<'l> {
    pub(super) fn new(before: &'l Ledger<'_>, context: &'l Context<'_>) -> Self {
        Parts {
            context,
            position: before.position().next(),
            after: before.fork(),
            whole: Decision::default(),
        }
    }

    pub(super) fn add(&mut self, mut part: Decision) {
        self.apply(&part.events);
        count_reversal_events(&mut part.events);
        self.whole.events.extend(part.events);
        self.whole.warnings.extend(part.warnings);
        self.whole.by_authority |= part.by_authority;
    }

    /// Applies all but adopted policies: a whole entry is judged by one policy.
    fn apply(&mut self, events: &[Event]) {
        let Context { actor, recorded, .. } = *self.context;
        if events.iter().any(Event::adopts_policy) {
            let rest = events.iter().filter(|event| !event.adopts_policy());
            let rest: Events = rest.cloned().collect();
            self.after.apply(self.position, recorded, actor.digest(), &rest);
        } else {
            self.after.apply(self.position, recorded, actor.digest(), events);
        }
    }
}

/// Records in a reversal how many events belong to it, since other events may follow in the entry.
pub(super) fn count_reversal_events(events: &mut Events) {
    let following = events.len().saturating_sub(1);
    if let Some(Event::Reversed(reversed)) = events.first_mut() {
        // A reversal within a batch has its count already.
        reversed.events.get_or_insert(following);
    }
}
