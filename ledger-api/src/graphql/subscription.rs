//! The root of all that is told as it happens.

use std::sync::Arc;

use async_graphql::{Context, Result, Subscription};
use futures_util::{Stream, StreamExt};
use tokio_stream::wrappers::WatchStream;

use crate::book::Book;

/// What is told as it happens.
#[derive(Debug, Default)]
pub struct Subscription;

#[Subscription]
impl Subscription {
    /// The position of the last entry, whenever it moves.
    async fn head(&self, context: &Context<'_>) -> Result<impl Stream<Item = String> + use<>> {
        let published = context.data::<Arc<Book>>()?.writer().published();
        Ok(WatchStream::new(published).map(|position| position.to_string()))
    }
}
