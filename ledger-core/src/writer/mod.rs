//! The single writer: takes requests in, decides them in order, makes blocks durable, and only
//! then answers.
//!
//! One thread decides and encodes. While blocks are short it also hashes, syncs and applies them;
//! once they are long a second thread hashes and syncs them, a third answers and applies, and the first
//! decides the next block meanwhile.

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

use answering::Answering;
use commit::{Appending, Telling};
use commits::Commits;
use deciding::Deciding;
pub use deciding::{stamp_after, write_line};
pub use request::{Fate, Outcome, Preview, Receipt, Refusal};
use request::{Prepared, Request};
pub use tally::{Histogram, Tally};

use crate::domain::actor::Actor;
use crate::domain::calendar::Timestamp;
use crate::domain::position::Position;
use crate::domain::posting::Posting;
use crate::log::store::Store;
use crate::projection::Projection;
use crate::state::State;

/// Tells the time. Recorded times never go back, whatever it says.
pub type Clock = Box<dyn Fn() -> Timestamp + Send>;

/// Requests that may wait before senders have to.
const WAITING_MAX: usize = 4096;

/// A handle to the writer; clones speak to the same one.
#[derive(Clone)]
pub struct Writer {
    requests: mpsc::Sender<Request>,
    /// Requests sent and not yet answered.
    in_flight: Arc<AtomicUsize>,
    tally: Arc<Tally>,
    published: watch::Receiver<Position>,
}

/// The writer's threads; to stop them is to wait until all that was sent has been answered.
pub struct Running {
    writer: Writer,
    thread: JoinHandle<State>,
}

impl Running {
    /// Starts the writer on a state that is at the store's head.
    ///
    /// Whoever is answered finds in `projection` what became durable.
    ///
    /// # Errors
    ///
    /// Where the system gives no threads.
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
        let (waited_on, counts) = (Arc::clone(&in_flight), Arc::clone(&tally));
        let answering = Answering::new(Arc::clone(&store), waited_on, Arc::clone(&counts));
        let appending = Appending::new(Arc::clone(&store), state.tree.clone(), counts);
        let commits = Commits::start(appending, Telling::new(projection, publish, answering))?;
        let deciding = Deciding::new(state, store, clock, commits);
        let thread =
            thread::Builder::new().name("write".into()).spawn(move || deciding.run(waiting))?;
        let writer = Writer { requests, in_flight, tally, published };
        Ok(Running { writer, thread })
    }

    /// A handle to send requests with.
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }

    /// Answers what has been sent, takes no more, and gives back the state.
    ///
    /// None where the writer's thread failed.
    pub fn stop(self) -> Option<State> {
        let Running { writer, thread } = self;
        // Without a writer to tell, it has stopped already.
        drop(writer.requests.blocking_send(Request::Stop));
        thread.join().ok()
    }
}

impl Writer {
    /// Posts, and waits until the entry is durable and readable, or refused.
    pub async fn post(&self, actor: impl Into<Arc<Actor>>, posting: Posting) -> Outcome {
        let mut outcomes = self.post_all(actor, vec![posting]).await;
        outcomes.pop().unwrap_or(Err(Refusal::Stopped))
    }

    /// Posts several in order, each on its own: some may be refused and others not.
    pub async fn post_all(
        &self,
        actor: impl Into<Arc<Actor>>,
        postings: Vec<Posting>,
    ) -> Vec<Outcome> {
        let count = postings.len();
        if count == 0 {
            return Vec::new();
        }
        let (request, answer) = self.request(actor.into(), postings);
        if self.requests.send(request).await.is_err() {
            return self.stopped(count);
        }
        answer.await.unwrap_or_else(|_| stopped(count))
    }

    /// The same from a thread that may block.
    pub fn post_all_blocking(
        &self,
        actor: impl Into<Arc<Actor>>,
        postings: Vec<Posting>,
    ) -> Vec<Outcome> {
        let count = postings.len();
        if count == 0 {
            return Vec::new();
        }
        let (request, answer) = self.request(actor.into(), postings);
        if self.requests.blocking_send(request).is_err() {
            return self.stopped(count);
        }
        answer.blocking_recv().unwrap_or_else(|_| stopped(count))
    }

    /// Decides postings in order, each as if those before it were posted, and posts none.
    pub async fn preview(
        &self,
        actor: impl Into<Arc<Actor>>,
        postings: Vec<Posting>,
    ) -> Vec<Result<Preview, Refusal>> {
        let (request, answer) = preview_request(actor.into(), postings);
        if self.requests.send(request).await.is_err() {
            return Vec::new();
        }
        answer.await.unwrap_or_default()
    }

    /// The same from a thread that may block.
    pub fn preview_blocking(
        &self,
        actor: impl Into<Arc<Actor>>,
        postings: Vec<Posting>,
    ) -> Vec<Result<Preview, Refusal>> {
        let (request, answer) = preview_request(actor.into(), postings);
        if self.requests.blocking_send(request).is_err() {
            return Vec::new();
        }
        answer.blocking_recv().unwrap_or_default()
    }

    /// The last position that is durable and that whoever reads the projections finds in them; wakes
    /// when it moves. What is borrowed of it is to be let go before the projections are read: it moves
    /// while the writer holds them.
    pub fn published(&self) -> watch::Receiver<Position> {
        self.published.clone()
    }

    /// What the writer has counted since it was started.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    fn request(
        &self,
        actor: Arc<Actor>,
        postings: Vec<Posting>,
    ) -> (Request, oneshot::Receiver<Vec<Outcome>>) {
        let (reply, answer) = oneshot::channel();
        // Digests are the sender's work: the writer has enough of its own.
        let postings = prepared(&actor, postings);
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        (Request::Post(actor, postings, reply), answer)
    }

    fn stopped(&self, count: usize) -> Vec<Outcome> {
        self.in_flight.fetch_sub(1, Ordering::AcqRel);
        stopped(count)
    }
}

type Previews = oneshot::Receiver<Vec<Result<Preview, Refusal>>>;

fn preview_request(actor: Arc<Actor>, postings: Vec<Posting>) -> (Request, Previews) {
    let (reply, answer) = oneshot::channel();
    let postings = prepared(&actor, postings);
    (Request::Preview(actor, postings, reply), answer)
}

fn prepared(actor: &Actor, postings: Vec<Posting>) -> Vec<Prepared> {
    postings.into_iter().map(|posting| Prepared::new(&actor.id, posting)).collect()
}

fn stopped(count: usize) -> Vec<Outcome> {
    (0..count).map(|_| Err(Refusal::Stopped)).collect()
}
