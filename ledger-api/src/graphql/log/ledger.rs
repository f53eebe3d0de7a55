//! The whole book: its id, head and root.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use ledger_core::domain::event::Event;
use ledger_core::domain::position::Position;
use ledger_core::log::read::entry_at;
use ledger_core::log::store::{Head, Store};

use crate::graphql::kit::fault::{fault, interrupted, unreadable};
use crate::graphql::kit::page;
use crate::graphql::kit::scalars;
use crate::graphql::kit::view::{Root, not_supposed, wait_for};
use projections::book::Book;

/// The whole book: its id, its last position and the hash that proves it.
pub(crate) struct Ledger {
    book: Arc<Book>,
    head: Head,
    partial: bool,
    /// Whether it is asked of a book that would be, which has no log.
    supposed: bool,
}

impl Ledger {
    /// The end of the log.
    fn end(&self) -> Result<&Head> {
        if self.supposed { Err(not_supposed()) } else { Ok(&self.head) }
    }
}

/// The whole book: its id, its last position and the hash that proves it.
#[Object]
impl Ledger {
    /// The id of the book, in hexadecimal, unique to it.
    async fn book(&self) -> Result<String> {
        let book = Arc::clone(&self.book);
        let first = move || entry_at(&**book.store(), Position::new(1));
        let first = tokio::task::spawn_blocking(first).await.map_err(|e| interrupted(&e))?;
        let first = first.map_err(|error| unreadable(&error))?;
        let mut events = first.iter().flat_map(|entry| &entry.events);
        let opened = events.find_map(|event| {
            if let Event::BookOpened(opened) = event { Some(opened.book.to_string()) } else { None }
        });
        opened.ok_or_else(|| fault("DAMAGED", "the first entry does not open a book"))
    }

    /// The position of the last entry.
    async fn head(&self) -> Result<scalars::LogPosition> {
        Ok(self.end()?.position.into())
    }

    /// The root of the Merkle tree over all entries up to the head (RFC 9162), in hexadecimal.
    async fn root(&self) -> Result<String> {
        Ok(self.end()?.root.to_string())
    }

    /// Whether the caller may read only part of the book: sums cover that part.
    async fn partial(&self) -> bool {
        self.partial
    }

    /// When the last entry was recorded.
    async fn recorded_at(&self) -> Result<Option<scalars::Moment>> {
        let head = self.end()?.position;
        Ok(self.book.models().times.recorded(head).map(Into::into))
    }
}

#[derive(Default)]
pub(crate) struct LedgerQuery(pub(crate) Root);

#[Object]
impl LedgerQuery {
    /// The whole book, now.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn ledger(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Ledger> {
        let view = self.0.view(context, None, at_least_position).await?;
        let (partial, supposed, book) = (view.is_partial(), view.supposed.is_some(), view.book);
        let head = book.store().head();
        // A query at the returned position must be answerable.
        wait_for(&book, head.position).await?;
        Ok(Ledger { book, head, partial, supposed })
    }
}
