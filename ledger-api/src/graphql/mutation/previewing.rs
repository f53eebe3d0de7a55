//! Dry runs of several postings, each judged as if those before it were posted.

use std::sync::Arc;

use async_graphql::{Context, Result};
use ledger_core::domain::command::Command;

use crate::access::gate;
use crate::graphql::Limits;
use crate::graphql::kit::fault::{denied, fault};
use crate::graphql::kit::user_error::UserError;
use crate::graphql::mutation::posting::{
    FieldError, PostingFields, PostingPayload, authorise, book_and_caller,
};

/// Judges postings without posting them. Authorisation errors hide validation errors.
pub(crate) async fn preview_all(
    context: &Context<'_>,
    rows: Vec<(Result<Command, FieldError>, PostingFields)>,
) -> Result<Vec<PostingPayload>> {
    let (book, caller) = book_and_caller(context)?;
    let count = rows.len();
    let most = context.data::<Limits>()?.postings;
    if count > most {
        let message = format!(
            "{count} postings are too many to judge together: send at most {most}, or try them on a data folder, such as a copy of this one"
        );
        return Err(fault("TOO_MANY_POSTINGS", message));
    }
    let commands: Vec<Command> =
        rows.iter().filter_map(|(command, _)| command.as_ref().ok()).cloned().collect();
    if commands.len() < rows.len() || rows.is_empty() {
        gate::may_change_something(&caller.principal).map_err(|refusal| denied(&refusal))?;
    }
    let actor = authorise(book, caller, commands).await?;
    let mut postings = Vec::new();
    let mut read = |(command, fields): (Result<Command, FieldError>, PostingFields)| {
        let command = command.map_err(|malformed| vec![malformed.into()])?;
        postings.push(fields.posting(command)?);
        Ok(())
    };
    let rows: Vec<Result<(), Vec<UserError>>> = rows.into_iter().map(&mut read).collect();
    let mut judged = book.writer().preview(actor, postings).await.into_iter();
    let scope = caller.principal.scope(&book.models());
    let payload = |row| match row {
        Ok(()) => PostingPayload::from_dry_run(Arc::clone(book), judged.next(), &scope),
        Err(wrong) => Ok(PostingPayload::refused(true, wrong)),
    };
    rows.into_iter().map(payload).collect()
}
