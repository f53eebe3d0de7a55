//! The two steps of committing a block: append it, hash, write and sync; and tell of it, answer and
//! apply.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use tokio::sync::watch;

use super::answering::Answering;
use super::request::Item;
use super::tally::Tally;
use crate::domain::calendar::Timestamp;
use crate::domain::event::Events;
use crate::domain::position::Position;
use crate::log::block::Block;
use crate::log::entry::Stamp;
use crate::log::merkle::Frontier;
use crate::log::store::{AppendError, Store};
use crate::projection::{Posted, Projection};

/// Entries applied to a projection at a time: readers wait no longer than these take, and once a block
/// for its callers to be woken.
const APPLIED_AT_ONCE: usize = 256;

/// A block under way, and whom to answer once it is durable.
#[derive(Default)]
pub(super) struct Work {
    pub(super) block: Block,
    /// What a projection takes in of each entry of the block: its events, and whether it is inferred.
    pub(super) posted: Vec<(Events, bool)>,
    pub(super) items: Vec<Item>,
    /// Where and when the block's first entry is recorded; the others follow it.
    pub(super) first: Stamp,
    /// Why it is not durable, once it was tried.
    failed: Option<AppendError>,
}

impl Work {
    pub(super) fn clear(&mut self) {
        self.block.clear();
        self.posted.clear();
        self.items.clear();
        self.first = Stamp::default();
        self.failed = None;
    }
}

/// Makes blocks durable, in order.
pub(super) struct Appending {
    store: Arc<dyn Store>,
    tree: Frontier,
    tally: Arc<Tally>,
    /// Why writes are off: from then on nothing that was decided is worth answering with.
    failed: Option<AppendError>,
}

impl Appending {
    pub(super) fn new(store: Arc<dyn Store>, tree: Frontier, tally: Arc<Tally>) -> Self {
        Appending { store, tree, tally, failed: None }
    }

    /// Makes a block durable, or says in the work why it is not.
    pub(super) fn append(&mut self, work: &mut Work) {
        if let Some(error) = &mut self.failed {
            // What became of the first block that failed is not known; of those after it, it is.
            if let AppendError::OutcomeUnknown { reason } = error {
                *error = AppendError::Poisoned { reason: std::mem::take(reason) };
            }
        } else if !work.block.is_empty() {
            let began = Instant::now();
            let expected = Position::new(self.tree.size());
            work.block.seal(&mut self.tree);
            match self.store.append(expected, &work.block) {
                Ok(()) => self.tally.block(work.block.len() as u64, began.elapsed()),
                // The state decided on is ahead of the log now: nothing may follow.
                Err(error) => self.failed = Some(error),
            }
        }
        work.failed.clone_from(&self.failed);
    }

    /// The tree up to the last block.
    pub(super) const fn tree(&self) -> &Frontier {
        &self.tree
    }
}

/// The entries of a block that is durable, to be applied.
struct Durable<'w> {
    first: Position,
    recorded: Timestamp,
    posted: &'w [(Events, bool)],
}

/// Applies entries, and tells when whoever reads from then on reads all of them.
type Apply = dyn Fn(Durable<'_>, &mut dyn FnMut()) + Send;

/// Tells readers and callers what became of blocks, in order. Until a block is appended nothing of it
/// is known to anyone; after this, all of it is.
pub(super) struct Telling {
    apply: Box<Apply>,
    publish: watch::Sender<Position>,
    answering: Answering,
}

impl Telling {
    pub(super) fn new<P: Projection + Send + Sync + 'static>(
        projection: Arc<RwLock<P>>,
        publish: watch::Sender<Position>,
        answering: Answering,
    ) -> Self {
        let apply = Box::new(move |durable: Durable<'_>, readable: &mut dyn FnMut()| {
            apply(&durable, &projection, readable);
        });
        Telling { apply, publish, answering }
    }

    /// How many callers waited when the last block was answered, those it answered included:
    /// as many are likely to be about again in a moment.
    pub(super) const fn callers_about(&self) -> usize {
        self.answering.callers_about()
    }

    /// Tells of a block that was appended, or was to be.
    pub(super) fn tell(&mut self, work: &mut Work) {
        let Telling { apply, publish, answering } = self;
        let Work { block, posted, items, first, failed } = work;
        answering.make_ready(items, first, failed.as_ref());
        if block.is_empty() || failed.is_some() {
            return answering.answer();
        }
        let durable = Durable { first: first.position, recorded: first.recorded, posted };
        apply(durable, &mut || {
            publish.send_replace(block.head());
            answering.answer();
        });
    }
}

/// Applies entries that are durable, letting readers in now and then. Before the last of them it tells
/// that they are readable: whoever asks from then on waits for the lock, and finds all of them. So
/// callers have their answers while these are applied, and may be back with more by the end of it.
fn apply<P: Projection>(durable: &Durable<'_>, projection: &RwLock<P>, readable: &mut dyn FnMut()) {
    let Durable { first: mut position, recorded, posted } = *durable;
    let mut pieces = posted.chunks(APPLIED_AT_ONCE);
    while let Some(piece) = pieces.next() {
        let mut projection = projection.write().unwrap_or_else(PoisonError::into_inner);
        if pieces.len() == 0 {
            readable();
        }
        for (events, inferred) in piece {
            projection.apply(&Posted { position, recorded, inferred: *inferred, events });
            position = position.next();
        }
    }
}
