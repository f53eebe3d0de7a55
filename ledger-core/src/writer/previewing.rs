//! Previews: what postings would do, each decided as if the earlier ones were posted.

use std::collections::HashMap;

use super::answering::posted_before;
use super::deciding::{Decider, stamp_after, write_line};
use super::request::{PostingStatus, Prepared, Preview, Previews, Receipt, Refusal};
use crate::domain::actor::Actor;
use crate::domain::decide::{Decision, Original, decide};
use crate::domain::event::changed;
use crate::domain::ledger::{Detached, Ledger, Line};
use crate::domain::line::LineKey;
use crate::domain::position::Position;
use crate::domain::text::CommandDigest;
use crate::keys::KeyDigest;
use crate::log::read::entry_at;
use crate::log::store::{ReadError, Store};

/// Postings that are decided and not posted, over one request or several.
#[derive(Debug, Default)]
pub struct Trial {
    /// What the postings so far have changed. None before the first.
    detached: Option<Detached>,
    /// The head when it began.
    head: Position,
    /// Each key's digest, and the position its entry would have.
    keys: HashMap<KeyDigest, (CommandDigest, Position)>,
    /// The decisions of the entries after the head, in order.
    made: Vec<Decision>,
}

impl Trial {
    /// The decision of an entry that it would make.
    fn made(&self, position: Position) -> Option<&Decision> {
        let after = position.get().checked_sub(self.head.get())?.checked_sub(1)?;
        self.made.get(usize::try_from(after).ok()?)
    }
}

impl Decider {
    /// Decides on durable entries only: blocks in progress are committed first.
    pub(super) fn preview(
        &mut self,
        actor: &Actor,
        postings: &[Prepared],
        mut trial: Trial,
    ) -> Previews {
        self.commit_all();
        let ledger = &self.state.ledger;
        let recorded = ledger.recorded().max((self.clock)());
        let mut fork = if let Some(detached) = trial.detached.take() {
            detached.attach(ledger)
        } else {
            trial.head = ledger.position();
            ledger.fork()
        };
        let recorded = recorded.max(fork.recorded());
        let mut preview = |prepared: &Prepared| {
            let Prepared { key, digest, .. } = *prepared;
            if let Some(at) = self.state.keys.find(key) {
                return preview_of_posted(&*self.store, at, digest);
            }
            if let Some((before, position)) = trial.keys.get(&key).copied() {
                let made = trial.made(position).filter(|_| before == digest).cloned();
                let decision = made.ok_or(Refusal::KeyReused { position })?;
                let fate = PostingStatus::of(position, &decision.events);
                let warnings = decision.warnings.clone();
                let receipt = Receipt { position, recorded, warnings, fate, replayed: true };
                return Ok(already_posted(receipt, decision));
            }
            prepared.check(&fork, actor)?;
            let wanted = fork.undoes(&prepared.command).into_iter();
            let original = |position: Position| {
                let events = match trial.made(position) {
                    Some(decision) => Ok(decision.events.clone()),
                    None => entry_at(&*self.store, position).transpose()?.map(|entry| entry.events),
                };
                Some(events.map(|events| Original { position, events }))
            };
            let originals = wanted.filter_map(original).collect::<Result<Vec<_>, ReadError>>()?;
            let context = prepared.context(actor, recorded, &originals);
            let decision = decide(&fork, &prepared.command, &context)?;
            let stamp = stamp_after(&fork, recorded);
            write_line(&mut Vec::new(), &stamp, &prepared.envelope, &decision)?;
            let (lines, pots) = changed(&decision.events);
            let lines_before: Vec<_> = lines.iter().map(|key| balances(&fork, key)).collect();
            let pots_before: Vec<_> = pots.iter().map(|pot| fork.unallocated(*pot)).collect();
            fork.apply(stamp.position, recorded, prepared.by, &decision.events);
            let lines = lines.iter().zip(lines_before);
            let lines = lines.map(|(key, before)| (*key, before, balances(&fork, key))).collect();
            let pots = pots.iter().zip(pots_before);
            let pots = pots.map(|(pot, before)| (*pot, before, fork.unallocated(*pot))).collect();
            trial.keys.insert(key, (digest, stamp.position));
            trial.made.push(decision.clone());
            Ok(Preview { decision, lines, pots, posted: None })
        };
        let previews = postings.iter().map(&mut preview).collect();
        trial.detached = Some(fork.detach());
        (previews, trial)
    }
}

/// The preview of a used key: it would post nothing more.
const fn already_posted(receipt: Receipt, decision: Decision) -> Preview {
    Preview { decision, lines: Vec::new(), pots: Vec::new(), posted: Some(receipt) }
}

/// The preview of a key used in the log: what it posted, where the command is the same.
fn preview_of_posted(
    store: &dyn Store,
    at: Position,
    command: CommandDigest,
) -> Result<Preview, Refusal> {
    let (receipt, events) = posted_before(store, at, command)?;
    let warnings = receipt.warnings.clone();
    Ok(already_posted(receipt, Decision { events, warnings, ..Decision::default() }))
}

fn balances(ledger: &Ledger<'_>, key: &LineKey) -> Line {
    ledger.line(key).copied().unwrap_or_default()
}
