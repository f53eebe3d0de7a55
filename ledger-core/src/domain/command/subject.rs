//! What a command is about: whoever decides it needs to know before it is judged.

use smallvec::SmallVec;

use super::{
    Accrue, Allocate, ClosePeriod, Command, Commit, Cut, ExchangeBudget, ExplainUnderspend,
    LineAmount, LinkOffset, Propose, Reallocate, RecordActual, ReleaseCommitment, ReopenPeriod,
    ReviseForecast, ReviseProposal, SetProfile, SplitLine, StrikeBaseline,
};
use crate::domain::calendar::FinancialYear;
use crate::domain::line::LineKey;
use crate::domain::position::Position;
use crate::domain::text::Reference;

fn years_of(lines: &[LineAmount]) -> impl Iterator<Item = FinancialYear> {
    lines.iter().map(|part| part.line.year)
}

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

    /// The years on whose lines it is judged; none where that may be any year.
    pub fn years(&self) -> Option<Vec<FinancialYear>> {
        let years = match self {
            Command::RegisterBody(_)
            | Command::CloseBody(_)
            | Command::MergeBodies(_)
            | Command::OpenProgramme(_)
            | Command::RenameProgramme(_)
            | Command::EstablishFund(_)
            | Command::SettleFunding(_)
            | Command::Earmark(_)
            | Command::DefineScope(_)
            | Command::PublishFigure(_)
            | Command::AdoptPolicy(_) => Vec::new(),
            Command::Allocate(Allocate { to, .. }) => years_of(to).collect(),
            Command::Reallocate(Reallocate { from, to, .. }) => {
                years_of(from).chain(years_of(to)).collect()
            }
            Command::ExchangeBudget(ExchangeBudget { line, .. }) => {
                vec![line.year, line.year.next()]
            }
            Command::Cut(Cut { line, .. })
            | Command::SplitLine(SplitLine { line, .. })
            | Command::Commit(Commit { line, .. })
            | Command::Accrue(Accrue { line, .. })
            | Command::RecordActual(RecordActual { line, .. })
            | Command::ReviseForecast(ReviseForecast { line, .. })
            | Command::ExplainUnderspend(ExplainUnderspend { line, .. })
            | Command::SetProfile(SetProfile { line, .. }) => vec![line.year],
            Command::StrikeBaseline(StrikeBaseline { year, .. })
            | Command::ClosePeriod(ClosePeriod { year, .. })
            | Command::ReopenPeriod(ReopenPeriod { year, .. })
            | Command::LinkOffset(LinkOffset { year, .. }) => vec![*year],
            Command::Batch(commands) => {
                let years: Option<Vec<_>> = commands.iter().map(Command::years).collect();
                years?.into_iter().flatten().collect()
            }
            Command::CloseProgramme(_)
            | Command::CancelProgramme(_)
            | Command::ReleaseCommitment(_)
            | Command::Reverse(_)
            | Command::Propose(_)
            | Command::SubmitProposal(_)
            | Command::ReviseProposal(_)
            | Command::SignOff(_)
            | Command::RejectProposal(_)
            | Command::WithdrawProposal(_)
            | Command::RequestPeerReview(_)
            | Command::ReviewProposal(_)
            | Command::Delegate(_)
            | Command::EndDelegation(_) => return None,
        };
        Some(years)
    }

    /// The commitments and accruals it names, be it to make them.
    pub fn references(&self) -> Vec<&Reference> {
        if let Command::Commit(Commit { reference, .. })
        | Command::ReleaseCommitment(ReleaseCommitment { reference, .. }) = self
        {
            return vec![reference];
        }
        if let Command::Accrue(Accrue { reference, discharges, .. }) = self {
            return std::iter::once(reference).chain(discharges).collect();
        }
        if let Command::RecordActual(RecordActual { discharges, .. }) = self {
            return discharges.iter().collect();
        }
        if let Command::Batch(commands) = self {
            return commands.iter().flat_map(Command::references).collect();
        }
        Vec::new()
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
