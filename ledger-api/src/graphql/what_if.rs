//! What-ifs: the book as it would be with further postings. Nothing is stored.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};
use ledger_core::domain::actor::Actor;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use projections::what_if::{WhatIf, WhatIfError};
use tokio::sync::Semaphore;

use crate::access::gate::Denied;
use crate::graphql::Caller;
use crate::graphql::Limits;
use crate::graphql::kit::fault::{denied, fault, interrupted, unreadable};
use crate::graphql::kit::page;
use crate::graphql::kit::scalars;
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::log::entry::{Entry, Warning};
use crate::graphql::mutation::AnyPosting;
use crate::graphql::mutation::posting::{Change, FieldError, UserError};
use crate::graphql::query::Query;
use crate::postings::supposing::{changes, suppose};

/// The maximum number of what-ifs computed at once: each copies the book's lines.
const CONCURRENT_MAX: usize = 2;

/// The slots that limit concurrent what-ifs.
#[derive(Clone)]
pub(crate) struct WhatIfSlots(Arc<Semaphore>);

impl Default for WhatIfSlots {
    fn default() -> Self {
        WhatIfSlots(Arc::new(Semaphore::new(CONCURRENT_MAX)))
    }
}

/// The postings a what-if supposes.
#[derive(InputObject)]
pub(crate) struct WhatIfInput {
    /// The postings, in order, at most 1000; each is judged as if those before it were posted.
    /// Signatures are taken as given, and idempotency keys are not compared with the book's.
    #[graphql(default)]
    pub(crate) postings: Vec<AnyPosting>,
    /// More postings, after those: each as a line of a posting file, one JSON object.
    #[graphql(default)]
    pub(crate) lines: Vec<String>,
}

impl WhatIfInput {
    pub(crate) fn count(&self) -> usize {
        self.postings.len() + self.lines.len()
    }
}

/// The result of one supposed posting.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct SupposedPosting {
    #[graphql(skip)]
    view: View,
    /// The position the entry would have; null where refused.
    position: Option<scalars::LogPosition>,
    /// The warnings it would get.
    warnings: Vec<Warning>,
    /// The rules it breaks; empty where it passes. A refused posting changes nothing for the next.
    user_errors: Vec<UserError>,
}

#[ComplexObject]
impl SupposedPosting {
    /// The entry it would become; null where refused.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Option<Entry> {
        Some(Entry::at(&self.view, self.position.as_ref()?.0))
    }
}

/// The answer of a what-if.
pub(crate) struct WhatIfAnswer {
    view: View,
    supposed: Arc<WhatIf>,
    outcomes: Vec<Result<Position, Vec<UserError>>>,
}

/// A what-if: the book as it would be with further postings.
#[Object(name = "WhatIf")]
impl WhatIfAnswer {
    /// The position of the last real entry; the supposed postings follow it.
    async fn from(&self) -> scalars::LogPosition {
        self.supposed.from().position.into()
    }

    /// The day it stands at, in UK time.
    async fn on(&self) -> scalars::Day {
        self.view.day()
    }

    /// The position after the last supposed posting.
    async fn position(&self) -> scalars::LogPosition {
        self.supposed.moment().position.into()
    }

    /// The result of each posting, in order.
    #[graphql(complexity = "page::one(page::times(10, child_complexity))")]
    async fn outcomes(&self) -> Vec<SupposedPosting> {
        let outcome = |outcome: &Result<Position, Vec<UserError>>| {
            let position = outcome.as_ref().ok().copied();
            let decision = position.and_then(|position| self.supposed.decision(position));
            let warnings = decision.map_or(&[][..], |decision| &decision.warnings);
            SupposedPosting {
                view: self.view.clone(),
                position: position.map(Into::into),
                warnings: Warning::shown(warnings, &self.view.scope),
                user_errors: outcome.as_ref().err().cloned().unwrap_or_default(),
            }
        };
        self.outcomes.iter().map(outcome).collect()
    }

    /// The figures all the postings together would change, by line and fund, before and after.
    #[graphql(complexity = "page::one(page::times(10, child_complexity))")]
    async fn changes(&self) -> Vec<Change> {
        changes(&self.supposed).into_iter().map(Change::from).collect()
    }

    /// Every query on the book, answered as it would be. Without `asAt`, after the last supposed
    /// posting.
    async fn book(&self) -> Query {
        Query::of(&Root::of(Arc::clone(&self.supposed)))
    }
}

