//! Postings: what every mutation says beside its command, and what comes of it.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use ledger_core::domain::actor::Actor;
use ledger_core::domain::command::Command;
use ledger_core::domain::posting;
use ledger_core::writer::{self, Fate, Refusal};
use projections::scope::Scope;

use super::Caller;
use super::entry::{Entry, Warning};
use super::event::Event;
use super::fault::{denied, fault, interrupted, unable};
use super::page;
use super::previewing::preview_all;
use super::proposal::Proposal;
use super::scalars::{Line, LogPosition, MoneyGbp};
pub(super) use super::user_error::{Malformed, UserError};
use super::view::{self, View};
use crate::access::delegated;
use crate::access::gate::{self, Denied};
use crate::access::known::Guarded;
use crate::book::Book;
use crate::changes;

/// A line's version as the client has seen it.
#[derive(InputObject)]
pub(super) struct ExpectedVersion {
    /// The line.
    line: Line,
    /// Its version then: the last entry that had changed it, `"0"` for a line that was not open.
    version: LogPosition,
}

/// What every posting says about itself.
#[derive(InputObject)]
pub(super) struct PostingFields {
    /// The client's own key, 1 to 128 characters: the same key with the same command posts once,
    /// however often it is sent.
    idempotency_key: ID,
    /// Why this is posted: 1 to 1000 characters.
    reason: String,
    /// The authority it is done under, such as a Treasury letter: up to 500 characters.
    authority: Option<String>,
    /// What it rests on: documents, decisions, publications, each up to 500 characters.
    #[graphql(default)]
    evidence: Vec<String>,
    /// Where no source states it: how it was derived.
    inferred: Option<String>,
    /// Post only if these lines are still at these versions.
    #[graphql(default)]
    expected_versions: Vec<ExpectedVersion>,
    /// Judge it and show what it would change, and post nothing.
    #[graphql(default)]
    dry_run: bool,
}

impl PostingFields {
    /// The posting of a command that says this about itself.
    ///
    /// # Errors
    ///
    /// What of it has not the form it should have.
    pub(super) fn posting(self, command: Command) -> Result<posting::Posting, Vec<UserError>> {
        let PostingFields { idempotency_key, reason, authority, evidence, inferred, .. } = self;
        let mut wrong = Vec::new();
        let mut read = Reader(&mut wrong);
        let key = read.text("idempotencyKey", &idempotency_key);
        let reason = read.text("reason", &reason);
        let authority = authority.and_then(|text| read.text("authority", &text));
        let evidence = evidence.iter().enumerate();
        let evidence = evidence.map(|(i, text)| read.text(&format!("evidence.{i}"), text));
        let evidence = evidence.collect::<Option<_>>();
        let inferred = inferred.and_then(|text| read.text("inferred", &text));
        let expected = self.expected_versions.into_iter().map(|expected| {
            let ExpectedVersion { line, version } = expected;
            posting::ExpectedVersion { line: line.0, version: version.0 }
        });
        let expected_versions = expected.collect();
        match (key, reason, evidence) {
            (Some(key), Some(reason), Some(evidence)) if wrong.is_empty() => Ok(posting::Posting {
                key,
                command,
                reason,
                authority,
                evidence,
                inferred,
                expected_versions,
            }),
            _ => Err(wrong),
        }
    }
}

/// Reads texts with a form, and keeps what is wrong with them.
struct Reader<'w>(&'w mut Vec<UserError>);

impl Reader<'_> {
    fn text<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        field: &str,
        text: &str,
    ) -> Option<T> {
        let read = text.parse();
        let read = read.map_err(|error: T::Err| Malformed::new(field, &error).into());
        read.map_err(|error| self.0.push(error)).ok()
    }
}

/// What came of a posting that was accepted. Others may come: what is not `POSTED` moves no figure.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum Outcome {
    /// What it asked for has happened: durable, and in every figure.
    Posted,
    /// It is, or is about, a proposal that waits for sign-off: recorded, and in no figure.
    AwaitingSignOff,
}

