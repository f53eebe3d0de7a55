//! The root of all subscriptions.
//!
//! A wake-up carries no data: the subscriber reads the book when it wakes. A slow subscriber
//! therefore costs no memory. One to entries continues where it stopped; one to figures reads the
//! newest state, and wakes with the calendar too, as when a month begins.

use std::collections::VecDeque;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, MergedSubscription, Result, Subscription};
use futures_util::Stream;
use futures_util::stream::unfold;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::position::Position;
use projections::Moment;
use projections::scope::Scope;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::graphql::analysis::capital_for_revenue::CapitalForRevenue;
use crate::graphql::analysis::exchange::Exchanges;
use crate::graphql::budget::planned::{LineFilter, PlannedVersusActual, Rollup};
use crate::graphql::budget::restatement::Restatements;
use crate::graphql::flows::list::Flows;
use crate::graphql::flows::party::FlowsBy;
use crate::graphql::kit::fault::unanswerable;
use crate::graphql::kit::page;
use crate::graphql::kit::scalars;
use crate::graphql::kit::view::{AsAt, Reader, View};
use crate::graphql::kit::work::Work;
use crate::graphql::live::analyses::AnalysisSubscription;
use crate::graphql::live::event_ids::EventIds;
use crate::graphql::log::entry::{Entry, StoredEntry};
use crate::graphql::log::filter::{EntryFilter, EntrySelection, scan};
use crate::graphql::register::fund::FundBalances;
use projections::book::Book;

/// The maximum number of entries read from the log at a time.
const CHUNK: usize = 256;

/// The minimum time between two states sent; changes in between are sent together.
const STATE_GAP: Duration = Duration::from_millis(50);

/// The longest wait between two looks at the clock, so that a change of the clock is noticed.
const CLOCK_WAIT_MAX: Duration = Duration::from_secs(30);

/// Live updates. A subscriber to entries gets each once, in order, and resumes after the last one
/// received. A subscriber to figures gets the newest state.
#[derive(Debug, Default, MergedSubscription)]
pub struct Subscription(BookSubscription, AnalysisSubscription);

/// Subscriptions to entries and to the figures of a year.
#[derive(Debug, Default)]
pub(crate) struct BookSubscription;

#[Subscription]
impl BookSubscription {
    /// Every entry that passes the filter, once each, in order of position. After a dropped
    /// connection, subscribe again with the position of the last one received.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Start after this entry or time; with the next new entry if omitted.")]
        after: Option<AsAt>,
        #[graphql(desc = "Include only these entries; all if omitted.")] filter: Option<
            EntryFilter,
        >,
    ) -> Result<impl Stream<Item = Result<Entry>> + use<>> {
        let reader = Reader::of(context)?;
        let book = Arc::clone(context.data::<Arc<Book>>()?);
        let published = book.writer().published();
        let ids = EventIds::of(context);
        let resumed = ids.as_ref().and_then(|ids| ids.resumes_after());
        let after = match (resumed, after) {
            (Some(position), _) => known(&book, position)?.position,
            (None, Some(after)) => {
                let after = book.models().moment(after.into());
                after.map_err(|error| unanswerable(&error))?.position
            }
            (None, None) => *published.borrow(),
        };
        let filter = filter.unwrap_or_default();
        Ok(entries_after(EntryStream {
            book,
            reader,
            published,
            filter,
            work: Work::of(context),
            next: after.next(),
            unsent: VecDeque::new(),
            scope: Arc::default(),
            ids,
        }))
    }

    /// Planned versus actual of a year now, and after each possible change.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn planned_versus_actual(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "What to sum lines by; each line is a row if omitted.")] rollup: Option<
            Rollup,
        >,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = PlannedVersusActual> + use<>> {
        let restatements = context.data::<Restatements>()?.clone();
        let (filter, through) = (filter.unwrap_or_default(), through.map(Into::into));
        updates(context, after, move |view| {
            PlannedVersusActual::now(view, &restatements, year.0, filter.clone(), through, rollup)
        })
    }

    /// Fund balances now, and after each possible change.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn fund_balances(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only this fund; all funds if omitted.")] fund: Option<scalars::Fund>,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = FundBalances> + use<>> {
        let fund = fund.map(Into::into);
        updates(context, after, move |view| FundBalances { view, fund })
    }

    /// Who paid for whom in a year: now, and after each possible change.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn flows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "What to sum lines by.")] by: FlowsBy,
        #[graphql(
            desc = "The level of the programme or body tree to sum to, 0 for the top; nothing is summed if omitted."
        )]
        level: Option<u32>,
        #[graphql(desc = "Only what these lines paid or received; all lines if omitted.")]
        filter: Option<LineFilter>,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Flows> + use<>> {
        let (year, filter, through) = (year.0, filter.unwrap_or_default(), through.map(Into::into));
        updates(context, after, move |view| {
            let filter = filter.clone();
            Flows { view, year, by, level, filter, through }
        })
    }

    /// The budget deferred from a year to the next: now, and after each possible change.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn exchanges(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The year the budget was deferred from.")] year: scalars::Year,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Exchanges> + use<>> {
        updates(context, after, move |view| Exchanges::new(view, year.0))
    }

    /// The capital used for revenue in a year: now, and after each possible change.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn capital_for_revenue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = CapitalForRevenue> + use<>> {
        updates(context, after, move |view| CapitalForRevenue { view, year: year.0 })
    }
}

/// Whether a subscription field sends states, not a sequence. States are conflated, and shared
/// between subscribers with the same document, variables and scope.
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

