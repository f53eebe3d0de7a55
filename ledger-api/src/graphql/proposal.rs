//! Proposals: what waits for sign-off, with whom and since when, and what became of the rest.

use async_graphql::{Enum, ID, Object, SimpleObject};
use ledger_core::domain::actor;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::event::{self, Effect};
use ledger_core::domain::ledger;
use ledger_core::domain::position::Position;
use ledger_core::domain::sign_off;
use projections::proposals::{Review, StepTaken};
use projections::{ReadModels, proposals};

use super::entry::Entry;
use super::page;
use super::scalars::{self, LogPosition, MoneyGbp};
use super::view::View;
use crate::changes::{Change, proposed};
use crate::describe;

/// Who oversees what: the steps of sign-off are theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "actor::Tier")]
pub(super) enum Tier {
    /// An integrated care board, for the providers of its system.
    Icb,
    /// Finance of an NHS England region, for the systems in it.
    Region,
    /// The department, for all.
    Department,
}

/// What has become of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(super) enum ProposalStatus {
    /// It waits for nobody yet.
    Draft,
    /// It waits for sign-off.
    Submitted,
    /// It was posted with its last signature.
    Posted,
    /// One of those it waited for rejected it.
    Rejected,
    /// Those who made it took it back.
    Withdrawn,
}

impl From<ledger::ProposalStatus> for ProposalStatus {
    fn from(status: ledger::ProposalStatus) -> Self {
        match status {
            ledger::ProposalStatus::Draft => ProposalStatus::Draft,
            ledger::ProposalStatus::Submitted => ProposalStatus::Submitted,
            ledger::ProposalStatus::Posted(_) => ProposalStatus::Posted,
            ledger::ProposalStatus::Rejected => ProposalStatus::Rejected,
            ledger::ProposalStatus::Withdrawn => ProposalStatus::Withdrawn,
        }
    }
}

/// What a peer review comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "event::ReviewOutcome")]
pub(super) enum ReviewOutcome {
    /// The plan is supported.
    Supported,
    /// It is supported if something is changed.
    SupportedWithChanges,
    /// It is not.
    NotSupported,
}

/// Investment that was counted against a limit beside what is proposed.
#[derive(SimpleObject)]
pub(super) struct Counted {
    /// The entry that posted it, or the proposal it waited in.
    entry: LogPosition,
    /// Whether it waited.
    pending: bool,
    /// How much of it counted.
    amount: MoneyGbp,
}

/// A step of sign-off: whose it is, why, and who took it when.
#[derive(SimpleObject)]
pub(super) struct SignOffStep {
    /// The tier whose it is.
    tier: Tier,
    /// The ICB, the region or the department.
    body: scalars::Body,
    /// The rule that asks for it.
    rule: &'static str,
    /// The limit that is passed; null where the rule has none.
    limit: Option<MoneyGbp>,
    /// Since when the rule holds with this limit: the date of the policy that this version was judged
    /// by, or when the book was opened with it.
    since: Option<scalars::Moment>,
    /// All that was counted against the limit, this included; null where the rule has none.
    amount: Option<MoneyGbp>,
    /// What else was counted.
    counted: Vec<Counted>,
    /// Since when the proposal waits for it, or waited; null where its turn has not come.
    waiting_since: Option<scalars::Moment>,
    /// Who signed, by opaque id; null where nobody has.
    signed_by: Option<String>,
    /// When.
    signed_at: Option<scalars::Moment>,
    /// The entry of the signature.
    signed_in: Option<LogPosition>,
    /// The delegation it was signed under, by the entry that gave it; null where it was in person.
    delegation: Option<LogPosition>,
}

impl SignOffStep {
    /// A step, and since when the rule it rests on holds.
    fn new(taken: &StepTaken<'_>, since: Option<Timestamp>) -> Self {
        let sign_off::Step { tier, body, because } = taken.step;
        let counted = because.counted().iter().map(|one| Counted {
            entry: one.entry.into(),
            pending: one.pending,
            amount: one.pence.into(),
        });
        let signed = taken.signed.as_ref();
        SignOffStep {
            tier: (*tier).into(),
            body: (*body).into(),
            rule: because.rule(),
            limit: because.limit().map(Into::into),
            since: since.map(Into::into),
            amount: because.pence().map(Into::into),
            counted: counted.collect(),
            waiting_since: taken.since.map(Into::into),
            signed_by: signed.map(|signed| signed.by.to_string()),
            signed_at: signed.map(|signed| signed.at.into()),
            signed_in: signed.map(|signed| signed.entry.into()),
            delegation: signed.and_then(|signed| signed.delegation).map(Into::into),
        }
    }
}

/// A figure that a proposal would change, as things stand.
#[derive(SimpleObject)]
pub(super) struct ProposedChange {
    /// The line, or the fund and class such as `P2020/unsplit`.
    account: String,
    /// Which of its figures: `unallocated` of a fund; `revised`, `committed`, `accrued` or `actual`
    /// of a line.
    figure: &'static str,
    /// By how much it would change.
    change: MoneyGbp,
    /// What it is.
    before: MoneyGbp,
    /// What it would be.
    after: MoneyGbp,
    /// What is available on the line before; null of a fund.
    available: Option<MoneyGbp>,
}

