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

use crate::access::gate::Denied;
use crate::graphql::Limits;
use crate::graphql::kit::fault::{denied, fault, interrupted, unreadable};
use crate::graphql::kit::page::{self, Edge, Page, Slice};
use crate::graphql::kit::scalars;
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::kit::work::Work;
use crate::graphql::log::event::Event;
use crate::graphql::log::filter::{EntryFilter, EntrySelection, scan, scan_back};
use projections::book::Book;

/// A warning about a posting. It does not block the posting.
#[derive(SimpleObject)]
pub(crate) struct Warning {
    /// The stable code of the warning.
    code: &'static str,
    /// The warning in words.
    message: String,
}

impl Warning {
    /// The warnings, as far as a reader may know them.
    pub(crate) fn shown(warnings: &[warning::Warning], scope: &Scope) -> Vec<Self> {
        let shown = |warning: &warning::Warning| {
            Some(Warning { code: warning.code(), message: warning.shown(scope)? })
        };
        warnings.iter().filter_map(shown).collect()
    }
}

/// An entry read from the log, with its stored line.
pub(crate) struct StoredEntry {
    pub(crate) line: Vec<u8>,
    pub(crate) entry: entry::Entry<'static>,
}

impl StoredEntry {
    /// Parses an entry from its stored line.
    pub(crate) fn from_line(line: &[u8], at: Position) -> Result<Self, ReadError> {
        let damage = |what: String| ReadError::from(Damage { entry: at, place: None, what });
        let entry = entry::Entry::from_line(line).map_err(|error| damage(error.to_string()))?;
        Ok(StoredEntry { entry: entry.into_owned(), line: line.to_vec() })
    }
}

/// One accepted posting. It is never changed or removed.
pub(crate) struct Entry {
    book: Arc<Book>,
    /// The what-if the entry belongs to; `None` for an entry of the log.
    supposed: Option<Arc<WhatIf>>,
    scope: Arc<Scope>,
    position: Position,
    stored: OnceCell<Arc<StoredEntry>>,
}

impl Entry {
    /// The entry at an existing position. It is read when a field needs it.
    pub(crate) fn at(view: &View, position: Position) -> Self {
        let (book, scope) = (Arc::clone(&view.book), Arc::clone(&view.scope));
        let supposed = view.supposed.clone().filter(|_| position > view.last_in_log());
        Entry { book, supposed, scope, position, stored: OnceCell::new() }
    }

    /// The entry at an existing position; `None` where the caller may not read it.
    pub(crate) async fn readable(view: &View, position: Position) -> Result<Option<Self>> {
        let entry = Entry::at(view, position);
        if view.is_partial() {
            let stored = entry.read().await?;
            if !view.scope.admits_events(&stored.entry.events) {
                return Ok(None);
            }
        }
        Ok(Some(entry))
    }

    /// Finds the entry at a position; `None` beyond the view.
    pub(crate) async fn find(view: &View, position: Position) -> Result<Option<Self>> {
        if position <= Position::START || position > view.position() {
            return Ok(None);
        }
        let entry = Entry::at(view, position);
        if view.is_partial() {
            entry.stored().await?;
        }
        Ok(Some(entry))
    }

    /// An entry that was read already.
    pub(crate) fn of(book: &Arc<Book>, scope: &Arc<Scope>, stored: StoredEntry) -> Self {
        let position = stored.entry.position;
        let stored = OnceCell::new_with(Some(Arc::new(stored)));
        let (book, scope) = (Arc::clone(book), Arc::clone(scope));
        Entry { book, supposed: None, scope, position, stored }
    }

    /// The stored entry; an error where the caller may not read it.
    pub(crate) async fn stored(&self) -> Result<&Arc<StoredEntry>> {
        let stored = self.read().await?;
        if self.scope.admits_events(&stored.entry.events) {
            return Ok(stored);
        }
        Err(denied(&Denied::Unscoped))
    }

