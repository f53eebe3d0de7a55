//! Scopes: the part of a book a person may read.
//!
//! What somebody may not read looks to them as if it were absent, in answers and in refusals.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::code::{BodyCode, FundCode, ProgrammeCode};
use super::command::{Command, Targets};
use super::decide::Original;
use super::event::{Effect, Event, ProposalEvent, ScopeDefined};
use super::ledger::Ledger;
use super::line::LineKey;
use super::movement::Account;
use super::policy::Policy;
use super::position::Position;
use super::sign_off::{MoneySource, SignOffReason};
use super::warning::Warning;

/// The part of a book a reader may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The union of these parts; None for the whole book.
    parts: Option<Vec<Part>>,
    /// Programmes hidden from a part without `restricted`.
    restricted: BTreeSet<ProgrammeCode>,
    /// The funds whose balances a part of a book includes.
    funds: BTreeSet<FundCode>,
    /// Whether policies are included whole, for those who propose and sign them.
    policies: bool,
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
        Scope { parts: Some(parts), restricted, ..Scope::default() }
    }

    /// The scope with the balances of some funds.
    #[must_use]
    pub fn with_funds(self, funds: BTreeSet<FundCode>) -> Self {
        if self.is_everything() { self } else { Scope { funds, ..self } }
    }

    /// The scope of a person who proposes or signs policies.
    #[must_use]
    pub fn with_policies(self, policies: bool) -> Self {
        if self.is_everything() { self } else { Scope { policies, ..self } }
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

    /// Whether the scope includes every line of a body, also of restricted programmes.
    pub fn admits_whole_body(&self, body: BodyCode) -> bool {
        self.any(|part| {
            let listed = part.bodies.as_ref().is_none_or(|bodies| bodies.contains(&body));
            listed && part.programmes.is_none() && self.hides_nothing_from(part)
        })
    }

    /// Whether the scope includes every line of a programme and of those below it.
    fn admits_whole_programme(&self, programme: ProgrammeCode) -> bool {
        self.any(|part| {
            part.bodies.is_none()
                && part.admits_programme(programme, &self.restricted)
                && self.hides_nothing_from(part)
        })
    }

    /// Whether no restricted programme is hidden from a part.
    fn hides_nothing_from(&self, part: &Part) -> bool {
        part.restricted || self.restricted.is_empty()
    }

    /// Whether the scope includes every line of a programme.
    pub fn admits_programme(&self, programme: ProgrammeCode) -> bool {
        self.any(|part| part.bodies.is_none() && part.admits_programme(programme, &self.restricted))
    }

    /// Whether the scope includes the whole book, restricted programmes aside.
    pub fn is_wide(&self) -> bool {
        self.any(|part| part.bodies.is_none() && part.programmes.is_none())
    }

    /// Whether the scope includes the balances of a fund, which sum over all lines.
    pub fn admits_fund(&self, fund: FundCode) -> bool {
        self.is_everything() || self.funds.contains(&fund)
    }

    /// Whether the scope includes all of a policy.
    pub fn admits_policy(&self, policy: &Policy) -> bool {
        self.policies || policy.restricted.iter().all(|code| self.knows(*code))
    }

    /// Whether the scope includes the figures by which a step of sign-off is needed.
    pub fn admits_reason(&self, because: &SignOffReason) -> bool {
        match because {
            // The programmes of a body count together.
            SignOffReason::ProviderInvestment { body, .. }
            | SignOffReason::SystemInvestment { system: body, .. } => self.admits_whole_body(*body),
            SignOffReason::MovementsOut { source: MoneySource::Fund(fund), .. } => {
                self.admits_fund(*fund)
            }
            SignOffReason::MovementsOut { source: MoneySource::Programme(programme), .. } => {
                self.admits_whole_programme(*programme)
            }
            SignOffReason::LargeMovement { .. }
            | SignOffReason::Always { .. }
            | SignOffReason::Proposed
            | SignOffReason::Policy => true,
        }
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

    /// Whether the scope includes a proposal: every line it would change. A proposal that changes
    /// no line, such as a draft, takes a role that reaches the whole book, and knows what it names.
    pub fn admits_proposal(&self, command: &Command, effects: &[Effect]) -> bool {
        if self.is_everything() {
            return true;
        }
        let admitted = |effect: &Effect| match effect.leg.account {
            Account::Line(line) => self.admits(&line),
            // An allocation's fund leg is visible to readers of the lines that get it.
            Account::Fund(_) | Account::Outside(_) => true,
        };
        if effects.iter().any(|effect| effect.leg.as_line().is_some()) {
            return effects.iter().all(admitted);
        }
        let targets = Targets::of(command);
        self.is_wide()
            && targets.programmes.iter().all(|code| self.knows(*code))
            && targets.lines.iter().all(|line| self.admits(line))
            && targets.references.is_empty()
            && targets.entries.is_empty()
            && targets.policies.iter().all(|policy| self.admits_policy(policy))
    }

    /// Whether the scope includes all that a command of a proposal names, as the ledger stands.
    pub(super) fn admits_command(
        &self,
        command: &Command,
        ledger: &Ledger<'_>,
        originals: &[Original],
    ) -> bool {
        if self.is_everything() {
            return true;
        }
        let targets = Targets::of(command);
        let line_of = |reference| ledger.obligation(reference).map(|found| found.line);
        let entry = |entry: &Position| {
            let found = originals.iter().find(|original| original.position == *entry);
            found.is_some_and(|original| self.admits_events(&original.events))
        };
        targets.lines.iter().all(|line| self.admits(line))
            && targets.bodies.iter().all(|body| self.admits_body(*body))
            && targets.programmes.iter().all(|code| self.admits_programme(*code))
            && targets.references.iter().all(|one| line_of(one).is_some_and(|l| self.admits(&l)))
            && targets.entries.iter().all(entry)
            && targets.policies.iter().all(|policy| self.admits_policy(policy))
            && (targets.whole_book.is_none() || self.is_wide())
    }

    /// Whether the scope includes every line and programme that new events change. The line that
    /// holds exchanged budget is the ledger's own.
    pub(super) fn admits_changes(&self, events: &[Event]) -> bool {
        let line = |line: LineKey| line.is_exchange_holding() || self.admits(&line);
        let admitted = |event: &Event| {
            let submitted = if let Event::Proposal(ProposalEvent::Submitted(submitted)) = event {
                &*submitted.effects
            } else {
                &[]
            };
            let programmes = if let Event::ProgrammeCancelled(changed)
            | Event::ProgrammeReinstated(changed) = event
            {
                &*changed.programmes
            } else {
                &[]
            };
            event.lines().into_iter().all(line)
                && submitted.iter().filter_map(|effect| effect.leg.as_line()).all(line)
                && programmes.iter().all(|code| self.knows(*code))
        };
        self.is_everything() || events.iter().all(admitted)
    }

    /// Whether the scope includes every figure that an entry's steps of sign-off and warnings tell.
    pub fn admits_wording(&self, events: &[Event], warnings: &[Warning]) -> bool {
        let steps = events.iter().flat_map(Event::steps);
        let whole = |warning: &Warning| warning.shown(self) == Some(warning.to_string());
        self.is_everything()
            || (steps.map(|step| &step.because).all(|because| self.admits_reason(because))
                && warnings.iter().all(whole))
    }

    fn admits_event(&self, event: &Event) -> bool {
        match event {
            // A published figure names a total, whose definition may cover any line.
            Event::FundingSettled(_)
            | Event::Earmarked(_)
            | Event::FundCancelled(_)
            | Event::OffsetLinked(_)
            | Event::FigurePublished(_) => false,
            Event::ScopeDefined(defined) => self.knows_total(defined),
            Event::Proposal(ProposalEvent::Submitted(submitted)) => {
                self.admits_proposal(&submitted.command, &submitted.effects)
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
            Event::PolicyAdopted(adopted) => self.admits_policy(&adopted.policy),
            Event::Delegation(_) => true,
            Event::ProgrammeOpened(opened) => self.knows(opened.code),
            Event::ProgrammeRenamed(renamed) => self.knows(renamed.code),
            Event::ProgrammeClosed(closed) => self.knows(closed.code),
            Event::ProgrammeCancelled(cancelled) | Event::ProgrammeReinstated(cancelled) => {
                cancelled.programmes.iter().all(|code| self.knows(*code))
            }
            Event::BookOpened(opened) => self.admits_policy(&opened.policy),
            Event::BodyRegistered(_)
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
            | Event::ForecastWithdrawn(_)
            | Event::UnderspendExplained(_)
            | Event::ProfileSet(_)
            | Event::BaselineStruck(_)
            | Event::BaselineWithdrawn(_)
            | Event::PeriodClosed(_)
            | Event::PeriodReopened(_)
            | Event::Reversed(_) => event.lines().iter().all(|line| self.admits(line)),
        }
    }

    /// Whether the reader may know that a total exists. It must include no restricted programme.
    pub fn knows_total(&self, total: &ScopeDefined) -> bool {
        total.programmes.iter().all(|code| self.knows(*code))
    }

    fn any(&self, test: impl Fn(&Part) -> bool) -> bool {
        self.parts.as_ref().is_none_or(|parts| parts.iter().any(test))
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