impl ProposedChange {
    pub(super) fn new(models: &ReadModels, view: &View, effect: &Effect) -> Self {
        let Change { account, figure, before, after } = proposed(models, view.moment, effect);
        let line = effect.leg.as_line();
        let available = line.map(|line| {
            models.line(&line, view.moment, None).unwrap_or_default().available().into()
        });
        let change = effect.leg.pence.into();
        ProposedChange {
            account,
            figure,
            change,
            before: before.into(),
            after: after.into(),
            available,
        }
    }
}

/// A peer review of a proposal. It decides nothing.
#[derive(SimpleObject)]
pub(super) struct PeerReview {
    /// The provider that was asked.
    body: scalars::Body,
    /// What came of it; null until it is given.
    outcome: Option<ReviewOutcome>,
    /// Who gave it, by opaque id.
    by: Option<String>,
}

impl From<&Review<'_>> for PeerReview {
    fn from(review: &Review<'_>) -> Self {
        PeerReview {
            body: review.body.into(),
            outcome: review.given.map(|(_, outcome)| outcome.into()),
            by: review.given.map(|(by, _)| by.to_string()),
        }
    }
}

/// An adjustment that waits, or waited, for sign-off. Until it is posted it moves no figure.
pub(super) struct Proposal {
    pub(super) view: View,
    pub(super) number: Position,
}

impl Proposal {
    /// A proposal as at a view; none where none of this number was made then.
    pub(super) fn find(view: &View, number: Position) -> Option<Self> {
        let models = view.models();
        let found = models.proposals.get(number, view.position())?;
        view.scope.admits_effects(found.effects).then(|| Proposal { view: view.clone(), number })
    }

    fn read<T>(&self, what: impl FnOnce(&proposals::Proposal<'_>) -> T) -> Option<T> {
        let models = self.view.models();
        models.proposals.get(self.number, self.view.position()).map(|found| what(&found))
    }

    /// Since when the rules hold that this version was judged by.
    fn rules_since(&self) -> Option<Timestamp> {
        let made_by = self.read(|found| found.made_by)?;
        self.view.models().rules_since(made_by)
    }
}

/// An adjustment that waits, or waited, for sign-off. Until it is posted it moves no figure.
#[Object]
impl Proposal {
    /// The global id.
    pub(super) async fn id(&self) -> ID {
        ID(format!("Proposal:{}", self.number))
    }

    /// Its number: the position of the entry that first made it.
    async fn number(&self) -> LogPosition {
        self.number.into()
    }

    /// Its version, from 1: a signature names it.
    async fn version(&self) -> Option<u32> {
        self.read(|found| found.version)
    }

    /// What has become of it.
    async fn status(&self) -> Option<ProposalStatus> {
        self.read(|found| found.status.into())
    }

    /// What it proposes, as the names of commands.
    async fn summary(&self) -> Option<String> {
        self.read(|found| describe::command(found.command))
    }

    /// What it proposes, in the JSON form that posting files have.
    async fn command(&self) -> Option<String> {
        self.read(|found| serde_json::to_string(found.command).unwrap_or_default())
    }

    /// Everybody who has made a version of it, by opaque id: none of them signs it.
    async fn preparers(&self) -> Option<Vec<String>> {
        self.read(|found| found.preparers.iter().map(ToString::to_string).collect())
    }

    /// When this version was submitted; null of a draft.
    async fn submitted_at(&self) -> Option<scalars::Moment> {
        self.read(|found| found.submitted.map(Into::into)).flatten()
    }

    /// The entry that made this version: why, and on what evidence.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn made_by(&self) -> Option<Entry> {
        self.read(|found| Entry::at(&self.view, found.made_by))
    }

    /// The steps of sign-off, in order.
    #[graphql(complexity = "page::times(3, child_complexity)")]
    async fn steps(&self) -> Option<Vec<SignOffStep>> {
        let since = self.rules_since();
        self.read(|found| found.steps.iter().map(|taken| SignOffStep::new(taken, since)).collect())
    }

    /// The step it waits for; null where it does not wait.
    async fn waits_for(&self) -> Option<SignOffStep> {
        let since = self.rules_since();
        self.read(|found| found.waits_for().map(|taken| SignOffStep::new(taken, since))).flatten()
    }

    /// The figures it would change, as things stand.
    #[graphql(complexity = "page::times(5, child_complexity)")]
    async fn changes(&self) -> Vec<ProposedChange> {
        let models = self.view.models();
        let found = models.proposals.get(self.number, self.view.position());
        let effects = found.map(|found| found.effects).unwrap_or_default();
        effects.iter().map(|effect| ProposedChange::new(&models, &self.view, effect)).collect()
    }

    /// Peer reviews of this version.
    #[graphql(complexity = "page::times(3, child_complexity)")]
    async fn reviews(&self) -> Option<Vec<PeerReview>> {
        self.read(|found| found.reviews.iter().map(Into::into).collect())
    }

    /// The entry that posted, rejected or withdrew it; null while it is not over.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn ended_by(&self) -> Option<Entry> {
        self.read(|found| found.over.map(|(entry, _)| Entry::at(&self.view, entry))).flatten()
    }
}
