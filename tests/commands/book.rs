//! The small book that cases post to, in October 2017 (M7 of 2017-18).

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, RwLock};

use ledger_core::domain::actor::Actor;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::event::Events;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::log::memory::MemoryStore;
use ledger_core::log::read::entry_at;
use ledger_core::state::{Genesis, State, open_book};
use ledger_core::writer::{Outcome, Running};
use ledger_tests::generate::{acting, actor, genesis, parsed};
use projections::ReadModels;
use serde_json::{Value, json};

/// The recorded time of the opening and of every posting, unless a case gives another.
pub(crate) const NOW: &str = "2017-10-16T09:00:00Z";

/// The opening of every case: two trusts, two programmes, and a fund that has paid three lines.
const OPENING: [&str; 9] = [
    r#"{"registerBody":{"code":"RA","name":"Trust A","kind":"trust","parent":"XDH"}}"#,
    r#"{"registerBody":{"code":"RB","name":"Trust B","kind":"trust","parent":"XDH"}}"#,
    r#"{"openProgramme":{"code":"WIFI","name":"Wi-Fi"}}"#,
    r#"{"openProgramme":{"code":"CYBER","name":"Cyber security"}}"#,
    r#"{"establishFund":{"code":"F","name":"A fund"}}"#,
    r#"{"settleFunding":{"fund":"F","class":"revenue","from":"2016-17","to":"2019-20","newMoney":"1000000.00","reannounced":"0.00"}}"#,
    r#"{"settleFunding":{"fund":"F","class":"capital","from":"2016-17","to":"2019-20","newMoney":"1000000.00","reannounced":"0.00"}}"#,
    r#"{"settleFunding":{"fund":"F","class":"unsplit","from":"2016-17","to":"2019-20","newMoney":"1000000.00","reannounced":"0.00"}}"#,
    r#"{"allocate":{"fund":"F","month":"M1","to":[{"line":"WIFI/RA/2017-18/revenue","amount":"1000.00"},{"line":"CYBER/RA/2017-18/revenue","amount":"500.00"},{"line":"WIFI/RA/2017-18/capital","amount":"2000.00"}]}}"#,
];

/// The position of a case's first, second or later given posting.
pub(crate) const fn given(number: u64) -> u64 {
    let genesis = 1;
    genesis + OPENING.len() as u64 + number
}

/// A book in memory with its writer.
pub(crate) struct Book {
    running: Running,
    store: Arc<MemoryStore>,
    models: Arc<RwLock<ReadModels>>,
    clock: Arc<AtomicI64>,
    posted: usize,
}

/// A book whose writer has stopped.
pub(crate) struct Closed {
    pub(crate) state: State,
    pub(crate) models: ReadModels,
}

impl Book {
    /// Opens the small book under the default policy, changed by `amend`.
    pub(crate) fn open(amend: fn(&mut Policy), now: &str) -> Self {
        let mut policy = Policy::default();
        amend(&mut policy);
        let now: Timestamp = parsed(now);
        let clock = Arc::new(AtomicI64::new(now.micros()));
        let read = Arc::clone(&clock);
        let store = Arc::new(MemoryStore::default());
        let genesis = Genesis { policy, recorded: now, ..genesis() };
        open_book(&*store, &genesis).expect("an empty store");
        let (mut state, mut models) = (State::default(), ReadModels::default());
        state.catch_up(&*store, &mut models, None).expect("a new book");
        let models = Arc::new(RwLock::new(models));
        let running = Running::start(
            state,
            Arc::clone(&store) as _,
            Arc::clone(&models),
            Box::new(move || Timestamp::from_micros(read.load(Ordering::Acquire))),
        );
        let running = running.expect("threads");
        let mut book = Book { running, store, models, clock, posted: 0 };
        for posting in OPENING {
            book.given(posting).expect("a posting");
        }
        book
    }

    /// Posts a command that must be accepted. Returns the refusal otherwise.
    pub(crate) fn given(&mut self, posting: &str) -> Result<(), String> {
        let refused = |refusal| format!("  given {posting:.200}: {refusal}");
        self.post(posting).map(drop).map_err(refused)
    }

    /// Posts a case's text: optionally `@` and a time from which the clock stands there, and an
    /// actor; then an object with the command and its citations.
    pub(crate) fn post(&mut self, posting: &str) -> Outcome {
        self.posted += 1;
        let posting = match posting.strip_prefix('@').and_then(|text| text.split_once(' ')) {
            Some((time, rest)) => {
                let time: Timestamp = parsed(time);
                self.clock.store(time.micros(), Ordering::Release);
                rest
            }
            None => posting,
        };
        let (actor, posting) = (actor_of(posting), posting_of(posting, self.posted));
        let mut outcomes = self.running.writer().post_all_blocking(actor, vec![posting]);
        outcomes.pop().expect("an outcome")
    }

    /// The last position.
    pub(crate) fn head(&self) -> Position {
        *self.running.writer().published().borrow()
    }

    /// The events of an entry.
    pub(crate) fn events(&self, position: Position) -> Events {
        entry_at(&*self.store, position).expect("a log").expect("an entry").events
    }

    /// Stops the writer and returns its state and read models.
    pub(crate) fn close(self) -> Closed {
        let state = self.running.stop().expect("a state");
        let models = std::mem::take(&mut *self.models.write().expect("models"));
        Closed { state, models }
    }
}

/// The actor named before a command: `carol icb:QX {...}` is Carol, who signs for the ICB QX; `ada
/// administers {...}` is an administrator. Without a name, the default actor of all cases.
fn actor_of(text: &str) -> Arc<Actor> {
    let (named, _) = text.split_once('{').unwrap_or((text, ""));
    if named.is_empty() { (&actor()).into() } else { acting(named) }
}

/// Parses a case's object: the command, and the citations beside it.
pub(crate) fn posting_of(text: &str, number: usize) -> Posting {
    let wrong = |error: serde_json::Error| -> ! { panic!("{text}: {error}") };
    let text = text.find('{').map_or(text, |start| text.split_at(start).1);
    let mut command: Value = serde_json::from_str(text).unwrap_or_else(|error| wrong(error));
    let beside = ["authority", "evidence", "inferred", "expectedVersions"];
    let mut posting = json!({"key": format!("case-{number}"), "reason": "A case"});
    for name in beside {
        if let Some(value) = command.as_object_mut().and_then(|object| object.remove(name)) {
            posting[name] = value;
        }
    }
    posting["command"] = command;
    serde_json::from_value(posting).unwrap_or_else(|error| wrong(error))
}
