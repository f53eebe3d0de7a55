//! The subjects of a command: lines, years, references and entries to load before judging it.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use super::{
    Accrue, Allocate, ClosePeriod, Command, Commit, Correct, Cut, Earmark, ExchangeBudget,
    ExplainUnderspend, LineAmount, LinkOffset, MergeBodies, OpenYear, Propose, Reallocate,
    RecordActual, ReleaseCommitment, ReopenPeriod, ReviseForecast, ReviseProposal, SetProfile,
    SignOff, SplitLine, StrikeBaseline, WithdrawBaseline,
};
use crate::domain::calendar::FinancialYear;
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::position::Position;
use crate::domain::text::Reference;

/// The lines and years that a judgement reads: these lines, and every line of these years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subjects {
    /// The lines.
    pub lines: BTreeSet<LineKey>,
    /// Years; `None` where any year may matter.
    pub years: Option<BTreeSet<FinancialYear>>,
}

impl Subjects {
    /// The lines and years that judging these commands reads.
    pub fn of<'c>(commands: impl IntoIterator<Item = &'c Command>) -> Self {
        let mut grounds = Subjects { lines: BTreeSet::new(), years: Some(BTreeSet::new()) };
        commands.into_iter().for_each(|command| grounds.add(command));
        grounds
    }

    fn add_parts(&mut self, parts: &[LineAmount]) {
        self.lines.extend(parts.iter().map(|part| part.line));
    }

    fn add_year(&mut self, year: FinancialYear) {
        if let Some(years) = &mut self.years {
            years.insert(year);
        }
    }

    fn add(&mut self, command: &Command) {
        match command {
            Command::RegisterBody(_)
            | Command::CloseBody(_)
            | Command::MergeBodies(_)
            | Command::OpenProgramme(_)
            | Command::RenameProgramme(_)
            | Command::EstablishFund(_)
            | Command::SettleFunding(_)
            | Command::Earmark(_)
            | Command::CancelFund(_)
            | Command::DefineScope(_)
            | Command::PublishFigure(_)
            | Command::AdoptPolicy(_) => {}
            // These are judged on proposals, not on lines.
            Command::Propose(_)
            | Command::SubmitProposal(_)
            | Command::ReviseProposal(_)
            | Command::SignOff(_)
            | Command::RejectProposal(_)
            | Command::WithdrawProposal(_)
            | Command::RequestPeerReview(_)
            | Command::ReviewProposal(_)
            | Command::Delegate(_)
            | Command::EndDelegation(_) => {}
            Command::Allocate(Allocate { to, .. }) => self.add_parts(to),
            Command::Reallocate(Reallocate { from, to, .. }) => {
                self.add_parts(from);
                self.add_parts(to);
            }
            Command::Cut(Cut { line, .. }) | Command::SetProfile(SetProfile { line, .. }) => {
                self.lines.insert(*line);
            }
            Command::SplitLine(SplitLine { line, .. }) => {
                self.lines.extend(BudgetClass::ALL.map(|class| LineKey { class, ..*line }));
            }
            Command::ExchangeBudget(ExchangeBudget { line, .. }) => {
                self.lines.insert(*line);
                // The limit is a share of the whole class, and the holding line depends on the book.
                self.add_year(line.year);
                self.add_year(line.year.next());
            }
            // The regime of any year counts for spend.
            Command::Accrue(_) | Command::RecordActual(_) => self.years = None,
            // These are judged on the destination of freed money, or on the system.
            Command::Commit(Commit { line, .. })
            | Command::ReviseForecast(ReviseForecast { line, .. })
            | Command::ExplainUnderspend(ExplainUnderspend { line, .. }) => {
                self.add_year(line.year);
            }
            Command::StrikeBaseline(StrikeBaseline { year, .. })
            | Command::WithdrawBaseline(WithdrawBaseline { year, .. })
            | Command::ClosePeriod(ClosePeriod { year, .. })
            | Command::ReopenPeriod(ReopenPeriod { year, .. })
            | Command::LinkOffset(LinkOffset { year, .. }) => self.add_year(*year),
            Command::OpenYear(OpenYear { from, .. }) => {
                self.add_year(*from);
                self.add_year(from.next());
            }
            Command::Batch(commands) => commands.iter().for_each(|command| self.add(command)),
            Command::CloseProgramme(_)
            | Command::CancelProgramme(_)
            | Command::ReleaseCommitment(_)
            | Command::Reverse(_)
            | Command::WithdrawForecast(_)
            | Command::Correct(_) => self.years = None,
        }
    }
}

