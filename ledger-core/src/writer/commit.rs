//! Committing a block: hash, write and sync, apply, answer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use tokio::sync::{oneshot, watch};

use super::request::{Fate, Item, Outcome, Receipt, Refusal, Verdict};
use super::tally::Tally;
use crate::domain::position::Position;
use crate::domain::text::CommandDigest;
use crate::log::block::Block;
use crate::log::entry::Stamp;
use crate::log::merkle::Frontier;
use crate::log::read::entry_at;
use crate::log::store::{AppendError, Store};
use crate::projection::{Posted, Projection};

/// Entries applied to a projection at a time: readers wait no longer than these take.
const APPLIED_AT_ONCE: usize = 256;

/// A block under way, and whom to answer once it is durable.
#[derive(Default)]
pub(super) struct Work {
    pub(super) block: Block,
    pub(super) items: Vec<Item>,
    /// Where and when the block's first entry is recorded; the others follow it.
    pub(super) first: Stamp,
}

impl Work {
    pub(super) fn clear(&mut self) {
        self.block.clear();
        self.items.clear();
        self.first = Stamp::default();
    }

    /// A request without postings has its answer.
    pub(super) fn answer_empty(&self, reply: Option<oneshot::Sender<Vec<Outcome>>>) {
        if let Some(reply) = reply {
            drop(reply.send(Vec::new()));
        }
    }
}

/// Whoever holds it commits; at any time that is one thread.
pub(super) struct Committer {
    store: Arc<dyn Store>,
    tree: Frontier,
    apply: Box<dyn Fn(&Work) + Send>,
    publish: watch::Sender<Position>,
    in_flight: Arc<AtomicUsize>,
    tally: Arc<Tally>,
    callers_about: usize,
    /// Outcomes of a request that goes on in the next block.
    outcomes: Vec<Outcome>,
    /// Why writes are off: from then on nothing that was decided is worth answering with.
    failed: Option<AppendError>,
}

impl Committer {
    pub(super) fn new<P: Projection + Send + Sync + 'static>(
        store: Arc<dyn Store>,
        tree: Frontier,
        projection: Arc<RwLock<P>>,
        publish: watch::Sender<Position>,
        in_flight: Arc<AtomicUsize>,
        tally: Arc<Tally>,
    ) -> Self {
        Committer {
            store,
            tree,
            apply: Box::new(move |work| apply(work, &projection)),
            publish,
            in_flight,
            tally,
            callers_about: 0,
            outcomes: Vec::new(),
            failed: None,
        }
    }

    /// How many callers waited when the last block was answered, those it answered included:
    /// as many are likely to be about again in a moment.
    pub(super) const fn callers_about(&self) -> usize {
        self.callers_about
    }

    pub(super) const fn tree(&self) -> &Frontier {
        &self.tree
    }

    /// Until the append returns, nothing of the block is known to anyone; after it, all of it is.
    pub(super) fn commit(&mut self, work: &mut Work) {
        if !work.block.is_empty() {
            let began = Instant::now();
            match self.append(work) {
                Ok(()) => {
                    self.tally.block(work.block.len() as u64, began.elapsed());
                    (self.apply)(work);
                    self.publish.send_replace(work.block.head());
                }
                // The state decided on is ahead of the log now: nothing may follow.
                Err(error) => self.failed = Some(error),
            }
        }
        self.callers_about = self.in_flight.load(Ordering::Acquire);
        self.answer(work);
    }

    fn append(&mut self, work: &mut Work) -> Result<(), AppendError> {
        if let Some(AppendError::OutcomeUnknown { reason } | AppendError::Poisoned { reason }) =
            &self.failed
        {
            return Err(AppendError::Poisoned { reason: reason.clone() });
        }
        let expected = Position::new(self.tree.size());
        work.block.seal(&mut self.tree);
        self.store.append(expected, &work.block)
    }

    fn answer(&mut self, work: &mut Work) {
        let Stamp { mut position, recorded, .. } = work.first;
        let mut answered = 0;
        if work.items.first().is_some_and(|item| item.reply.is_none()) {
            self.outcomes.reserve(work.items.len());
        }
        for Item { verdict, reply } in work.items.drain(..) {
            let outcome = match (verdict, &self.failed) {
                // An earlier entry of this block, or of a block before it: durable by now, or not.
                (Verdict::Known { at, digest }, _) => replayed(&*self.store, at, digest),
                (_, Some(error)) => Err(refusal(error)),
                (Verdict::Rejected(rejection), None) => Err(Refusal::Rejected(rejection)),
                (Verdict::Posted { decision, .. }, None) => {
                    let fate = Fate::of(position, &decision.events);
                    let warnings = decision.warnings;
                    let receipt = Receipt { position, recorded, warnings, fate, replayed: false };
                    position = position.next();
                    Ok(receipt)
                }
            };
            if let Err(refusal) = &outcome {
                self.tally.refuse(refusal.code());
            }
            self.outcomes.push(outcome);
            if let Some(reply) = reply {
                // Who has gone away needs no answer.
                drop(reply.send(std::mem::take(&mut self.outcomes)));
                answered += 1;
            }
        }
        self.in_flight.fetch_sub(answered, Ordering::AcqRel);
    }
}

fn refusal(error: &AppendError) -> Refusal {
    match error {
        AppendError::OutcomeUnknown { reason } => {
            Refusal::OutcomeUnknown { reason: reason.clone() }
        }
        AppendError::Conflict { .. } | AppendError::Poisoned { .. } => {
            Refusal::WritesOff { reason: error.to_string() }
        }
    }
}

/// The answer to a key that has been used: the first answer, if the command is the same.
pub(super) fn replayed(store: &dyn Store, position: Position, command: CommandDigest) -> Outcome {
    match entry_at(store, position) {
        Ok(Some(entry)) if entry.command == command => Ok(Receipt {
            position,
            recorded: entry.recorded,
            fate: Fate::of(position, &entry.events),
            warnings: entry.warnings,
            replayed: true,
        }),
        Ok(Some(_)) => Err(Refusal::KeyReused { position }),
        Ok(None) | Err(_) => Err(Refusal::OutcomeUnknown {
            reason: format!("entry {position}, which this key posted, cannot be read"),
        }),
    }
}

/// Applies the entries of a durable block, letting readers in between.
fn apply<P: Projection>(work: &Work, projection: &RwLock<P>) {
    let Stamp { mut position, recorded, .. } = work.first;
    let mut posted = work.items.iter().filter_map(|item| match &item.verdict {
        Verdict::Posted { decision, inferred } => Some((&decision.events, *inferred)),
        Verdict::Rejected(_) | Verdict::Known { .. } => None,
    });
    let mut last = false;
    while !last {
        let mut projection = projection.write().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..APPLIED_AT_ONCE {
            let Some((events, inferred)) = posted.next() else {
                last = true;
                break;
            };
            projection.apply(&Posted { position, recorded, inferred, events });
            position = position.next();
        }
    }
}
