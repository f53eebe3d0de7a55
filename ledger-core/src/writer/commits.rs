//! Commits blocks in order: short ones on the deciding thread, long ones on two more.
//!
//! For a long block, a second thread appends and a third publishes, while the first decides the
//! next block. The disk thus stays busy while projections apply durable entries.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use super::commit::{Appender, PendingBlock, Publisher};
use crate::log::merkle::Frontier;

/// Blocks of at least this many entries are committed on the other threads.
const LONG_BLOCK: usize = 100;

pub(super) struct Commits {
    appender: Arc<Mutex<Appender>>,
    publisher: Arc<Mutex<Publisher>>,
    /// Carries blocks to the second thread; `returned` brings them back from the third.
    hand_over: mpsc::SyncSender<PendingBlock>,
    returned: mpsc::Receiver<PendingBlock>,
    /// Returned blocks, emptied, kept for their memory.
    spare: Vec<PendingBlock>,
    in_progress: usize,
    threads: Vec<JoinHandle<()>>,
}

impl Commits {
    pub(super) fn start(appender: Appender, publisher: Publisher) -> std::io::Result<Self> {
        let appender = Arc::new(Mutex::new(appender));
        let publisher = Arc::new(Mutex::new(publisher));
        // Channels without buffers: a block waits in the stage that made it.
        let (hand_over, decided) = mpsc::sync_channel::<PendingBlock>(0);
        let (pass_on, appended) = mpsc::sync_channel::<PendingBlock>(0);
        let (give_back, returned) = mpsc::channel();
        let threads = {
            let (appender, publisher) = (Arc::clone(&appender), Arc::clone(&publisher));
            let append = move |work: &mut PendingBlock| lock(&appender).append(work);
            let publish = move |work: &mut PendingBlock| lock(&publisher).publish_block(work);
            vec![
                stage("append", decided, append, move |work| pass_on.send(work).is_ok())?,
                stage("publish", appended, publish, move |work| give_back.send(work).is_ok())?,
            ]
        };
        let (spare, in_progress) = (Vec::new(), 0);
        Ok(Commits { appender, publisher, hand_over, returned, spare, in_progress, threads })
    }

    /// Commits a block and returns an empty one. A short block is durable on return, unless others
    /// are in progress.
    pub(super) fn commit(&mut self, work: PendingBlock) -> PendingBlock {
        while let Ok(returned) = self.returned.try_recv() {
            self.recycle(returned);
        }
        if work.items.is_empty() {
            return work;
        }
        if self.in_progress == 0 && work.block.len() < LONG_BLOCK {
            return self.commit_short(work);
        }
        match self.hand_over.send(work) {
            Ok(()) => self.in_progress += 1,
            Err(_) => self.propagate_panic(),
        }
        self.spare.pop().unwrap_or_default()
    }

    fn commit_short(&self, mut work: PendingBlock) -> PendingBlock {
        lock(&self.appender).append(&mut work);
        lock(&self.publisher).publish_block(&mut work);
        work.clear();
        work
    }

    fn recycle(&mut self, mut work: PendingBlock) {
        self.in_progress -= 1;
        work.clear();
        self.spare.push(work);
    }

    pub(super) const fn is_busy(&self) -> bool {
        self.in_progress > 0
    }

    /// Waits until no block is in progress.
    pub(super) fn wait(&mut self) {
        while self.in_progress > 0 {
            match self.returned.recv() {
                Ok(work) => self.recycle(work),
                Err(_) => self.propagate_panic(),
            }
        }
    }

    /// Number of callers likely to post again at once; zero while blocks are in progress.
    pub(super) fn last_callers(&self) -> usize {
        if self.is_busy() { 0 } else { lock(&self.publisher).last_callers() }
    }

    /// Resumes the panic of a stopped thread, such as one in a projection. Entries that a
    /// projection has not applied are safe in the log. Callers get an error.
    fn propagate_panic(&mut self) -> ! {
        // Closes the channel, so that the other thread ends too.
        self.hand_over = mpsc::sync_channel(0).0;
        let panicked = self.threads.drain(..).find_map(|thread| thread.join().err());
        std::panic::resume_unwind(panicked.unwrap_or_else(|| Box::new("a thread has stopped")))
    }

    /// Waits for blocks in progress, ends the threads, and returns the tree.
    pub(super) fn stop(mut self) -> Frontier {
        self.wait();
        drop(self.hand_over);
        for thread in self.threads {
            drop(thread.join());
        }
        lock(&self.appender).tree().clone()
    }
}

/// Starts a thread that runs one stage on each block and passes it on until the receiver closes.
fn stage(
    name: &str,
    blocks: mpsc::Receiver<PendingBlock>,
    step: impl Fn(&mut PendingBlock) + Send + 'static,
    pass_on: impl Fn(PendingBlock) -> bool + Send + 'static,
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
