//! What read models are to the log.

use crate::domain::calendar::Timestamp;
use crate::domain::event::Event;
use crate::domain::position::Position;

/// A pure fold over entries.
pub trait Projection {
    /// Takes in the next entry. Entries come in order, each once, and only once they are durable.
    fn apply(&mut self, entry: &Posted<'_>);
}

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
}

impl<P: Projection + ?Sized> Projection for &mut P {
    fn apply(&mut self, entry: &Posted<'_>) {
        (**self).apply(entry);
    }
}
