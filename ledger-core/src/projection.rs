//! What read models are to the log.

use crate::log::entry::Entry;

/// A pure fold over entries.
pub trait Projection {
    /// Takes in the next entry. Entries come in order, each once, and only once they are durable.
    fn apply(&mut self, entry: &Entry<'_>);
}

/// No read model at all.
impl Projection for () {
    fn apply(&mut self, _: &Entry<'_>) {}
}

impl<A: Projection, B: Projection> Projection for (A, B) {
    fn apply(&mut self, entry: &Entry<'_>) {
        self.0.apply(entry);
        self.1.apply(entry);
    }
}

impl<P: Projection + ?Sized> Projection for &mut P {
    fn apply(&mut self, entry: &Entry<'_>) {
        (**self).apply(entry);
    }
}
