//! Projections: read models built from the log.

use crate::domain::actor::ActorDigest;
use crate::domain::calendar::Timestamp;
use crate::domain::event::Event;
use crate::domain::position::Position;

/// A pure fold over entries.
pub trait Projection {
    /// Applies the next entry. Entries arrive in order, once each, after they are durable.
    fn apply(&mut self, entry: &Posted<'_>);
}

/// The part of an entry that figures are made from. Texts stay in the log and are read on request.
#[derive(Clone, Copy, Debug)]
pub struct Posted<'a> {
    /// Its position in the log.
    pub position: Position,
    /// When the ledger accepted it.
    pub recorded: Timestamp,
    /// The person who posted it.
    pub by: ActorDigest,
    /// Whether it was derived rather than stated by a source.
    pub inferred: bool,
    /// Its events.
    pub events: &'a [Event],
}

/// A projection that keeps nothing.
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
