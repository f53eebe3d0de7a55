//! The end of a sign-in: its expiry, or a change of its key.

use std::sync::Arc;
use std::time::Duration;

use crate::access::identity::principal::Principal;
use crate::clock::now;
use crate::server::Server;

/// The longest wait between two checks, so that a change of the system clock is noticed.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// Waits until a principal's sign-in ends.
pub(crate) async fn signed_out(server: Arc<Server>, principal: Arc<Principal>) {
    let mut changes = server.signed_out.subscribe();
    loop {
        if !server.authenticator.is_current(&principal) {
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
