//! Postings: the fields every mutation has, the payload it returns, and `submit`, which posts.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use ledger_core::domain::actor::Actor;
use ledger_core::domain::command::Command;
use ledger_core::domain::posting;
use ledger_core::writer::{self, PostingStatus, Refusal};
use projections::scope::Scope;

use crate::access::gate;
use crate::graphql::Caller;
use crate::graphql::kit::fault::{denied, fault, interrupted, unable};
use crate::graphql::kit::page;
use crate::graphql::kit::scalars::{Line, LogPosition, MoneyGbp, Year, YearMonth};
pub(crate) use crate::graphql::kit::user_error::{FieldError, UserError};
use crate::graphql::kit::view::{self, View};
use crate::graphql::log::entry::{Entry, Warning};
use crate::graphql::log::event::Event;
use crate::graphql::mutation::previewing::preview_all;
use crate::graphql::sign_off::proposal::Proposal;
use crate::postings::changes;
use crate::postings::outcome::{self, landings};
use projections::book::Book;

/// The version of a line that the client read.
#[derive(InputObject)]
pub(crate) struct ExpectedVersion {
    /// The line.
    line: Line,
    /// The version read: the last entry that changed the line, or `"0"` for a line that was not
    /// open.
    version: LogPosition,
}

/// The fields that every posting has.
#[derive(InputObject)]
pub(crate) struct PostingFields {
    /// The client's key, 1 to 128 characters. The same key and command post once, however often
    /// they are sent.
    idempotency_key: ID,
    /// The reason for the posting: 1 to 1000 characters.
    reason: String,
    /// The authority, such as a Treasury letter: up to 500 characters.
    authority: Option<String>,
    /// The evidence: documents, decisions, publications, each up to 500 characters.
    #[graphql(default)]
    evidence: Vec<String>,
    /// How the posting was derived, where no source states it.
    inferred: Option<String>,
    /// Post only if these lines are still at these versions.
    #[graphql(default)]
    expected_versions: Vec<ExpectedVersion>,
    /// Judge the posting and show its effect, without posting it.
    #[graphql(default)]
    dry_run: bool,
}

impl PostingFields {
    /// The posting of a command with these fields.
    ///
    /// # Errors
    ///
    /// One error for each field in the wrong form.
    pub(crate) fn posting(self, command: Command) -> Result<posting::Posting, Vec<UserError>> {
        let PostingFields { idempotency_key, reason, authority, evidence, inferred, .. } = self;
        let mut wrong = Vec::new();
        let mut read = TextReader(&mut wrong);
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

/// Parses text fields and collects their errors.
struct TextReader<'w>(&'w mut Vec<UserError>);

impl TextReader<'_> {
    fn text<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        field: &str,
        text: &str,
    ) -> Option<T> {
        let read = text.parse();
        let read = read.map_err(|error: T::Err| FieldError::new(field, &error).into());
        read.map_err(|error| self.0.push(error)).ok()
    }
}

/// The outcome of an accepted posting. Values may be added: any outcome other than `POSTED` moves
/// no figure.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum Outcome {
    /// Posted: durable, and in every figure.
    Posted,
    /// Recorded as a proposal, or as a step of one, that waits for sign-off. It moves no figure.
    AwaitingSignOff,
    /// A proposal was drafted: it waits for nobody until it is submitted, and is in no figure.
    Drafted,
    /// A proposal was rejected: it is over, and moves no figure.
    Rejected,
    /// A proposal was withdrawn by its maker: it is over, and moves no figure.
    Withdrawn,
}

/// A figure that a posting would change.
#[derive(SimpleObject)]
pub(crate) struct Change {
    /// The line, or the fund and class, such as `P2020/unsplit`.
    account: String,
    /// The figure: `unallocated` of a fund; `revised`, `committed`, `accrued`, `actual` or
    /// `available` of a line.
    figure: &'static str,
    /// The amount before.
    before: MoneyGbp,
    /// The amount after.
    after: MoneyGbp,
}

