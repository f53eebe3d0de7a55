//! Scopes: the part of a book a reader may see.
//!
//! [`Within`] is the scoped reader: the only way to read figures. Its sums cover the scope alone.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::event::{Effect, Event, ProposalEvent, ScopeDefined};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::movement::Account;
use ledger_core::domain::position::Position;

use crate::budget::BudgetQuery;
use crate::{QueryError, ReadModels};

/// The part of a book a reader may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The union of these parts; None for the whole book.
    parts: Option<Vec<Part>>,
    /// Programmes hidden from a part without `restricted`.
    restricted: BTreeSet<ProgrammeCode>,
}

/// The part one grant covers. Sets include the codes below a granted code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// Lines of these bodies; None for every body.
    pub bodies: Option<BTreeSet<BodyCode>>,
    /// Lines of these programmes; None for every programme.
    pub programmes: Option<BTreeSet<ProgrammeCode>>,
    /// Whether restricted programmes are included.
    pub restricted: bool,
}

impl Part {
    fn admits_programme(&self, code: ProgrammeCode, restricted: &BTreeSet<ProgrammeCode>) -> bool {
        self.programmes.as_ref().is_none_or(|programmes| programmes.contains(&code))
            && (self.restricted || !restricted.contains(&code))
    }
}

static EVERYTHING: LazyLock<Scope> = LazyLock::new(Scope::default);

impl Scope {
    /// The whole book.
    pub fn everything() -> &'static Self {
        &EVERYTHING
    }

    /// The union of some parts. `restricted` includes the codes below a restricted programme.
    pub fn of(parts: Vec<Part>, restricted: BTreeSet<ProgrammeCode>) -> Self {
        let whole = |part: &Part| {
            let unlimited = part.bodies.is_none() && part.programmes.is_none();
            unlimited && (part.restricted || restricted.is_empty())
        };
        if parts.iter().any(whole) {
            return Scope::default();
        }
        Scope { parts: Some(parts), restricted }
    }

    /// Whether it is the whole book.
    pub const fn is_everything(&self) -> bool {
        self.parts.is_none()
    }

    /// Whether the scope includes a line.
    pub fn admits(&self, line: &LineKey) -> bool {
        self.any(|part| {
            part.bodies.as_ref().is_none_or(|bodies| bodies.contains(&line.body))
                && part.admits_programme(line.programme, &self.restricted)
        })
    }

    /// Whether the scope includes every line of a body, restricted programmes aside.
    pub fn admits_body(&self, body: BodyCode) -> bool {
        self.any(|part| {
            let listed = part.bodies.as_ref().is_none_or(|bodies| bodies.contains(&body));
            listed && part.programmes.is_none()
        })
    }

    /// Whether the reader may know that a programme exists. Only restricted programmes are secret.
    pub fn knows(&self, programme: ProgrammeCode) -> bool {
        !self.restricted.contains(&programme)
            || self.any(|part| part.admits_programme(programme, &self.restricted))
    }

    /// Whether the scope includes every line an entry concerns. Entries about funds alone need the
    /// whole book.
    pub fn admits_events(&self, events: &[Event]) -> bool {
        self.is_everything() || events.iter().all(|event| self.admits_event(event))
    }

    /// Whether the scope includes every line a proposal would change. A proposal that changes no
    /// line, such as a draft, needs the whole book.
    pub fn admits_effects(&self, effects: &[Effect]) -> bool {
        let admitted = |effect: &Effect| match effect.leg.account {
            Account::Line(line) => self.admits(&line),
            // An allocation's fund leg is visible to readers of the lines that get it.
            Account::Fund(_) | Account::Outside(_) => true,
        };
        let on_line = |effect: &Effect| effect.leg.as_line().is_some();
        self.is_everything() || (effects.iter().any(on_line) && effects.iter().all(admitted))
    }

    fn admits_event(&self, event: &Event) -> bool {
        match event {
            // A published figure names a total, whose definition may cover any line.
            Event::FundingSettled(_)
            | Event::Earmarked(_)
            | Event::OffsetLinked(_)
            | Event::FigurePublished(_) => false,
            Event::ScopeDefined(defined) => self.knows_total(defined),
            Event::Proposal(ProposalEvent::Submitted(submitted)) => {
                self.admits_effects(&submitted.effects)
            }
            // A final signature is visible with the events it posts, which follow it.
            Event::Proposal(ProposalEvent::Signed(signed)) => signed.posts,
            Event::Proposal(
                ProposalEvent::Drafted(_)
                | ProposalEvent::Rejected(_)
                | ProposalEvent::Withdrawn(_)
                | ProposalEvent::ReviewRequested(_)
                | ProposalEvent::Reviewed(_),
            ) => false,
            Event::PolicyAdopted(_) | Event::Delegation(_) => true,
            Event::ProgrammeOpened(opened) => self.knows(opened.code),
            Event::ProgrammeRenamed(renamed) => self.knows(renamed.code),
            Event::ProgrammeClosed(closed) => self.knows(closed.code),
            Event::ProgrammeCancelled(cancelled) | Event::ProgrammeReinstated(cancelled) => {
                cancelled.programmes.iter().all(|code| self.knows(*code))
            }
            Event::BookOpened(_)
            | Event::BodyRegistered(_)
            | Event::BodyClosed(_)
            | Event::BodiesMerged(_)
            | Event::FundEstablished(_)
            | Event::Allocated(_)
            | Event::Cut(_)
            | Event::Reallocated(_)
            | Event::Withdrawn(_)
            | Event::LineSplit(_)
            | Event::BudgetExchanged(_)
            | Event::Committed(_)
            | Event::CommitmentReleased(_)
            | Event::Accrued(_)
            | Event::AccrualReleased(_)
            | Event::ActualRecorded(_)
            | Event::ForecastRevised(_)
            | Event::UnderspendExplained(_)
            | Event::ProfileSet(_)
            | Event::BaselineStruck(_)
            | Event::PeriodClosed(_)
            | Event::PeriodReopened(_)
            | Event::Reversed(_) => event.lines().iter().all(|line| self.admits(line)),
        }
    }

    /// Whether the reader may know that a total exists. It must include no restricted programme.
    pub(crate) fn knows_total(&self, total: &ScopeDefined) -> bool {
        total.programmes.iter().all(|code| self.knows(*code))
    }

    fn any(&self, test: impl Fn(&Part) -> bool) -> bool {
        self.parts.as_ref().is_none_or(|parts| parts.iter().any(test))
    }
}

