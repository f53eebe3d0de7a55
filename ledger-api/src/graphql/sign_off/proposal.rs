//! Proposals: the commands, the steps of sign-off, and the outcome.

use async_graphql::{Enum, ID, Object, Result, SimpleObject};
use ledger_core::domain::actor;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::decide;
use ledger_core::domain::event::{self, Effect, ProposalEvent};
use ledger_core::domain::ledger;
use ledger_core::domain::movement::Account;
use ledger_core::domain::position::Position;
use ledger_core::domain::sign_off;
use projections::proposals::{ProposalStep, Review};
use projections::scope::Scope;
use projections::{Moment, ReadModels, proposals};

use crate::graphql::kit::fault::unreadable;
use crate::graphql::kit::page;
use crate::graphql::kit::scalars::{self, LogPosition, MoneyGbp};
use crate::graphql::kit::view::View;
use crate::graphql::log::entry::Entry;
use crate::postings::changes::{Change, Ground, proposed};
use crate::text::{commands, describe};

/// A tier of oversight that signs off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "actor::Tier")]
pub(crate) enum Tier {
    /// An integrated care board, for providers of its system.
    Icb,
    /// Finance of an NHS England region, for the systems in it.
    Region,
    /// The department.
    Department,
}

/// The status of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum ProposalStatus {
    /// Not submitted yet.
    Draft,
    /// Waiting for sign-off.
    Submitted,
    /// Posted with its last signature.
    Posted,
    /// Rejected by an approver.
    Rejected,
    /// Withdrawn by its preparers.
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

/// The outcome of a peer review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "event::ReviewOutcome")]
pub(crate) enum ReviewOutcome {
    /// The plan is supported.
    Supported,
    /// The plan is supported if changed.
    SupportedWithChanges,
    /// The plan is not supported.
    NotSupported,
}

/// Other investment counted against the limit together with a proposal.
#[derive(SimpleObject)]
pub(crate) struct Counted {
    /// The entry that posted the investment, or the proposal it waited in.
    entry: LogPosition,
    /// Whether it was still waiting for sign-off.
    pending: bool,
    /// How much of it counted.
    amount: MoneyGbp,
}

/// A step of sign-off: the tier, the rule, and the signature.
#[derive(SimpleObject)]
pub(crate) struct SignOffStep {
    /// The tier that signs.
    tier: Tier,
    /// The ICB, the region or the department.
    body: scalars::Body,
    /// The rule that requires the step.
    rule: &'static str,
    /// The limit exceeded; null where the rule has none.
    limit: Option<MoneyGbp>,
    /// When the limit took effect: the date of the policy that judged this version, or the opening
    /// of the book.
    since: Option<scalars::Moment>,
    /// The total counted against the limit, including this proposal; null where the rule has no
    /// limit, or the total counts more than the caller may read.
    amount: Option<MoneyGbp>,
    /// The other investment counted, if the caller may read all of it.
    counted: Vec<Counted>,
    /// When the proposal began to wait for this step; null where an earlier step is not signed.
    waiting_since: Option<scalars::Moment>,
    /// Who signed, by opaque id; null where not signed.
    signed_by: Option<String>,
    /// When it was signed.
    signed_at: Option<scalars::Moment>,
    /// The position of the entry with the signature.
    signed_in: Option<LogPosition>,
    /// The position of the entry that gave the delegation used; null where signed in person.
    delegation: Option<LogPosition>,
}

