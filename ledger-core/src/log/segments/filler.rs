//! Fill: newlines written and synced ahead of the blocks, in the background.
//!
//! A sync that records no new file length takes half the time. Fill starts only after several
//! blocks, so that a command which posts one entry leaves none.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::BULK_BYTES;
use super::disk::DiskFile;
use super::lock::HeldName;

/// The most bytes of fill beyond the last block.
const AHEAD_BYTES: u64 = 4 << 20;

/// Bytes of one step of fill. A block's sync waits for at most one step.
const STEP_BYTES: u64 = 256 << 10;

/// Blocks appended before fill starts.
const BLOCKS_BEFORE_FILL: u32 = 16;

/// The background writer of fill.
pub(super) struct Filler {
    shared: Arc<Shared>,
}

struct Shared {
    plan: Mutex<Plan>,
    changed: Condvar,
    /// Fill over the blocks of another process would destroy them.
    lock: Option<HeldName>,
}

#[derive(Default)]
struct Plan {
    file: Option<Arc<dyn DiskFile>>,
    /// Fill, or a block, is written up to here.
    filled: u64,
    /// The end of the blocks.
    end: u64,
    /// A step is being written from `filled` on.
    busy: bool,
    blocks: u32,
    running: bool,
    stopped: bool,
}

impl Filler {
    /// A filler for a folder with this lock.
    pub(super) fn new(lock: Option<HeldName>) -> Self {
        let (plan, changed) = (Mutex::default(), Condvar::new());
        Filler { shared: Arc::new(Shared { plan, changed, lock }) }
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.shared.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Call before writing a block up to `until`: waits for a step that overlaps it.
    pub(super) fn wait_for_step(&self, until: u64) {
        let mut plan = self.plan();
        while plan.busy && until > plan.filled {
            plan = self.shared.changed.wait(plan).unwrap_or_else(PoisonError::into_inner);
        }
        plan.filled = plan.filled.max(until);
    }

    /// Call after writing a block of `length` that ends at `end`. Fills ahead of small blocks only:
    /// writing bulk twice would cost more than its sync.
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
                // Without the thread, syncs only take longer.
                plan.stopped = started.is_err();
            }
            self.shared.changed.notify_all();
        }
    }

    /// Call before trimming a segment: waits for the current step and starts no other.
    pub(super) fn pause(&self) {
        let mut plan = self.plan();
        plan.file = None;
        while plan.busy {
            plan = self.shared.changed.wait(plan).unwrap_or_else(PoisonError::into_inner);
        }
        plan.filled = 0;
        plan.end = 0;
    }

    /// Ends the background thread.
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
            // A failure here costs nothing: the next block extends the file and meets the error
            // itself.
            let is_held = self.lock.as_ref().is_none_or(|lock| lock.check().is_ok());
            let written = match is_held {
                true => file.write_at(&fill, from).and_then(|()| file.sync()),
                false => Err(io::ErrorKind::NotFound.into()),
            };
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
