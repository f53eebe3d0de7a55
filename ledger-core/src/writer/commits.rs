//! Commits: short blocks on the thread that decides them, long ones beside it.
//!
//! A long block is appended by a second thread and told of by a third, while the first decides the
//! next: so the disk is kept busy while projections take in what is on it already.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use super::commit::{Appending, Telling, Work};
use crate::log::merkle::Frontier;

/// From this many entries on, a block is committed beside the next one.
const LONG_BLOCK: usize = 100;

/// Commits blocks in order.
pub(super) struct Commits {
    appending: Arc<Mutex<Appending>>,
    telling: Arc<Mutex<Telling>>,
    /// Where blocks are handed to the second thread, and where they come back from the third.
    hand_over: mpsc::SyncSender<Work>,
    returned: mpsc::Receiver<Work>,
    /// Blocks that came back, empty, with their memory.
    spare: Vec<Work>,
    under_way: usize,
    threads: Vec<JoinHandle<()>>,
}

impl Commits {
    /// Starts the two threads.
    pub(super) fn start(appending: Appending, telling: Telling) -> std::io::Result<Self> {
        let appending = Arc::new(Mutex::new(appending));
        let telling = Arc::new(Mutex::new(telling));
        // Nothing waits between the threads: what does, waits where it is made.
        let (hand_over, decided) = mpsc::sync_channel::<Work>(0);
        let (pass_on, appended) = mpsc::sync_channel::<Work>(0);
        let (give_back, returned) = mpsc::channel();
        let threads = {
            let (appending, telling) = (Arc::clone(&appending), Arc::clone(&telling));
            let append = move |work: &mut Work| lock(&appending).append(work);
            let tell = move |work: &mut Work| lock(&telling).tell(work);
            vec![
                stage("append", decided, append, move |work| pass_on.send(work).is_ok())?,
                stage("tell", appended, tell, move |work| give_back.send(work).is_ok())?,
            ]
        };
        let (spare, under_way) = (Vec::new(), 0);
        Ok(Commits { appending, telling, hand_over, returned, spare, under_way, threads })
    }

    /// Commits a block, and gives an empty one to go on with. A short one is committed before this
    /// returns, unless others are under way.
    pub(super) fn commit(&mut self, work: Work) -> Work {
        while let Ok(returned) = self.returned.try_recv() {
            self.take_back(returned);
        }
        if work.items.is_empty() {
            return work;
        }
        if self.under_way == 0 && work.block.len() < LONG_BLOCK {
            return self.commit_here(work);
        }
        match self.hand_over.send(work) {
            Ok(()) => self.under_way += 1,
            Err(_) => self.end_as_they_did(),
        }
        self.spare.pop().unwrap_or_default()
    }

    fn commit_here(&self, mut work: Work) -> Work {
        lock(&self.appending).append(&mut work);
        lock(&self.telling).tell(&mut work);
        work.clear();
        work
    }

    fn take_back(&mut self, mut work: Work) {
        self.under_way -= 1;
        work.clear();
        self.spare.push(work);
    }

    /// Whether blocks are under way beside.
    pub(super) const fn is_busy(&self) -> bool {
        self.under_way > 0
    }

    /// Waits until no block is under way.
    pub(super) fn wait(&mut self) {
        while self.under_way > 0 {
            match self.returned.recv() {
                Ok(work) => self.take_back(work),
                Err(_) => self.end_as_they_did(),
            }
        }
    }

    /// How many callers are likely to ask again in a moment; none while blocks are under way.
    pub(super) fn callers_about(&self) -> usize {
        if self.is_busy() { 0 } else { lock(&self.telling).callers_about() }
    }

    /// A thread that has gone can only have panicked, such as in a read model: what that has not taken
    /// in is in the log. The writer ends with it, and its callers are told that it has.
    fn end_as_they_did(&mut self) -> ! {
        // Nothing more comes to the one that is left.
        self.hand_over = mpsc::sync_channel(0).0;
        let panicked = self.threads.drain(..).find_map(|thread| thread.join().err());
        std::panic::resume_unwind(panicked.unwrap_or_else(|| Box::new("a thread has gone")))
    }

    /// Waits for what is under way, ends the threads, and gives back the tree.
    pub(super) fn stop(mut self) -> Frontier {
        self.wait();
        drop(self.hand_over);
        for thread in self.threads {
            drop(thread.join());
        }
        lock(&self.appending).tree().clone()
    }
}

/// Starts a thread that does a step of each block's way and passes the block on, as long as somebody
/// takes it.
fn stage(
    name: &str,
    blocks: mpsc::Receiver<Work>,
    step: impl Fn(&mut Work) + Send + 'static,
    pass_on: impl Fn(Work) -> bool + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.into()).spawn(move || {
        for mut work in blocks {
            step(&mut work);
            if !pass_on(work) {
                break;
            }
        }
    })
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