/// Where a reversal or a correction takes effect.
#[derive(SimpleObject)]
pub(crate) struct Landing {
    /// The line.
    line: Line,
    /// The line's year.
    year: Year,
    /// The month: the reversed entry's own if it is open, else the next open one.
    month: YearMonth,
    /// The closed year, where this is a prior-period adjustment.
    concerns: Option<Year>,
}

impl From<&outcome::Landing> for Landing {
    fn from(landing: &outcome::Landing) -> Self {
        let outcome::Landing { line, month, concerns } = *landing;
        let (year, concerns) = (line.year.into(), concerns.map(Into::into));
        Landing { line: line.into(), year, month: month.into(), concerns }
    }
}

/// The effect a posting would have.
#[derive(SimpleObject)]
pub(crate) struct Preview {
    /// The events it would post.
    events: Vec<Event>,
    /// The figures it would change.
    changes: Vec<Change>,
    /// Where a reversal or a correction would take effect; empty for other postings.
    landed: Vec<Landing>,
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
        let events = &preview.decision.events;
        let landed = landings(events).into_iter().filter(|landing| scope.admits(&landing.line));
        let landed = landed.map(|landing| Landing::from(&landing)).collect();
        Preview { events: events.iter().map(Event::from).collect(), changes, landed }
    }
}

/// The result of a posting.
#[derive(Default)]
pub(crate) struct PostingPayload {
    posted: Option<(Arc<Book>, LogPosition)>,
    fate: Option<PostingStatus>,
    proposal: Option<Proposal>,
    replayed: bool,
    dry_run: bool,
    warnings: Vec<Warning>,
    preview: Option<Preview>,
    user_errors: Vec<UserError>,
}

/// The result of a posting.
#[Object]
impl PostingPayload {
    /// The entry; null where the posting was refused or the caller may not read the entry. In a dry
    /// run, the entry already posted under the key, if any.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self, context: &Context<'_>) -> Result<Option<Entry>> {
        let Some((book, position)) = &self.posted else { return Ok(None) };
        let view = View::now(book, &view::Reader::of(context)?);
        if position.0 > view.position() {
            return Ok(None);
        }
        Entry::readable(&view, position.0).await
    }

    /// The position of the entry; null where there is none. In a set of previews it may be the
    /// position of an earlier preview.
    async fn position(&self) -> Option<&LogPosition> {
        self.posted.as_ref().map(|(_, position)| position)
    }

    /// Where a reversal or a correction took effect; empty for other postings, and where the caller
    /// may not read the entry.
    #[graphql(complexity = "page::one(page::times(5, child_complexity))")]
    async fn landed(&self, context: &Context<'_>) -> Result<Vec<Landing>> {
        let Some(entry) = self.entry(context).await? else { return Ok(Vec::new()) };
        let stored = entry.stored().await?;
        Ok(landings(&stored.entry.events).iter().map(Landing::from).collect())
    }

    /// The outcome; null where the posting was refused, and in a dry run.
    async fn outcome(&self) -> Option<Outcome> {
        self.fate.map(|fate| match fate {
            PostingStatus::Posted => Outcome::Posted,
            PostingStatus::AwaitingSignOff { .. } => Outcome::AwaitingSignOff,
            PostingStatus::Drafted { .. } => Outcome::Drafted,
            PostingStatus::Rejected { .. } => Outcome::Rejected,
            PostingStatus::Withdrawn { .. } => Outcome::Withdrawn,
        })
    }

    /// The proposal made or changed, where it is not posted; null otherwise.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn proposal(&self) -> Option<&Proposal> {
        self.proposal.as_ref()
    }

    /// Whether an earlier request posted it under the same key. The answer repeats the first one.
    async fn replayed(&self) -> bool {
        self.replayed
    }

    /// Whether this was a dry run: nothing was posted.
    async fn dry_run(&self) -> bool {
        self.dry_run
    }

    /// The warnings. They are kept on the entry.
    #[graphql(complexity = "page::times(5, child_complexity)")]
    async fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The effect it would have; null unless this was a dry run that passed.
    async fn preview(&self) -> Option<&Preview> {
        self.preview.as_ref()
    }

    /// The rules the posting breaks; empty where it was accepted.
    #[graphql(complexity = "page::times(5, child_complexity)")]
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

