//! A data folder as a door: documents are executed in process, on the book as it was when it was read.
//!
//! Reading takes no lock. Posting opens the book to write.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_graphql::{Request, Variables};
use ledger_core::domain::actor::Actor;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::{ActorId, TextError};
use ledger_core::log::segments::SegmentsStore;
use projections::book::{Book, DataFolder};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::fault::Fault;
use super::{Door, PartialNote, Stop, Upload, sign_in};
use crate::access::gate::{self, Denied};
use crate::access::identity::principal::Principal;
use crate::access::identity::role::Role;
use crate::access::sign_in::keyring::Keyring;
use crate::cli::exit::{CliError, Exit};
use crate::cli::operate::progress;
use crate::cli::post::write::note;
use crate::graphql::{Caller, LedgerSchema, Limits, schema};
use crate::postings::outcome::Outcome;
use crate::postings::upload::{self, Recipient};

/// The actor of postings to a folder without keys, unless one is named.
const ACTOR: &str = "local";

/// The rows of a page: each page reads the whole list anew, and is held in memory.
const PAGE: usize = 4096;

/// A data folder that holds a book.
pub(in crate::cli) struct Folder {
    path: PathBuf,
    /// The caller, where the folder has keys.
    principal: Option<Arc<Principal>>,
    reading: OnceCell<Reading>,
    partial: PartialNote,
}

/// The book open to read, and what executes documents on it.
struct Reading {
    book: Arc<Book>,
    schema: LedgerSchema,
    caller: Caller,
    runtime: Runtime,
}

impl Folder {
    /// Opens the folder at a path, and signs in where it has keys.
    pub(in crate::cli) fn open(path: &Path, token: Option<&str>) -> Result<Self, CliError> {
        if DataFolder::has_book(path)? {
            let principal = sign_in::enter(path, token)?;
            let (path, partial) = (path.to_owned(), PartialNote::default());
            return Ok(Folder { path, principal, reading: OnceCell::new(), partial });
        }
        let path = path.display();
        Err(CliError::usage(format!(
            "there is no book in {path}: make one with `budget-ledger init --data {path}`, or name another folder"
        )))
    }

    /// The book with its figures, to read.
    pub(in crate::cli) fn book(&self) -> Result<&Arc<Book>, CliError> {
        Ok(&self.reading()?.book)
    }

    /// The log alone, to read.
    pub(in crate::cli) fn store(&self) -> Result<SegmentsStore, CliError> {
        self.may_read()?;
        Ok(Book::read_log(DataFolder::read_only(&self.path))?)
    }

    /// Refuses a caller who may not read the whole book, restricted programmes included.
    pub(in crate::cli) fn may_read_all(&self) -> Result<(), CliError> {
        let Some(principal) = &self.principal else { return Ok(()) };
        gate::may_read_all(principal)?;
        if principal.has(Role::Auditor) {
            return Ok(());
        }
        let whole = principal.scope(&self.book()?.models()).is_everything();
        if whole { Ok(()) } else { Err(Denied::Unscoped.into()) }
    }

    /// Refuses a caller who may not export, and records an export in the access log.
    pub(in crate::cli) fn record_export(&self) -> Result<(), CliError> {
        let Some(principal) = &self.principal else { return Ok(()) };
        gate::may_export(principal)?;
        self.may_read_all()?;
        sign_in::exported(&self.path, principal)
    }

    fn may_read(&self) -> Result<(), CliError> {
        let Some(principal) = &self.principal else { return Ok(()) };
        Ok(gate::may_read(principal)?)
    }

    fn reading(&self) -> Result<&Reading, CliError> {
        if let Some(reading) = self.reading.get() {
            return Ok(reading);
        }
        self.may_read()?;
        let folder = DataFolder::read_only(&self.path);
        let book = progress::while_reading(|progress| Book::read(folder, progress))?;
        let book = Arc::new(book);
        let caller = match &self.principal {
            None => Caller::new(Arc::new(Principal::owner(local(None)?))),
            Some(principal) => self.caller(principal)?,
        };
        let schema = schema(Arc::clone(&book), &Limits::none());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        Ok(self.reading.get_or_init(|| Reading { book, schema, caller, runtime }))
    }

    /// Somebody who has signed in by a key of the folder.
    fn caller(&self, principal: &Arc<Principal>) -> Result<Caller, CliError> {
        let keys = Some(Arc::new(Keyring::open(&self.path)?));
        Ok(Caller { keys, ..Caller::new(Arc::clone(principal)) })
    }

