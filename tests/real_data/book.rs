//! A book in memory with its writer, and the tools of an importer.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, RwLock};

use ledger_core::domain::calendar::{FinancialYear, Timestamp};
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::command::Command;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::log::memory::MemoryStore;
use ledger_core::state::{State, open_book};
use ledger_core::writer::{Outcome, Receipt, Running};
use ledger_tests::generate::{actor, genesis, parsed};
use projections::budget::{BudgetQuery, BudgetRow};
use projections::figures::Figures;
use projections::scope::Scope;
use projections::{AsAt, ReadModels};
use sha2::{Digest, Sha256};

/// A book whose department is `XDH`.
pub(crate) struct Book {
    running: Running,
    models: Arc<RwLock<ReadModels>>,
}

impl Book {
    pub(crate) fn open() -> Self {
        let store = Arc::new(MemoryStore::default());
        open_book(&*store, &genesis()).expect("an empty store");
        let (mut state, mut models) = (State::default(), ReadModels::default());
        state.catch_up(&*store, &mut models, None).expect("a new book");
        let models = Arc::new(RwLock::new(models));
        let now: Timestamp = parsed("2023-06-30T09:00:00Z");
        let running = Running::start(state, store, Arc::clone(&models), Box::new(move || now));
        Book { running: running.expect("threads"), models }
    }

    /// Posts in order, each on its own.
    pub(crate) fn try_post(&self, postings: Vec<Posting>) -> Vec<Outcome> {
        self.running.writer().post_all_blocking(&actor(), postings)
    }

    /// Posts commands that must be accepted.
    pub(crate) fn post(&self, postings: Vec<Posting>) -> Vec<Receipt> {
        let commands: Vec<Command> = postings.iter().map(|p| p.command.clone()).collect();
        let outcomes = self.try_post(postings).into_iter().zip(commands);
        let accepted = |(outcome, command): (Outcome, Command)| {
            outcome.unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"))
        };
        outcomes.map(accepted).collect()
    }

    pub(crate) fn head(&self) -> Position {
        *self.running.writer().published().borrow()
    }

    /// A query of a whole year, which tests narrow.
    pub(crate) fn query(&self, year: FinancialYear, as_at: AsAt) -> BudgetQuery {
        let moment = self.models.read().expect("models").moment(as_at).expect("a position");
        BudgetQuery {
            year,
            programme: None,
            body: None,
            class: None,
            moment,
            through: None,
            rollup: None,
        }
    }

    pub(crate) fn rows(&self, query: &BudgetQuery) -> Vec<BudgetRow> {
        self.models
            .read()
            .expect("models")
            .within(Scope::everything())
            .budget(query)
            .expect("known codes")
    }

    /// The figures of a query's only row.
    pub(crate) fn only(&self, query: &BudgetQuery) -> Figures {
        let rows = self.rows(query);
        assert_eq!(rows.len(), 1, "{query:?}");
        rows[0].figures.expect("figures")
    }

    /// The spend on a query's lines, by the entry that recorded it.
    pub(crate) fn spend_by_entry(&self, query: &BudgetQuery) -> Vec<(Position, Pence)> {
        let behind = self
            .models
            .read()
            .expect("models")
            .within(Scope::everything())
            .contributions(query)
            .expect("known codes");
        behind.into_iter().map(|behind| (behind.position, behind.pence)).collect()
    }
}

/// A posting with a key made from the source's row, so that it can be repeated safely.
pub(crate) fn posting(key: &str, source: &str, command: impl Into<Command>) -> Posting {
    Posting {
        key: parsed(key),
        command: command.into(),
        reason: parsed(source),
        authority: None,
        evidence: std::iter::once(parsed(source)).collect(),
        inferred: None,
        expected_versions: Vec::new(),
    }
}

/// A programme code for a name: its letters and digits if they all fit, otherwise as many as fit
/// and a part of the name's hash.
pub(crate) fn code_of(name: &str) -> ProgrammeCode {
    let plain: String = name.to_uppercase().chars().filter(char::is_ascii_alphanumeric).collect();
    if plain == name && plain.len() <= 16 {
        return parsed(&plain);
    }
    let hash = u32::from_be_bytes(*Sha256::digest(name).first_chunk().expect("32 bytes"));
    let letters: String = plain.chars().take(7).collect();
    parsed(&format!("{letters}{hash:08X}"))
}

/// The rows of a UTF-8 CSV file, each by the names in the first row.
pub(crate) fn rows_of(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("the file");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}
