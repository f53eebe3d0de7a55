//! Answering callers, once it is known what came of their postings.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::oneshot;

use super::request::{Fate, Item, Outcome, Receipt, Refusal, Verdict};
use super::tally::Tally;
use crate::domain::position::Position;
use crate::domain::text::CommandDigest;
use crate::log::entry::Stamp;
use crate::log::read::entry_at;
use crate::log::store::{AppendError, Store};

/// Whoever commits answers.
pub(super) struct Answering {
    store: Arc<dyn Store>,
    in_flight: Arc<AtomicUsize>,
    tally: Arc<Tally>,
    callers_about: usize,
    /// Outcomes of a request that goes on in the next block.
    outcomes: Vec<Outcome>,
    /// Whom to answer, and what.
    ready: Vec<(oneshot::Sender<Vec<Outcome>>, Vec<Outcome>)>,
}

impl Answering {
    pub(super) fn new(
        store: Arc<dyn Store>,
        in_flight: Arc<AtomicUsize>,
        tally: Arc<Tally>,
    ) -> Self {
        let (outcomes, ready) = (Vec::new(), Vec::new());
        Answering { store, in_flight, tally, callers_about: 0, outcomes, ready }
    }

    /// How many callers waited when the last block was answered, those it answered included.
    pub(super) const fn callers_about(&self) -> usize {
        self.callers_about
    }

    /// Makes the answers ready for the callers of a block that is durable, or `failed` to be: nobody
    /// has to wait for what is read from the log for them.
    pub(super) fn make_ready(
        &mut self,
        items: &mut Vec<Item>,
        first: &Stamp,
        failed: Option<&AppendError>,
    ) {
        let Stamp { mut position, recorded, .. } = *first;
        if items.first().is_some_and(|item| item.reply.is_none()) {
            self.outcomes.reserve(items.len());
        }
        for Item { verdict, reply } in items.drain(..) {
            let outcome = match (verdict, failed) {
                // An earlier entry of this block, or of a block before it: durable by now, or not.
                (Verdict::Known { at, digest }, _) => replayed(&*self.store, at, digest),
                (_, Some(error)) => Err(refusal(error)),
                (Verdict::Rejected(rejection), None) => Err(Refusal::Rejected(rejection)),
                (Verdict::Posted { warnings, fate }, None) => {
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
                self.ready.push((reply, std::mem::take(&mut self.outcomes)));
            }
        }
    }

    /// Gives the answers that are ready.
    pub(super) fn answer(&mut self) {
        self.callers_about = self.in_flight.fetch_sub(self.ready.len(), Ordering::AcqRel);
        for (reply, outcomes) in self.ready.drain(..) {
            // Who has gone away needs no answer.
            drop(reply.send(outcomes));
        }
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
