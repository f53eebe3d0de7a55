//! Targets: what a command names and would change.

use std::collections::BTreeSet;

use super::{Command, LineAmount, Propose, ReviseProposal};
use crate::domain::code::{BodyCode, FundCode, ProgrammeCode};
use crate::domain::event::Destination;
use crate::domain::line::LineKey;
use crate::domain::policy::Policy;
use crate::domain::position::Position;
use crate::domain::text::Reference;

/// The targets of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets<'c> {
    /// Lines it changes.
    pub lines: BTreeSet<LineKey>,
    /// Bodies it changes, apart from their lines.
    pub bodies: BTreeSet<BodyCode>,
    /// Programmes it changes, apart from their lines.
    pub programmes: BTreeSet<ProgrammeCode>,
    /// Programmes it opens.
    pub opened: BTreeSet<ProgrammeCode>,
    /// Funds it draws on.
    pub funds: BTreeSet<FundCode>,
    /// References of posted commitments and accruals. Their lines are found in the book.
    pub references: BTreeSet<&'c Reference>,
    /// Entries it undoes. Their lines are found in the book.
    pub entries: BTreeSet<Position>,
    /// Proposals it revises, submits or withdraws.
    pub proposals: BTreeSet<Position>,
    /// Policies it adopts.
    pub policies: Vec<&'c Policy>,
    /// The first command that concerns the whole book, and so needs a role without limits.
    pub whole_book: Option<&'static str>,
    /// References created earlier in the same batch.
    created: BTreeSet<&'c Reference>,
}

impl<'c> Targets<'c> {
    /// The targets of a command.
    pub fn of(command: &'c Command) -> Self {
        let mut targets = Targets::default();
        targets.collect(command);
        targets
    }

    fn collect(&mut self, command: &'c Command) {
        match command {
            // The register decides who oversees whom, and so whose signature is needed.
            Command::RegisterBody(_) => self.set_whole_book("registerBody"),
            Command::CloseBody(_) => self.set_whole_book("closeBody"),
            Command::MergeBodies(_) => self.set_whole_book("mergeBodies"),
            Command::OpenProgramme(open) => {
                self.set_whole_book("openProgramme");
                self.programmes.extend(open.parent);
                self.opened.insert(open.code);
            }
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
            Command::Earmark(earmark) => {
                self.funds.insert(earmark.fund);
            }
            Command::CancelFund(cancel) => {
                self.set_whole_book("cancelFund");
                self.funds.insert(cancel.fund);
            }
            Command::Allocate(allocate) => {
                self.funds.insert(allocate.fund);
                self.amounts(&allocate.to);
            }
            // Money that returns to a fund draws on none.
            Command::Cut(cut) => self.line(cut.line),
            Command::Reallocate(reallocate) => {
                self.amounts(&reallocate.from);
                self.amounts(&reallocate.to);
            }
            Command::SplitLine(split) => self.line(split.line),
            Command::ExchangeBudget(exchange) => self.line(exchange.line),
            Command::Commit(commit) => {
                self.line(commit.line);
                self.created.insert(&commit.reference);
            }
            Command::ReleaseCommitment(release) => self.reference(&release.reference),
            Command::Accrue(accrue) => {
                self.line(accrue.line);
                accrue.discharges.iter().for_each(|discharged| self.reference(discharged));
                self.created.insert(&accrue.reference);
            }
            Command::RecordActual(actual) => {
                self.line(actual.line);
                actual.discharges.iter().for_each(|discharged| self.reference(discharged));
            }
            Command::ReviseForecast(revise) => self.line(revise.line),
            Command::WithdrawForecast(withdraw) => match withdraw.line {
                Some(line) => self.line(line),
                None => drop(self.entries.insert(withdraw.entry)),
            },
            Command::ExplainUnderspend(explain) => self.line(explain.line),
            Command::SetProfile(profile) => self.line(profile.line),
            Command::StrikeBaseline(_) => self.set_whole_book("strikeBaseline"),
            Command::WithdrawBaseline(_) => self.set_whole_book("withdrawBaseline"),
            Command::OpenYear(open) => {
                if open.programme.is_none() && open.body.is_none() {
                    self.set_whole_book("openYear without a programme or body");
                }
                self.funds.insert(open.fund);
                self.programmes.extend(open.programme);
                self.bodies.extend(open.body);
            }
            Command::DefineScope(define) => {
                self.set_whole_book("defineScope");
                self.programmes.extend(define.programmes.iter().copied());
            }
            Command::PublishFigure(_) => self.set_whole_book("publishFigure"),
            Command::ClosePeriod(_) => self.set_whole_book("closePeriod"),
            Command::ReopenPeriod(_) => self.set_whole_book("reopenPeriod"),
            Command::Reverse(reverse) => {
                self.entries.insert(reverse.entry);
            }
            Command::Correct(correct) => {
                self.entries.insert(correct.entry);
                self.collect(&correct.replacement);
            }
            Command::LinkOffset(link) => {
                self.body(link.deteriorated);
                self.body(link.by);
            }
            Command::Propose(Propose { command, .. }) => self.collect(command),
            Command::ReviseProposal(ReviseProposal { proposal, command, .. }) => {
                self.proposals.insert(*proposal);
                self.collect(command);
            }
            Command::SubmitProposal(submit) => {
                self.proposals.insert(submit.proposal);
            }
            Command::WithdrawProposal(withdraw) => {
                self.proposals.insert(withdraw.proposal);
            }
            Command::ReviewProposal(review) => self.body(review.body),
            Command::AdoptPolicy(adopt) => {
                self.set_whole_book("adoptPolicy");
                self.policies.push(&adopt.policy);
            }
            // Signing depends on capacity and on reading the proposal.
            Command::SignOff(_)
            | Command::RejectProposal(_)
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
    fn reference(&mut self, reference: &'c Reference) {
        if !self.created.contains(reference) {
            self.references.insert(reference);
        }
    }

    fn set_whole_book(&mut self, what: &'static str) {
        self.whole_book.get_or_insert(what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Command {
        serde_json::from_str(text).expect(text)
    }

    #[test]
    fn only_references_created_outside_the_batch_are_looked_up() {
        let commit = r#"{"commit":{"line":"P/RA1/2017-18/revenue","month":"M1","amount":"1.00","reference":"new"}}"#;
        let release = |reference| {
            format!(r#"{{"releaseCommitment":{{"reference":"{reference}","month":"M1"}}}}"#)
        };
        let batch = format!(r#"{{"batch":[{commit},{},{}]}}"#, release("new"), release("old"));
        let batch = read(&batch);
        let targets = Targets::of(&batch);
        assert_eq!(targets.lines.len(), 1);
        let references: Vec<_> = targets.references.iter().map(|one| one.as_str()).collect();
        assert_eq!(references, ["old"]);
    }

    #[test]
    fn a_command_for_the_whole_book_is_marked() {
        let close = read(r#"{"closePeriod":{"year":"2017-18","close":"hard"}}"#);
        assert_eq!(Targets::of(&close).whole_book, Some("closePeriod"));
    }
}