    async fn read(&self) -> Result<&Arc<StoredEntry>> {
        let read = || async {
            let (book, position) = (Arc::clone(&self.book), self.position);
            let supposed = self.supposed.clone();
            let read = tokio::task::spawn_blocking(move || {
                let line = match supposed {
                    Some(supposed) => supposed.line(position).map(<[u8]>::to_vec),
                    None => line_at(&**book.store(), position)?,
                };
                line.map(|line| StoredEntry::from_line(&line, position)).transpose()
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
    pub(crate) async fn id(&self) -> ID {
        ID(format!("Entry:{}", self.position))
    }

    /// The position in the log.
    async fn position(&self) -> scalars::LogPosition {
        self.position.into()
    }

    /// When the ledger accepted the entry; never earlier than the entry before.
    async fn recorded_at(&self) -> Result<scalars::Moment> {
        Ok(self.stored().await?.entry.recorded.into())
    }

    /// Who posted it, by opaque id.
    async fn actor(&self) -> Result<String> {
        Ok(self.stored().await?.entry.actor.to_string())
    }

    /// The client's idempotency key, unique per actor.
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

    /// The evidence: documents, decisions, publications.
    async fn evidence(&self) -> Result<Vec<String>> {
        Ok(self.stored().await?.entry.evidence.iter().map(ToString::to_string).collect())
    }

    /// How the entry was derived, where no source states it; null where one does.
    async fn inferred(&self) -> Result<Option<String>> {
        Ok(self.stored().await?.entry.inferred.as_ref().map(ToString::to_string))
    }

    /// The position of the entry that recorded the policy in force at posting.
    async fn judged_by(&self) -> Result<scalars::LogPosition> {
        Ok(self.stored().await?.entry.policy.into())
    }

    /// Since when the rules and limits that it was judged by are in force; null for the first entry.
    async fn rules_since(&self) -> Option<scalars::Moment> {
        self.book.models().rules_since(self.position).map(Into::into)
    }

    /// The warnings given when it was posted.
    #[graphql(complexity = "page::times(5, child_complexity)")]
    async fn warnings(&self) -> Result<Vec<Warning>> {
        Ok(Warning::shown(&self.stored().await?.entry.warnings, &self.scope))
    }

    /// The events of the entry, nearly always one.
    #[graphql(complexity = "page::times(5, child_complexity)")]
    async fn events(&self) -> Result<Vec<Event>> {
        Ok(self.stored().await?.entry.events.iter().map(Event::from).collect())
    }

    /// The entry exactly as stored, hashed and exported: one line of JSON.
    #[graphql(complexity = "10")]
    async fn canonical(&self, context: &Context<'_>) -> Result<String> {
        let stored = self.stored().await?;
        let entry = &stored.entry;
        if self.scope.admits_wording(&entry.events, &entry.warnings) {
            Work::of(context).keep(stored.line.len())?;
            return Ok(String::from_utf8_lossy(&stored.line).into_owned());
        }
        Err(denied(&Denied::Unscoped))
    }

    /// The leaf hash in the Merkle tree: SHA-256 over a zero byte and the canonical line.
    async fn leaf_hash(&self) -> Result<String> {
        Ok(Hash::leaf(&self.stored().await?.line).to_string())
    }
}

#[derive(Default)]
pub(crate) struct EntryQuery(pub(crate) Root);

#[Object]
impl EntryQuery {
    /// One entry; null where there is none at this position yet.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The position in the log.")] position: scalars::LogPosition,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<Entry>> {
        let view = self.0.view(context, None, at_least_position).await?;
        Entry::find(&view, position.0).await
    }

    /// The entries the caller may read, in order of position or the newest first. A page may hold fewer items than
    /// requested although more follow, since each page scans a limited part of the log.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only entries after this position, or recorded after this time.")]
        since: Option<AsAt>,
        #[graphql(desc = "Include only these entries; all if omitted.")] filter: Option<
            EntryFilter,
        >,
        #[graphql(desc = "Only entries up to this moment; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "The newest entry first.", default)] newest_first: bool,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Page<Entry>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let since = slice.view.position_before(since)?;
        let (viewed, last, first) = (slice.view.clone(), slice.view.position(), slice.first);
        let filter = filter.unwrap_or_default();
        filter.check(&viewed)?;
        let read = Position::new(slice.read);
        let from = if !newest_first {
            read.max(since).next()
        } else if read == Position::START {
            last
        } else {
            Position::new(read.get() - 1)
        };
        let scanned = Work::of(context).scan(move |work| {
            let seen = EntrySelection { filter: &filter, scope: &viewed.scope, work };
            if newest_first {
                return scan_back(&viewed, from, since, &seen, first);
            }
            let last_in_log = viewed.last_in_log();
            let mut scanned = scan(&viewed.book, from, last_in_log, &seen, first)?;
            if let Some(supposed) = &viewed.supposed {
                scanned.scan_what_if(supposed, last, &seen, first)?;
            }
            Ok(scanned)
        });
        let scanned = scanned.await??;
        let edges = scanned.found.into_iter().map(|stored| Edge {
            cursor: slice.cursor(stored.entry.position.get()),
            node: Entry::of(&view.book, &view.scope, stored),
        });
        let reached = scanned.reached;
        let (moved, more) = if newest_first {
            (reached <= from, reached > since.next())
        } else {
            (reached >= from, reached < last)
        };
        let end = moved.then(|| slice.cursor(reached.get()));
        Ok(slice.finish(edges.collect(), more, end))
    }
}
