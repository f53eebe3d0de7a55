//! Little books in memory, with the test's own store and read model.

use std::sync::{Arc, RwLock};

use ledger_core::log::store::Store;
use ledger_core::projection::Projection;
use ledger_core::state::{State, open_book};
use ledger_core::writer::Running;
use ledger_tests::generate::{actor, genesis};
use ledger_tests::little_book::opening;

/// Opens the little book with its writer.
pub(crate) fn begin<S, P>(mut projection: P) -> (Arc<S>, Arc<RwLock<P>>, Running)
where
    S: Store + Default + 'static,
    P: Projection + Send + Sync + 'static,
{
    let (store, mut state) = (Arc::new(S::default()), State::default());
    open_book(&*store, &genesis()).unwrap();
    state.catch_up(&*store, &mut projection, None).unwrap();
    let projection = Arc::new(RwLock::new(projection));
    let (kept, read) = (Arc::clone(&store) as Arc<dyn Store>, Arc::clone(&projection));
    let clock = Box::new(|| genesis().recorded);
    let running = Running::start(state, kept, read, clock).unwrap();
    for outcome in running.writer().post_all_blocking(&actor(), opening()) {
        outcome.unwrap();
    }
    (store, projection, running)
}
