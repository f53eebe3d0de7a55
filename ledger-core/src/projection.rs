//! What read models are to the log.

use crate::domain::calendar::Timestamp;
use crate::domain::event::Event;
use crate::domain::position::Position;

/// A pure fold over entries.
pub trait Projection {
    /// Takes in the next entry. Entries come in order, each once, and only once they are durable.
    fn apply(&mut self, entry: &Posted<'_>);

    /// Touches what an entry to come will change, and changes nothing. It is asked for several
    /// entries before the first of them is applied: the processor then fetches what they need from
    /// memory at once, where applying them one by one would wait for each.
    fn look_ahead(&self, _events: &[Event]) {}
}

/// How many entries are looked ahead for.
pub(crate) const LOOKED_AHEAD: usize = 32;

/// What of an entry figures are made from. Its texts are in the log, to be read when they are
/// asked for.
#[derive(Clone, Copy, Debug)]
pub struct Posted<'a> {
    /// Its place in the log.
    pub position: Position,
    /// When the ledger accepted it.
    pub recorded: Timestamp,
    /// Whether it was derived, and no source states it.
    pub inferred: bool,
    /// What happened.
    pub events: &'a [Event],
}

/// No read model at all.
impl Projection for () {
    fn apply(&mut self, _: &Posted<'_>) {}
}

impl<A: Projection, B: Projection> Projection for (A, B) {
    fn apply(&mut self, entry: &Posted<'_>) {
        self.0.apply(entry);
        self.1.apply(entry);
    }

    fn look_ahead(&self, events: &[Event]) {
        self.0.look_ahead(events);
        self.1.look_ahead(events);
    }
}

impl<P: Projection + ?Sized> Projection for &mut P {
    fn apply(&mut self, entry: &Posted<'_>) {
        (**self).apply(entry);
    }

    fn look_ahead(&self, events: &[Event]) {
        (**self).look_ahead(events);
    }
}