    /// Opens the book to write, does something, and closes it in any case.
    fn with_book<T>(
        &self,
        accepted_by: Option<&ActorId>,
        work: impl FnOnce(&Book) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        let folder = DataFolder::writable(&self.path)?;
        let accepted_by = accepted_by.map(ActorId::as_str);
        let book = progress::while_reading(|progress| {
            Book::open_by_system_clock(folder, accepted_by, progress)
        })?;
        if let Some(torn) = book.torn() {
            note(&format!(
                "a block that was never acknowledged, from entry {} on, was set aside in {}",
                torn.first, torn.kept_in
            ));
        }
        let done = accepted_by.map_or(Ok(()), |_| self.clock_accepted(&book));
        let done = done.and_then(|()| work(&book));
        let closed = book.close();
        let done = done?;
        closed?;
        Ok(done)
    }

    /// Says, and records, that the caller accepted the clock.
    fn clock_accepted(&self, book: &Book) -> Result<(), CliError> {
        let Some(doubt) = book.clock_accepted() else {
            note("--accept-clock was not needed: leave it out next time.");
            return Ok(());
        };
        note(&format!("The clock is accepted, which the file book/clock records: {doubt}."));
        let Some(principal) = &self.principal else { return Ok(()) };
        sign_in::clock_accepted(&self.path, principal, doubt)
    }

    /// The actor of a posting: the signed-in caller, or the named actor in a folder without keys.
    fn actor(&self, named: Option<&ActorId>) -> Result<Arc<Actor>, CliError> {
        match &self.principal {
            None => Ok((&local(named)?).into()),
            Some(principal) if named.is_none_or(|actor| *actor == principal.id) => {
                Ok(principal.actor())
            }
            Some(principal) => Err(CliError::new(
                Exit::NotAuthorised,
                "FORBIDDEN",
                format!(
                    "{} is signed in, and posts as nobody else: leave out --actor",
                    principal.id
                ),
            )),
        }
    }
}

impl Door for Folder {
    fn ask(&self, document: &str, variables: &Value) -> Result<Value, CliError> {
        let Reading { schema, caller, runtime, .. } = self.reading()?;
        let request = Request::new(document)
            .variables(Variables::from_json(variables.clone()))
            .data(caller.clone());
        let response = runtime.block_on(schema.execute(request));
        if let Some(error) = response.errors.first() {
            let fault: Fault = serde_json::to_value(error)
                .and_then(serde_json::from_value)
                .map_err(std::io::Error::from)?;
            return Err(fault.into());
        }
        let data = response.data.into_json().map_err(std::io::Error::from)?;
        self.partial.check(&data);
        Ok(data)
    }

    fn page(&self) -> usize {
        PAGE
    }

    fn follow(
        &self,
        _: &str,
        _: &Value,
        _: &Stop,
        _: &mut dyn FnMut(&Value) -> Result<bool, CliError>,
    ) -> Result<(), CliError> {
        Err(CliError::usage(
            "watch needs a running server: name it with --server, such as --server http://127.0.0.1:8080",
        ))
    }

    fn post(
        &self,
        upload: Upload<'_>,
        outcome: &mut dyn FnMut(Outcome) -> Result<(), CliError>,
    ) -> Result<Position, CliError> {
        let Upload { actor, postings, switches, accept_clock } = upload;
        let actor = self.actor(actor)?;
        let accepted_by = accept_clock.then(|| actor.id.clone());
        self.with_book(accepted_by.as_ref(), |book| {
            let actor = match &self.principal {
                None => actor,
                Some(principal) => {
                    let commands = postings.iter().map(|posting| &posting.command);
                    self.caller(principal)?.admit(book, commands).inspect_err(|_| {
                        sign_in::denied(&self.path, principal, "post");
                    })?
                }
            };
            let before = book.models().times.head();
            let upload = upload::Upload { book, actor, postings, switches };
            let runtime = tokio::runtime::Builder::new_current_thread().build()?;
            runtime.block_on(upload.post(&mut Each(outcome)))?;
            Ok(before)
        })
    }
}

/// Gives each outcome by itself.
struct Each<'f>(&'f mut dyn FnMut(Outcome) -> Result<(), CliError>);

impl Recipient for Each<'_> {
    type Error = CliError;

    async fn give(&mut self, outcomes: Vec<Outcome>) -> Result<(), CliError> {
        outcomes.into_iter().try_for_each(&mut self.0)
    }
}

fn local(actor: Option<&ActorId>) -> Result<ActorId, CliError> {
    let named = actor.map_or_else(|| ACTOR.parse(), |actor| Ok(actor.clone()));
    named.map_err(|error: TextError| CliError::usage(error.to_string()))
}
