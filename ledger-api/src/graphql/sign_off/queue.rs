//! Queries on sign-off: proposals, the queue, the effect of posting all of it, and delegations.

use async_graphql::{Context, Object, Result, SimpleObject};
use ledger_core::domain::actor::{Actor, Capacity};
use ledger_core::domain::position::Position;
use projections::{Moment, ReadModels, proposals};

use crate::access::keyed_book::has_lapsed;
use crate::access::sign_in::keyring::Keyring;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, LogPosition};
use crate::graphql::kit::view::{AsAt, Root};
use crate::graphql::sign_off::proposal::{Proposal, ProposalStatus, ProposedChange, Tier};
use crate::graphql::{Caller, Limits};
use crate::postings::changes::Ground;

/// A delegation: one person may sign on behalf of another.
#[derive(SimpleObject)]
pub(crate) struct Delegation {
    /// The number: the position of the entry that gave the delegation.
    number: LogPosition,
    /// The reviewer, by opaque id.
    from: String,
    /// Who may sign, by opaque id.
    to: String,
    /// The tier.
    tier: Tier,
    /// The ICB, the region or the department.
    body: scalars::Body,
    /// The start, included.
    begins: scalars::Moment,
    /// The end, not included.
    ends: scalars::Moment,
    /// The position of the entry that ended it early; null where none did.
    ended_by: Option<LogPosition>,
    /// Whether the giver has lost the delegated role, so that nobody may sign under it. Null at a
    /// named moment, since past roles are not known.
    lapsed: Option<bool>,
}

impl Delegation {
    /// A delegation of the book; `keys` is `None` at a named moment.
    fn of(delegation: proposals::Delegation, keys: Option<Option<&Keyring>>) -> Self {
        let proposals::Delegation { id, given, ended } = delegation;
        let lapsed = keys.map(|keys| has_lapsed(&given, keys));
        Delegation {
            number: id.into(),
            from: given.from.to_string(),
            to: given.to.to_string(),
            tier: given.capacity.tier.into(),
            body: given.capacity.body.into(),
            begins: given.begins.into(),
            ends: given.ends.into(),
            ended_by: ended.map(Into::into),
            lapsed,
        }
    }
}

#[derive(Default)]
pub(crate) struct ProposalQuery(pub(crate) Root);

/// A caller, and the capacities in which it may sign.
struct Concerned<'c> {
    actor: &'c Actor,
    capacities: Vec<Capacity>,
}

impl<'c> Concerned<'c> {
    fn new(caller: &'c Caller, models: &ReadModels, moment: Moment) -> Self {
        let actor = &*caller.actor;
        let delegated = models.proposals.delegations(moment.position).filter(|delegation| {
            let given = &delegation.given;
            delegation.ended.is_none()
                && given.to == actor.id
                && given.begins <= moment.time
                && moment.time < given.ends
                && !has_lapsed(given, caller.keys.as_deref())
        });
        let delegated = delegated.map(|delegation| delegation.given.capacity);
        let capacities = actor.capacities.iter().copied().chain(delegated).collect();
        Concerned { actor, capacities }
    }

    /// Whether it has made a proposal, or may sign its next step.
    fn with(&self, found: &proposals::Proposal<'_>) -> bool {
        if found.preparers.contains(&&self.actor.id) {
            return true;
        }
        found.waits_for().is_some_and(|waiting| {
            let capacity = Capacity { tier: waiting.step.tier, body: waiting.step.body };
            self.capacities.contains(&capacity)
        })
    }
}

#[Object]
impl ProposalQuery {
    /// A proposal; null where it was not made at the moment.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn proposal(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The number of the proposal.")] number: LogPosition,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Option<Proposal>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(Proposal::find(&view, number.0))
    }

    /// The proposals in the order they were made, including rejected ones.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn proposals(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only proposals with this status.")] status: Option<ProposalStatus>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Page<Proposal>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let all: Vec<Position> = {
            let (models, at) = (slice.view.models(), slice.view.position());
            let wanted = |found: &proposals::Proposal<'_>| {
                status.is_none_or(|status| ProposalStatus::from(found.status) == status)
            };
            let all = slice.view.within(&models).proposals(at).filter(wanted);
            all.map(|found| found.id).collect()
        };
        Ok(slice.page(all, |number| Proposal { view: slice.view.clone(), number }))
    }

    /// The proposals that wait for sign-off, longest wait first.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn sign_off_queue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only proposals that wait for this tier.")] tier: Option<Tier>,
        #[graphql(desc = "Only proposals that wait for this body.")] body: Option<scalars::Body>,
        #[graphql(
            desc = "Only proposals that the caller has made, or may sign next in person or by delegation.",
            default
        )]
        mine: bool,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Page<Proposal>> {
        let view = self.0.view_on(context, as_at, on, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let caller = context.data_opt::<Caller>();
        let all: Vec<Position> = {
            let (models, at) = (slice.view.models(), slice.view.position());
            let concerns = caller.map(|caller| Concerned::new(caller, &models, slice.view.moment));
            let wanted = |found: &proposals::Proposal<'_>| {
                if mine && !concerns.as_ref().is_some_and(|concerned| concerned.with(found)) {
                    return false;
                }
                found.waits_for().is_some_and(|taken| {
                    tier.is_none_or(|tier| Tier::from(taken.step.tier) == tier)
                        && body.as_ref().is_none_or(|body| taken.step.body == body.0)
                })
            };
            let waiting = slice.view.within(&models).proposals(at).filter(wanted);
            let mut waiting: Vec<_> = waiting
                .map(|found| (found.waits_for().and_then(|taken| taken.since), found.id))
                .collect();
            waiting.sort_unstable();
            waiting.into_iter().map(|(_, number)| number).collect()
        };
        Ok(slice.page(all, |number| Proposal { view: slice.view.clone(), number }))
    }

    /// The figures that would change if every waiting proposal were posted.
    #[graphql(complexity = "page::one(page::times(20, child_complexity))")]
    async fn if_all_were_posted(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Vec<ProposedChange>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let models = view.models();
        let effects = view.within(&models).if_all_were_posted(view.position());
        let ground = Ground { moment: view.moment, earlier: Vec::new() };
        Ok(effects.iter().map(|effect| ProposedChange::new(&models, &ground, effect)).collect())
    }

    /// The delegations given so far, in order.
    #[graphql(complexity = "page::one(page::times(10, child_complexity))")]
    async fn delegations(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<Vec<Delegation>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let models = view.models();
        let caller = context.data_opt::<Caller>();
        let keys = caller.and_then(|caller| caller.keys.as_deref());
        let keys = (!view.fixed).then_some(keys);
        let given = models.proposals.delegations(view.position());
        Ok(given.map(|one| Delegation::of(one, keys)).collect())
    }
}
