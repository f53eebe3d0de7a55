//! The root of all that is told as it happens.
//!
//! A wake-up carries nothing: whoever wakes reads. So a subscriber that is slow costs no memory,
//! one of entries reads on where it stopped, and one of figures gets the newest.

use std::collections::VecDeque;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, MergedSubscription, Result, Subscription};
use futures_util::Stream;
use futures_util::stream::unfold;
use ledger_core::domain::position::Position;
use projections::scope::Scope;
use tokio::sync::watch;
use tokio::time::Instant;

use super::entry::{Entry, Stored};
use super::exchanged::Exchanges;
use super::fault::{interrupted, unreadable};
use super::filter::{EntryFilter, Seen, scan};
use super::flow_party::FlowsBy;
use super::flows::Flows;
use super::fund::FundBalances;
use super::page;
use super::planned::{LineFilter, PlannedVersusActual, Rollup};
use super::restatement::Restatements;
use super::scalars;
use super::switch::CapitalForRevenue;
use super::told::Told;
use super::view::{AsAt, Reader, View};
use crate::book::Book;

/// Entries read from the log at a time.
const CHUNK: usize = 256;

/// Between two tellings of a state lies at least so much time: what comes in between is told
/// together.
const STATE_GAP: Duration = Duration::from_millis(50);

/// What is told as it happens. A subscriber to entries gets each once and in order, and resumes
/// after the last one seen; a subscriber to figures gets the newest.
#[derive(Debug, Default, MergedSubscription)]
pub struct Subscription(Followed, Told);

/// Entries and figures.
#[derive(Debug, Default)]
pub(super) struct Followed;

#[Subscription]
impl Followed {
    /// Every entry that is wanted, each once and in order of position. After a dropped connection
    /// subscribe again with the position of the last one seen.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Begin after this entry, or after what was recorded by this time; with \
                          what comes from now on where left out.")]
        after: Option<AsAt>,
        #[graphql(desc = "Which entries; all where left out.")] filter: Option<EntryFilter>,
    ) -> Result<impl Stream<Item = Result<Entry>> + use<>> {
        let reader = Reader::of(context)?;
        let book = Arc::clone(context.data::<Arc<Book>>()?);
        let published = book.writer().published();
        let after = match after {
            Some(after) => after.position(&book.models()),
            None => *published.borrow(),
        };
        let filter = filter.unwrap_or_default();
        Ok(entries_after(Following {
            book,
            reader,
            published,
            filter,
            next: after.next(),
            read: VecDeque::new(),
            scope: Arc::default(),
        }))
    }

    /// Planned versus actual of a year as it stands now, and again whenever it may have changed.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn planned_versus_actual(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "What to sum lines into; each stands alone where left out.")]
        rollup: Option<Rollup>,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = PlannedVersusActual> + use<>> {
        let restatements = context.data::<Restatements>()?.clone();
        let (filter, through) = (filter.unwrap_or_default(), through.map(Into::into));
        told(context, after, move |view| {
            PlannedVersusActual::now(view, &restatements, year.0, filter.clone(), through, rollup)
        })
    }

    /// Fund balances as they stand now, and again whenever they may have changed.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn fund_balances(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only this fund; all of them where left out.")] fund: Option<
            scalars::Fund,
        >,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = FundBalances> + use<>> {
        let fund = fund.map(Into::into);
        told(context, after, move |view| FundBalances { view, fund })
    }

    /// Who paid for whom in a year as it stands now, and again whenever it may have changed.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn flows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "What to sum lines into.")] by: FlowsBy,
        #[graphql(desc = "How far down the tree of programmes or bodies, 0 for its top: what is \
                          below is summed into it. Each stands on its own where left out.")]
        level: Option<u32>,
        #[graphql(desc = "Only what these lines gave or got; all of them where left out.")]
        filter: Option<LineFilter>,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Flows> + use<>> {
        let (year, filter, through) = (year.0, filter.unwrap_or_default(), through.map(Into::into));
        told(context, after, move |view| {
            let filter = filter.clone();
            Flows { view, year, by, level, filter, through }
        })
    }

    /// What was deferred from a year to the next as it stands now, and again whenever it may have
    /// changed.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn exchanges(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The year it was deferred from.")] year: scalars::Year,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Exchanges> + use<>> {
        told(context, after, move |view| Exchanges::new(view, year.0))
    }

    /// Capital that paid for revenue in a year as it stands now, and again whenever it may have
    /// changed.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn capital_for_revenue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = CapitalForRevenue> + use<>> {
        told(context, after, move |view| CapitalForRevenue { view, year: year.0 })
    }
}

