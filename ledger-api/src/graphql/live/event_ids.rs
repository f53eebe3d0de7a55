//! Event ids: the positions of a subscription's events, for `Last-Event-ID`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::Context;
use ledger_core::domain::position::Position;

/// The event ids of one execution of a subscription, shared by its resolver and the server.
///
/// The id of an entry is its position; the id of a state is the position it holds at.
#[derive(Debug, Default)]
pub struct EventIds {
    after: Option<Position>,
    /// The id of the last event; zero if the server has taken it.
    last: AtomicU64,
}

impl EventIds {
    /// The ids of a subscription that continues after an event, or starts anew.
    pub fn after(after: Option<Position>) -> Self {
        EventIds { after, last: AtomicU64::new(0) }
    }

    /// The ids of a request, if its transport uses them.
    pub(super) fn of(context: &Context<'_>) -> Option<Arc<Self>> {
        context.data_opt::<Arc<EventIds>>().map(Arc::clone)
    }

    /// The event to continue after. It overrides the argument `after`, which a reconnecting browser
    /// repeats.
    pub(super) const fn resumes_after(&self) -> Option<Position> {
        self.after
    }

    /// Sets the id of the next event.
    pub(super) fn set(&self, position: Position) {
        self.last.store(position.get(), Ordering::Release);
    }

    /// Takes the id of the event just received.
    pub fn take(&self) -> Option<Position> {
        let last = self.last.swap(0, Ordering::AcqRel);
        (last > 0).then(|| Position::new(last))
    }
}
