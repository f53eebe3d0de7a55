//! The first thread: gathers requests, decides them, encodes what is posted.

use std::sync::Arc;

use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::Clock;
use super::commit::Work;
use super::commits::Commits;
use super::request::{Fate, Item, Outcome, Prepared, Request, Verdict};
use crate::domain::actor::Actor;
use crate::domain::calendar::Timestamp;
use crate::domain::decide::{Decision, Original, check_versions, decide};
use crate::domain::event::Event;
use crate::domain::ledger::Ledger;
use crate::domain::position::Position;
use crate::domain::rejection::Rejection;
use crate::log::entry::{ENTRY_BYTES_MAX, Entry, Envelope, Stamp, write_entry};
use crate::log::read::entry_at;
use crate::log::store::Store;
use crate::state::State;

/// How long to wait for the next of the callers that were answered a moment ago and are likely to
/// ask again. A lone caller is never waited for.
const LINGER_MAX: Duration = Duration::from_micros(20);

/// Postings whose keys and lines are looked up ahead of their turn.
const LOOKED_AHEAD: usize = 32;

/// Requests taken in at a time.
const TAKEN_MAX: usize = 8192;

/// The deciding thread.
pub(super) struct Deciding {
    pub(super) state: State,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Clock,
    commits: Commits,
    work: Work,
    recorded: Timestamp,
    /// Requests that were taken in and wait for their turn.
    taken: Vec<Request>,
}

impl Deciding {
    pub(super) fn new(state: State, store: Arc<dyn Store>, clock: Clock, commits: Commits) -> Self {
        let recorded = state.ledger.recorded();
        let (work, taken) = (Work::default(), Vec::new());
        Deciding { state, store, clock, commits, work, recorded, taken }
    }

    pub(super) fn run(mut self, mut waiting: mpsc::Receiver<Request>) -> State {
        let mut stopping = false;
        while !stopping && waiting.blocking_recv_many(&mut self.taken, TAKEN_MAX) > 0 {
            stopping = self.gather(&mut waiting);
            self.commit();
        }
        let Deciding { mut state, commits, .. } = self;
        state.tree = commits.stop();
        state
    }

    /// Decides what was taken in, and what came meanwhile; and lingers for callers who are known to be
    /// about, those answered by the last block, as long as they keep coming. True where it is to stop.
    fn gather(&mut self, waiting: &mut mpsc::Receiver<Request>) -> bool {
        let wanted = self.commits.callers_about();
        let mut handled = 0;
        while !self.taken.is_empty() {
            handled += self.taken.len();
            if self.handle_taken() {
                return true;
            }
            let decided = Instant::now();
            while handled < TAKEN_MAX && self.taken.is_empty() {
                while handled + self.taken.len() < TAKEN_MAX
                    && let Ok(request) = waiting.try_recv()
                {
                    self.taken.push(request);
                }
                let lingers =
                    handled < wanted && !self.commits.is_busy() && decided.elapsed() <= LINGER_MAX;
                if !lingers {
                    break;
                }
                std::hint::spin_loop();
            }
        }
        false
    }

    /// Does what the requests that were taken in ask, in order; true where one asks to stop.
    fn handle_taken(&mut self) -> bool {
        let mut taken = std::mem::take(&mut self.taken);
        let mut requests = taken.drain(..);
        let mut stops = false;
        let mut until_look = 0;
        while !stops {
            if until_look == 0 {
                let ahead = requests.as_slice().iter().take(LOOKED_AHEAD);
                self.look_ahead(ahead.filter_map(Request::single));
                until_look = LOOKED_AHEAD;
            }
            let Some(request) = requests.next() else { break };
            stops = self.handle(request);
            until_look -= 1;
        }
        drop(requests);
        self.taken = taken;
        stops
    }

    /// Does what is asked; true where that is to stop.
    fn handle(&mut self, request: Request) -> bool {
        match request {
            Request::Post(actor, postings, reply) => self.take_in(&actor, &postings, reply),
            // Who has gone away needs no answer.
            Request::Preview(actor, postings, reply) => {
                drop(reply.send(self.preview(&actor, &postings)));
            }
            Request::Stop => return true,
        }
        false
    }