impl Command {
    /// Whether it is about proposals or signatures. Such a command cannot be proposed.
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

    /// The lines of the commonest commands, for prefetching.
    pub fn lines_to_prefetch(&self) -> SmallVec<[LineKey; 2]> {
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

    /// The number of its parts that each take room in the entry: amounts, bodies, commands.
    pub fn parts(&self) -> usize {
        match self {
            Command::Allocate(Allocate { to, .. }) => to.len(),
            Command::Reallocate(Reallocate { from, to, .. }) => from.len().saturating_add(to.len()),
            Command::Earmark(Earmark { to, .. }) => to.len(),
            Command::MergeBodies(MergeBodies { from, .. }) => from.len(),
            Command::SignOff(SignOff { proposals }) => proposals.len(),
            Command::Propose(Propose { command, .. })
            | Command::ReviseProposal(ReviseProposal { command, .. }) => command.parts(),
            Command::Correct(Correct { replacement, .. }) => replacement.parts().saturating_add(1),
            Command::Batch(commands) => commands.iter().map(|command| command.parts().max(1)).sum(),
            Command::RegisterBody(_)
            | Command::CloseBody(_)
            | Command::OpenProgramme(_)
            | Command::RenameProgramme(_)
            | Command::CloseProgramme(_)
            | Command::CancelProgramme(_)
            | Command::EstablishFund(_)
            | Command::SettleFunding(_)
            | Command::Cut(_)
            | Command::SplitLine(_)
            | Command::ExchangeBudget(_)
            | Command::Commit(_)
            | Command::ReleaseCommitment(_)
            | Command::Accrue(_)
            | Command::RecordActual(_)
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
            | Command::RejectProposal(_)
            | Command::WithdrawProposal(_)
            | Command::RequestPeerReview(_)
            | Command::ReviewProposal(_)
            | Command::Delegate(_)
            | Command::EndDelegation(_)
            | Command::LinkOffset(_)
            | Command::DefineScope(_)
            | Command::PublishFigure(_) => 1,
        }
    }

    /// The lines whose forecasts it states.
    pub fn forecast_lines(&self) -> Vec<LineKey> {
        if let Command::ReviseForecast(revise) = self {
            return vec![revise.line];
        }
        if let Command::Correct(Correct { replacement, .. }) = self {
            return replacement.forecast_lines();
        }
        if let Command::Batch(commands) = self {
            return commands.iter().flat_map(Command::forecast_lines).collect();
        }
        Vec::new()
    }

    /// The commitments and accruals it names or makes.
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
        if let Command::Correct(Correct { replacement, .. }) = self {
            return replacement.references();
        }
        if let Command::Batch(commands) = self {
            return commands.iter().flat_map(Command::references).collect();
        }
        Vec::new()
    }

    /// The entries it reverses, corrects or withdraws, which the caller loads before judging.
    pub fn undoes(&self) -> Vec<Position> {
        if let Command::Reverse(reverse) = self {
            return vec![reverse.entry];
        }
        if let Command::WithdrawForecast(withdraw) = self {
            return vec![withdraw.entry];
        }
        if let Command::Correct(Correct { entry, replacement }) = self {
            return std::iter::once(*entry).chain(replacement.undoes()).collect();
        }
        if let Command::Batch(commands) = self {
            return commands.iter().flat_map(Command::undoes).collect();
        }
        if let Command::Propose(Propose { command, .. })
        | Command::ReviseProposal(ReviseProposal { command, .. }) = self
        {
            return command.undoes();
        }
        Vec::new()
    }
}
