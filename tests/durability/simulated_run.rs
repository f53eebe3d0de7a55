//! A book on a simulated disk: posting under load, and the checks when it is opened again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread;

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::log::entry::Entry;
use ledger_core::log::read::visit_lines;
use ledger_core::log::segments::{OpenError, SegmentsStore};
use ledger_core::log::store::Store;
use ledger_core::projection::{Posted, Projection};
use ledger_core::state::{Genesis, State, open_book};
use ledger_core::writer::{Outcome, Refusal, Running, Writer};
use ledger_tests::generate::{actor, genesis};
use ledger_tests::little_book::{key, numbered, opening};
use ledger_tests::simulated_disk::SimulatedDisk;

/// A projection that ignores entries.
struct Nothing;

impl Projection for Nothing {
    fn apply(&mut self, _entry: &Posted<'_>) {}
}

/// A book open to write on a simulated disk.
pub(crate) struct OpenBook {
    pub(crate) store: Arc<SegmentsStore>,
    running: Running,
}

impl OpenBook {
    /// Makes a book and posts its opening.
    pub(crate) fn create(disk: &SimulatedDisk) -> Self {
        let book = OpenBook::begin(disk, &genesis()).unwrap();
        for outcome in book.writer().post_all_blocking(&actor(), opening()) {
            outcome.unwrap();
        }
        book
    }

    /// Makes a book of one entry.
    pub(crate) fn begin(disk: &SimulatedDisk, genesis: &Genesis) -> Result<Self, String> {
        let store = SegmentsStore::create(Arc::new(disk.clone()));
        let store = store.map_err(|error: OpenError| error.to_string())?;
        open_book(&store, genesis).map_err(|error| error.to_string())?;
        OpenBook::start(store)
    }

    pub(crate) fn open(disk: &SimulatedDisk) -> Result<Self, String> {
        let store = SegmentsStore::open(Arc::new(disk.clone()));
        OpenBook::start(store.map_err(|error: OpenError| error.to_string())?)
    }

    /// Replays the log with every hash and seal checked, and starts the writer.
    fn start(store: SegmentsStore) -> Result<Self, String> {
        let store: Arc<SegmentsStore> = Arc::new(store);
        let mut state = State::default();
        state.catch_up(&*store, &mut Nothing, None).map_err(|error| error.to_string())?;
        if state.tree.root() != store.head().root {
            return Err("the root is not the last seal's".to_owned());
        }
        if !Pence::sum(state.ledger.conservation()).is_zero() {
            return Err("the money does not sum to zero".to_owned());
        }
        let time = AtomicU64::new(1_700_000_000_000_000);
        let clock = move || {
            let now = time.fetch_add(1, Ordering::Relaxed);
            Timestamp::from_micros(i64::try_from(now).unwrap_or(i64::MAX))
        };
        let projection = Arc::new(RwLock::new(Nothing));
        let shared = Arc::clone(&store) as Arc<dyn Store>;
        let running = Running::start(state, shared, projection, Box::new(clock)).unwrap();
        Ok(OpenBook { store, running })
    }

    pub(crate) fn writer(&self) -> Writer {
        self.running.writer()
    }

    pub(crate) fn post(&self, number: u64) -> Outcome {
        let mut outcomes = self.writer().post_all_blocking(&actor(), vec![numbered(number)]);
        outcomes.pop().unwrap()
    }

    /// Ends the threads like a kill, without a clean stop.
    pub(crate) fn stop(self) {
        self.running.stop();
    }
}

/// The answers callers got: the next number to send, the position of each acknowledged number, and
/// the numbers in doubt.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) next: u64,
    pub(crate) acknowledged: BTreeMap<u64, Position>,
    pub(crate) in_doubt: Vec<u64>,
}

/// Posts from several threads until writes are off or this many are posted, one at a time and in
/// batches by turns.
pub(crate) fn post_under_load(book: &OpenBook, answers: &mut Answers, posts: u64) {
    const POSTERS: u64 = 3;
    let next = AtomicU64::new(answers.next);
    let until = answers.next + posts;
    let shared = Mutex::new(&mut *answers);
    thread::scope(|scope| {
        for poster in 0..POSTERS {
            let (next, shared, writer) = (&next, &shared, book.writer());
            scope.spawn(move || {
                let at_once = [1, 1, 40][poster as usize % 3];
                loop {
                    let first = next.fetch_add(at_once, Ordering::Relaxed);
                    if first >= until {
                        return;
                    }
                    let numbers = first..first + at_once;
                    let postings = numbers.clone().map(numbered).collect();
                    let outcomes = writer.post_all_blocking(&actor(), postings);
                    let mut answers = shared.lock().unwrap();
                    let mut is_over = false;
                    for (number, outcome) in numbers.zip(outcomes) {
                        match outcome {
                            Ok(receipt) => {
                                answers.acknowledged.insert(number, receipt.position);
                            }
                            Err(Refusal::OutcomeUnknown { .. } | Refusal::WritesOff { .. }) => {
                                is_over = true;
                                answers.in_doubt.push(number);
                            }
                            Err(refusal) => panic!("{number} was refused: {refusal}"),
                        }
                    }
                    if is_over {
                        return;
                    }
                }
            });
        }
    });
    answers.next = next.into_inner();
}

/// The positions of each key in the log.
pub(crate) type Positions = BTreeMap<String, Vec<Position>>;

/// Reads the positions, as far as the log is readable.
pub(crate) fn positions_by_key(store: &dyn Store) -> Result<Positions, String> {
    let mut positions = Positions::new();
    let mut unread = None;
    visit_lines(store, Position::new(1), |line| {
        match Entry::from_line(line) {
            Ok(entry) => {
                positions.entry(entry.key.into_owned()).or_default().push(entry.position);
            }
            Err(error) => unread = Some(error.to_string()),
        }
        unread.is_none()
    })
    .map_err(|error| error.to_string())?;
    unread.map_or(Ok(positions), Err)
}

/// Opens the book again and compares it with the answers. Returns the first difference.
pub(crate) fn reopen(disk: &SimulatedDisk, answers: &mut Answers) -> Result<OpenBook, String> {
    let book = OpenBook::open(disk)?;
    check(&*book.store, answers)?;
    // A posting in doubt, sent again, is posted exactly once, whether or not the first one was
    // kept.
    for number in std::mem::take(&mut answers.in_doubt) {
        match book.post(number) {
            Ok(receipt) => drop(answers.acknowledged.insert(number, receipt.position)),
            Err(_) => answers.in_doubt.push(number),
        }
    }
    check(&*book.store, answers)?;
    Ok(book)
}

/// Checks that no acknowledged entry is lost, moved or doubled.
pub(crate) fn check(store: &dyn Store, answers: &Answers) -> Result<(), String> {
    let positions = positions_by_key(store)?;
    for (number, position) in &answers.acknowledged {
        match positions.get(&key(*number)).map(Vec::as_slice) {
            None => return Err(format!("entry {position} was acknowledged and is lost")),
            Some([only]) if only == position => {}
            Some(others) => {
                return Err(format!(
                    "{number} was acknowledged at {position} and is at {others:?}"
                ));
            }
        }
    }
    match positions.iter().find(|(_, positions)| positions.len() > 1) {
        Some((key, positions)) => Err(format!("{key} is doubled: {positions:?}")),
        None => Ok(()),
    }
}
