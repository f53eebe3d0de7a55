//! The deciding thread: gathers requests, decides them, and encodes the entries.

use std::sync::Arc;

use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::Clock;
use super::commit::{PendingBlock, PostedEntry};
use super::commits::Commits;
use super::request::{Item, OnRefusal, Outcome, PostingStatus, Prepared, Request, Verdict};
use crate::domain::actor::Actor;
use crate::domain::calendar::Timestamp;
use crate::domain::decide::{Decision, Original, decide};
use crate::domain::event::Event;
use crate::domain::ledger::Ledger;
use crate::domain::position::Position;
use crate::domain::rejection::Rejection;
use crate::log::entry::{ENTRY_BYTES_MAX, Entry, Envelope, Stamp, write_entry};
use crate::log::read::entry_at;
use crate::log::store::{ReadError, Store};
use crate::state::State;

/// Longest wait for the next of the callers just answered, who are likely to post again. A lone
/// caller never waits.
const LINGER_MAX: Duration = Duration::from_micros(20);

/// Number of postings whose keys and lines are fetched from memory ahead of their turn.
const PREFETCHED: usize = 32;

/// Most requests gathered at a time.
const GATHERED_MAX: usize = 8192;

pub(super) struct Decider {
    pub(super) state: State,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Clock,
    commits: Commits,
    work: PendingBlock,
    recorded: Timestamp,
    /// Requests received and not yet handled.
    received: Vec<Request>,
}

impl Decider {
    pub(super) fn new(state: State, store: Arc<dyn Store>, clock: Clock, commits: Commits) -> Self {
        let recorded = state.ledger.recorded();
        let (work, received) = (PendingBlock::default(), Vec::new());
        Decider { state, store, clock, commits, work, recorded, received }
    }

    pub(super) fn run(mut self, mut waiting: mpsc::Receiver<Request>) -> State {
        let mut stopping = false;
        while !stopping && waiting.blocking_recv_many(&mut self.received, GATHERED_MAX) > 0 {
            stopping = self.gather(&mut waiting);
            self.commit();
        }
        let Decider { mut state, commits, .. } = self;
        state.tree = commits.stop();
        state
    }

    /// Decides the received requests and any that arrive meanwhile. Waits briefly for the callers
    /// answered by the last block while they keep coming. Returns true on a request to stop.
    fn gather(&mut self, waiting: &mut mpsc::Receiver<Request>) -> bool {
        let expected = self.commits.last_callers();
        let mut handled = 0;
        while !self.received.is_empty() {
            handled += self.received.len();
            if self.handle_received() {
                return true;
            }
            let decided = Instant::now();
            while handled < GATHERED_MAX && self.received.is_empty() {
                while handled + self.received.len() < GATHERED_MAX
                    && let Ok(request) = waiting.try_recv()
                {
                    self.received.push(request);
                }
                let lingers = handled < expected
                    && !self.commits.is_busy()
                    && decided.elapsed() <= LINGER_MAX;
                if !lingers {
                    break;
                }
                std::hint::spin_loop();
            }
        }
        false
    }

    /// Handles the received requests in order. Returns true on a request to stop.
    fn handle_received(&mut self) -> bool {
        let mut received = std::mem::take(&mut self.received);
        let mut requests = received.drain(..);
        let mut stops = false;
        let mut until_prefetch = 0;
        while !stops {
            if until_prefetch == 0 {
                let ahead = requests.as_slice().iter().take(PREFETCHED);
                self.prefetch(ahead.filter_map(Request::single));
                until_prefetch = PREFETCHED;
            }
            let Some(request) = requests.next() else { break };
            stops = self.handle(request);
            until_prefetch -= 1;
        }
        drop(requests);
        self.received = received;
        stops
    }

    /// Handles one request. Returns true where it asks to stop.
    fn handle(&mut self, request: Request) -> bool {
        match request {
            Request::Post(actor, postings, on_refusal, reply) => {
                self.judge_all(&actor, &postings, on_refusal, reply);
            }
            // A caller that has gone needs no answer.
            Request::Preview(actor, postings, trial, reply) => {
                drop(reply.send(self.preview(&actor, &postings, *trial)));
            }
            Request::Stop => return true,
        }
        false
    }

    fn judge_all(
        &mut self,
        actor: &Actor,
        postings: &[Prepared],
        on_refusal: OnRefusal,
        reply: oneshot::Sender<Vec<Outcome>>,
    ) {
        let (mut reply, mut ended) = (Some(reply), false);
        let last = postings.len().saturating_sub(1);
        for (index, prepared) in postings.iter().enumerate() {
            if index % PREFETCHED == 0 && last > 0 {
                self.prefetch(postings[index..].iter().take(PREFETCHED));
            }
            if !self.work.block.has_room() {
                self.commit();
            }
            let verdict = if ended { Verdict::NotReached } else { self.judge(actor, prepared) };
            let refused = matches!(verdict, Verdict::Rejected(_) | Verdict::Unread(_));
            ended |= on_refusal == OnRefusal::Stop && refused;
            let reply = if index == last { reply.take() } else { None };
            self.work.items.push(Item { verdict, reply });
        }
    }

