//! The single writer: takes requests, decides them in order, makes blocks durable, then answers.
//!
//! One thread decides and encodes. It also commits short blocks. For long blocks a second thread
//! hashes and syncs, and a third answers and applies, while the first decides the next block.

mod answering;
mod commit;
mod commits;
mod deciding;
mod previewing;
mod request;
mod tally;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::thread::{self, JoinHandle};

use tokio::sync::{mpsc, oneshot, watch};

use answering::Responder;
use commit::{Appender, Publisher};
use commits::Commits;
use deciding::Decider;
pub use deciding::{stamp_after, write_line};
pub use previewing::Trial;
use request::{OnRefusal, Prepared, Request};
pub use request::{Outcome, PostingStatus, Preview, Previews, Receipt, Refusal};
pub use tally::{Histogram, Tally};

use crate::domain::actor::Actor;
use crate::domain::calendar::Timestamp;
use crate::domain::position::Position;
use crate::domain::posting::Posting;
use crate::log::store::Store;
use crate::projection::Projection;
use crate::state::State;

/// The time source. Recorded times never go back, whatever it returns.
pub type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// Requests that may wait before senders have to.
const WAITING_MAX: usize = 4096;

/// A handle to the writer. Clones share one writer.
#[derive(Clone)]
pub struct Writer {
    requests: mpsc::Sender<Request>,
    /// Requests sent and not yet answered.
    in_flight: Arc<AtomicUsize>,
    tally: Arc<Tally>,
    published: watch::Receiver<Position>,
}

/// The writer's threads. Stopping them waits until every request is answered.
pub struct Running {
    writer: Writer,
    thread: JoinHandle<State>,
}

impl Running {
    /// Starts the writer on a state that is at the store's head.
    ///
    /// A caller sees its entry in `projection` once answered.
    ///
    /// # Errors
    ///
    /// [`std::io::Error`] where the system gives no threads.
    pub fn start<P: Projection + Send + Sync + 'static>(
        state: State,
        store: Arc<dyn Store>,
        projection: Arc<RwLock<P>>,
        clock: Clock,
    ) -> std::io::Result<Self> {
        let (requests, waiting) = mpsc::channel(WAITING_MAX);
        let in_flight = Arc::new(AtomicUsize::new(0));
        let tally = Arc::new(Tally::default());
        let (publish, published) = watch::channel(state.position());
        let (unanswered, counts) = (Arc::clone(&in_flight), Arc::clone(&tally));
        let responder = Responder::new(Arc::clone(&store), unanswered, Arc::clone(&counts));
        let appender = Appender::new(Arc::clone(&store), state.tree.clone(), counts);
        let commits = Commits::start(appender, Publisher::new(projection, publish, responder))?;
        let decider = Decider::new(state, store, clock, commits);
        let thread =
            thread::Builder::new().name("write".into()).spawn(move || decider.run(waiting))?;
        let writer = Writer { requests, in_flight, tally, published };
        Ok(Running { writer, thread })
    }

    /// A handle for sending requests.
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }

    /// Answers every request sent, accepts no more, and returns the state.
    ///
    /// `None` where the writer's thread failed.
    pub fn stop(self) -> Option<State> {
        let Running { writer, thread } = self;
        // An error means that the writer has stopped already.
        drop(writer.requests.blocking_send(Request::Stop));
        thread.join().ok()
    }
}

impl Writer {
    /// A handle without a writer, for a book that is open to read: it refuses every request.
    pub fn stopped_at(head: Position) -> Self {
        let (requests, _) = mpsc::channel(1);
        let (_, published) = watch::channel(head);
        Writer { requests, in_flight: Arc::default(), tally: Arc::default(), published }
    }

    /// Posts, and waits until the entry is durable and readable, or refused.
    pub async fn post(&self, actor: impl Into<Arc<Actor>>, posting: Posting) -> Outcome {
        let mut outcomes = self.post_all(actor, vec![posting]).await;
        outcomes.pop().unwrap_or(Err(Refusal::Stopped))
    }

    /// Posts several in order. Each is accepted or refused by itself.
    pub async fn post_all(
        &self,
        actor: impl Into<Arc<Actor>>,
        postings: Vec<Posting>,
    ) -> Vec<Outcome> {
        self.send(actor.into(), postings, OnRefusal::GoOn).await
    }

