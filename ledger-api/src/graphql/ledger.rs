//! The book as a whole.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use ledger_core::log::store::Store;

use crate::book::Book;

/// The book as a whole: where it ends and what proves it.
#[derive(SimpleObject)]
struct Ledger {
    /// The position of the last entry.
    head: String,
    /// The root of the Merkle tree over all entries, in hexadecimal.
    root: String,
}

#[derive(Debug, Default)]
pub(super) struct LedgerQuery;

#[Object]
impl LedgerQuery {
    /// The book as a whole.
    async fn ledger(&self, context: &Context<'_>) -> Result<Ledger> {
        let head = context.data::<Arc<Book>>()?.store().head();
        Ok(Ledger { head: head.position.to_string(), root: head.root.to_string() })
    }
}
