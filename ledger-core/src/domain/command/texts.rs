//! The texts that a command posts, checked before it is judged.

use super::{Command, Propose, ReviseProposal};
use crate::domain::claim::Figure;
use crate::domain::posting::Posting;
use crate::domain::text::TextError;

impl Command {
    /// Checks the form of every text it would post. References that it only cites may have any
    /// form: an earlier version may have posted them.
    pub(in crate::domain) fn check_texts(&self) -> Result<(), TextError> {
        match self {
            Command::RegisterBody(register) => register.name.check(),
            Command::OpenProgramme(open) => open.name.check(),
            Command::RenameProgramme(rename) => rename.name.check(),
            Command::EstablishFund(establish) => establish.name.check(),
            Command::Commit(commit) => commit.reference.check(),
            Command::Accrue(accrue) => accrue.reference.check(),
            Command::RecordActual(actual) => {
                actual.transaction.as_ref().map_or(Ok(()), |transaction| transaction.check())
            }
            Command::DefineScope(define) => define.name.check(),
            Command::PublishFigure(publish) => {
                publish.title.check()?;
                publish.source.check()?;
                match Figure::from(publish.figure.clone()) {
                    Figure::Unquantified(words) => words.check(),
                    Figure::Exact(_) | Figure::About(_) | Figure::AtLeast(_) | Figure::Range(_) => {
                        Ok(())
                    }
                }
            }
            Command::Delegate(delegate) => delegate.to.check(),
            Command::Propose(Propose { command, .. })
            | Command::ReviseProposal(ReviseProposal { command, .. }) => command.check_texts(),
            Command::Correct(correct) => correct.replacement.check_texts(),
            Command::Batch(commands) => commands.iter().try_for_each(Command::check_texts),
            Command::CloseBody(_)
            | Command::MergeBodies(_)
            | Command::CloseProgramme(_)
            | Command::CancelProgramme(_)
            | Command::SettleFunding(_)
            | Command::Allocate(_)
            | Command::Earmark(_)
            | Command::Cut(_)
            | Command::Reallocate(_)
            | Command::SplitLine(_)
            | Command::ExchangeBudget(_)
            | Command::ReleaseCommitment(_)
            | Command::ReviseForecast(_)
            | Command::ExplainUnderspend(_)
            | Command::SetProfile(_)
            | Command::StrikeBaseline(_)
            | Command::WithdrawForecast(_)
            | Command::WithdrawBaseline(_)
            | Command::CancelFund(_)
            | Command::OpenYear(_)
            | Command::ClosePeriod(_)
            | Command::ReopenPeriod(_)
            | Command::Reverse(_)
            | Command::AdoptPolicy(_)
            | Command::SubmitProposal(_)
            | Command::SignOff(_)
            | Command::RejectProposal(_)
            | Command::WithdrawProposal(_)
            | Command::RequestPeerReview(_)
            | Command::ReviewProposal(_)
            | Command::EndDelegation(_)
            | Command::LinkOffset(_) => Ok(()),
        }
    }
}

impl Posting {
    /// Trims its free texts, and checks the form of every text.
    ///
    /// # Errors
    ///
    /// [`TextError`] for the first text in the wrong form.
    pub fn tidy(&mut self) -> Result<(), TextError> {
        let Posting { key, command, reason, authority, evidence, inferred, .. } = self;
        key.check()?;
        *reason = reason.as_str().parse()?;
        for citation in authority.iter_mut().chain(evidence) {
            *citation = citation.as_str().parse()?;
        }
        if let Some(inferred) = inferred {
            *inferred = inferred.as_str().parse()?;
        }
        command.check_texts()
    }
}
