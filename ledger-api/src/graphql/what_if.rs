//! What-if: what the book would say, had something else been posted. Nothing is stored.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};
use ledger_core::domain::actor::Actor;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use projections::what_if::{NotSupposed, WhatIf};
use tokio::sync::Semaphore;

use super::Caller;
use super::entry::{Entry, Warning};
use super::fault::{denied, fault, interrupted, unreadable};
use super::mutation::AnyPosting;
use super::page;
use super::posting::{Change, UserError};
use super::previewing::PREVIEWS_MAX;
use super::query::Query;
use super::scalars;
use super::view::{AsAt, Root, View};
use crate::access::gate::Denied;
use crate::supposing::{changes, suppose};

/// So many what-ifs are worked out side by side: each holds a copy of what the lines of a book are.
const SIDE_BY_SIDE: usize = 2;

/// How many what-ifs may be worked out at a time.
#[derive(Clone)]
pub(super) struct WhatIfs(Arc<Semaphore>);

impl Default for WhatIfs {
    fn default() -> Self {
        WhatIfs(Arc::new(Semaphore::new(SIDE_BY_SIDE)))
    }
}

/// What is supposed.
#[derive(InputObject)]
pub(super) struct WhatIfInput {
    /// The postings, in order, each as if those before it had been posted: at most 1000. What of
    /// them needs a signature is taken to have it; keys are not compared with those of the book.
    pub(super) postings: Vec<AnyPosting>,
}

/// What came of a posting that was supposed.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct SupposedPosting {
    #[graphql(skip)]
    view: View,
    /// The position its entry would have; null where it is refused.
    position: Option<scalars::LogPosition>,
    /// What deserves a look about it.
    warnings: Vec<Warning>,
    /// The rules it breaks; empty where it passes. One that is refused changes nothing for those
    /// after it.
    user_errors: Vec<UserError>,
}

#[ComplexObject]
impl SupposedPosting {
    /// The entry it would be; null where it is refused.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Option<Entry> {
        Some(Entry::at(&self.view, self.position.as_ref()?.0))
    }
}

/// What the book would be.
pub(super) struct Supposition {
    view: View,
    supposed: Arc<WhatIf>,
    outcomes: Vec<Result<Position, Vec<UserError>>>,
}

/// What the book would be, had something else been posted.
#[Object(name = "WhatIf")]
impl Supposition {
    /// The last entry that has happened: what is supposed follows it.
    async fn from(&self) -> scalars::LogPosition {
        self.supposed.from().position.into()
    }

    /// The position that what is supposed ends at.
    async fn position(&self) -> scalars::LogPosition {
        self.supposed.moment().position.into()
    }

    /// What came of each posting, in their order.
    #[graphql(complexity = "page::one(page::times(10, child_complexity))")]
    async fn outcomes(&self) -> Vec<SupposedPosting> {
        let outcome = |outcome: &Result<Position, Vec<UserError>>| {
            let position = outcome.as_ref().ok().copied();
            let decision = position.and_then(|position| self.supposed.decision(position));
            let warnings = decision.map_or(&[][..], |decision| &decision.warnings);
            SupposedPosting {
                view: self.view.clone(),
                position: position.map(Into::into),
                warnings: warnings.iter().map(Warning::from).collect(),
                user_errors: outcome.as_ref().err().cloned().unwrap_or_default(),
            }
        };
        self.outcomes.iter().map(outcome).collect()
    }

    /// The figures that all of it together would change: of each line and fund, before and after.
    #[graphql(complexity = "page::one(page::times(10, child_complexity))")]
    async fn changes(&self) -> Vec<Change> {
        changes(&self.supposed).into_iter().map(Change::from).collect()
    }

    /// Every question of the book, answered as it would be. Without `asAt`, as at the end of what is
    /// supposed.
    async fn book(&self) -> Query {
        Query::of(&Root::of(Arc::clone(&self.supposed)))
    }
}

#[derive(Default)]
pub(super) struct WhatIfQuery(pub(super) Root);

