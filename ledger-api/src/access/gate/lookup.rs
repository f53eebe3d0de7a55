//! Lookups that the gate makes in the book.

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::{ActorId, Reference};
use projections::register::Register;

use super::delegation::OpenDelegation;

/// Finds the lines and delegations behind the references, entries and people a command names.
pub trait BookLookup {
    /// The line of a commitment or accrual; None for an unknown reference.
    fn line_of(&self, reference: &Reference) -> Option<LineKey>;

    /// The lines of an entry; None if it is unknown, or also changes something other than lines.
    fn lines_of(&self, entry: Position) -> Option<Vec<LineKey>>;

    /// The delegations to a person that were not ended early, whatever their term.
    fn delegations(&self, to: &ActorId) -> Vec<OpenDelegation>;

    /// The capacities of the signatures a proposal still needs, in order.
    fn open_steps(&self, proposal: Position) -> Vec<Capacity>;

    /// Runs `work` with the registered programmes and bodies.
    fn with_register(&self, work: &mut dyn FnMut(&Register));
}
