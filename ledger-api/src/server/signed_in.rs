//! How long somebody stays signed in: until their time is over or their key is changed.

use std::sync::Arc;
use std::time::Duration;

use super::Server;
use crate::access::principal::Principal;
use crate::clock::now;

/// The longest wait at a time: a clock that is set is noticed.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// Waits until somebody is signed in no more.
pub(super) async fn signed_out(server: Arc<Server>, principal: Arc<Principal>) {
    let mut changes = server.signed_out.subscribe();
    loop {
        if !server.entrance.holds(&principal) {
            return;
        }
        let left = principal
            .expires
            .map_or(i64::MAX, |end| end.micros().saturating_sub(now().micros()).max(0));
        let left = Duration::from_micros(u64::try_from(left).unwrap_or(0)).min(WAIT_MAX);
        tokio::select! {
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            () = tokio::time::sleep(left) => {}
        }
    }
}
