//! Sign-off. Start with `proposal`, its steps and its outcome. `queue` lists what waits for whom,
//! and `times` measures how long the steps take.

pub(crate) mod proposal;
pub(crate) mod queue;
pub(crate) mod times;
