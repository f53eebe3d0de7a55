//! A book of one system in deficit: an ICB below a region, with two trusts.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use ledger_core::domain::actor::Actor;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::log::entry::Entry;
use ledger_core::log::memory::MemoryStore;
use ledger_core::log::read::{entry_at, visit_lines};
use ledger_core::log::store::Store;
use ledger_core::state::{Genesis, State, open_book};
use ledger_core::writer::{Outcome, Running, Writer};
use ledger_tests::generate::{acting, genesis, parsed};
use projections::ReadModels;
use serde_json::{Value, json};

/// The number of programmes that a system's money can go to.
pub(crate) const PROGRAMMES: u64 = 24;

/// A posting of a command given in its stored form.
pub(crate) fn posting(key: &str, command: &Value) -> Posting {
    let text = command.to_string();
    Posting {
        key: parsed(key),
        command: serde_json::from_value(command.clone())
            .unwrap_or_else(|error| panic!("{text}: {error}")),
        reason: parsed("A step of sign-off"),
        authority: None,
        evidence: Default::default(),
        inferred: None,
        expected_versions: Vec::new(),
    }
}

/// A book in memory.
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) models: Arc<RwLock<ReadModels>>,
    running: Running,
    clock: Arc<AtomicI64>,
    keys: AtomicU64,
}

impl World {
    /// A book of one entry. Its clock advances by `tick` microseconds at each reading.
    pub(crate) fn begin(tick: i64, policy: Policy) -> Self {
        let genesis = Genesis { policy, ..genesis() };
        let store = Arc::new(MemoryStore::default());
        open_book(&*store, &genesis).unwrap();
        let (mut state, mut models) = (State::default(), ReadModels::default());
        state.catch_up(&*store, &mut models, None).unwrap();
        let models = Arc::new(RwLock::new(models));
        let clock = Arc::new(AtomicI64::new(genesis.recorded.micros()));
        let read = Arc::clone(&clock);
        let tell = Box::new(move || Timestamp::from_micros(read.fetch_add(tick, Ordering::AcqRel)));
        let kept = Arc::clone(&store) as Arc<dyn Store>;
        let running = Running::start(state, kept, Arc::clone(&models), tell).unwrap();
        World { store, models, running, clock, keys: AtomicU64::new(0) }
    }

    /// The book with its bodies, their money, and an uncompensated deterioration.
    pub(crate) fn in_deficit(tick: i64, policy: Policy) -> Self {
        let world = World::begin(tick, policy);
        let somebody = acting("opener");
        for command in opening() {
            world.post(&somebody, &command).unwrap();
        }
        world
    }

    pub(crate) fn writer(&self) -> Writer {
        self.running.writer()
    }

    pub(crate) fn post(&self, who: &Arc<Actor>, command: &Value) -> Outcome {
        let key = format!("key-{}", self.keys.fetch_add(1, Ordering::AcqRel));
        self.send(who, posting(&key, command))
    }

    pub(crate) fn send(&self, who: &Arc<Actor>, posting: Posting) -> Outcome {
        let mut outcomes = self.writer().post_all_blocking(Arc::clone(who), vec![posting]);
        outcomes.pop().unwrap()
    }

    pub(crate) fn set_clock(&self, micros: i64) {
        self.clock.store(micros, Ordering::Release);
    }

    /// Advances the clock by this many hours.
    pub(crate) fn wait(&self, hours: i64) {
        self.clock.fetch_add(hours * 3_600_000_000, Ordering::AcqRel);
    }

    /// The entry at a position.
    pub(crate) fn entry(&self, at: Position) -> Entry<'static> {
        entry_at(&*self.store, at).unwrap().unwrap()
    }

    pub(crate) fn head(&self) -> Position {
        self.store.head().position
    }

    /// The exported lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        visit_lines(&*self.store, Position::new(1), |line| {
            lines.push(std::str::from_utf8(line).unwrap().to_owned());
            true
        })
        .unwrap();
        lines
    }

    /// Stops the writer and returns its state.
    pub(crate) fn stop(self) -> State {
        self.running.stop().unwrap()
    }
}

/// A programme's revenue line at a body.
pub(crate) fn line(programme: &str, body: &str) -> String {
    format!("{programme}/{body}/2023-24/revenue")
}

/// An allocation to a line of RC, in pence: investment of a trust.
pub(crate) fn allocate(programme: u64, pence: u64) -> Value {
    allocate_to(&line(&format!("P{programme:02}"), "RC"), pence)
}

/// An allocation to a line, in pence.
pub(crate) fn allocate_to(line: &str, pence: u64) -> Value {
    let amount = format!("{}.{:02}", pence / 100, pence % 100);
    json!({"allocate": {"fund": "FUND", "month": "M8", "to": [{"line": line, "amount": amount}]}})
}

/// Signs versions of proposals.
pub(crate) fn sign(proposals: &[(Position, u32)]) -> Value {
    let one = |(id, version): &(Position, u32)| json!({"proposal": id.get(), "version": version});
    json!({"signOff": {"proposals": proposals.iter().map(one).collect::<Vec<_>>()}})
}

fn opening() -> Vec<Value> {
    let body = |code: &str, kind: &str, parent: &str| json!({"registerBody": {"code": code, "name": code, "kind": kind, "parent": parent}});
    let mut commands = vec![
        body("Y56", "region", "XDH"),
        body("QX", "icb", "Y56"),
        body("RC", "trust", "QX"),
        body("RD", "trust", "QX"),
        json!({"establishFund": {"code": "FUND", "name": "A fund"}}),
        json!({"settleFunding": {"fund": "FUND", "class": "revenue", "from": "2023-24",
            "to": "2023-24", "newMoney": "900000000.00", "reannounced": "0.00"}}),
        json!({"openProgramme": {"code": "BASE", "name": "What was there before"}}),
    ];
    for number in 0..PROGRAMMES {
        let code = format!("P{number:02}");
        commands.push(json!({"openProgramme": {"code": code, "name": "A programme"}}));
    }
    commands.push(allocate_to(&line("BASE", "RC"), 100_000_000));
    commands.push(allocate_to(&line("BASE", "RD"), 100_000_000));
    commands.push(json!({"reviseForecast": {"line": line("BASE", "RC"), "month": "M8",
        "series": "reported", "amount": "2200000.00"}}));
    commands
}
