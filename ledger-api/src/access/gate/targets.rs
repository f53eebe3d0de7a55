//! Targets: the lines, bodies and programmes that a command would change.

use std::collections::BTreeSet;

use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::command::{Command, LineAmount, Propose, ReviseProposal};
use ledger_core::domain::event::Destination;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::Reference;

/// The targets of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Targets {
    /// Lines it changes.
    pub(super) lines: BTreeSet<LineKey>,
    /// Bodies it changes, apart from their lines.
    pub(super) bodies: BTreeSet<BodyCode>,
    /// Programmes it changes, apart from their lines.
    pub(super) programmes: BTreeSet<ProgrammeCode>,
    /// References of posted commitments and accruals. Their lines are found in the book.
    pub(super) references: BTreeSet<Reference>,
    /// Entries it reverses. Their lines are found in the book.
    pub(super) entries: BTreeSet<Position>,
    /// The first command that concerns the whole book, and so needs a role without limits.
    pub(super) whole_book: Option<&'static str>,
    /// References created earlier in the same batch.
    created: BTreeSet<Reference>,
}

impl Targets {
    /// The targets of a command.
    pub(super) fn of(command: &Command) -> Self {
        let mut targets = Targets::default();
        targets.collect(command);
        targets
    }

    fn collect(&mut self, command: &Command) {
        match command {
            Command::RegisterBody(register) => match register.parent {
                // The new body is not registered yet: its parent decides.
                Some(parent) => self.body(parent),
                None => self.set_whole_book("registerBody without a parent"),
            },
            Command::CloseBody(close) => self.body(close.code),
            Command::MergeBodies(merge) => {
                self.bodies.extend(merge.from.iter().copied());
                self.body(merge.into);
            }
            Command::OpenProgramme(open) => match open.parent {
                Some(parent) => self.programme(parent),
                None => self.set_whole_book("openProgramme without a parent"),
            },
            Command::RenameProgramme(rename) => self.programme(rename.code),
            Command::CloseProgramme(close) => self.programme(close.code),
            Command::CancelProgramme(cancel) => {
                self.programme(cancel.programme);
                match cancel.to {
                    Destination::Programme(to) => self.programme(to),
                    Destination::Treasury | Destination::Fund(_) => {}
                }
            }
            Command::EstablishFund(_) => self.set_whole_book("establishFund"),
            Command::SettleFunding(_) => self.set_whole_book("settleFunding"),
            Command::Earmark(_) => self.set_whole_book("earmark"),
            // An allocation changes only the lines it names.
            Command::Allocate(allocate) => self.amounts(&allocate.to),
            Command::Cut(cut) => self.line(cut.line),
            Command::Reallocate(reallocate) => {
                self.amounts(&reallocate.from);
                self.amounts(&reallocate.to);
            }
            Command::SplitLine(split) => self.line(split.line),
            Command::ExchangeBudget(exchange) => self.line(exchange.line),
            Command::Commit(commit) => {
                self.line(commit.line);
                self.created.insert(commit.reference.clone());
            }
            Command::ReleaseCommitment(release) => self.reference(&release.reference),
            Command::Accrue(accrue) => {
                self.line(accrue.line);
                accrue.discharges.iter().for_each(|discharged| self.reference(discharged));
                self.created.insert(accrue.reference.clone());
            }
            Command::RecordActual(actual) => {
                self.line(actual.line);
                actual.discharges.iter().for_each(|discharged| self.reference(discharged));
            }
            Command::ReviseForecast(revise) => self.line(revise.line),
            Command::ExplainUnderspend(explain) => self.line(explain.line),
            Command::SetProfile(profile) => self.line(profile.line),
            Command::StrikeBaseline(_) => self.set_whole_book("strikeBaseline"),
            Command::DefineScope(_) => self.set_whole_book("defineScope"),
            Command::PublishFigure(_) => self.set_whole_book("publishFigure"),
            Command::ClosePeriod(_) => self.set_whole_book("closePeriod"),
            Command::ReopenPeriod(_) => self.set_whole_book("reopenPeriod"),
            Command::Reverse(reverse) => {
                self.entries.insert(reverse.entry);
            }
            Command::LinkOffset(link) => {
                self.body(link.deteriorated);
                self.body(link.by);
            }
            Command::Propose(Propose { command, .. })
            | Command::ReviseProposal(ReviseProposal { command, .. }) => self.collect(command),
            Command::ReviewProposal(review) => self.body(review.body),
            Command::AdoptPolicy(_) => self.set_whole_book("adoptPolicy"),
            // Signing depends on capacity. The proposal's own targets were checked when it was made.
            Command::SubmitProposal(_)
            | Command::SignOff(_)
            | Command::RejectProposal(_)
            | Command::WithdrawProposal(_)
            | Command::RequestPeerReview(_)
            | Command::Delegate(_)
            | Command::EndDelegation(_) => {}
            Command::Batch(commands) => commands.iter().for_each(|command| self.collect(command)),
        }
    }

    fn line(&mut self, line: LineKey) {
        self.lines.insert(line);
    }

    fn body(&mut self, body: BodyCode) {
        self.bodies.insert(body);
    }

    fn programme(&mut self, programme: ProgrammeCode) {
        self.programmes.insert(programme);
    }

    fn amounts(&mut self, amounts: &[LineAmount]) {
        self.lines.extend(amounts.iter().map(|amount| amount.line));
    }

    /// Adds a reference, unless the same batch created it.
    fn reference(&mut self, reference: &Reference) {
        if !self.created.contains(reference) {
            self.references.insert(reference.clone());
        }
    }

    fn set_whole_book(&mut self, what: &'static str) {
        self.whole_book.get_or_insert(what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(text: &str) -> Targets {
        Targets::of(&serde_json::from_str(text).expect(text))
    }

    #[test]
    fn only_references_created_outside_the_batch_are_looked_up() {
        let commit = r#"{"commit":{"line":"P/RA1/2017-18/revenue","month":"M1","amount":"1.00","reference":"new"}}"#;
        let release = |reference| {
            format!(r#"{{"releaseCommitment":{{"reference":"{reference}","month":"M1"}}}}"#)
        };
        let batch = format!(r#"{{"batch":[{commit},{},{}]}}"#, release("new"), release("old"));
        let targets = targets(&batch);
        assert_eq!(targets.lines.len(), 1);
        let references: Vec<_> = targets.references.iter().map(Reference::as_str).collect();
        assert_eq!(references, ["old"]);
    }

    #[test]
    fn a_command_for_the_whole_book_is_marked() {
        let close = targets(r#"{"closePeriod":{"year":"2017-18","close":"hard"}}"#);
        assert_eq!(close.whole_book, Some("closePeriod"));
    }
}
