//! Fill: newlines written and synced ahead of the blocks, in the background.
//!
//! A sync that has no new file length to record takes half the time. Fill begins only once a
//! writer has shown that it keeps writing, so that a command which posts one entry leaves none.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::BULK_BYTES;
use super::disk::DiskFile;

/// Fill reaches at most this far beyond the last block.
const AHEAD_BYTES: u64 = 4 << 20;

/// Fill is written in steps of this size: a sync of the blocks waits for at most one.
const STEP_BYTES: u64 = 256 << 10;

/// A writer that has appended fewer blocks than this is left alone.
const BLOCKS_BEFORE_FILL: u32 = 16;

/// The background writer of fill.
#[derive(Default)]
pub(super) struct Filler {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    plan: Mutex<Plan>,
    changed: Condvar,
}

#[derive(Default)]
struct Plan {
    file: Option<Arc<dyn DiskFile>>,
    /// Fill, or a block, has been written up to here.
    filled: u64,
    /// Where the blocks end.
    end: u64,
    /// A step is being written from `filled` on.
    busy: bool,
    blocks: u32,
    running: bool,
    stopped: bool,
}

impl Filler {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.shared.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Before a block is written up to `until`: no step may write where it goes.
    pub(super) fn make_way(&self, until: u64) {
        let mut plan = self.plan();
        while plan.busy && until > plan.filled {
            plan = self.shared.changed.wait(plan).unwrap_or_else(PoisonError::into_inner);
        }
        plan.filled = plan.filled.max(until);
    }

    /// After a block of `length` that ends at `end`: fill on ahead, if the writer keeps writing
    /// small ones; writing bulk twice would cost more than its sync.
    pub(super) fn fill_ahead(&self, file: &Arc<dyn DiskFile>, end: u64, length: u64) {
        let mut plan = self.plan();
        plan.end = end;
        plan.filled = plan.filled.max(end);
        plan.blocks = plan.blocks.saturating_add(1);
        if plan.blocks < BLOCKS_BEFORE_FILL || length >= BULK_BYTES || plan.stopped {
            return;
        }
        plan.file = Some(Arc::clone(file));
        if plan.filled - end <= AHEAD_BYTES / 2 {
            if !plan.running {
                plan.running = true;
                let shared = Arc::clone(&self.shared);
                let started =
                    thread::Builder::new().name("fill".into()).spawn(move || shared.run());
                // Without the thread blocks only take longer.
                plan.stopped = started.is_err();
            }
            self.shared.changed.notify_all();
        }
    }

    /// Before a segment is trimmed: waits for the step under way, and starts no other on it.
    pub(super) fn pause(&self) {
        let mut plan = self.plan();
        plan.file = None;
        while plan.busy {
            plan = self.shared.changed.wait(plan).unwrap_or_else(PoisonError::into_inner);
        }
        plan.filled = 0;
        plan.end = 0;
    }

    /// Ends the background writer.
    pub(super) fn stop(&self) {
        self.pause();
        self.plan().stopped = true;
        self.shared.changed.notify_all();
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn run(&self) {
        let fill = vec![b'\n'; STEP_BYTES as usize];
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        while !plan.stopped {
            let wanted = plan.filled < plan.end + AHEAD_BYTES - STEP_BYTES;
            let Some(file) = plan.file.clone().filter(|_| wanted) else {
                plan.file = None;
                plan = self.changed.wait(plan).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let from = plan.filled;
            plan.busy = true;
            drop(plan);
            // A failure here costs nothing: the next block goes beyond the fill and meets it.
            let written = file.write_at(&fill, from).and_then(|()| file.sync());
            plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
            plan.busy = false;
            match written {
                Ok(()) => plan.filled = plan.filled.max(from + STEP_BYTES),
                Err(_) => plan.file = None,
            }
            self.changed.notify_all();
        }
    }
}
