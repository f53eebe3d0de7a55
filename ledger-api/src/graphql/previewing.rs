//! Dry runs of several postings: what each would do if those before it were posted.

use std::sync::Arc;

use async_graphql::{Context, Result};
use ledger_core::domain::command::Command;

use super::fault::{denied, fault};
use super::posting::{Malformed, PostingFields, PostingPayload, admit, who_posts};
use super::user_error::UserError;
use crate::access::gate;

/// Postings judged together, at most. What is judged holds the writer up.
pub(crate) const PREVIEWS_MAX: usize = 1000;

/// Judges postings, and posts none of them. What is wrong with a command is no concern of those who
/// may not post at all, and what is wrong with what it says about itself none of those who may not
/// post it.
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
    let commands: Vec<Command> =
        rows.iter().filter_map(|(command, _)| command.as_ref().ok()).cloned().collect();
    if commands.len() < rows.len() || rows.is_empty() {
        gate::may_change_something(&caller.principal).map_err(|refusal| denied(&refusal))?;
    }
    let actor = admit(book, caller, commands).await?;
    let mut postings = Vec::new();
    let mut read = |(command, fields): (Result<Command, Malformed>, PostingFields)| {
        let command = command.map_err(|malformed| vec![malformed.into()])?;
        postings.push(fields.posting(command)?);
        Ok(())
    };
    let rows: Vec<Result<(), Vec<UserError>>> = rows.into_iter().map(&mut read).collect();
    let mut judged = book.writer().preview(actor, postings).await.into_iter();
    let scope = caller.principal.scope(&book.models());
    let payload = |row| match row {
        Ok(()) => PostingPayload::tried(Arc::clone(book), judged.next(), &scope),
        Err(wrong) => Ok(PostingPayload::refused(true, wrong)),
    };
    rows.into_iter().map(payload).collect()
}