    /// Touches the keys and lines of the next postings. The processor then fetches several from
    /// memory at once.
    fn prefetch<'p>(&self, postings: impl Iterator<Item = &'p Prepared>) {
        for prepared in postings {
            std::hint::black_box(self.state.keys.find(prepared.key));
            for line in prepared.command.lines_to_prefetch() {
                std::hint::black_box(self.state.ledger.line(&line));
            }
        }
    }

    /// Checks the key, then the versions and the rules. An accepted posting enters the block and
    /// the state.
    fn judge(&mut self, actor: &Actor, prepared: &Prepared) -> Verdict {
        if let Some(at) = self.state.keys.find(prepared.key) {
            return Verdict::Known { at, digest: prepared.digest };
        }
        let originals = match self.originals(&self.state.ledger.undoes(&prepared.command)) {
            Ok(originals) => originals,
            Err(error) => return Verdict::Unread(error),
        };
        if self.work.block.is_empty() {
            self.recorded = self.state.ledger.recorded().max((self.clock)());
        }
        let context = prepared.context(actor, self.recorded, &originals);
        let ledger = &self.state.ledger;
        let decided = prepared
            .check(ledger, actor)
            .and_then(|()| decide(ledger, &prepared.command, &context))
            .and_then(|decision| self.encode(prepared, &decision).map(|()| decision));
        match decided {
            Ok(Decision { events, warnings, .. }) => {
                let position = self.state.position().next();
                self.state.ledger.apply(position, self.recorded, prepared.by, &events);
                self.state.keys.insert(prepared.key, position);
                let fate = PostingStatus::of(position, &events);
                let Prepared { by, inferred, .. } = *prepared;
                self.work.posted.push(PostedEntry { by, inferred, events });
                Verdict::Posted { warnings, fate }
            }
            Err(rejection) => Verdict::Rejected(rejection),
        }
    }

    /// Writes the entry's line into the block, unless it is too long.
    fn encode(&mut self, prepared: &Prepared, decision: &Decision) -> Result<(), Rejection> {
        let stamp = stamp_after(&self.state.ledger, self.recorded);
        if self.work.block.is_empty() {
            self.work.first = stamp;
        }
        self.work.block.push(|line| write_line(line, &stamp, &prepared.envelope, decision))
    }

    /// Reads the entries to be reversed from the log, after making them durable.
    fn originals(&mut self, expected: &[Position]) -> Result<Vec<Original>, ReadError> {
        let Some(last) = expected.iter().max() else { return Ok(Vec::new()) };
        if *last > self.store.head().position && *last <= self.state.position() {
            self.commit_all();
        }
        let original = |position: &Position| {
            let entry = entry_at(&*self.store, *position).transpose()?;
            Some(entry.map(|entry| Original { position: *position, events: entry.events }))
        };
        expected.iter().filter_map(original).collect()
    }

    pub(super) fn commit(&mut self) {
        self.work = self.commits.commit(std::mem::take(&mut self.work));
    }

    /// Makes every decided entry durable.
    pub(super) fn commit_all(&mut self) {
        self.commit();
        self.commits.wait();
    }
}

/// The stamp of the next entry of a ledger.
pub fn stamp_after(ledger: &Ledger<'_>, recorded: Timestamp) -> Stamp {
    let policy = ledger.policy(recorded).map_or(Position::START, |(at, _)| at);
    Stamp { position: ledger.position().next(), recorded, policy }
}

/// Appends an entry's line.
/// # Errors
///
/// [`Rejection::EntryTooLarge`], or [`Rejection::OutOfRange`] where the line could not be read
/// back.
pub fn write_line(
    line: &mut Vec<u8>,
    stamp: &Stamp,
    envelope: &Envelope,
    decision: &Decision,
) -> Result<(), Rejection> {
    let start = line.len();
    // Events have canonical bytes; an entry without them is refused.
    let written = write_entry(line, stamp, envelope, decision).is_ok();
    let bytes = line.len() - start;
    if !written || bytes > ENTRY_BYTES_MAX {
        return Err(Rejection::EntryTooLarge { bytes });
    }
    // A draft is recorded without judging it, so it may hold amounts too large to be read back.
    let reads = || {
        let entry = line.get(start..).map(Entry::from_line);
        entry.is_some_and(|read| read.is_ok_and(|entry| entry.events == decision.events))
    };
    if decision.events.iter().any(Event::proposes) && !reads() {
        return Err(Rejection::OutOfRange);
    }
    Ok(())
}
