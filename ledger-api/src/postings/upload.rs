//! Posting many postings to a book: all are judged first, then all are posted or none.
//!
//! A data folder and a server post files this way. Others may post to a server's book between the
//! judging and the posting; a posting that no longer passes then ends the upload.

use std::sync::Arc;

use ledger_core::domain::actor::Actor;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::ActorId;
use ledger_core::writer::{Receipt, Refusal, Trial};
use projections::book::Book;
use projections::scope::Scope;

use crate::postings::file::is_derived;
use crate::postings::outcome::{Outcome, Refused};
use crate::postings::posted_files::PostedFiles;

/// Postings judged or posted at a time: the writer serves others in between.
const TOGETHER: usize = 2048;

/// Some postings are refused, so none was posted.
pub(crate) const ROWS_REFUSED: &str = "ROWS_REFUSED";

/// The file is a changed version of one that was posted, so nothing was posted.
pub(crate) const FILE_CHANGED: &str = "FILE_CHANGED";

/// A posting no longer passes. Those before it are posted.
pub(crate) const ROWS_LEFT: &str = "ROWS_LEFT";

/// What to do with the postings of an upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Switches {
    /// Judge them and post none.
    pub(crate) dry_run: bool,
    /// Post those that pass although others are refused.
    pub(crate) accept_valid: bool,
    /// Post what is new in a changed version of a posted file.
    pub(crate) changed: bool,
}

/// Postings for a book.
pub(crate) struct Upload<'b> {
    pub(crate) book: &'b Book,
    /// Who posts. The outcomes hold what they may read.
    pub(crate) actor: Arc<Actor>,
    pub(crate) postings: Vec<Posting>,
    pub(crate) switches: Switches,
}

/// Takes the outcomes of an upload.
pub(crate) trait Recipient {
    /// What ends the upload.
    type Error: From<Refused>;

    /// Takes the outcomes of the next postings, in their order.
    async fn give(&mut self, outcomes: Vec<Outcome>) -> Result<(), Self::Error>;
}

/// The verdict on each posting: the receipt where its key has posted it, none, or the refusal.
type Verdicts = Vec<Result<Option<Receipt>, Refused>>;

