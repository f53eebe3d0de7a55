//! Sign-off: what waits with whom and since when, what if all of it were posted, and who signs for
//! whom.

use async_graphql::{Context, Object, Result, SimpleObject};
use ledger_core::domain::position::Position;
use projections::proposals;

use super::page::{self, Page, Slice};
use super::proposal::{Proposal, ProposalStatus, ProposedChange, Tier};
use super::scalars::{self, LogPosition};
use super::view::{AsAt, Root};
use super::{Caller, Limits};
use crate::access::delegated::has_lapsed;
use crate::access::keyring::Keyring;

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
    /// Whether who gave it is known to have lost the role since: then nobody may sign under it. Null
    /// as at a named moment: it is of keys, whose past is not asked for here.
    lapsed: Option<bool>,
}

impl Delegation {
    /// As the book tells it, and `keys` where it is asked as of now.
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
pub(super) struct ProposalQuery(pub(super) Root);

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
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(Proposal::find(&view, number.0))
    }

    /// The proposals, in the order in which they were made, rejected ones too.
    #[graphql(complexity = "page::list(first, child_complexity)")]
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
        let view = self.0.view(context, as_at, at_least_position).await?;
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
        let view = self.0.view(context, as_at, at_least_position).await?;
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
        let view = self.0.view(context, as_at, at_least_position).await?;
        let models = view.models();
        let effects = models.proposals.if_all_were_posted(view.position(), &view.scope);
        Ok(effects.iter().map(|effect| ProposedChange::new(&models, &view, effect)).collect())
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
        let view = self.0.view(context, as_at, at_least_position).await?;
        let models = view.models();
        let caller = context.data_opt::<Caller>();
        let keys = caller.and_then(|caller| caller.keys.as_deref());
        let keys = (!view.fixed).then_some(keys);
        let given = models.proposals.delegations(view.position());
        Ok(given.map(|one| Delegation::of(one, keys)).collect())
    }
}
