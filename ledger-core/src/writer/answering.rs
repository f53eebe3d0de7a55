//! Answers callers once their postings are durable or refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::oneshot;

use super::request::{Item, Outcome, PostingStatus, Receipt, Refusal, Verdict};
use super::tally::Tally;
use crate::domain::event::Events;
use crate::domain::position::Position;
use crate::domain::text::CommandDigest;
use crate::log::entry::Stamp;
use crate::log::read::entry_at;
use crate::log::store::{AppendError, ReadError, Store};

/// Collects outcomes and sends them to callers.
pub(super) struct Responder {
    store: Arc<dyn Store>,
    in_flight: Arc<AtomicUsize>,
    tally: Arc<Tally>,
    last_callers: usize,
    /// Outcomes of a request that continues in the next block.
    outcomes: Vec<Outcome>,
    /// Callers to send, each with its outcomes.
    ready: Vec<(oneshot::Sender<Vec<Outcome>>, Vec<Outcome>)>,
}

impl Responder {
    pub(super) fn new(
        store: Arc<dyn Store>,
        in_flight: Arc<AtomicUsize>,
        tally: Arc<Tally>,
    ) -> Self {
        let (outcomes, ready) = (Vec::new(), Vec::new());
        Responder { store, in_flight, tally, last_callers: 0, outcomes, ready }
    }

    /// Number of callers waiting when the last block was answered, including those it answered.
    pub(super) const fn last_callers(&self) -> usize {
        self.last_callers
    }

    /// Prepares the answers for a block that is durable, or that `failed`. Reads from the log
    /// happen here, before callers are served.
    pub(super) fn prepare(
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
                // The key's entry is in this block or an earlier one, so it is durable by now, or
                // failed with it.
                (Verdict::Known { at, digest }, _) => replayed(&*self.store, at, digest),
                (Verdict::Unread(error), _) => Err(error.into()),
                (_, Some(error)) => Err(refusal(error)),
                (Verdict::NotReached, None) => Err(Refusal::NotReached),
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

    /// Sends the prepared answers.
    pub(super) fn send(&mut self) {
        self.last_callers = self.in_flight.fetch_sub(self.ready.len(), Ordering::AcqRel);
        for (reply, outcomes) in self.ready.drain(..) {
            // A caller that has gone needs no send.
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

/// The answer for a used key: the first receipt, where the command is the same.
fn replayed(store: &dyn Store, position: Position, command: CommandDigest) -> Outcome {
    posted_before(store, position, command).map(|(receipt, _)| receipt)
}

/// The first receipt of a used key, and what it posted, where the command is the same.
pub(super) fn posted_before(
    store: &dyn Store,
    position: Position,
    command: CommandDigest,
) -> Result<(Receipt, Events), Refusal> {
    match entry_at(store, position) {
        Ok(Some(entry)) if entry.command == command => {
            let receipt = Receipt {
                position,
                recorded: entry.recorded,
                fate: PostingStatus::of(position, &entry.events),
                warnings: entry.warnings,
                replayed: true,
            };
            Ok((receipt, entry.events))
        }
        Ok(Some(_)) => Err(Refusal::KeyReused { position }),
        Err(ReadError::Damaged(damage)) => Err(damage.into()),
        Ok(None) | Err(ReadError::Io { .. }) => Err(Refusal::OutcomeUnknown {
            reason: format!("entry {position}, which this key posted, cannot be read"),
        }),
    }
}
