//! What a command is about: whoever decides it needs to know before it is judged.

use smallvec::SmallVec;

use super::{
    Accrue, Allocate, Command, Commit, Cut, LineAmount, Propose, Reallocate, RecordActual,
    ReviseProposal,
};
use crate::domain::line::LineKey;
use crate::domain::position::Position;

impl Command {
    /// Whether it is about proposals and who signs them: such a command cannot be proposed itself.
    pub const fn is_about_sign_off(&self) -> bool {
        matches!(
            self,
            Command::Propose(_)
                | Command::SubmitProposal(_)
                | Command::ReviseProposal(_)
                | Command::SignOff(_)
                | Command::RejectProposal(_)
                | Command::WithdrawProposal(_)
                | Command::RequestPeerReview(_)
                | Command::ReviewProposal(_)
                | Command::Delegate(_)
                | Command::EndDelegation(_)
        )
    }

    /// The lines of the commonest commands, so that they can be looked up ahead of their turn.
    pub fn lines_to_look_up(&self) -> SmallVec<[LineKey; 2]> {
        if let Command::RecordActual(RecordActual { line, .. })
        | Command::Cut(Cut { line, .. })
        | Command::Commit(Commit { line, .. })
        | Command::Accrue(Accrue { line, .. }) = self
        {
            return smallvec::smallvec![*line];
        }
        let (from, to): (&[LineAmount], &[LineAmount]) =
            if let Command::Reallocate(Reallocate { from, to, .. }) = self {
                (from, to)
            } else if let Command::Allocate(Allocate { to, .. }) = self {
                (&[], to)
            } else {
                (&[], &[])
            };
        from.iter().chain(to).map(|part| part.line).collect()
    }

    /// The entries that a reversal in this command names: whoever decides must bring them.
    pub fn reverses(&self) -> Vec<Position> {
        if let Command::Reverse(reverse) = self {
            return vec![reverse.entry];
        }
        if let Command::Batch(commands) = self {
            return commands.iter().flat_map(Command::reverses).collect();
        }
        if let Command::Propose(Propose { command, .. })
        | Command::ReviseProposal(ReviseProposal { command, .. }) = self
        {
            return command.reverses();
        }
        Vec::new()
    }
}
