//! Required roles: who may post a command.

use ledger_core::domain::command::{Command, Propose, ReviseProposal};

/// The role that a command requires.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RequiredRole {
    Preparer,
    /// A preparer, or an administrator for their own policy proposals.
    Maker,
    Approver,
    Administrator,
}

/// The roles that a command requires: one, or one for each command of a batch.
pub(super) fn required_roles(command: &Command) -> Vec<RequiredRole> {
    let role = match command {
        Command::AdoptPolicy(_) => RequiredRole::Administrator,
        Command::Propose(Propose { command, .. })
        | Command::ReviseProposal(ReviseProposal { command, .. }) => {
            return required_roles(command);
        }
        Command::Correct(correct) => {
            let mut roles = required_roles(&correct.replacement);
            roles.push(RequiredRole::Preparer);
            return roles;
        }
        Command::Batch(commands) if !commands.is_empty() => {
            return commands.iter().flat_map(required_roles).collect();
        }
        Command::SubmitProposal(_) | Command::WithdrawProposal(_) => RequiredRole::Maker,
        Command::SignOff(_)
        | Command::RejectProposal(_)
        | Command::Delegate(_)
        | Command::EndDelegation(_) => RequiredRole::Approver,
        // An empty batch still needs the preparer role.
        Command::Batch(_)
        | Command::RegisterBody(_)
        | Command::CloseBody(_)
        | Command::MergeBodies(_)
        | Command::OpenProgramme(_)
        | Command::RenameProgramme(_)
        | Command::CloseProgramme(_)
        | Command::CancelProgramme(_)
        | Command::EstablishFund(_)
        | Command::SettleFunding(_)
        | Command::Allocate(_)
        | Command::Earmark(_)
        | Command::CancelFund(_)
        | Command::Cut(_)
        | Command::Reallocate(_)
        | Command::SplitLine(_)
        | Command::ExchangeBudget(_)
        | Command::Commit(_)
        | Command::ReleaseCommitment(_)
        | Command::Accrue(_)
        | Command::RecordActual(_)
        | Command::ReviseForecast(_)
        | Command::WithdrawForecast(_)
        | Command::ExplainUnderspend(_)
        | Command::SetProfile(_)
        | Command::StrikeBaseline(_)
        | Command::WithdrawBaseline(_)
        | Command::OpenYear(_)
        | Command::ClosePeriod(_)
        | Command::ReopenPeriod(_)
        | Command::Reverse(_)
        | Command::RequestPeerReview(_)
        | Command::ReviewProposal(_)
        | Command::DefineScope(_)
        | Command::PublishFigure(_)
        | Command::LinkOffset(_) => RequiredRole::Preparer,
    };
    vec![role]
}