impl Upload<'_> {
    /// Judges the postings, and posts them unless it is a dry run. Gives an outcome for each.
    ///
    /// # Errors
    ///
    /// [`ROWS_REFUSED`] and [`FILE_CHANGED`] after outcomes of which none posts; [`ROWS_LEFT`] after
    /// the outcomes up to the posting that no longer passes; and the recipient's own.
    pub(crate) async fn post<R: Recipient>(self, recipient: &mut R) -> Result<(), R::Error> {
        let Switches { dry_run, accept_valid, .. } = self.switches;
        let derived = self.postings.iter().any(|posting| is_derived(&posting.key));
        let mut verdicts = Verdicts::new();
        if dry_run || !accept_valid || derived {
            verdicts = self.judge(recipient).await?;
            if let Some(stop) = self.stop(&verdicts).await? {
                if !dry_run {
                    give_verdicts(verdicts, &self.actor.reads, recipient).await?;
                }
                return Err(stop.into());
            }
        }
        if dry_run { Ok(()) } else { self.post_judged(verdicts, recipient).await }
    }

    /// Judges each posting as if those before it were posted. A dry run gives the outcomes.
    async fn judge<R: Recipient>(&self, recipient: &mut R) -> Result<Verdicts, R::Error> {
        let (writer, mut trial) = (self.book.writer(), Trial::default());
        let mut verdicts = Verdicts::with_capacity(self.postings.len());
        for postings in self.postings.chunks(TOGETHER) {
            let tried = writer.preview_after(Arc::clone(&self.actor), postings.to_vec(), trial);
            let (previews, next) = tried.await;
            trial = next;
            if previews.len() < postings.len() {
                return Err(Refused::from(Refusal::Stopped).into());
            }
            verdicts.extend(previews.iter().map(|tried| match tried {
                Ok(preview) => Ok(preview.posted.clone()),
                Err(refusal) => Err(refusal.clone().into()),
            }));
            if self.switches.dry_run {
                let reads = &self.actor.reads;
                let outcomes = previews.into_iter().map(|tried| Outcome::tried(tried, reads));
                recipient.give(outcomes.collect()).await?;
            }
        }
        Ok(verdicts)
    }

    /// Why nothing is to be posted, if nothing is. The outcomes of a dry run tell its refusals.
    async fn stop(&self, verdicts: &Verdicts) -> Result<Option<Refused>, Refused> {
        let Switches { dry_run, accept_valid, changed } = self.switches;
        let refused = verdicts.iter().filter(|verdict| verdict.is_err()).count();
        if refused > 0 && !accept_valid {
            return Ok((!dry_run).then(|| rows_refused(refused, verdicts.len())));
        }
        if changed { Ok(None) } else { self.changed(verdicts).await }
    }

    /// Why the postings are a changed version of a posted file, if they are.
    async fn changed(&self, verdicts: &Verdicts) -> Result<Option<Refused>, Refused> {
        let rows = self.postings.iter().zip(verdicts);
        let derived = rows.filter(|(posting, _)| is_derived(&posting.key));
        let derived: Vec<&Option<Receipt>> =
            derived.filter_map(|(_, verdict)| verdict.as_ref().ok()).collect();
        let known = derived.iter().filter_map(|posted| Some(posted.as_ref()?.position));
        let known: Vec<Position> = known.collect();
        let Some(files) = files(self.book).filter(|_| !known.is_empty()) else { return Ok(None) };
        let (new, count) = (derived.len() - known.len(), known.len());
        let actor = self.actor.id.clone();
        let look = move || files.gone(&actor, &known);
        let unread = |error: &dyn std::fmt::Display| {
            Refused::new("IO", format!("the record of posted files cannot be read: {error}"))
        };
        let gone = tokio::task::spawn_blocking(look).await.map_err(|error| unread(&error))?;
        let gone = gone.map_err(|error| unread(&error))?;
        Ok((!gone.is_empty()).then(|| file_changed(count, new, gone)))
    }

    /// Posts all that nothing has posted yet, up to the first that is refused unless valid ones are
    /// accepted alone.
    async fn post_judged<R: Recipient>(
        self,
        verdicts: Verdicts,
        recipient: &mut R,
    ) -> Result<(), R::Error> {
        let Upload { book, actor, postings, switches, .. } = self;
        let (count, files) = (postings.len(), files(book));
        let (mut postings, mut verdicts) = (postings.into_iter(), verdicts.into_iter());
        let (mut made, mut done, mut left) = (Made::default(), 0, None);
        while left.is_none() {
            let some: Vec<Posting> = postings.by_ref().take(TOGETHER).collect();
            if some.is_empty() {
                break;
            }
            let derived: Vec<bool> = some.iter().map(|posting| is_derived(&posting.key)).collect();
            let mut outcomes =
                post_some(book, &actor, some, &mut verdicts, switches.accept_valid).await?;
            made.take(&outcomes, &derived);
            let failed = outcomes.iter().position(|outcome| outcome.error.is_some());
            if let Some(failed) = failed.filter(|_| !switches.accept_valid) {
                outcomes.truncate(failed + 1);
                left = Some(rows_left(done + failed, count));
            }
            done += outcomes.len();
            if let Err(error) = recipient.give(outcomes).await {
                made.record(files.as_ref(), &actor.id);
                return Err(error);
            }
        }
        made.record(files.as_ref(), &actor.id);
        left.map_or(Ok(()), |left| Err(left.into()))
    }
}

