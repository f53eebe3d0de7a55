//! Lookups that the gate makes in the book.

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::code::FundCode;
use ledger_core::domain::command::Command;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::{ActorId, Reference};
use projections::register::Register;

use super::delegation::OpenDelegation;

/// What a reversal would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reversal {
    /// The lines.
    pub lines: Vec<LineKey>,
    /// The funds it draws on: those to which the entry returned money.
    pub funds: Vec<FundCode>,
}

/// Finds the lines, proposals and delegations behind the references, entries and people a command names.
pub trait BookLookup {
    /// The line of a commitment or accrual; None for an unknown reference.
    fn line_of(&self, reference: &Reference) -> Option<LineKey>;

    /// What the reversal of an entry would change; None if it is unknown, or also changes something
    /// other than lines and the funds that paid them.
    fn reversal_of(&self, entry: Position) -> Option<Reversal>;

    /// The command of a proposal that a person made; None if it is unknown or somebody else's.
    fn proposed(&self, proposal: Position, by: &ActorId) -> Option<Command>;

    /// The delegations to a person that were not ended early, whatever their term.
    fn delegations(&self, to: &ActorId) -> Vec<OpenDelegation>;

    /// The capacities of the signatures a proposal still needs, in order.
    fn open_steps(&self, proposal: Position) -> Vec<Capacity>;

    /// Runs `work` with the registered programmes and bodies.
    fn with_register(&self, work: &mut dyn FnMut(&Register));
}
