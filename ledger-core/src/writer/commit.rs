//! The two stages of a commit: append (hash, write, sync), then publish (answer and apply).

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use tokio::sync::watch;

use super::answering::Responder;
use super::request::Item;
use super::tally::Tally;
use crate::domain::actor::ActorDigest;
use crate::domain::calendar::Timestamp;
use crate::domain::event::Events;
use crate::domain::position::Position;
use crate::log::block::Block;
use crate::log::entry::Stamp;
use crate::log::merkle::Frontier;
use crate::log::store::{AppendError, Store};
use crate::projection::{Posted, Projection};

/// Entries applied under one write lock: the longest time a reader waits.
const APPLIED_AT_ONCE_MAX: usize = 256;

/// The part of an entry that projections need.
pub(super) struct PostedEntry {
    pub(super) by: ActorDigest,
    pub(super) inferred: bool,
    pub(super) events: Events,
}

/// A block in progress, with the callers to answer once it is durable.
#[derive(Default)]
pub(super) struct PendingBlock {
    pub(super) block: Block,
    /// Its entries, for projections.
    pub(super) posted: Vec<PostedEntry>,
    pub(super) items: Vec<Item>,
    /// The stamp of the block's first entry; later entries follow it.
    pub(super) first: Stamp,
    /// Set where the append failed.
    failed: Option<AppendError>,
}

impl PendingBlock {
    pub(super) fn clear(&mut self) {
        self.block.clear();
        self.posted.clear();
        self.items.clear();
        self.first = Stamp::default();
        self.failed = None;
    }
}

/// The append stage: makes blocks durable, in order.
pub(super) struct Appender {
    store: Arc<dyn Store>,
    tree: Frontier,
    tally: Arc<Tally>,
    /// Set once writes are off: no later block may be answered as posted.
    failed: Option<AppendError>,
}

impl Appender {
    pub(super) fn new(store: Arc<dyn Store>, tree: Frontier, tally: Arc<Tally>) -> Self {
        Appender { store, tree, tally, failed: None }
    }

    /// Makes a block durable, or records in the block why it is not.
    pub(super) fn append(&mut self, work: &mut PendingBlock) {
        if let Some(error) = &mut self.failed {
            // Only the first failed block has an unknown outcome: later blocks were never written.
            if let AppendError::OutcomeUnknown { reason } = error {
                *error = AppendError::Poisoned { reason: std::mem::take(reason) };
            }
        } else if !work.block.is_empty() {
            let began = Instant::now();
            let expected = Position::new(self.tree.size());
            work.block.seal(&mut self.tree);
            match self.store.append(expected, &work.block) {
                Ok(()) => self.tally.block(work.block.len() as u64, began.elapsed()),
                // The state is now ahead of the log: no block may follow.
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

/// The durable entries of a block.
struct DurableEntries<'w> {
    first: Position,
    recorded: Timestamp,
    posted: &'w [PostedEntry],
}

/// Applies entries. Calls back as soon as later readers are certain to see all of them.
type Apply = dyn Fn(DurableEntries<'_>, &mut dyn FnMut()) + Send;

/// The publish stage, in order. Nothing of a block is visible before it is appended; all of it is
/// visible afterwards.
pub(super) struct Publisher {
    apply: Box<Apply>,
    publish: watch::Sender<Position>,
    responder: Responder,
}

impl Publisher {
    pub(super) fn new<P: Projection + Send + Sync + 'static>(
        projection: Arc<RwLock<P>>,
        publish: watch::Sender<Position>,
        responder: Responder,
    ) -> Self {
        let apply = Box::new(move |durable: DurableEntries<'_>, readable: &mut dyn FnMut()| {
            apply(&durable, &projection, readable);
        });
        Publisher { apply, publish, responder }
    }

    /// Number of callers waiting when the last block was answered; about as many are likely to post
    /// again at once.
    pub(super) const fn last_callers(&self) -> usize {
        self.responder.last_callers()
    }

    /// Publishes a block that was appended, or answers for one that failed.
    pub(super) fn publish_block(&mut self, work: &mut PendingBlock) {
        let Publisher { apply, publish, responder } = self;
        let PendingBlock { block, posted, items, first, failed } = work;
        responder.prepare(items, first, failed.as_ref());
        if block.is_empty() || failed.is_some() {
            return responder.send();
        }
        let durable = DurableEntries { first: first.position, recorded: first.recorded, posted };
        apply(durable, &mut || {
            publish.send_replace(block.head());
            responder.send();
        });
    }
}

/// Applies durable entries in pieces, so that readers get the lock between them. Calls `readable`
/// while it holds the lock for the last piece.
/// A later reader waits for that lock and sees every entry. Callers thus get their answers early
/// and may post again meanwhile.
fn apply<P: Projection>(
    durable: &DurableEntries<'_>,
    projection: &RwLock<P>,
    readable: &mut dyn FnMut(),
) {
    let DurableEntries { first: mut position, recorded, posted } = *durable;
    let mut pieces = posted.chunks(APPLIED_AT_ONCE_MAX);
    while let Some(piece) = pieces.next() {
        let mut projection = projection.write().unwrap_or_else(PoisonError::into_inner);
        if pieces.len() == 0 {
            readable();
        }
        for PostedEntry { by, inferred, events } in piece {
            let (by, inferred) = (*by, *inferred);
            projection.apply(&Posted { position, recorded, by, inferred, events });
            position = position.next();
        }
    }
}
