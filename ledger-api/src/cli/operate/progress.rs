//! Progress bars: on stderr, if that is a terminal and the work takes a while.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ledger_core::domain::position::Position;

use projections::book::Progress;

/// Work shorter than this shows no bar.
const BAR_AFTER: Duration = Duration::from_millis(500);

/// A bar that appears after [`BAR_AFTER`].
pub(crate) struct Bar {
    bar: ProgressBar,
    began: Instant,
}

impl Bar {
    pub(crate) fn new(length: u64, what: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
        let form = if length > 0 { "{msg} {bar:30} {pos}/{len} {eta}" } else { "{msg} {pos}" };
        if let Ok(style) = ProgressStyle::with_template(form) {
            bar.set_style(style);
        }
        bar.set_message(what);
        Bar { bar, began: Instant::now() }
    }

    pub(crate) fn set(&self, position: u64) {
        if self.bar.is_hidden() && self.began.elapsed() > BAR_AFTER && stderr().is_terminal() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        self.bar.set_position(position);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Shows the number of entries read.
pub(crate) fn while_reading<T>(read: impl FnOnce(Progress<'_>) -> T) -> T {
    let bar = Bar::new(0, "entries read");
    let progress = |position: Position| bar.set(position.get());
    read(Some(&progress))
}
