//! The book as a whole.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use ledger_core::domain::event::Event;
use ledger_core::domain::position::Position;
use ledger_core::log::read::entry_at;
use ledger_core::log::store::{Head, Store};

use super::fault::{fault, interrupted, unreadable};
use super::page;
use super::scalars;
use super::view::{Root, wait_for};
use crate::book::Book;

/// The book as a whole: which one it is, where it ends, and what proves it.
pub(super) struct Ledger {
    book: Arc<Book>,
    head: Head,
    partial: bool,
}

/// The book as a whole: which one it is, where it ends, and what proves it.
#[Object]
impl Ledger {
    /// The book's own id, in hexadecimal: no two books share one.
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
    async fn head(&self) -> scalars::LogPosition {
        self.head.position.into()
    }

    /// The root of the Merkle tree over all entries up to the head (RFC 9162), in hexadecimal.
    async fn root(&self) -> String {
        self.head.root.to_string()
    }

    /// Whether the caller may read only a part of it: sums are of that part.
    async fn partial(&self) -> bool {
        self.partial
    }

    /// When the last entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.book.models().times.recorded(self.head.position).map(Into::into)
    }
}

#[derive(Default)]
pub(super) struct LedgerQuery(pub(super) Root);

#[Object]
impl LedgerQuery {
    /// The book as a whole, as it stands.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn ledger(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Ledger> {
        let view = self.0.view_of_log(context, None, at_least_position).await?;
        let (partial, book) = (view.is_partial(), view.book);
        let head = book.store().head();
        // So that every question can be asked as at it.
        wait_for(&book, head.position).await?;
        Ok(Ledger { book, head, partial })
    }
}
