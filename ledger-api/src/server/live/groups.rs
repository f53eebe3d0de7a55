//! Groups: equal subscriptions share one execution.
//!
//! A subscription to the latest state is executed once for all subscribers with the same document,
//! variables and reading rights, and all receive the same bytes. A group keeps only its latest event: a
//! slow subscriber skips outdated events, and costs no memory.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_graphql::Request;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use ledger_core::domain::position::Position;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio_stream::wrappers::WatchStream;

use super::stream_event::StreamEvent;
use crate::access::identity::principal::ReadScope;
use crate::graphql::Caller;
use crate::server::metrics::Metrics;

/// The document, variables, reading rights and last event id that subscribers of a group share.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct SubscriptionKey {
    document: String,
    operation: Option<String>,
    variables: String,
    scope: ReadScope,
    after: Option<Position>,
}

impl SubscriptionKey {
    pub(crate) fn new(request: &Request, caller: &Caller, after: Option<Position>) -> Self {
        SubscriptionKey {
            document: request.query.clone(),
            operation: request.operation_name.clone(),
            variables: request.variables.to_string(),
            scope: caller.principal.read_scope(),
            after,
        }
    }
}

/// The active groups.
pub(crate) struct Groups {
    groups: Mutex<HashMap<SubscriptionKey, Group>>,
    pace: Duration,
    metrics: Arc<Metrics>,
    /// The runtime that executes questions.
    readers: Handle,
}

struct Group {
    latest: watch::Receiver<Option<StreamEvent>>,
    members: Arc<()>,
    task: AbortHandle,
}

impl Groups {
    pub(crate) fn new(pace: Duration, metrics: Arc<Metrics>, readers: Handle) -> Self {
        Groups { groups: Mutex::default(), pace, metrics, readers }
    }

    /// Joins the group of a key, or starts it. The member receives the latest event at once, then the
    /// latest event each time it polls.
    pub(crate) fn join(
        self: &Arc<Self>,
        key: SubscriptionKey,
        start: impl FnOnce() -> BoxStream<'static, StreamEvent>,
    ) -> Membership {
        let mut groups = self.groups();
        let running = groups.get(&key).filter(|group| !group.task.is_finished());
        let (latest, member) = match running {
            Some(group) => (group.latest.clone(), Arc::clone(&group.members)),
            None => {
                let group = self.start(start());
                let joined = (group.latest.clone(), Arc::clone(&group.members));
                groups.insert(key.clone(), group);
                joined
            }
        };
        self.metrics.groups.set(count(groups.len()));
        drop(groups);
        let events = WatchStream::from_changes(latest);
        Membership { events, member: Some(member), key, groups: Arc::clone(self) }
    }

    fn start(&self, mut events: BoxStream<'static, StreamEvent>) -> Group {
        let (sender, latest) = watch::channel(None);
        let (pace, metrics) = (self.pace, Arc::clone(&self.metrics));
        let task = self.readers.spawn(async move {
            while let Some(event) = events.next().await {
                metrics.executions.inc();
                sender.send_replace(Some(event));
                // The next event includes whatever is posted during the pause.
                tokio::time::sleep(pace).await;
            }
        });
        Group { latest, members: Arc::new(()), task: task.abort_handle() }
    }

    fn groups(&self) -> MutexGuard<'_, HashMap<SubscriptionKey, Group>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A subscriber's membership of a group. The group ends with its last member.
pub(crate) struct Membership {
    events: WatchStream<Option<StreamEvent>>,
    member: Option<Arc<()>>,
    key: SubscriptionKey,
    groups: Arc<Groups>,
}

impl Stream for Membership {
    type Item = StreamEvent;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<StreamEvent>> {
        match self.events.poll_next_unpin(context) {
            Poll::Ready(Some(Some(event))) => Poll::Ready(Some(event)),
            // The group has no event yet: its first one wakes this task.
            Poll::Ready(Some(None)) => self.poll_next(context),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        let mut groups = self.groups.groups();
        let member = self.member.take();
        let Some(group) = groups.get(&self.key) else { return };
        let ours = member.is_some_and(|member| Arc::ptr_eq(&group.members, &member));
        // Members join and leave under the lock, so a count of one is the group's own reference.
        if ours && Arc::strong_count(&group.members) == 1 {
            group.task.abort();
            groups.remove(&self.key);
            self.groups.metrics.groups.set(count(groups.len()));
        }
    }
}

fn count(groups: usize) -> i64 {
    i64::try_from(groups).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;
    use crate::server::http::refusal::Refusal;

    fn key(document: &str) -> SubscriptionKey {
        let caller = Caller::local("local".parse().unwrap());
        SubscriptionKey::new(&Request::new(document), &caller, None)
    }

    fn groups() -> Arc<Groups> {
        Arc::new(Groups::new(Duration::ZERO, Arc::default(), Handle::current()))
    }

    fn event() -> StreamEvent {
        StreamEvent::refused(&Refusal::Fault)
    }

    #[tokio::test]
    async fn equal_subscriptions_share_one_execution() {
        let groups = groups();
        let endless = || stream::once(async { event() }).chain(stream::pending()).boxed();
        let mut first = groups.join(key("a"), endless);
        assert!(first.next().await.is_some());
        // The second member receives the latest event at once.
        let mut second = groups.join(key("a"), || unreachable!("the group is running"));
        assert!(second.next().await.is_some());
        let other = groups.join(key("b"), endless);
        assert_eq!((groups.metrics.groups.get(), groups.metrics.executions.get()), (2, 1));
        drop((first, other));
        assert_eq!(groups.metrics.groups.get(), 1);
        drop(second);
        assert_eq!(groups.metrics.groups.get(), 0);
    }

    #[tokio::test]
    async fn a_group_that_has_ended_is_started_again() {
        let groups = groups();
        let once = || stream::once(async { event() }).boxed();
        let mut first = groups.join(key("a"), once);
        assert!(first.next().await.is_some());
        assert!(first.next().await.is_none());
        tokio::task::yield_now().await;
        let mut second = groups.join(key("a"), once);
        assert!(second.next().await.is_some());
        drop(first);
        assert_eq!(groups.metrics.groups.get(), 1);
    }
}