/// Whether a subscription field tells the latest state: conflated, and shared between subscribers
/// of the same document, variables and rights to read. All others are sequences, each pulled for
/// its own subscriber.
pub fn tells_state(field: &str) -> bool {
    matches!(
        field,
        "plannedVersusActual"
            | "fundBalances"
            | "balances"
            | "bridge"
            | "diff"
            | "flows"
            | "exchanges"
            | "capitalForRevenue"
            | "underspendsByReason"
            | "persistentVariances"
            | "commitmentsAtRisk"
            | "forecastAccuracy"
            | "forecastRevisions"
            | "publishedFigures"
            | "whatIf"
    )
}

/// A state now, and after whatever is published; the newest only, until the writer stops. Where `seen`
/// is given, only once there is a later entry.
pub(super) fn told<T, F: Fn(View) -> T>(
    context: &Context<'_>,
    seen: Option<scalars::LogPosition>,
    tell: F,
) -> Result<impl Stream<Item = T> + use<T, F>> {
    told_by(context, seen, STATE_GAP, move |view| ready(tell(view)))
}

/// The same of a state that takes its time, with at least a gap between the end of one telling and
/// the next.
pub(super) fn told_by<T: Future, F: Fn(View) -> T>(
    context: &Context<'_>,
    seen: Option<scalars::LogPosition>,
    gap: Duration,
    tell: F,
) -> Result<impl Stream<Item = T::Output> + use<T, F>> {
    let reader = Reader::of(context)?;
    let book = Arc::clone(context.data::<Arc<Book>>()?);
    let mut published = book.writer().published();
    published.mark_changed();
    let seen = seen.map(|seen| seen.0);
    let telling = Telling { book, reader, published, tell, told: None };
    Ok(unfold(telling, move |mut telling| async move {
        let view = loop {
            telling.published.changed().await.ok()?;
            if let Some(told) = telling.told {
                tokio::time::sleep_until(told + gap).await;
            }
            telling.published.mark_unchanged();
            // What may be read changes with the book.
            let view = View::now(&telling.book, &telling.reader);
            if seen.is_none_or(|seen| view.position() > seen) {
                break view;
            }
            tokio::time::sleep(gap).await;
        };
        let state = (telling.tell)(view).await;
        telling.told = Some(Instant::now());
        Some((state, telling))
    }))
}

/// Where a subscriber to a state stands.
struct Telling<F> {
    book: Arc<Book>,
    reader: Reader,
    published: watch::Receiver<Position>,
    tell: F,
    /// When it was told last.
    told: Option<Instant>,
}

/// Where a subscriber to entries stands.
struct Following {
    book: Arc<Book>,
    reader: Reader,
    scope: Arc<Scope>,
    published: watch::Receiver<Position>,
    filter: EntryFilter,
    next: Position,
    read: VecDeque<Stored>,
}

impl Following {
    /// The next entry that is wanted; none once the writer has stopped and all was told.
    async fn next(&mut self) -> Result<Option<Entry>> {
        loop {
            if let Some(stored) = self.read.pop_front() {
                return Ok(Some(Entry::of(&self.book, &self.scope, stored)));
            }
            let last = *self.published.borrow_and_update();
            if self.next > last {
                if self.published.changed().await.is_err() {
                    return Ok(None);
                }
                continue;
            }
            self.scope = self.reader.scope(&self.book.models());
            let (book, filter, next) = (Arc::clone(&self.book), self.filter.clone(), self.next);
            let scope = Arc::clone(&self.scope);
            let scanned = tokio::task::spawn_blocking(move || {
                scan(&book, next, last, &Seen { filter: &filter, scope: &scope }, CHUNK)
            });
            let scanned = scanned.await.map_err(|error| interrupted(&error))?;
            let scanned = scanned.map_err(|error| unreadable(&error))?;
            self.next = scanned.reached.next();
            self.read = scanned.found.into();
        }
    }
}

/// Every entry a reader comes to. A log that cannot be read ends it with an error.
fn entries_after(following: Following) -> impl Stream<Item = Result<Entry>> {
    unfold(Some(following), |following| async {
        let mut following = following?;
        match following.next().await {
            Ok(entry) => entry.map(|entry| (Ok(entry), Some(following))),
            Err(error) => Some((Err(error), None)),
        }
    })
}
