//! Previews: what postings would do, each decided as if the earlier ones were posted.

use std::collections::HashMap;

use super::answering::replayed;
use super::deciding::{Decider, stamp_after, write_line};
use super::request::{Prepared, Preview, Refusal};
use crate::domain::actor::Actor;
use crate::domain::decide::{Decision, Original, decide};
use crate::domain::event::changed;
use crate::domain::ledger::{Ledger, Line};
use crate::domain::line::LineKey;
use crate::domain::position::Position;
use crate::domain::text::CommandDigest;
use crate::keys::KeyDigest;
use crate::log::read::entry_at;
use crate::log::store::{ReadError, Store};

impl Decider {
    /// Decides on durable entries only: blocks in progress are committed first.
    pub(super) fn preview(
        &mut self,
        actor: &Actor,
        postings: &[Prepared],
    ) -> Vec<Result<Preview, Refusal>> {
        self.commit_all();
        let head = self.state.position();
        let recorded = self.state.ledger.recorded().max((self.clock)());
        let mut fork = self.state.ledger.fork();
        // Each key's digest, the position its entry would have, and the index of its preview.
        let mut keys: HashMap<KeyDigest, (CommandDigest, Position, usize)> = HashMap::new();
        let mut previews: Vec<Result<Preview, Refusal>> = Vec::with_capacity(postings.len());
        // Indexes of the previews that would make the entries after the head, in order.
        let mut made: Vec<usize> = Vec::new();
        let mut preview = |prepared: &Prepared, previews: &[Result<Preview, Refusal>]| {
            let Prepared { key, digest, .. } = *prepared;
            if let Some(at) = self.state.keys.find(key) {
                return preview_of_posted(&*self.store, at, digest);
            }
            if let Some((before, position, index)) = keys.get(&key).copied()
                && let Some(Ok(Preview { decision, .. })) = previews.get(index)
            {
                let again = || already_posted(position, decision.clone());
                let same = before == digest;
                return if same { Ok(again()) } else { Err(Refusal::KeyReused { position }) };
            }
            prepared.check(&fork, actor)?;
            let wanted = fork.undoes(&prepared.command).into_iter();
            let supposed = |after: u64| {
                let index = *made.get(usize::try_from(after).ok()?)?;
                Some(previews.get(index)?.as_ref().ok()?.decision.events.clone())
            };
            let originals = wanted.filter_map(|position| {
                let events = match position.get().checked_sub(head.get().saturating_add(1)) {
                    None => entry_at(&*self.store, position).transpose()?.map(|e| e.events),
                    Some(after) => Ok(supposed(after)?),
                };
                Some(events.map(|events| Original { position, events }))
            });
            let originals = originals.collect::<Result<Vec<_>, ReadError>>()?;
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
            let position = stamp.position;
            made.push(previews.len());
            keys.insert(key, (digest, position, previews.len()));
            Ok(Preview { decision, lines, pots, posted: None })
        };
        for prepared in postings {
            let next = preview(prepared, &previews);
            previews.push(next);
        }
        previews
    }
}

/// The preview of a used key: it would post nothing more.
const fn already_posted(position: Position, decision: Decision) -> Preview {
    Preview { decision, lines: Vec::new(), pots: Vec::new(), posted: Some(position) }
}

/// The preview of a key used in the log: what it posted, where the command is the same.
fn preview_of_posted(
    store: &dyn Store,
    at: Position,
    command: CommandDigest,
) -> Result<Preview, Refusal> {
    let receipt = replayed(store, at, command)?;
    let events = entry_at(store, at)?.map(|entry| entry.events);
    let (events, warnings) = (events.unwrap_or_default(), receipt.warnings);
    Ok(already_posted(at, Decision { events, warnings, ..Decision::default() }))
}

fn balances(ledger: &Ledger<'_>, key: &LineKey) -> Line {
    ledger.line(key).copied().unwrap_or_default()
}