    fn take_in(
        &mut self,
        actor: &Actor,
        postings: &[Prepared],
        reply: oneshot::Sender<Vec<Outcome>>,
    ) {
        let mut reply = Some(reply);
        let last = postings.len().saturating_sub(1);
        for (index, prepared) in postings.iter().enumerate() {
            if index % LOOKED_AHEAD == 0 && last > 0 {
                self.look_ahead(postings[index..].iter().take(LOOKED_AHEAD));
            }
            if !self.work.block.has_room() {
                self.commit();
            }
            let verdict = self.judge(actor, prepared);
            let reply = if index == last { reply.take() } else { None };
            self.work.items.push(Item { verdict, reply });
        }
    }

    /// Touches what the next postings will need: the processor fetches it from memory for several
    /// of them at once, where deciding them one by one would wait for each.
    fn look_ahead<'p>(&self, postings: impl Iterator<Item = &'p Prepared>) {
        for prepared in postings {
            std::hint::black_box(self.state.keys.find(prepared.key));
            for line in prepared.command.lines_to_look_up() {
                std::hint::black_box(self.state.ledger.line(&line));
            }
        }
    }

    /// The key first, then the versions and the rules; what passes is in the block and the state.
    fn judge(&mut self, actor: &Actor, prepared: &Prepared) -> Verdict {
        if let Some(at) = self.state.keys.find(prepared.key) {
            return Verdict::Known { at, digest: prepared.digest };
        }
        let originals = self.originals(&self.state.ledger.reverses(&prepared.command));
        if self.work.block.is_empty() {
            self.recorded = self.state.ledger.recorded().max((self.clock)());
        }
        let context = prepared.context(actor, self.recorded, &originals);
        let ledger = &self.state.ledger;
        let decided = check_versions(ledger, &prepared.expected_versions)
            .and_then(|()| decide(ledger, &prepared.command, &context))
            .and_then(|decision| self.encode(prepared, &decision).map(|()| decision));
        match decided {
            Ok(Decision { events, warnings }) => {
                let position = self.state.position().next();
                self.state.ledger.apply(position, self.recorded, &events);
                self.state.keys.insert(prepared.key, position);
                let fate = Fate::of(position, &events);
                self.work.posted.push((events, prepared.inferred));
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

    /// The entries to be reversed, read from the log: whatever they are, they are durable first.
    fn originals(&mut self, wanted: &[Position]) -> Vec<Original> {
        let Some(last) = wanted.iter().max() else { return Vec::new() };
        if *last > self.store.head().position && *last <= self.state.position() {
            self.commit_all();
        }
        let original = |position: &Position| {
            let entry = entry_at(&*self.store, *position).ok()??;
            Some(Original { position: *position, events: entry.events })
        };
        wanted.iter().filter_map(original).collect()
    }

    pub(super) fn commit(&mut self) {
        self.work = self.commits.commit(std::mem::take(&mut self.work));
    }

    /// Makes everything durable that was decided.
    pub(super) fn commit_all(&mut self) {
        self.commit();
        self.commits.wait();
    }
}

/// The stamp of the entry that follows a ledger.
pub fn stamp_after(ledger: &Ledger<'_>, recorded: Timestamp) -> Stamp {
    let policy = ledger.policy(recorded).map_or(Position::START, |(at, _)| at);
    Stamp { position: ledger.position().next(), recorded, policy }
}

/// Appends an entry's line, unless it is too long.
///
/// # Errors
///
/// [`Rejection::EntryTooLarge`]; [`Rejection::OutOfRange`] where it could not be read again.
pub fn write_line(
    line: &mut Vec<u8>,
    stamp: &Stamp,
    envelope: &Envelope,
    decision: &Decision,
) -> Result<(), Rejection> {
    let start = line.len();
    // Events have canonical bytes; an entry without them would be refused.
    let written = write_entry(line, stamp, envelope, decision).is_ok();
    let bytes = line.len() - start;
    if !written || bytes > ENTRY_BYTES_MAX {
        return Err(Rejection::EntryTooLarge { bytes });
    }
    // What is proposed is kept as it was given: a draft is not judged, and may hold amounts that
    // are too large to be read again.
    let reads = || {
        let entry = line.get(start..).map(Entry::from_line);
        entry.is_some_and(|read| read.is_ok_and(|entry| entry.events == decision.events))
    };
    if decision.events.iter().any(Event::proposes) && !reads() {
        return Err(Rejection::OutOfRange);
    }
    Ok(())
}
