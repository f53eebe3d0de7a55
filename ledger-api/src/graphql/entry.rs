//! Entries: what was posted, by whom, when and why.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use ledger_core::domain::position::Position;
use ledger_core::domain::warning;
use ledger_core::log::entry;
use ledger_core::log::merkle::Hash;
use ledger_core::log::read::line_at;
use ledger_core::log::store::{Damage, ReadError};
use projections::scope::Scope;
use projections::what_if::WhatIf;
use tokio::sync::OnceCell;

use super::Limits;
use super::event::Event;
use super::fault::{denied, fault, interrupted, unreadable};
use super::filter::{EntryFilter, Seen, scan};
use super::page::{self, Edge, Page, Slice};
use super::scalars;
use super::view::{AsAt, Root, View};
use crate::access::gate::Denied;
use crate::book::Book;

/// What deserved a look about a posting that was posted.
#[derive(SimpleObject)]
pub(super) struct Warning {
    /// The stable name of what it is about.
    code: &'static str,
    /// What deserves a look, in words.
    message: String,
}

impl From<&warning::Warning> for Warning {
    fn from(warning: &warning::Warning) -> Self {
        Warning { code: warning.code(), message: warning.to_string() }
    }
}

/// An entry as it is stored, and read.
pub(super) struct Stored {
    pub(super) line: Vec<u8>,
    pub(super) entry: entry::Entry<'static>,
}

impl Stored {
    /// Reads an entry from its line.
    pub(super) fn from_line(line: &[u8], at: Position) -> Result<Self, ReadError> {
        let damage = |what: String| ReadError::from(Damage { entry: at, place: None, what });
        let entry = entry::Entry::from_line(line).map_err(|error| damage(error.to_string()))?;
        Ok(Stored { entry: entry.into_owned(), line: line.to_vec() })
    }
}

/// One accepted posting. It is never changed or removed.
pub(super) struct Entry {
    book: Arc<Book>,
    /// Where it is read from, if it is in no log.
    supposed: Option<Arc<WhatIf>>,
    scope: Arc<Scope>,
    position: Position,
    stored: OnceCell<Arc<Stored>>,
}

impl Entry {
    /// The entry at a position, which there is; read when a field needs it.
    pub(super) fn at(view: &View, position: Position) -> Self {
        let (book, scope) = (Arc::clone(&view.book), Arc::clone(&view.scope));
        let supposed = view.supposed.clone().filter(|_| position > view.last_in_log());
        Entry { book, supposed, scope, position, stored: OnceCell::new() }
    }

    /// The entry at a position, which there is; none where it may not be read.
    pub(super) async fn readable(view: &View, position: Position) -> Result<Option<Self>> {
        let entry = Entry::at(view, position);
        if view.is_partial() {
            let stored = entry.read().await?;
            if !view.scope.admits_events(&stored.entry.events) {
                return Ok(None);
            }
        }
        Ok(Some(entry))
    }

    /// The entry at a position; none where there is none as at the view.
    pub(super) async fn find(view: &View, position: Position) -> Result<Option<Self>> {
        if position <= Position::START || position > view.position() {
            return Ok(None);
        }
        let entry = Entry::at(view, position);
        if view.is_partial() {
            entry.stored().await?;
        }
        Ok(Some(entry))
    }

    /// An entry that has been read.
    pub(super) fn of(book: &Arc<Book>, scope: &Arc<Scope>, stored: Stored) -> Self {
        let position = stored.entry.position;
        let stored = OnceCell::new_with(Some(Arc::new(stored)));
        let (book, scope) = (Arc::clone(book), Arc::clone(scope));
        Entry { book, supposed: None, scope, position, stored }
    }

    /// What is stored, where the caller may read it.
    pub(super) async fn stored(&self) -> Result<&Arc<Stored>> {
        let stored = self.read().await?;
        if self.scope.admits_events(&stored.entry.events) {
            return Ok(stored);
        }
        Err(denied(&Denied::Unscoped))
    }

    async fn read(&self) -> Result<&Arc<Stored>> {
        let read = || async {
            let (book, position) = (Arc::clone(&self.book), self.position);
            let supposed = self.supposed.clone();
            let read = tokio::task::spawn_blocking(move || {
                let line = match supposed {
                    Some(supposed) => supposed.line(position).map(<[u8]>::to_vec),
                    None => line_at(&**book.store(), position)?,
                };
                line.map(|line| Stored::from_line(&line, position)).transpose()
            });
            let read = read.await.map_err(|error| interrupted(&error))?;
            let read = read.map_err(|error| unreadable(&error))?;
            let missing = || fault("BEYOND_HEAD", format!("there is no entry {position}"));
            read.map(Arc::new).ok_or_else(missing)
        };
        self.stored.get_or_try_init(read).await
    }
}

