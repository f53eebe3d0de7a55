//! A book in memory that tests post to, stop, inspect and start again.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, RwLock, RwLockReadGuard};

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::log::memory::MemoryStore;
use ledger_core::log::read::visit_lines;
use ledger_core::log::store::Store;
use ledger_core::replay::Replay;
use ledger_core::state::{Genesis, State, open_book};
use ledger_core::writer::{Clock, Outcome, Preview, Refusal, Running, Trial};
use ledger_tests::generate::{acting, actor, genesis};
use projections::ReadModels;
use serde_json::Value;

use crate::oracle::Oracle;
use crate::stream::{Stream, TimedPosting};

/// A clock that tests set.
#[derive(Clone, Debug, Default)]
pub(crate) struct SetClock(Arc<AtomicI64>);

impl SetClock {
    pub(crate) fn set(&self, at: Timestamp) {
        self.0.store(at.micros(), Ordering::Release);
    }

    pub(crate) fn clock(&self) -> Clock {
        let time = Arc::clone(&self.0);
        Box::new(move || Timestamp::from_micros(time.load(Ordering::Acquire)))
    }
}

/// The opening entry of these books, dated before a stream's first posting.
pub(crate) fn beginning() -> Genesis {
    Genesis { recorded: Timestamp::from_micros(1_459_500_000_000_000), ..genesis() }
}

/// The contents of a stopped book, for comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BookContents {
    pub(crate) ledger: Value,
    pub(crate) root: String,
    pub(crate) lines: String,
}

/// A book in memory.
pub(crate) struct LiveBook {
    pub(crate) store: Arc<MemoryStore>,
    models: Arc<RwLock<ReadModels>>,
    running: Option<Running>,
    clock: SetClock,
}

impl LiveBook {
    /// A book with only its first entry.
    pub(crate) fn begin() -> Self {
        let store = Arc::new(MemoryStore::default());
        open_book(&*store, &beginning()).unwrap();
        let (mut state, mut models) = (State::default(), ReadModels::default());
        state.catch_up(&*store, &mut models, None).unwrap();
        let models = Arc::new(RwLock::new(models));
        let mut book = LiveBook { store, models, running: None, clock: SetClock::default() };
        book.start(state);
        book
    }

    /// A book with a stream's opening and then this many of its postings.
    pub(crate) fn of_stream(stream: &mut Stream, postings: usize) -> Self {
        let book = LiveBook::begin();
        for sent in stream.opening() {
            book.post(&sent).unwrap();
        }
        stream.head = book.head();
        for _ in 0..postings {
            drop(book.post_next(stream));
        }
        book
    }

    /// Posts a deterioration and its compensation, unless an earlier posting prevents it.
    pub(crate) fn compensate(&self, stream: &mut Stream) {
        let (state, _) = self.replayed(self.head());
        let revised = |line: &_| state.ledger.line(line).copied().unwrap_or_default().revised;
        for sent in stream.compensation(revised) {
            drop(self.post(&sent));
        }
    }

    /// Posts the next command of a stream.
    pub(crate) fn post_next(&self, stream: &mut Stream) -> (TimedPosting, Outcome) {
        let known_references = stream.references.len();
        let sent = stream.next();
        let outcome = self.post(&sent);
        stream.record_outcome(&sent, &outcome, known_references);
        (sent, outcome)
    }

    fn start(&mut self, state: State) {
        let store = Arc::clone(&self.store) as Arc<dyn Store>;
        let models = Arc::clone(&self.models);
        self.running = Some(Running::start(state, store, models, self.clock.clock()).unwrap());
    }

    pub(crate) fn post(&self, sent: &TimedPosting) -> Outcome {
        self.post_as(sent.by, sent)
    }

    pub(crate) fn post_all(&self, postings: Vec<Posting>) -> Vec<Outcome> {
        self.running.as_ref().unwrap().writer().post_all_blocking(&actor(), postings)
    }

    /// Posts as another actor.
    pub(crate) fn post_as(&self, somebody: &str, sent: &TimedPosting) -> Outcome {
        self.clock.set(sent.at);
        let writer = self.running.as_ref().unwrap().writer();
        writer.post_all_blocking(acting(somebody), vec![sent.posting.clone()]).pop().unwrap()
    }

    pub(crate) fn preview(&self, sent: &TimedPosting) -> Result<Preview, Refusal> {
        self.clock.set(sent.at);
        let writer = self.running.as_ref().unwrap().writer();
        writer.preview_blocking(acting(sent.by), vec![sent.posting.clone()]).pop().unwrap()
    }

    pub(crate) fn preview_all(
        &self,
        at: Timestamp,
        postings: &[Posting],
    ) -> Vec<Result<Preview, Refusal>> {
        self.clock.set(at);
        let writer = self.running.as_ref().unwrap().writer();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        // In several requests, as for a long file.
        let mut trial = Trial::default();
        let mut previews = Vec::new();
        for some in postings.chunks(7) {
            let (next, on) = runtime.block_on(writer.preview_after(&actor(), some.to_vec(), trial));
            previews.extend(next);
            trial = on;
        }
        previews
    }

    pub(crate) fn models(&self) -> RwLockReadGuard<'_, ReadModels> {
        self.models.read().unwrap()
    }

    pub(crate) fn head(&self) -> u64 {
        self.store.head().position.get()
    }

    /// The exported lines.
    pub(crate) fn export(&self) -> String {
        let mut lines = String::new();
        visit_lines(&*self.store, Position::new(1), |line| {
            lines.push_str(std::str::from_utf8(line).unwrap());
            lines.push('\n');
            true
        })
        .unwrap();
        lines
    }

    pub(crate) fn oracle(&self) -> Oracle {
        Oracle::of(&self.export())
    }

    /// Stops the writer, inspects its state and starts it again.
    pub(crate) fn inspect<T>(&mut self, look: impl FnOnce(&State, &ReadModels) -> T) -> T {
        let state = self.running.take().unwrap().stop().unwrap();
        let seen = look(&state, &self.models());
        self.start(state);
        seen
    }

    /// The present contents.
    pub(crate) fn contents(&mut self) -> BookContents {
        let lines = self.export();
        self.inspect(|state, _| BookContents {
            ledger: serde_json::to_value(&state.ledger).unwrap(),
            root: format!("{:?}", state.tree.root()),
            lines,
        })
    }

    /// State and read models, rebuilt from the first entry up to a position.
    pub(crate) fn replayed(&self, until: u64) -> (State, ReadModels) {
        let (mut state, mut models) = (State::default(), ReadModels::default());
        let State { ledger, keys, tree } = &mut state;
        let until = Some(Position::new(until));
        let replay = Replay { until, keys: Some(keys), ..Replay::default() };
        replay.run(&*self.store, tree, &mut (ledger, &mut models)).unwrap();
        (state, models)
    }
}