/// The moment of a position received earlier; an error where the book now ends before it.
fn known(book: &Book, seen: Position) -> Result<Moment> {
    let moment = book.models().moment(projections::AsAt::Position(seen));
    moment.map_err(|error| unanswerable(&error))
}

/// Whether the calendar has changed the state of a moment.
fn has_passed(book: &Book, moment: Moment) -> bool {
    let next = book.models().next_change(moment);
    next.is_some_and(|change| change <= book.now())
}

/// Sends the newest state now, after each commit and when the calendar changes it, until the writer
/// stops. `seen` is the last position received: nothing is sent until there is a later entry or a
/// change of the calendar.
pub(crate) fn updates<T, F: Fn(View) -> T>(
    context: &Context<'_>,
    seen: Option<scalars::LogPosition>,
    read: F,
) -> Result<impl Stream<Item = T> + use<T, F>> {
    updates_after_gap(context, seen, STATE_GAP, move |view| ready(read(view)))
}

/// Like [`updates`] for a state read by a future, with at least `gap` between the end of one read
/// and the next.
pub(crate) fn updates_after_gap<T: Future, F: Fn(View) -> T>(
    context: &Context<'_>,
    seen: Option<scalars::LogPosition>,
    gap: Duration,
    read: F,
) -> Result<impl Stream<Item = T::Output> + use<T, F>> {
    let reader = Reader::of(context)?;
    let book = Arc::clone(context.data::<Arc<Book>>()?);
    let mut published = book.writer().published();
    published.mark_changed();
    let ids = EventIds::of(context);
    let resumed = ids.as_ref().and_then(|ids| ids.resumes_after());
    let seen = match (resumed, seen) {
        // A client that was cut off may have missed a change of the calendar.
        (Some(seen), _) => Some(known(&book, seen)?).filter(|seen| !has_passed(&book, *seen)),
        (None, Some(seen)) => Some(known(&book, seen.0)?),
        (None, None) => None,
    };
    let seen = seen.map(|moment| moment.position);
    let stream =
        StateStream { book, reader, published, read, ids, last_sent: None, next_change: None };
    Ok(unfold(stream, move |mut stream| async move {
        let view = loop {
            let by_calendar = tokio::select! {
                changed = stream.published.changed() => {
                    changed.ok()?;
                    false
                }
                () = reached(&stream.book, stream.next_change) => true,
            };
            if let Some(last_sent) = stream.last_sent {
                tokio::time::sleep_until(last_sent + gap).await;
            }
            stream.published.mark_unchanged();
            // The scope is read anew: it can change with the book.
            let view = View::now(&stream.book, &stream.reader);
            stream.next_change = view.models().next_change(view.moment);
            if by_calendar || seen.is_none_or(|seen| view.position() > seen) {
                break view;
            }
            tokio::time::sleep(gap).await;
        };
        if let Some(ids) = &stream.ids {
            ids.set(view.position());
        }
        let state = (stream.read)(view).await;
        stream.last_sent = Some(Instant::now());
        Some((state, stream))
    }))
}

/// A subscription to a state.
struct StateStream<F> {
    book: Arc<Book>,
    reader: Reader,
    published: watch::Receiver<Position>,
    read: F,
    /// The id of the state sent last, for event streams.
    ids: Option<Arc<EventIds>>,
    /// When the last state was sent.
    last_sent: Option<Instant>,
    /// When the calendar changes the state next.
    next_change: Option<Timestamp>,
}

/// Waits until the book's clock reaches a time; for ever without one.
async fn reached(book: &Book, time: Option<Timestamp>) {
    let Some(time) = time else { return std::future::pending().await };
    loop {
        let left = time.micros().saturating_sub(book.now().micros());
        let left = Duration::from_micros(u64::try_from(left).unwrap_or(0));
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left.min(CLOCK_WAIT_MAX)).await;
    }
}

/// A subscription to entries.
struct EntryStream {
    book: Arc<Book>,
    reader: Reader,
    scope: Arc<Scope>,
    published: watch::Receiver<Position>,
    filter: EntryFilter,
    work: Arc<Work>,
    /// The position to read from next.
    next: Position,
    /// Entries read from the log and not sent yet.
    unsent: VecDeque<StoredEntry>,
    ids: Option<Arc<EventIds>>,
}

impl EntryStream {
    /// The next entry that passes the filter; `None` once the writer has stopped and all entries
    /// were sent.
    async fn next(&mut self) -> Result<Option<Entry>> {
        loop {
            if let Some(stored) = self.unsent.pop_front() {
                if let Some(ids) = &self.ids {
                    ids.set(stored.entry.position);
                }
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
            let scanned = Arc::clone(&self.work).scan(move |work| {
                scan(
                    &book,
                    next,
                    last,
                    &EntrySelection { filter: &filter, scope: &scope, work },
                    CHUNK,
                )
            });
            let scanned = scanned.await??;
            self.work.pay().await;
            self.next = scanned.reached.next();
            self.unsent = scanned.found.into();
        }
    }
}

/// The stream of entries. It ends with an error if the log cannot be read.
fn entries_after(stream: EntryStream) -> impl Stream<Item = Result<Entry>> {
    unfold(Some(stream), |stream| async {
        let mut stream = stream?;
        match stream.next().await {
            Ok(entry) => entry.map(|entry| (Ok(entry), Some(stream))),
            Err(error) => Some((Err(error), None)),
        }
    })
}