impl SignOffStep {
    /// A step; `since` is when its rule took effect.
    fn new(taken: &ProposalStep<'_>, since: Option<Timestamp>, scope: &Scope) -> Self {
        let sign_off::Step { tier, body, because } = taken.step;
        // What counted may be out of the reader's scope.
        let told = Some(because).filter(|because| scope.admits_reason(because));
        let counted = told.map(sign_off::SignOffReason::counted).unwrap_or_default();
        let counted = counted.iter().map(|one| Counted {
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
            amount: told.and_then(sign_off::SignOffReason::pence).map(Into::into),
            counted: counted.collect(),
            waiting_since: taken.since.map(Into::into),
            signed_by: signed.map(|signed| signed.by.to_string()),
            signed_at: signed.map(|signed| signed.at.into()),
            signed_in: signed.map(|signed| signed.entry.into()),
            delegation: signed.and_then(|signed| signed.delegation).map(Into::into),
        }
    }
}

/// A figure that a proposal would change, or has changed.
#[derive(SimpleObject)]
pub(crate) struct ProposedChange {
    /// The line, or the fund and class, such as `P2020/unsplit`.
    account: String,
    /// The figure: `unallocated` of a fund; `revised`, `committed`, `accrued` or `actual` of a
    /// line.
    figure: &'static str,
    /// The amount of the change.
    change: MoneyGbp,
    /// The amount before.
    before: MoneyGbp,
    /// The amount after.
    after: MoneyGbp,
    /// What is available on the line before the change; null for a fund.
    available: Option<MoneyGbp>,
}

impl ProposedChange {
    pub(crate) fn new(models: &ReadModels, ground: &Ground, effect: &Effect) -> Self {
        let Change { account, figure, before, after } = proposed(models, ground, effect);
        let line = effect.leg.as_line();
        let available = line.map(|line| ground.available(models, &line).into());
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

/// A peer review of a proposal. It is advice only.
#[derive(SimpleObject)]
pub(crate) struct PeerReview {
    /// The provider that was asked.
    body: scalars::Body,
    /// The outcome; null until the review is given.
    outcome: Option<ReviewOutcome>,
    /// The reviewer, by opaque id.
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

/// A proposal that waits, or waited, for sign-off. It moves no figure until it is posted.
pub(crate) struct Proposal {
    pub(crate) view: View,
    pub(crate) number: Position,
}

impl Proposal {
    /// Finds a proposal; `None` where it was not made then, or the caller may not read it.
    pub(crate) fn find(view: &View, number: Position) -> Option<Self> {
        view.within(&view.models()).proposal(number, view.position())?;
        Some(Proposal { view: view.clone(), number })
    }

    fn read<T>(&self, what: impl FnOnce(&proposals::Proposal<'_>) -> T) -> Option<T> {
        let models = self.view.models();
        let found = self.view.within(&models).proposal(self.number, self.view.position());
        found.map(|found| what(&found))
    }

    /// The state it is judged on, and its effects: now, or at its end.
    fn ground(&self) -> Result<(Ground, Vec<Effect>)> {
        let now = Ground { moment: self.view.moment, earlier: Vec::new() };
        let effects = self.read(|found| found.effects.to_vec()).unwrap_or_default();
        let Some((entry, time)) = self.read(|found| found.over).flatten() else {
            return Ok((now, effects));
        };
        let position = Position::new(entry.get().saturating_sub(1));
        let moment = Moment { position, time };
        let events = self.view.events_of(entry).map_err(|error| unreadable(&error))?;
        let events = events.unwrap_or_default();
        let posts = |event: &event::Event| {
            matches!(event, event::Event::Proposal(ProposalEvent::Signed(signed))
                if signed.posts && signed.proposal == self.number)
        };
        let Some(signed) = events.iter().position(posts) else {
            return Ok((Ground { moment, ..now }, effects));
        };
        let (before, posted) = events.split_at(signed.saturating_add(1));
        let is_about_sign_off = |event: &event::Event| matches!(event, event::Event::Proposal(_));
        let until = posted.iter().position(is_about_sign_off).unwrap_or(posted.len());
        let posted = decide::effects(posted.get(..until).unwrap_or_default());
        // A cancellation releases what is there when it is posted, perhaps of lines opened since.
        let scope = &self.view.scope;
        let line_of = |effect: &Effect| effect.leg.as_line();
        let readable = posted.iter().filter_map(line_of).all(|line| scope.admits(&line));
        let ground = Ground { moment, earlier: decide::effects(before) };
        Ok((ground, if readable { posted } else { effects }))
    }

    /// When the policy that judged this version took effect.
    fn rules_since(&self) -> Option<Timestamp> {
        let made_by = self.read(|found| found.made_by)?;
        self.view.models().rules_since(made_by)
    }
}

/// A proposal that waits, or waited, for sign-off. It moves no figure until it is posted.
#[Object]
impl Proposal {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        ID(format!("Proposal:{}", self.number))
    }

    /// The number: the position of the entry that made the first version.
    async fn number(&self) -> LogPosition {
        self.number.into()
    }

    /// The version, from 1. A signature names the version it signs.
    async fn version(&self) -> Option<u32> {
        self.read(|found| found.version)
    }

    /// The status.
    async fn status(&self) -> Option<ProposalStatus> {
        self.read(|found| found.status.into())
    }

    /// The proposed commands, by name.
    async fn summary(&self) -> Option<String> {
        self.read(|found| describe::command(found.command))
    }

    /// Everything that is signed, in words: each part of each command, with its amounts.
    async fn details(&self) -> Option<Vec<String>> {
        self.read(|found| commands::in_full(found.command))
    }

    /// The proposed commands, in the JSON form of posting files.
    async fn command(&self) -> Option<String> {
        self.read(|found| serde_json::to_string(found.command).unwrap_or_default())
    }

    /// Everybody who made a version, by opaque id. None of them may sign.
    async fn preparers(&self) -> Option<Vec<String>> {
        self.read(|found| found.preparers.iter().map(ToString::to_string).collect())
    }

    /// When this version was submitted; null for a draft.
    async fn submitted_at(&self) -> Option<scalars::Moment> {
        self.read(|found| found.submitted.map(Into::into)).flatten()
    }

    /// The entry that made this version, with its reason and evidence.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn made_by(&self) -> Option<Entry> {
        self.read(|found| Entry::at(&self.view, found.made_by))
    }

    /// The steps of sign-off, in order.
    #[graphql(complexity = "page::times(3, child_complexity)")]
    async fn steps(&self) -> Option<Vec<SignOffStep>> {
        let since = self.rules_since();
        let step = |taken: &ProposalStep<'_>| SignOffStep::new(taken, since, &self.view.scope);
        self.read(|found| found.steps.iter().map(step).collect())
    }

    /// The step the proposal waits for; null where it does not wait.
    async fn waits_for(&self) -> Option<SignOffStep> {
        let since = self.rules_since();
        let step = |taken: &ProposalStep<'_>| SignOffStep::new(taken, since, &self.view.scope);
        self.read(|found| found.waits_for().map(step)).flatten()
    }

    /// The figures it would change now; of a posted proposal, those it changed when it was posted; of
    /// a rejected or withdrawn one, those it would have changed then. As far as the caller may read
    /// them.
    #[graphql(complexity = "page::times(5, child_complexity)")]
    async fn changes(&self) -> Result<Vec<ProposedChange>> {
        let (ground, effects) = self.ground()?;
        let models = self.view.models();
        // Balances of funds sum over all lines.
        let told = |effect: &&Effect| match effect.leg.account {
            Account::Fund(pot) => self.view.scope.admits_fund(pot.fund),
            Account::Line(_) | Account::Outside(_) => true,
        };
        let change = |effect| ProposedChange::new(&models, &ground, effect);
        Ok(effects.iter().filter(told).map(change).collect())
    }

    /// Peer reviews of this version.
    #[graphql(complexity = "page::times(3, child_complexity)")]
    async fn reviews(&self) -> Option<Vec<PeerReview>> {
        self.read(|found| found.reviews.iter().map(Into::into).collect())
    }

    /// The entry that posted, rejected or withdrew the proposal; null before that.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn ended_by(&self) -> Option<Entry> {
        self.read(|found| found.over.map(|(entry, _)| Entry::at(&self.view, entry))).flatten()
    }
}