    /// Posts several in order, up to the first that is refused by a rule or by an entry that cannot be
    /// read. Those after it are [`Refusal::NotReached`].
    pub async fn post_until_refused(
        &self,
        actor: impl Into<Arc<Actor>>,
        postings: Vec<Posting>,
    ) -> Vec<Outcome> {
        self.send(actor.into(), postings, OnRefusal::Stop).await
    }

    async fn send(
        &self,
        actor: Arc<Actor>,
        postings: Vec<Posting>,
        on_refusal: OnRefusal,
    ) -> Vec<Outcome> {
        let count = postings.len();
        if count == 0 {
            return Vec::new();
        }
        let (request, answer) = self.request(actor, postings, on_refusal);
        if self.requests.send(request).await.is_err() {
            return self.stopped(count);
        }
        answer.await.unwrap_or_else(|_| stopped(count))
    }

    /// [`Writer::post_all`] for a thread that may block.
    pub fn post_all_blocking(
        &self,
        actor: impl Into<Arc<Actor>>,
        postings: Vec<Posting>,
    ) -> Vec<Outcome> {
        let count = postings.len();
        if count == 0 {
            return Vec::new();
        }
        let (request, answer) = self.request(actor.into(), postings, OnRefusal::GoOn);
        if self.requests.blocking_send(request).is_err() {
            return self.stopped(count);
        }
        answer.blocking_recv().unwrap_or_else(|_| stopped(count))
    }

    /// Decides postings in order, each as if the earlier ones were posted. Posts none.
    pub async fn preview(
        &self,
        actor: impl Into<Arc<Actor>>,
        postings: Vec<Posting>,
    ) -> Vec<Result<Preview, Refusal>> {
        self.preview_after(actor, postings, Trial::default()).await.0
    }

    /// Decides further postings of a trial, each as if all earlier ones were posted. Posts none.
    ///
    /// The writer serves others between the requests of a trial. What they post counts, except on
    /// what the trial itself has changed.
    pub async fn preview_after(
        &self,
        actor: impl Into<Arc<Actor>>,
        postings: Vec<Posting>,
        trial: Trial,
    ) -> Previews {
        let (request, answer) = preview_request(actor.into(), postings, trial);
        if self.requests.send(request).await.is_err() {
            return Previews::default();
        }
        answer.await.unwrap_or_default()
    }

    /// [`Writer::preview`] for a thread that may block.
    pub fn preview_blocking(
        &self,
        actor: impl Into<Arc<Actor>>,
        postings: Vec<Posting>,
    ) -> Vec<Result<Preview, Refusal>> {
        let (request, answer) = preview_request(actor.into(), postings, Trial::default());
        if self.requests.blocking_send(request).is_err() {
            return Vec::new();
        }
        answer.blocking_recv().unwrap_or_default().0
    }

    /// The last durable position visible in the projections. Drop the borrow before locking them.
    pub fn published(&self) -> watch::Receiver<Position> {
        self.published.clone()
    }

    /// The writer's counts since it started.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    fn request(
        &self,
        actor: Arc<Actor>,
        postings: Vec<Posting>,
        on_refusal: OnRefusal,
    ) -> (Request, oneshot::Receiver<Vec<Outcome>>) {
        let (reply, answer) = oneshot::channel();
        // The sender computes digests, to spare the writer.
        let postings = prepared(&actor, postings);
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        (Request::Post(actor, postings, on_refusal, reply), answer)
    }

    fn stopped(&self, count: usize) -> Vec<Outcome> {
        self.in_flight.fetch_sub(1, Ordering::AcqRel);
        stopped(count)
    }
}

fn preview_request(
    actor: Arc<Actor>,
    postings: Vec<Posting>,
    trial: Trial,
) -> (Request, oneshot::Receiver<Previews>) {
    let (reply, answer) = oneshot::channel();
    let postings = prepared(&actor, postings);
    (Request::Preview(actor, postings, Box::new(trial), reply), answer)
}

fn prepared(actor: &Actor, postings: Vec<Posting>) -> Vec<Prepared> {
    postings.into_iter().map(|posting| Prepared::new(&actor.id, posting)).collect()
}

fn stopped(count: usize) -> Vec<Outcome> {
    (0..count).map(|_| Err(Refusal::Stopped)).collect()
}
