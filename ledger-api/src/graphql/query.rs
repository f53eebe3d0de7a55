//! The root of all questions.

use async_graphql::MergedObject;

use super::ledger::LedgerQuery;

/// Questions about the book.
#[derive(Debug, Default, MergedObject)]
pub struct Query(LedgerQuery);