/// The read models, limited to a scope.
#[derive(Clone, Copy, Debug)]
pub struct Within<'m> {
    pub(crate) models: &'m ReadModels,
    pub(crate) scope: &'m Scope,
}

impl ReadModels {
    /// The scoped reader: every figure is read through it.
    pub const fn within<'m>(&'m self, scope: &'m Scope) -> Within<'m> {
        Within { models: self, scope }
    }
}

impl Within<'_> {
    /// When an entry was recorded; None where there is no such entry.
    pub fn recorded(&self, position: Position) -> Option<Timestamp> {
        self.models.times.recorded(position)
    }

    /// Refuses a programme the reader may not know, as if it did not exist.
    pub(crate) fn check(&self, query: &BudgetQuery) -> Result<(), QueryError> {
        self.check_programme(query.programme)
    }

    pub(crate) fn check_programme(
        &self,
        programme: Option<ProgrammeCode>,
    ) -> Result<(), QueryError> {
        match programme {
            Some(code) if !self.scope.knows(code) => Err(QueryError::UnknownProgramme(code)),
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> LineKey {
        text.parse().expect("a line")
    }

    fn codes<T: Ord + std::str::FromStr<Err: std::fmt::Debug>>(texts: &[&str]) -> BTreeSet<T> {
        texts.iter().map(|text| text.parse().expect("a code")).collect()
    }

    fn part(bodies: &[&str], programmes: &[&str]) -> Part {
        Part {
            bodies: (!bodies.is_empty()).then(|| codes(bodies)),
            programmes: (!programmes.is_empty()).then(|| codes(programmes)),
            restricted: !programmes.is_empty(),
        }
    }

    #[test]
    fn one_grant_must_cover_both_the_body_and_the_programme_of_a_line() {
        let scope = Scope::of(vec![part(&["A"], &["P"]), part(&["B"], &[])], BTreeSet::new());
        assert!(scope.admits(&line("P/A/2017-18/revenue")));
        assert!(scope.admits(&line("Q/B/2017-18/revenue")));
        assert!(!scope.admits(&line("Q/A/2017-18/revenue")));
        assert!(!scope.admits(&line("P/C/2017-18/revenue")));
    }

    #[test]
    fn a_restricted_programme_is_read_only_where_a_grant_names_it() {
        let secret = line("S/A/2017-18/revenue");
        let ordinary = Scope::of(vec![part(&[], &[])], codes(&["S"]));
        assert!(!ordinary.is_everything());
        assert!(!ordinary.admits(&secret));
        assert!(!ordinary.knows(secret.programme));
        assert!(ordinary.admits(&line("P/A/2017-18/revenue")));
        let named = Scope::of(vec![part(&[], &[]), part(&[], &["S"])], codes(&["S"]));
        assert!(named.admits(&secret));
        let auditor = Part { restricted: true, ..part(&[], &[]) };
        assert!(Scope::of(vec![auditor], codes(&["S"])).is_everything());
    }

    #[test]
    fn a_grant_of_all_programmes_admits_the_whole_body() {
        let body = |text: &str| text.parse().expect("a body");
        let scope = Scope::of(vec![part(&["A"], &["P"]), part(&["B"], &[])], BTreeSet::new());
        assert!(scope.admits_body(body("B")));
        assert!(!scope.admits_body(body("A")) && !scope.admits_body(body("C")));
        assert!(Scope::everything().admits_body(body("C")));
    }

    #[test]
    fn a_scope_without_grants_reads_nothing() {
        let nothing = Scope::of(Vec::new(), BTreeSet::new());
        assert!(!nothing.admits(&line("P/A/2017-18/revenue")));
        assert!(Scope::everything().admits(&line("P/A/2017-18/revenue")));
    }
}
