//! Dry runs of several postings: what each would do if those before it were posted.

use std::sync::Arc;

use async_graphql::{Context, Result};
use ledger_core::domain::command::Command;
use ledger_core::domain::posting::Posting;

use super::fault::{denied, fault};
use super::posting::{Malformed, PostingFields, PostingPayload, admit, who_posts};
use super::user_error::UserError;
use crate::access::gate;

/// Postings judged together, at most. What is judged holds the writer up.
pub(crate) const PREVIEWS_MAX: usize = 1000;

/// Judges postings, and posts none of them.
pub(super) async fn preview_all(
    context: &Context<'_>,
    rows: Vec<(Result<Command, Malformed>, PostingFields)>,
) -> Result<Vec<PostingPayload>> {
    let (book, caller) = who_posts(context)?;
    let count = rows.len();
    if count > PREVIEWS_MAX {
        let message = format!(
            "{count} postings are too many to judge together: send at most {PREVIEWS_MAX}, or try them on a data folder, such as a copy of this one"
        );
        return Err(fault("TOO_MANY_POSTINGS", message));
    }
    let read = |(command, fields): (Result<Command, Malformed>, PostingFields)| {
        let command = command.map_err(|malformed| vec![malformed.into()])?;
        fields.posting(command)
    };
    let rows: Vec<Result<Posting, Vec<UserError>>> = rows.into_iter().map(read).collect();
    let postings: Vec<Posting> = rows.iter().flatten().cloned().collect();
    if postings.len() < rows.len() || rows.is_empty() {
        gate::may_change_something(&caller.principal).map_err(|refusal| denied(&refusal))?;
    }
    let commands = postings.iter().map(|posting| posting.command.clone()).collect();
    let actor = admit(book, caller, commands).await?;
    let mut judged = book.writer().preview(actor, postings).await.into_iter();
    let scope = caller.principal.scope(&book.models());
    let payload = |row: Result<Posting, Vec<UserError>>| match row {
        Ok(_) => PostingPayload::tried(Arc::clone(book), judged.next(), &scope),
        Err(wrong) => Ok(PostingPayload::refused(true, wrong)),
    };
    rows.into_iter().map(payload).collect()
}