/// Posts those of some postings whose verdict has no receipt.
async fn post_some(
    book: &Book,
    actor: &Arc<Actor>,
    postings: Vec<Posting>,
    verdicts: &mut impl Iterator<Item = Result<Option<Receipt>, Refused>>,
    accept_valid: bool,
) -> Result<Vec<Outcome>, Refused> {
    let (mut known, mut commands, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for posting in postings {
        commands.push(posting.command.clone());
        let receipt = verdicts.next().and_then(|verdict| verdict.ok().flatten());
        if receipt.is_none() {
            unknown.push(posting);
        }
        known.push(receipt);
    }
    let (writer, actor, reads) = (book.writer(), Arc::clone(actor), Arc::clone(&actor.reads));
    let posted = if accept_valid {
        writer.post_all(actor, unknown).await
    } else {
        writer.post_until_refused(actor, unknown).await
    };
    let store = Arc::clone(book.store());
    let outcomes = move || {
        let mut posted = posted.into_iter();
        let rows = known.into_iter().zip(&commands).map(|(known, command)| {
            let posted = known.map_or_else(|| posted.next().unwrap_or(Err(Refusal::Stopped)), Ok);
            Outcome::of(posted, command, &reads, &*store)
        });
        rows.collect()
    };
    let fault = |_| Refused::new("INTERNAL_SERVER_ERROR", "internal error");
    tokio::task::spawn_blocking(outcomes).await.map_err(fault)
}

/// Gives the verdicts of an upload that posts nothing.
async fn give_verdicts<R: Recipient>(
    verdicts: Verdicts,
    reads: &Scope,
    recipient: &mut R,
) -> Result<(), R::Error> {
    let mut outcomes = verdicts.into_iter().map(|verdict| match verdict {
        Err(refused) => Outcome::refused(refused),
        Ok(Some(receipt)) => Outcome::posted(Ok(receipt), reads),
        Ok(None) => Outcome::default(),
    });
    loop {
        let some: Vec<Outcome> = outcomes.by_ref().take(TOGETHER).collect();
        if some.is_empty() {
            return Ok(());
        }
        recipient.give(some).await?;
    }
}

fn files(book: &Book) -> Option<PostedFiles> {
    book.data_folder().map(PostedFiles::below)
}

/// The entries of the rows whose keys were derived.
#[derive(Default)]
struct Made {
    entries: Vec<Position>,
    any_new: bool,
}

impl Made {
    fn take(&mut self, outcomes: &[Outcome], derived: &[bool]) {
        for (outcome, _) in outcomes.iter().zip(derived).filter(|(_, derived)| **derived) {
            self.entries.extend(outcome.position);
            self.any_new |= outcome.position.is_some() && !outcome.replayed;
        }
    }

    /// Records the file. Its postings are durable, so a failure is logged only.
    fn record(&self, files: Option<&PostedFiles>, actor: &ActorId) {
        let Some(files) = files.filter(|_| self.any_new && self.entries.len() > 1) else { return };
        if let Err(error) = files.add(actor, &self.entries) {
            tracing::error!(%error, "the record of posted files cannot be written");
        }
    }
}

fn rows_refused(refused: usize, count: usize) -> Refused {
    Refused::new(
        ROWS_REFUSED,
        format!(
            "{refused} of {count} rows would be refused, so nothing was posted: correct them, or accept the valid ones alone"
        ),
    )
}

fn file_changed(known: usize, new: usize, gone: Vec<Position>) -> Refused {
    let rows = |count: usize| if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
    let message = format!(
        "the file is a changed version of a posted one, or shares rows with it: {} posted already, {new} new, and {} of the posted file gone. Nothing was posted. Entries of rows that are gone stay in the book: reverse what is wrong. A row that is posted already is not posted again: give it a key if it is another payment. Then post the file as changed",
        rows(known),
        rows(gone.len()),
    );
    Refused { gone, ..Refused::new(FILE_CHANGED, message) }
}

fn rows_left(posted: usize, count: usize) -> Refused {
    Refused::new(
        ROWS_LEFT,
        format!(
            "posting {} of {count} was not posted, although it passed before: the {posted} before it are posted, and {} are left. Read why, then send the whole file again: nothing is posted twice",
            posted + 1,
            count - posted
        ),
    )
}