#[derive(Default)]
pub(crate) struct WhatIfQuery(pub(crate) Root);

#[Object]
impl WhatIfQuery {
    /// A what-if: postings judged by the rules in force at a moment and applied to a copy of the
    /// book, which answers every query. Nothing is stored. The caller must be allowed to read the
    /// whole book.
    #[graphql(complexity = "page::one(page::times(input.count(), 10) + child_complexity)")]
    async fn what_if(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The postings to suppose.")] input: WhatIfInput,
        #[graphql(desc = "The moment to start from; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> async_graphql::Result<WhatIfAnswer> {
        let view = self.0.view_of_log(context, as_at, on, at_least_position).await?;
        let actor = context.data_opt::<Caller>().map(|caller| Arc::clone(&caller.actor));
        WhatIfRequest::read(context, input, actor)?.answer(view).await
    }
}

/// A what-if that was checked and can be computed.
pub(crate) struct WhatIfRequest {
    actor: Arc<Actor>,
    /// The field errors of each posting.
    rows: Vec<Result<(), Vec<UserError>>>,
    /// The postings without field errors, in order.
    postings: Arc<[Posting]>,
    slots: WhatIfSlots,
}

impl WhatIfRequest {
    /// Checks the input of a what-if, made by `actor` or an anonymous one.
    pub(crate) fn read(
        context: &Context<'_>,
        input: WhatIfInput,
        actor: Option<Arc<Actor>>,
    ) -> async_graphql::Result<Self> {
        let actor = actor.map_or_else(|| anonymous_actor().map(Arc::new), Ok)?;
        let (count, most) = (input.count(), context.data::<Limits>()?.postings);
        if count > most {
            let message = format!(
                "{count} postings are too many for one what-if: send at most {most}, or ask a data folder, such as a copy of this one"
            );
            return Err(fault("TOO_MANY_POSTINGS", message));
        }
        let mut postings = Vec::new();
        let read = |posting: AnyPosting| {
            let (command, fields) = posting.read();
            let command = command.map_err(|malformed| vec![malformed.into()])?;
            fields.posting(command)
        };
        let line = |line: String| {
            let malformed = |error| vec![FieldError::new("lines", &error).into()];
            serde_json::from_str(&line).map_err(malformed)
        };
        let rows = input.postings.into_iter().map(read).chain(input.lines.into_iter().map(line));
        let rows = rows.map(|row| row.map(|posting| postings.push(posting))).collect();
        let slots = context.data::<WhatIfSlots>()?.clone();
        Ok(WhatIfRequest { actor, rows, postings: postings.into(), slots })
    }

    /// Computes the what-if on a view, once a slot is free.
    pub(crate) async fn answer(&self, view: View) -> async_graphql::Result<WhatIfAnswer> {
        if view.is_partial() {
            return Err(denied(&Denied::Unscoped));
        }
        let slot = self.slots.0.acquire().await;
        let (of, actor, postings) =
            (view.clone(), Arc::clone(&self.actor), Arc::clone(&self.postings));
        let work = move || {
            let mut supposed = WhatIf::new(&of.models(), of.moment);
            let judged = suppose(&mut supposed, &**of.book.store(), &postings, &actor);
            judged.map(|judged| (supposed, judged))
        };
        let worked_out = tokio::task::spawn_blocking(work).await;
        drop(slot);
        let worked_out = worked_out.map_err(|error| interrupted(&error))?;
        let (supposed, judged) = worked_out.map_err(|error| unreadable(&error))?;
        let supposed = Arc::new(supposed);
        let mut judged = judged.into_iter();
        let outcome = |row: &Result<(), Vec<UserError>>| {
            row.clone()?;
            let judged = judged.next().unwrap_or(Err(WhatIfError::ConcernsSignOff));
            judged.map_err(|not| vec![UserError::of_supposed(&not)])
        };
        let outcomes = self.rows.iter().map(outcome).collect();
        let moment = supposed.moment();
        let view = View { supposed: Some(Arc::clone(&supposed)), moment, ..view };
        Ok(WhatIfAnswer { view, supposed, outcomes })
    }
}

/// The actor of a what-if with no caller.
fn anonymous_actor() -> async_graphql::Result<Actor> {
    let id = "nobody".parse().map_err(|_| fault("INTERNAL_SERVER_ERROR", "internal error"))?;
    Ok(Actor {
        id,
        capacities: Vec::new(),
        administers: false,
        lapsed: Vec::new(),
        reads: Arc::default(),
    })
}
