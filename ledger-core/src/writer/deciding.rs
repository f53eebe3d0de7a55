//! The first thread: gathers requests, decides them, encodes what is posted.

use std::sync::mpsc as std_mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::Clock;
use super::commit::{Committer, Work};
use super::request::{Item, Outcome, Prepared, Request, Verdict};
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

/// From this many entries on, a block is committed beside the next one.
const LONG_BLOCK: usize = 100;

/// Postings whose keys and lines are looked up ahead of their turn.
const LOOKED_AHEAD: usize = 32;

/// Requests taken in at a time.
const TAKEN_MAX: usize = 8192;

/// The deciding thread.
pub(super) struct Deciding {
    pub(super) state: State,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Clock,
    committer: Arc<Mutex<Committer>>,
    work: Work,
    recorded: Timestamp,
    /// Blocks handed to the second thread, and where they come back to be used again.
    hand_over: std_mpsc::SyncSender<Work>,
    returned: std_mpsc::Receiver<Work>,
    /// Blocks that came back, empty, with their memory.
    spare: Vec<Work>,
    beside: usize,
    second: JoinHandle<()>,
}

impl Deciding {
    pub(super) fn new(
        state: State,
        store: Arc<dyn Store>,
        clock: Clock,
        committer: Committer,
    ) -> std::io::Result<Self> {
        let committer = Arc::new(Mutex::new(committer));
        let (hand_over, handed_over) = std_mpsc::sync_channel::<Work>(0);
        let (give_back, returned) = std_mpsc::channel();
        let shared = Arc::clone(&committer);
        let second = thread::Builder::new().name("commit".into()).spawn(move || {
            for mut work in handed_over {
                shared.lock().unwrap_or_else(PoisonError::into_inner).commit(&mut work);
                if give_back.send(work).is_err() {
                    break;
                }
            }
        })?;
        let recorded = state.ledger.recorded();
        Ok(Deciding {
            state,
            store,
            clock,
            committer,
            work: Work::default(),
            recorded,
            hand_over,
            returned,
            spare: Vec::new(),
            beside: 0,
            second,
        })
    }

    pub(super) fn run(mut self, mut waiting: mpsc::Receiver<Request>) -> State {
        let mut stopping = false;
        while !stopping {
            let Some(first) = waiting.blocking_recv() else { break };
            stopping = self.gather(first, &mut waiting);
            self.commit();
        }
        self.wait_for_second();
        let Deciding { mut state, committer, hand_over, second, .. } = self;
        drop(hand_over);
        drop(second.join());
        state.tree = committer.lock().unwrap_or_else(PoisonError::into_inner).tree().clone();
        state
    }

    /// Takes in what is waiting, deciding it meanwhile; and lingers for callers who are known to be
    /// about, those answered by the last block, as long as they keep coming.
    fn gather(&mut self, first: Request, waiting: &mut mpsc::Receiver<Request>) -> bool {
        let wanted = {
            let committer = self.committer.lock().unwrap_or_else(PoisonError::into_inner);
            committer.callers_about()
        };
        let mut taken = 1;
        if self.handle(first) {
            return true;
        }
        let mut came = Instant::now();
        while taken < TAKEN_MAX {
            match waiting.try_recv() {
                Ok(request) => {
                    if self.handle(request) {
                        return true;
                    }
                    taken += 1;
                    came = Instant::now();
                }
                Err(_) if taken >= wanted || self.beside > 0 || came.elapsed() > LINGER_MAX => {
                    break;
                }
                Err(_) => std::hint::spin_loop(),
            }
        }
        false
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
        if postings.is_empty() {
            self.work.answer_empty(reply.take());
        }
        for (index, prepared) in postings.iter().enumerate() {
            if index % LOOKED_AHEAD == 0 {
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
            Ok(decision) => {
                let position = self.state.position().next();
                self.state.ledger.apply(position, self.recorded, &decision.events);
                self.state.keys.insert(prepared.key, position);
                Verdict::Posted { decision, inferred: prepared.inferred }
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
            self.commit();
            self.wait_for_second();
        }
        let original = |position: &Position| {
            let entry = entry_at(&*self.store, *position).ok()??;
            Some(Original { position: *position, events: entry.events })
        };
        wanted.iter().filter_map(original).collect()
    }

    /// Hands the block on: to the second thread where it is long or the thread is busy.
    pub(super) fn commit(&mut self) {
        while let Ok(returned) = self.returned.try_recv() {
            self.take_back(returned);
        }
        if self.work.items.is_empty() {
            return;
        }
        let long = self.work.block.len() >= LONG_BLOCK;
        if self.beside == 0 && !long {
            let mut committer = self.committer.lock().unwrap_or_else(PoisonError::into_inner);
            committer.commit(&mut self.work);
            drop(committer);
            self.work.clear();
            return;
        }
        let next = self.spare.pop().unwrap_or_default();
        let work = std::mem::replace(&mut self.work, next);
        self.beside += 1;
        if let Err(lost) = self.hand_over.send(work) {
            // The second thread has gone; it can only have panicked. This one does its work.
            self.beside = 0;
            let mut work = lost.0;
            self.committer.lock().unwrap_or_else(PoisonError::into_inner).commit(&mut work);
        }
    }

    fn take_back(&mut self, mut work: Work) {
        self.beside -= 1;
        work.clear();
        self.spare.push(work);
    }

    pub(super) fn wait_for_second(&mut self) {
        while self.beside > 0 {
            match self.returned.recv() {
                Ok(work) => self.take_back(work),
                Err(_) => self.beside = 0,
            }
        }
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