/// A figure that a posting would change.
#[derive(SimpleObject)]
pub(super) struct Change {
    /// The line, or the fund and class such as `P2020/unsplit`.
    account: String,
    /// Which of its figures: `unallocated` of a fund; `revised`, `committed`, `accrued`, `actual` or
    /// `available` of a line.
    figure: &'static str,
    /// What it is.
    before: MoneyGbp,
    /// What it would be.
    after: MoneyGbp,
}

/// What a posting would do.
#[derive(SimpleObject)]
pub(super) struct Preview {
    /// The events it would post.
    events: Vec<Event>,
    /// The figures it would change.
    changes: Vec<Change>,
}

impl From<changes::Change> for Change {
    fn from(change: changes::Change) -> Self {
        let changes::Change { account, figure, before, after } = change;
        Change { account, figure, before: before.into(), after: after.into() }
    }
}

impl Preview {
    fn new(preview: &writer::Preview, scope: &Scope) -> Self {
        let changes = changes::changes(preview, scope).into_iter().map(Change::from).collect();
        Preview { events: preview.decision.events.iter().map(Event::from).collect(), changes }
    }
}

/// What came of a posting.
#[derive(Default)]
pub(super) struct PostingPayload {
    posted: Option<(Arc<Book>, LogPosition)>,
    fate: Option<Fate>,
    proposal: Option<Proposal>,
    replayed: bool,
    dry_run: bool,
    warnings: Vec<Warning>,
    preview: Option<Preview>,
    user_errors: Vec<UserError>,
}

/// What came of a posting.
#[Object]
impl PostingPayload {
    /// The entry; null where it was refused. In a dry run, the entry that the key has posted already;
    /// null where there is none yet. Null too where it concerns what the caller may not read.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self, context: &Context<'_>) -> Result<Option<Entry>> {
        let Some((book, position)) = &self.posted else { return Ok(None) };
        let view = View::now(book, &view::Reader::of(context)?);
        if position.0 > view.position() {
            return Ok(None);
        }
        Entry::readable(&view, position.0).await
    }

    /// The entry's position; null where there is none. Among previews it may be one that an earlier of
    /// them would have.
    async fn position(&self) -> Option<&LogPosition> {
        self.posted.as_ref().map(|(_, position)| position)
    }

    /// What came of it; null where it was refused, and in a dry run.
    async fn outcome(&self) -> Option<Outcome> {
        self.fate.map(|fate| match fate {
            Fate::Posted => Outcome::Posted,
            Fate::AwaitingSignOff { .. } => Outcome::AwaitingSignOff,
        })
    }

    /// The proposal that it is, or is about, where that waits for sign-off; null otherwise.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn proposal(&self) -> Option<&Proposal> {
        self.proposal.as_ref()
    }

    /// Whether an earlier request had posted it under the same key: this is the first answer again.
    async fn replayed(&self) -> bool {
        self.replayed
    }

    /// Whether this was a dry run: nothing was posted.
    async fn dry_run(&self) -> bool {
        self.dry_run
    }

    /// What deserves a look about it; the warnings stay on the entry.
    #[graphql(complexity = "page::times(5, child_complexity)")]
    async fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// What it would do; null unless this was a dry run that passed.
    async fn preview(&self) -> Option<&Preview> {
        self.preview.as_ref()
    }

    /// The rules it breaks; empty where it was accepted.
    #[graphql(complexity = "page::times(5, child_complexity)")]
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

impl PostingPayload {
    /// What is wrong with a posting.
    pub(super) fn refused(dry_run: bool, user_errors: Vec<UserError>) -> Self {
        PostingPayload { dry_run, user_errors, ..Default::default() }
    }

