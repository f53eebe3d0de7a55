//! The root of all postings.

use async_graphql::Object;

/// Postings.
#[derive(Debug, Default)]
pub struct Mutation;

#[Object]
impl Mutation {
    /// Whether the book takes postings.
    async fn writable(&self) -> bool {
        true
    }
}