/// One accepted posting. It is never changed or removed.
#[Object]
impl Entry {
    /// The global id.
    pub(super) async fn id(&self) -> ID {
        ID(format!("Entry:{}", self.position))
    }

    /// Its place in the log.
    async fn position(&self) -> scalars::LogPosition {
        self.position.into()
    }

    /// When the ledger accepted it; never earlier than the entry before.
    async fn recorded_at(&self) -> Result<scalars::Moment> {
        Ok(self.stored().await?.entry.recorded.into())
    }

    /// Who posted it, by opaque id.
    async fn actor(&self) -> Result<String> {
        Ok(self.stored().await?.entry.actor.to_string())
    }

    /// The client's idempotency key, unique for its actor.
    async fn idempotency_key(&self) -> Result<ID> {
        Ok(ID(self.stored().await?.entry.key.to_string()))
    }

    /// Why it was posted.
    async fn reason(&self) -> Result<String> {
        Ok(self.stored().await?.entry.reason.to_string())
    }

    /// The authority it was posted under; null where none was cited.
    async fn authority(&self) -> Result<Option<String>> {
        Ok(self.stored().await?.entry.authority.as_ref().map(ToString::to_string))
    }

    /// What it rests on: documents, decisions, publications.
    async fn evidence(&self) -> Result<Vec<String>> {
        Ok(self.stored().await?.entry.evidence.iter().map(ToString::to_string).collect())
    }

    /// How it was derived, where no source states it; null where one does.
    async fn inferred(&self) -> Result<Option<String>> {
        Ok(self.stored().await?.entry.inferred.as_ref().map(ToString::to_string))
    }

    /// The entry that recorded the policy it was judged by.
    async fn judged_by(&self) -> Result<scalars::LogPosition> {
        Ok(self.stored().await?.entry.policy.into())
    }

    /// What deserved a look when it was posted.
    #[graphql(complexity = "page::times(5, child_complexity)")]
    async fn warnings(&self) -> Result<Vec<Warning>> {
        Ok(self.stored().await?.entry.warnings.iter().map(Warning::from).collect())
    }

    /// What happened: nearly always one thing.
    #[graphql(complexity = "page::times(5, child_complexity)")]
    async fn events(&self) -> Result<Vec<Event>> {
        Ok(self.stored().await?.entry.events.iter().map(Event::from).collect())
    }

    /// The entry exactly as it is stored, hashed and exported: one line of JSON.
    #[graphql(complexity = "10")]
    async fn canonical(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.stored().await?.line).into_owned())
    }

    /// Its leaf hash in the Merkle tree: SHA-256 over a zero byte and the canonical line.
    async fn leaf_hash(&self) -> Result<String> {
        Ok(Hash::leaf(&self.stored().await?.line).to_string())
    }
}

#[derive(Default)]
pub(super) struct EntryQuery(pub(super) Root);

#[Object]
impl EntryQuery {
    /// One entry; null where there is none at this position yet.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its place in the log.")] position: scalars::LogPosition,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<Entry>> {
        let view = self.0.view(context, None, at_least_position).await?;
        Entry::find(&view, position.0).await
    }

    /// The entries in order of position that the caller may read. A page may hold fewer than asked for while there are more:
    /// only so many entries are looked through for one page.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
        #[graphql(desc = "Only entries after this position, or recorded after this time.")]
        since: Option<AsAt>,
        #[graphql(desc = "Which entries; all where left out.")] filter: Option<EntryFilter>,
        #[graphql(desc = "Only entries up to this moment; now where left out.")] as_at: Option<
            AsAt,
        >,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Page<Entry>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let since = slice.view.position_before(since)?;
        let from = Position::new(slice.read).max(since).next();
        let (viewed, last, first) = (slice.view.clone(), slice.view.position(), slice.first);
        let filter = filter.unwrap_or_default();
        let scanned = tokio::task::spawn_blocking(move || {
            let seen = Seen { filter: &filter, scope: &viewed.scope };
            let last_in_log = viewed.last_in_log();
            let mut scanned = scan(&viewed.book, from, last_in_log, &seen, first)?;
            if let Some(supposed) = &viewed.supposed {
                scanned.go_on(supposed, last, &seen, first)?;
            }
            Ok(scanned)
        });
        let scanned = scanned.await.map_err(|error| interrupted(&error))?;
        let scanned = scanned.map_err(|error| unreadable(&error))?;
        let edges = scanned.found.into_iter().map(|stored| Edge {
            cursor: slice.cursor(stored.entry.position.get()),
            node: Entry::of(&view.book, &view.scope, stored),
        });
        let end = (scanned.reached >= from).then(|| slice.cursor(scanned.reached.get()));
        Ok(slice.finish(edges.collect(), scanned.reached < last, end))
    }
}
