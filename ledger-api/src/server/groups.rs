//! Groups: subscribers who ask the same, told the same.
//!
//! What tells the latest state is executed once for all who asked for it with the same document,
//! variables and rights to read, and each of them is handed the same bytes. A group keeps the latest
//! step only: who is slow misses what is out of date, and costs nothing.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_graphql::Request;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio_stream::wrappers::WatchStream;

use super::metrics::Metrics;
use super::step::Step;
use crate::access::principal::ReadScope;
use crate::graphql::Caller;

/// What subscribers of one group have in common.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Question {
    document: String,
    operation: Option<String>,
    variables: String,
    scope: ReadScope,
}

impl Question {
    pub(super) fn new(request: &Request, caller: &Caller) -> Self {
        Question {
            document: request.query.clone(),
            operation: request.operation_name.clone(),
            variables: request.variables.to_string(),
            scope: caller.principal.read_scope(),
        }
    }
}

/// The groups there are.
pub(super) struct Groups {
    groups: Mutex<HashMap<Question, Group>>,
    pace: Duration,
    metrics: Arc<Metrics>,
}

struct Group {
    latest: watch::Receiver<Option<Step>>,
    members: Arc<()>,
    task: AbortHandle,
}

impl Groups {
    pub(super) fn new(pace: Duration, metrics: Arc<Metrics>) -> Self {
        Groups { groups: Mutex::default(), pace, metrics }
    }

    /// Joins the group that asks this, or begins it: the latest step at once, then each that is
    /// the latest when it is asked for.
    pub(super) fn join(
        self: &Arc<Self>,
        question: Question,
        begin: impl FnOnce() -> BoxStream<'static, Step>,
    ) -> Membership {
        let mut groups = self.groups();
        let running = groups.get(&question).filter(|group| !group.task.is_finished());
        let (latest, member) = match running {
            Some(group) => (group.latest.clone(), Arc::clone(&group.members)),
            None => {
                let group = self.begin(begin());
                let joined = (group.latest.clone(), Arc::clone(&group.members));
                groups.insert(question.clone(), group);
                joined
            }
        };
        self.metrics.groups.set(count(groups.len()));
        drop(groups);
        let steps = WatchStream::from_changes(latest);
        Membership { steps, member: Some(member), question, groups: Arc::clone(self) }
    }

    fn begin(&self, mut steps: BoxStream<'static, Step>) -> Group {
        let (tell, latest) = watch::channel(None);
        let (pace, metrics) = (self.pace, Arc::clone(&self.metrics));
        let task = tokio::spawn(async move {
            while let Some(step) = steps.next().await {
                metrics.executions.inc();
                tell.send_replace(Some(step));
                // Whatever is posted meanwhile is in the next step.
                tokio::time::sleep(pace).await;
            }
        });
        Group { latest, members: Arc::new(()), task: task.abort_handle() }
    }

    fn groups(&self) -> MutexGuard<'_, HashMap<Question, Group>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One subscriber's place in a group. The group ends with its last member.
pub(super) struct Membership {
    steps: WatchStream<Option<Step>>,
    member: Option<Arc<()>>,
    question: Question,
    groups: Arc<Groups>,
}

impl Stream for Membership {
    type Item = Step;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Step>> {
        match self.steps.poll_next_unpin(context) {
            Poll::Ready(Some(Some(step))) => Poll::Ready(Some(step)),
            // Before the first step there is none to tell; once there is, it is woken.
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
        let Some(group) = groups.get(&self.question) else { return };
        let ours = member.is_some_and(|member| Arc::ptr_eq(&group.members, &member));
        // Members come and go under the lock: what is left is the group's own count of them.
        if ours && Arc::strong_count(&group.members) == 1 {
            group.task.abort();
            groups.remove(&self.question);
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
    use crate::server::refusal::Refusal;

    fn question(document: &str) -> Question {
        let caller = Caller::local("local".parse().unwrap());
        Question::new(&Request::new(document), &caller)
    }

    fn groups() -> Arc<Groups> {
        Arc::new(Groups::new(Duration::ZERO, Arc::default()))
    }

    fn step() -> Step {
        Step::refused(&Refusal::Fault)
    }

    #[tokio::test]
    async fn who_asks_the_same_shares_one_execution() {
        let groups = groups();
        let endless = || stream::once(async { step() }).chain(stream::pending()).boxed();
        let mut first = groups.join(question("a"), endless);
        assert!(first.next().await.is_some());
        // The second is told the latest at once, though nothing new has happened.
        let mut second = groups.join(question("a"), || unreachable!("the group is running"));
        assert!(second.next().await.is_some());
        let other = groups.join(question("b"), endless);
        assert_eq!((groups.metrics.groups.get(), groups.metrics.executions.get()), (2, 1));
        drop((first, other));
        assert_eq!(groups.metrics.groups.get(), 1);
        drop(second);
        assert_eq!(groups.metrics.groups.get(), 0);
    }

    #[tokio::test]
    async fn a_group_that_has_ended_is_begun_again() {
        let groups = groups();
        let once = || stream::once(async { step() }).boxed();
        let mut first = groups.join(question("a"), once);
        assert!(first.next().await.is_some());
        assert!(first.next().await.is_none());
        tokio::task::yield_now().await;
        let mut second = groups.join(question("a"), once);
        assert!(second.next().await.is_some());
        drop(first);
        assert_eq!(groups.metrics.groups.get(), 1);
    }
}