    /// What a dry run came to; where the writer told nothing of it, it has stopped.
    pub(super) fn tried(
        book: Arc<Book>,
        judged: Option<Result<writer::Preview, Refusal>>,
        scope: &Scope,
    ) -> Result<Self> {
        match judged.unwrap_or(Err(Refusal::Stopped)) {
            Ok(preview) => Ok(PostingPayload {
                posted: preview.posted.map(|position| (book, position.into())),
                dry_run: true,
                replayed: preview.posted.is_some(),
                warnings: preview.decision.warnings.iter().map(Warning::from).collect(),
                preview: Some(Preview::new(&preview, scope)),
                ..Default::default()
            }),
            Err(refusal) => PostingPayload::unless_fault(true, &refusal),
        }
    }

    /// What a refusal says, unless it is a fault of the server's.
    fn unless_fault(dry_run: bool, refusal: &Refusal) -> Result<Self> {
        let error = UserError::of(refusal).ok_or_else(|| unable(refusal))?;
        Ok(PostingPayload::refused(dry_run, vec![error]))
    }
}

/// The book, and who posts to it.
pub(super) fn who_posts<'c>(context: &Context<'c>) -> Result<(&'c Arc<Book>, &'c Caller)> {
    let caller = context.data::<Caller>().map_err(|_| {
        fault("UNAUTHENTICATED", "nobody is signed in: a posting needs to know who posts")
    })?;
    Ok((context.data::<Arc<Book>>()?, caller))
}

/// Posts a command, or in a dry run judges it: the one path of all mutations that post.
pub(super) async fn submit(
    context: &Context<'_>,
    command: Result<Command, Malformed>,
    fields: PostingFields,
) -> Result<PostingPayload> {
    if fields.dry_run {
        let told = preview_all(context, vec![(command, fields)]).await?;
        return Ok(told.into_iter().next().unwrap_or_default());
    }
    let (book, caller) = who_posts(context)?;
    let refused = |wrong| Ok(PostingPayload::refused(false, wrong));
    let command = match command {
        Ok(command) => command,
        // What is wrong with it is no concern of those who may not post at all.
        Err(malformed) => {
            gate::may_change_something(&caller.principal).map_err(|refusal| denied(&refusal))?;
            return refused(vec![malformed.into()]);
        }
    };
    let actor = admit(book, caller, vec![command.clone()]).await?;
    let posting = match fields.posting(command) {
        Ok(posting) => posting,
        Err(wrong) => return refused(wrong),
    };
    match book.writer().post(actor, posting).await {
        Ok(receipt) => Ok(PostingPayload {
            posted: Some((Arc::clone(book), receipt.position.into())),
            fate: Some(receipt.fate),
            proposal: match receipt.fate {
                Fate::Posted => None,
                Fate::AwaitingSignOff { proposal } => {
                    let reader = view::Reader::of(context)?;
                    Proposal::find(&View::now(book, &reader), proposal)
                }
            },
            replayed: receipt.replayed,
            warnings: receipt.warnings.iter().map(Warning::from).collect(),
            ..Default::default()
        }),
        Err(refusal) => PostingPayload::unless_fault(false, &refusal),
    }
}

/// Who posts commands, where they may. Who may post everywhere needs no look at the book.
pub(super) async fn admit(
    book: &Arc<Book>,
    caller: &Caller,
    commands: Vec<Command>,
) -> Result<Arc<Actor>> {
    // Those are posted by nobody's delegation.
    let for_preparers = commands.iter().all(gate::is_for_preparers);
    if for_preparers && caller.principal.posts_everywhere() {
        return Ok(Arc::clone(&caller.actor));
    }
    let (book, caller) = (Arc::clone(book), caller.clone());
    let judge = move || {
        let known = Guarded { book: &book, keys: caller.keys.as_deref() };
        for command in &commands {
            gate::may_post(&caller.principal, command, &known)?;
        }
        Ok(if for_preparers { caller.actor } else { delegated::actor(&caller.principal, &known) })
    };
    let judged = tokio::task::spawn_blocking(judge).await.map_err(|error| interrupted(&error))?;
    judged.map_err(|refusal: Denied| denied(&refusal))
}
