//! Scopes: which part of a book somebody may read. What they are told sums only that.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::event::{Effect, Event, ProposalEvent, ScopeDefined};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::movement::Account;
use ledger_core::domain::position::Position;

use crate::budget::{BudgetQuery, BudgetRow, Underspend};
use crate::figures::Figures;
use crate::year::{Adjustment, Contribution};
use crate::{QueryError, ReadModels};

/// Which part of a book somebody may read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The parts that make it up; none for the whole book.
    parts: Option<Vec<Part>>,
    /// Programmes that only a part which says so reaches.
    restricted: BTreeSet<ProgrammeCode>,
}

/// What one grant lets somebody read. The codes are all of them: those below others too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// Lines of these bodies; of all where absent.
    pub bodies: Option<BTreeSet<BodyCode>>,
    /// Lines of these programmes; of all where absent.
    pub programmes: Option<BTreeSet<ProgrammeCode>>,
    /// Restricted programmes too.
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

    /// What any of these parts lets somebody read. The restricted programmes are all of them: those
    /// below others too.
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

    /// Whether a line is in it.
    pub fn admits(&self, line: &LineKey) -> bool {
        self.any(|part| {
            part.bodies.as_ref().is_none_or(|bodies| bodies.contains(&line.body))
                && part.admits_programme(line.programme, &self.restricted)
        })
    }

    /// Whether all that a body does is in it, but for restricted programmes, which lines tell.
    pub fn admits_body(&self, body: BodyCode) -> bool {
        self.any(|part| {
            let listed = part.bodies.as_ref().is_none_or(|bodies| bodies.contains(&body));
            listed && part.programmes.is_none()
        })
    }

    /// Whether it may be known that there is such a programme: of all but restricted ones it may.
    pub fn knows(&self, programme: ProgrammeCode) -> bool {
        !self.restricted.contains(&programme)
            || self.any(|part| part.admits_programme(programme, &self.restricted))
    }

    /// Whether all that an entry's events concern is in it. What moves money on funds alone is
    /// told to those who read everything.
    pub fn admits_events(&self, events: &[Event]) -> bool {
        self.is_everything() || events.iter().all(|event| self.admits_event(event))
    }

    /// Whether all that a proposal would change is in it. What changes no line, such as a draft that
    /// was not judged yet, is told to those who read everything.
    pub fn admits_effects(&self, effects: &[Effect]) -> bool {
        let admitted = |effect: &Effect| match effect.leg.account {
            Account::Line(line) => self.admits(&line),
            // Of what an allocation takes from a fund, the lines that get it decide.
            Account::Fund(_) | Account::Outside(_) => true,
        };
        let on_line = |effect: &Effect| effect.leg.as_line().is_some();
        self.is_everything() || (effects.iter().any(on_line) && effects.iter().all(admitted))
    }

    fn admits_event(&self, event: &Event) -> bool {
        match event {
            // Of a published figure too: its scope, which it only names, may be of anything.
            Event::FundingSettled(_)
            | Event::Earmarked(_)
            | Event::OffsetLinked(_)
            | Event::FigurePublished(_) => false,
            Event::ScopeDefined(defined) => self.knows_total(defined),
            Event::Proposal(ProposalEvent::Submitted(submitted)) => {
                self.admits_effects(&submitted.effects)
            }
            // The events that follow it in the same entry decide.
            Event::Proposal(ProposalEvent::Signed(signed)) => signed.posts,
            Event::Proposal(_) => false,
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

    /// Whether it may be known that there is such a total: of all but those of restricted
    /// programmes it may.
    pub(crate) fn knows_total(&self, total: &ScopeDefined) -> bool {
        total.programmes.iter().all(|code| self.knows(*code))
    }

    fn any(&self, test: impl Fn(&Part) -> bool) -> bool {
        self.parts.as_ref().is_none_or(|parts| parts.iter().any(test))
    }
}

/// The read models as somebody may read them.
#[derive(Clone, Copy, Debug)]
pub struct Within<'m> {
    pub(crate) models: &'m ReadModels,
    pub(crate) scope: &'m Scope,
}

impl ReadModels {
    /// These read models, of which only a part may be read.
    pub const fn within<'m>(&'m self, scope: &'m Scope) -> Within<'m> {
        Within { models: self, scope }
    }
}

impl Within<'_> {
    /// [`ReadModels::budget`] of that part: sums are of what may be read.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn budget(&self, query: &BudgetQuery) -> Result<Vec<BudgetRow>, QueryError> {
        self.check(query)?;
        self.models.budget_in(query, self.scope)
    }

    /// [`ReadModels::behind`] of that part.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn behind(&self, query: &BudgetQuery) -> Result<Vec<Contribution>, QueryError> {
        self.check(query)?;
        let behind = self.models.behind(query)?.into_iter();
        Ok(behind.filter(|contribution| self.scope.admits(&contribution.line)).collect())
    }

    /// [`ReadModels::underspends`] of that part.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn underspends(&self, query: &BudgetQuery) -> Result<Vec<Underspend>, QueryError> {
        self.check(query)?;
        let underspends = self.models.underspends(query)?.into_iter();
        Ok(underspends.filter(|underspend| self.scope.admits(&underspend.line)).collect())
    }

    /// [`ReadModels::adjustments`] of that part.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn adjustments(&self, query: &BudgetQuery) -> Result<Vec<Adjustment>, QueryError> {
        self.check(query)?;
        let adjustments = self.models.adjustments(query)?.into_iter();
        Ok(adjustments.filter(|adjustment| self.scope.admits(&adjustment.posted_on)).collect())
    }

    /// When an entry was recorded; none where there is no such entry.
    pub fn recorded(&self, position: Position) -> Option<Timestamp> {
        self.models.times.recorded(position)
    }

    /// [`ReadModels::line_figures`] of that part.
    pub fn line_figures(&self, query: &BudgetQuery) -> Vec<(LineKey, Figures)> {
        let mut lines = self.models.line_figures(query);
        lines.retain(|(line, _)| self.scope.admits(line));
        lines
    }

    /// A programme that may not be known is as one that is not there.
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
    fn a_body_is_read_whole_where_a_grant_of_all_programmes_covers_it() {
        let body = |text: &str| text.parse().expect("a body");
        let scope = Scope::of(vec![part(&["A"], &["P"]), part(&["B"], &[])], BTreeSet::new());
        assert!(scope.admits_body(body("B")));
        assert!(!scope.admits_body(body("A")) && !scope.admits_body(body("C")));
        assert!(Scope::everything().admits_body(body("C")));
    }

    #[test]
    fn whoever_was_granted_nothing_reads_nothing() {
        let nothing = Scope::of(Vec::new(), BTreeSet::new());
        assert!(!nothing.admits(&line("P/A/2017-18/revenue")));
        assert!(Scope::everything().admits(&line("P/A/2017-18/revenue")));
    }
}
