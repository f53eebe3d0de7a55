//! Proposals: what waits for sign-off, with whom and since when, and what became of the rest.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use ledger_core::domain::actor;
use ledger_core::domain::event::{self, Effect};
use ledger_core::domain::ledger;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::Account;
use ledger_core::domain::position::Position;
use ledger_core::domain::sign_off;
use projections::proposals::{Review, StepTaken};
use projections::{ReadModels, proposals};

use super::Limits;
use super::entry::Entry;
use super::page::{self, Page, Slice};
use super::scalars::{self, LogPosition, MoneyGbp};
use super::view::{AsAt, View};
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

impl From<&StepTaken<'_>> for SignOffStep {
    fn from(taken: &StepTaken<'_>) -> Self {
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
    fn new(models: &ReadModels, view: &View, effect: &Effect) -> Self {
        let Effect { figure, leg } = effect;
        let (account, name, before, available) = match leg.account {
            Account::Line(line) => {
                let figures = models.line(&line, view.moment, None).unwrap_or_default();
                let (name, before) = match figure {
                    event::Figure::Budget => ("revised", figures.revised),
                    event::Figure::Committed => ("committed", figures.committed),
                    event::Figure::Accrued => ("accrued", figures.accrued),
                    event::Figure::Actual => ("actual", figures.actual),
                };
                (line.to_string(), name, before, Some(figures.available()))
            }
            Account::Fund(pot) => {
                let before = models.funds.at(pot, view.position()).unallocated();
                (pot.to_string(), "unallocated", before, None)
            }
            Account::Outside(outside) => (format!("{outside:?}"), "balance", Pence::ZERO, None),
        };
        ProposedChange {
            account,
            figure: name,
            change: leg.pence.into(),
            before: before.into(),
            after: before.plus(leg.pence).into(),
            available: available.map(Into::into),
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
    view: View,
    number: Position,
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
        self.read(|found| found.steps.iter().map(Into::into).collect())
    }

    /// The step it waits for; null where it does not wait.
    async fn waits_for(&self) -> Option<SignOffStep> {
        self.read(|found| found.waits_for().map(Into::into)).flatten()
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

/// How long sign-off took, of the steps of one tier that were signed in one month.
#[derive(SimpleObject)]
pub(super) struct SignOffTime {
    /// The financial year of the signatures.
    year: scalars::Year,
    /// Their month.
    month: scalars::YearMonth,
    /// Their tier.
    tier: Tier,
    /// How many steps were signed.
    steps: u64,
    /// How long they waited on average, in hours with one decimal.
    average_hours: scalars::Number,
    /// How long the longest waited.
    longest_hours: scalars::Number,
}

impl From<proposals::SignOffTime> for SignOffTime {
    fn from(time: proposals::SignOffTime) -> Self {
        let proposals::SignOffTime { year, month, tier, steps, micros, longest_micros } = time;
        let average = i64::try_from(steps).ok().and_then(|steps| micros.checked_div(steps));
        SignOffTime {
            year: year.into(),
            month: month.into(),
            tier: tier.into(),
            steps,
            average_hours: hours(average.unwrap_or(0)),
            longest_hours: hours(longest_micros),
        }
    }
}

fn hours(micros: i64) -> scalars::Number {
    const HOUR: i64 = 3_600_000_000;
    let tenths = rust_decimal::Decimal::new(micros.saturating_mul(10) / HOUR, 1);
    tenths.into()
}

/// A delegation: somebody may sign as what another is.
#[derive(SimpleObject)]
pub(super) struct Delegation {
    /// Its number: the position of the entry that gave it.
    number: LogPosition,
    /// Who gave it, by opaque id.
    from: String,
    /// Who may sign, by opaque id.
    to: String,
    /// The tier.
    tier: Tier,
    /// The ICB, the region or the department.
    body: scalars::Body,
    /// From this moment.
    begins: scalars::Moment,
    /// Until before this moment.
    ends: scalars::Moment,
    /// The entry that ended it before its time; null where none did.
    ended_by: Option<LogPosition>,
}

impl From<proposals::Delegation> for Delegation {
    fn from(delegation: proposals::Delegation) -> Self {
        let proposals::Delegation { id, given, ended } = delegation;
        Delegation {
            number: id.into(),
            from: given.from.to_string(),
            to: given.to.to_string(),
            tier: given.capacity.tier.into(),
            body: given.capacity.body.into(),
            begins: given.begins.into(),
            ends: given.ends.into(),
            ended_by: ended.map(Into::into),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct ProposalQuery;

#[Object]
impl ProposalQuery {
    /// A proposal; null where none of this number was made then.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn proposal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its number.")] number: LogPosition,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Option<Proposal>> {
        let view = View::open(context, as_at, at_least_position).await?;
        Ok(Proposal::find(&view, number.0))
    }

    /// The proposals, in the order in which they were made, rejected ones too.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn proposals(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
        #[graphql(desc = "Only those of which this has become.")] status: Option<ProposalStatus>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Page<Proposal>> {
        let view = View::open(context, as_at, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let all: Vec<Position> = {
            let (models, at) = (slice.view.models(), slice.view.position());
            let wanted = |found: &proposals::Proposal<'_>| {
                slice.view.scope.admits_effects(found.effects)
                    && status.is_none_or(|status| ProposalStatus::from(found.status) == status)
            };
            models.proposals.all(at).filter(wanted).map(|found| found.id).collect()
        };
        Ok(slice.page(all, |number| Proposal { view: slice.view.clone(), number }))
    }

    /// The proposals that wait for sign-off, the longest first.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn sign_off_queue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
        #[graphql(desc = "Only those that wait for this tier.")] tier: Option<Tier>,
        #[graphql(desc = "Only those that wait for this body.")] body: Option<scalars::Body>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Page<Proposal>> {
        let view = View::open(context, as_at, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let all: Vec<Position> = {
            let (models, at) = (slice.view.models(), slice.view.position());
            let wanted = |found: &proposals::Proposal<'_>| {
                let readable = slice.view.scope.admits_effects(found.effects);
                found.waits_for().filter(|_| readable).is_some_and(|taken| {
                    tier.is_none_or(|tier| Tier::from(taken.step.tier) == tier)
                        && body.as_ref().is_none_or(|body| taken.step.body == body.0)
                })
            };
            let waiting = models.proposals.waiting(at).filter(wanted);
            let mut waiting: Vec<_> = waiting
                .map(|found| (found.waits_for().and_then(|taken| taken.since), found.id))
                .collect();
            waiting.sort_unstable();
            waiting.into_iter().map(|(_, number)| number).collect()
        };
        Ok(slice.page(all, |number| Proposal { view: slice.view.clone(), number }))
    }

    /// The figures that would change if everything that waits were posted.
    #[graphql(complexity = "page::one(page::times(20, child_complexity))")]
    async fn if_all_were_posted(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Vec<ProposedChange>> {
        let view = View::open(context, as_at, at_least_position).await?;
        let models = view.models();
        let effects = models.proposals.if_all_were_posted(view.position(), &view.scope);
        Ok(effects.iter().map(|effect| ProposedChange::new(&models, &view, effect)).collect())
    }

    /// How long sign-off took, by the month of the signature and by tier.
    #[graphql(complexity = "page::one(page::times(12, child_complexity))")]
    async fn sign_off_times(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Vec<SignOffTime>> {
        let view = View::open(context, as_at, at_least_position).await?;
        let times = view.models().proposals.sign_off_times(view.position());
        Ok(times.into_iter().map(Into::into).collect())
    }

    /// The delegations given by then, in order.
    #[graphql(complexity = "page::one(page::times(10, child_complexity))")]
    async fn delegations(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Vec<Delegation>> {
        let view = View::open(context, as_at, at_least_position).await?;
        let models = view.models();
        Ok(models.proposals.delegations(view.position()).map(Into::into).collect())
    }
}
