//! What a command names: the lines, bodies and programmes it would change, told before it is
//! judged.

use std::collections::BTreeSet;

use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::command::{Command, LineAmount, Propose, ReviseProposal};
use ledger_core::domain::event::Destination;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::Reference;

/// What a command names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Lines.
    pub lines: BTreeSet<LineKey>,
    /// Bodies, as such.
    pub bodies: BTreeSet<BodyCode>,
    /// Programmes, as such.
    pub programmes: BTreeSet<ProgrammeCode>,
    /// Commitments and accruals of entries that are posted already, whose lines the book knows.
    pub references: BTreeSet<Reference>,
    /// Entries it reverses, whose lines the book knows.
    pub entries: BTreeSet<Position>,
    /// What in it concerns the whole book, so that a right that reaches everywhere is needed.
    pub whole_book: Option<&'static str>,
    /// References it makes itself, in a batch.
    made: BTreeSet<Reference>,
}

impl Named {
    /// What a command names.
    pub fn by(command: &Command) -> Self {
        let mut named = Named::default();
        named.take(command);
        named
    }

    fn take(&mut self, command: &Command) {
        match command {
            Command::RegisterBody(register) => match register.parent {
                // The new body has no place of its own yet: what counts is what it is put below.
                Some(parent) => self.body(parent),
                None => self.whole("registerBody without a parent"),
            },
            Command::CloseBody(close) => self.body(close.code),
            Command::MergeBodies(merge) => {
                self.bodies.extend(merge.from.iter().copied());
                self.body(merge.into);
            }
            Command::OpenProgramme(open) => match open.parent {
                Some(parent) => self.programme(parent),
                None => self.whole("openProgramme without a parent"),
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
            Command::EstablishFund(_) => self.whole("establishFund"),
            Command::SettleFunding(_) => self.whole("settleFunding"),
            Command::Earmark(_) => self.whole("earmark"),
            // Money of a fund comes to no line but those that are named.
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
                self.made.insert(commit.reference.clone());
            }
            Command::ReleaseCommitment(release) => self.reference(&release.reference),
            Command::Accrue(accrue) => {
                self.line(accrue.line);
                accrue.discharges.iter().for_each(|discharged| self.reference(discharged));
                self.made.insert(accrue.reference.clone());
            }
            Command::RecordActual(actual) => {
                self.line(actual.line);
                actual.discharges.iter().for_each(|discharged| self.reference(discharged));
            }
            Command::ReviseForecast(revise) => self.line(revise.line),
            Command::ExplainUnderspend(explain) => self.line(explain.line),
            Command::SetProfile(profile) => self.line(profile.line),
            Command::StrikeBaseline(_) => self.whole("strikeBaseline"),
            Command::DefineScope(_) => self.whole("defineScope"),
            Command::PublishFigure(_) => self.whole("publishFigure"),
            Command::ClosePeriod(_) => self.whole("closePeriod"),
            Command::ReopenPeriod(_) => self.whole("reopenPeriod"),
            Command::Reverse(reverse) => {
                self.entries.insert(reverse.entry);
            }
            Command::LinkOffset(link) => {
                self.body(link.deteriorated);
                self.body(link.by);
            }
            Command::Propose(Propose { command, .. })
            | Command::ReviseProposal(ReviseProposal { command, .. }) => self.take(command),
            Command::ReviewProposal(review) => self.body(review.body),
            Command::AdoptPolicy(_) => self.whole("adoptPolicy"),
            // A signature is for whoever has the capacity; what a proposal that was made before is
            // about was asked when it was made.
            Command::SubmitProposal(_)
            | Command::SignOff(_)
            | Command::RejectProposal(_)
            | Command::WithdrawProposal(_)
            | Command::RequestPeerReview(_)
            | Command::Delegate(_)
            | Command::EndDelegation(_) => {}
            Command::Batch(commands) => commands.iter().for_each(|command| self.take(command)),
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

    /// A reference made earlier in the same batch has its line there.
    fn reference(&mut self, reference: &Reference) {
        if !self.made.contains(reference) {
            self.references.insert(reference.clone());
        }
    }

    fn whole(&mut self, what: &'static str) {
        self.whole_book.get_or_insert(what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Named {
        Named::by(&serde_json::from_str(text).expect(text))
    }

    #[test]
    fn a_reference_of_an_entry_before_is_looked_up_and_one_of_the_same_batch_is_not() {
        let commit = r#"{"commit":{"line":"P/RA1/2017-18/revenue","month":"M1","amount":"1.00","reference":"new"}}"#;
        let release = |reference| {
            format!(r#"{{"releaseCommitment":{{"reference":"{reference}","month":"M1"}}}}"#)
        };
        let batch = format!(r#"{{"batch":[{commit},{},{}]}}"#, release("new"), release("old"));
        let named = named(&batch);
        assert_eq!(named.lines.len(), 1);
        let references: Vec<_> = named.references.iter().map(Reference::as_str).collect();
        assert_eq!(references, ["old"]);
    }

    #[test]
    fn what_concerns_the_whole_book_says_so() {
        let close = named(r#"{"closePeriod":{"year":"2017-18","close":"hard"}}"#);
        assert_eq!(close.whole_book, Some("closePeriod"));
    }
}
