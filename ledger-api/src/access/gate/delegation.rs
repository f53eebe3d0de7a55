//! Delegations, with whether their giver still has the delegated role.

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::event::DelegationGiven;
use ledger_core::domain::position::Position;

/// A delegation that was not ended early. Its term may be past or still to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDelegation {
    /// Its number: the position of the entry that records it.
    pub number: Position,
    /// Giver, receiver, capacity and term.
    pub given: DelegationGiven,
    /// Whether the giver has lost the delegated role.
    pub lapsed: bool,
}

impl OpenDelegation {
    pub(super) fn lets_sign(&self, capacity: Capacity, at: Timestamp) -> bool {
        let DelegationGiven { begins, ends, .. } = self.given;
        self.given.capacity == capacity && begins <= at && at < ends
    }
}