impl PostingPayload {
    /// A refusal with the rules the posting breaks.
    pub(crate) fn refused(dry_run: bool, user_errors: Vec<UserError>) -> Self {
        PostingPayload { dry_run, user_errors, ..Default::default() }
    }

    /// The result of a dry run. No answer means that the writer has stopped.
    pub(crate) fn from_dry_run(
        book: Arc<Book>,
        judged: Option<Result<writer::Preview, Refusal>>,
        scope: &Scope,
    ) -> Result<Self> {
        match judged.unwrap_or(Err(Refusal::Stopped)) {
            Ok(preview) => Ok(PostingPayload {
                posted: preview.posted.as_ref().map(|receipt| (book, receipt.position.into())),
                dry_run: true,
                replayed: preview.posted.is_some(),
                warnings: Warning::shown(&preview.decision.warnings, scope),
                preview: Some(Preview::new(&preview, scope)),
                ..Default::default()
            }),
            Err(refusal) => PostingPayload::from_refusal(true, &refusal),
        }
    }

    /// The payload of a refusal; an error where the server is at fault.
    fn from_refusal(dry_run: bool, refusal: &Refusal) -> Result<Self> {
        let error = UserError::of(refusal).ok_or_else(|| unable(refusal))?;
        Ok(PostingPayload::refused(dry_run, vec![error]))
    }
}

/// The book and the caller of a request that posts. Fails where nobody is signed in.
pub(crate) fn book_and_caller<'c>(context: &Context<'c>) -> Result<(&'c Arc<Book>, &'c Caller)> {
    let caller = context.data::<Caller>().map_err(|_| {
        fault("UNAUTHENTICATED", "nobody is signed in: a posting needs to know who posts")
    })?;
    Ok((context.data::<Arc<Book>>()?, caller))
}

/// Posts a command, or judges it in a dry run. Every posting mutation ends here.
pub(crate) async fn submit(
    context: &Context<'_>,
    command: Result<Command, FieldError>,
    fields: PostingFields,
) -> Result<PostingPayload> {
    if fields.dry_run {
        let payloads = preview_all(context, vec![(command, fields)]).await?;
        return Ok(payloads.into_iter().next().unwrap_or_default());
    }
    let (book, caller) = book_and_caller(context)?;
    let refused = |wrong| Ok(PostingPayload::refused(false, wrong));
    let command = match command {
        Ok(command) => command,
        // Authorisation errors hide validation errors.
        Err(malformed) => {
            gate::may_change_something(&caller.principal).map_err(|refusal| denied(&refusal))?;
            return refused(vec![malformed.into()]);
        }
    };
    let actor = authorise(book, caller, vec![command.clone()]).await?;
    let posting = match fields.posting(command) {
        Ok(posting) => posting,
        Err(wrong) => return refused(wrong),
    };
    let reads = Arc::clone(&actor.reads);
    match book.writer().post(actor, posting).await {
        Ok(receipt) => Ok(PostingPayload {
            posted: Some((Arc::clone(book), receipt.position.into())),
            fate: Some(receipt.fate),
            proposal: match receipt.fate.proposal() {
                None => None,
                Some(proposal) => {
                    let reader = view::Reader::of(context)?;
                    Proposal::find(&View::now(book, &reader), proposal)
                }
            },
            replayed: receipt.replayed,
            warnings: Warning::shown(&receipt.warnings, &reads),
            ..Default::default()
        }),
        Err(refusal) => PostingPayload::from_refusal(false, &refusal),
    }
}

/// Authorises commands and returns the actor.
pub(crate) async fn authorise(
    book: &Arc<Book>,
    caller: &Caller,
    commands: Vec<Command>,
) -> Result<Arc<Actor>> {
    if let Some(actor) = caller.admit_everywhere(book, commands.iter()) {
        return Ok(actor);
    }
    let (book, caller) = (Arc::clone(book), caller.clone());
    let judge = move || caller.admit_by_reach(&book, commands.iter());
    let judged = tokio::task::spawn_blocking(judge).await.map_err(|error| interrupted(&error))?;
    judged.map_err(|refusal| denied(&refusal))
}