#[Object]
impl WhatIfQuery {
    /// What the book would say, had something else been posted after a moment: judged by the rules
    /// that were in force then, applied to a copy, and asked about as the book is. Nothing is stored.
    /// It is judged on the whole book, and told to those who may read all of it.
    #[graphql(complexity = "page::one(page::times(input.postings.len(), 10) + child_complexity)")]
    async fn what_if(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is supposed.")] input: WhatIfInput,
        #[graphql(desc = "After which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> async_graphql::Result<Supposition> {
        let view = self.0.view_of_log(context, as_at, at_least_position).await?;
        let actor = context.data_opt::<Caller>().map(|caller| Arc::clone(&caller.actor));
        Supposing::read(context, input, actor)?.after(view).await
    }
}

/// What somebody supposes.
pub(super) struct Supposing {
    actor: Arc<Actor>,
    /// Of each posting, what is malformed about it.
    rows: Vec<Result<(), Vec<UserError>>>,
    /// Those that are not.
    postings: Arc<[Posting]>,
    turns: WhatIfs,
}

impl Supposing {
    /// What an input says, supposed by somebody, or by nobody in particular.
    pub(super) fn read(
        context: &Context<'_>,
        input: WhatIfInput,
        actor: Option<Arc<Actor>>,
    ) -> async_graphql::Result<Self> {
        let actor = actor.map_or_else(|| nobody().map(Arc::new), Ok)?;
        let count = input.postings.len();
        if count > PREVIEWS_MAX {
            let message = format!(
                "{count} postings are too many to suppose together: send at most {PREVIEWS_MAX}, or ask a data folder, such as a copy of this one"
            );
            return Err(fault("TOO_MANY_POSTINGS", message));
        }
        let mut postings = Vec::new();
        let read = |posting: AnyPosting| {
            let (command, fields) = posting.read();
            let command = command.map_err(|malformed| vec![malformed.into()])?;
            fields.posting(command)
        };
        let mut keep = |posting| postings.push(posting);
        let rows = input.postings.into_iter().map(|posting| read(posting).map(&mut keep)).collect();
        let turns = context.data::<WhatIfs>()?.clone();
        Ok(Supposing { actor, rows, postings: postings.into(), turns })
    }

    /// What the book would be, when it is its turn.
    pub(super) async fn after(&self, view: View) -> async_graphql::Result<Supposition> {
        if view.is_partial() {
            return Err(denied(&Denied::Unscoped));
        }
        let turn = self.turns.0.acquire().await;
        let (of, actor, postings) =
            (view.clone(), Arc::clone(&self.actor), Arc::clone(&self.postings));
        let work = move || {
            let mut supposed = WhatIf::new(&of.models(), of.moment);
            let judged = suppose(&mut supposed, &**of.book.store(), &postings, &actor);
            judged.map(|judged| (supposed, judged))
        };
        let worked_out = tokio::task::spawn_blocking(work).await;
        drop(turn);
        let worked_out = worked_out.map_err(|error| interrupted(&error))?;
        let (supposed, judged) = worked_out.map_err(|error| unreadable(&error))?;
        let supposed = Arc::new(supposed);
        let mut judged = judged.into_iter();
        let outcome = |row: &Result<(), Vec<UserError>>| {
            row.clone()?;
            let judged = judged.next().unwrap_or(Err(NotSupposed::AboutSignOff));
            judged.map_err(|not| vec![UserError::of_supposed(&not)])
        };
        let outcomes = self.rows.iter().map(outcome).collect();
        let moment = supposed.moment();
        let view = View { supposed: Some(Arc::clone(&supposed)), moment, ..view };
        Ok(Supposition { view, supposed, outcomes })
    }
}

/// Who supposes where nobody in particular reads.
fn nobody() -> async_graphql::Result<Actor> {
    let id = "nobody".parse().map_err(|_| fault("INTERNAL_SERVER_ERROR", "internal error"))?;
    Ok(Actor { id, capacities: Vec::new(), administers: false, lapsed: Vec::new() })
}
