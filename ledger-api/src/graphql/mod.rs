//! The GraphQL schema: one folder per subject, one file per noun.
//!
//! A resolver turns a query into a read of the book, or an input into a command. The rules are in
//! the ledger. Start with `query`, the list of queries, and `kit`; then read `log`, `register`,
//! `budget` and `analysis`, and `mutation` for postings.

mod analysis;
mod budget;
mod flows;
mod live;
mod log;
mod mutation;
mod published;
mod query;
mod register;
mod sign_off;
mod what_if;

pub(crate) mod kit;

use std::sync::Arc;

use async_graphql::extensions::Analyzer;
use async_graphql::{SDLExportOptions, Schema, SchemaBuilder};
use ledger_core::domain::actor::Actor;
use ledger_core::domain::command::Command;
use ledger_core::domain::text::ActorId;

use crate::access::gate::{self, Denied};
use crate::access::identity::principal::Principal;
use crate::access::keyed_book::KeyedBook;
use crate::access::sign_in::keyring::Keyring;
use budget::restatement::Restatements;
pub use kit::view::Now;
pub use kit::work::{EndOnDrop, Readers, Toll, Work};
pub use live::event_ids::EventIds;
pub use live::subscription::{Subscription, tells_state};
pub use mutation::Mutation;
use projections::book::Book;
use projections::scope::Scope;
pub use query::Query;

/// The schema with its book.
pub type LedgerSchema = Schema<Query, Mutation, Subscription>;

/// The limits of a request.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The maximum depth of selection sets; the introspection query needs 15.
    pub depth: usize,
    /// The maximum cost of an operation: a field costs 1, a list its fields times the items
    /// requested.
    pub complexity: usize,
    /// The maximum depth of selection sets, checked before the document is validated.
    pub nesting: usize,
    /// The maximum number of directives on one field.
    pub directives: usize,
    /// The maximum number of items on a page.
    pub page: usize,
    /// The maximum number of postings judged together, or supposed by one what-if.
    pub postings: usize,
    /// Whether introspection is allowed.
    pub introspection: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 16,
            complexity: 50_000,
            nesting: 32,
            directives: 8,
            page: 500,
            postings: 1000,
            introspection: false,
        }
    }
}

impl Limits {
    /// No limits, for documents of this program's own on a book of the caller's own.
    pub const fn none() -> Self {
        Limits {
            depth: usize::MAX,
            complexity: usize::MAX,
            nesting: usize::MAX,
            directives: usize::MAX,
            page: usize::MAX,
            postings: usize::MAX,
            introspection: true,
        }
    }
}

/// The caller of a request. The transport puts it into the request's data.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The signed-in principal, with its grants.
    pub principal: Arc<Principal>,
    /// The actor the ledger's rules see.
    pub(crate) actor: Arc<Actor>,
    /// The keyring, where callers sign in with keys.
    pub(crate) keys: Option<Arc<Keyring>>,
}

impl Caller {
    /// A signed-in caller.
    pub fn new(principal: Arc<Principal>) -> Self {
        Caller { actor: principal.actor(), principal, keys: None }
    }

    /// Who posts these commands, where the caller prepares for the whole book and reads all of it.
    /// It never looks into the log.
    pub(crate) fn admit_everywhere<'c>(
        &self,
        book: &Book,
        mut commands: impl Iterator<Item = &'c Command>,
    ) -> Option<Arc<Actor>> {
        // No delegation lets anybody prepare.
        let everywhere = self.principal.posts_everywhere()
            && commands.all(gate::is_for_preparers)
            && self.principal.scope(&book.models()).is_everything();
        everywhere.then(|| Arc::clone(&self.actor))
    }

    /// Who posts these commands, where the caller may post each of them. It may look into the log.
    ///
    /// # Errors
    ///
    /// [`Denied`], for the first that the caller may not post.
    pub(crate) fn admit<'c>(
        &self,
        book: &Book,
        commands: impl Iterator<Item = &'c Command> + Clone,
    ) -> Result<Arc<Actor>, Denied> {
        match self.admit_everywhere(book, commands.clone()) {
            Some(actor) => Ok(actor),
            None => self.admit_by_reach(book, commands),
        }
    }

    /// As [`Caller::admit`], for a caller whom [`Caller::admit_everywhere`] does not admit.
    pub(crate) fn admit_by_reach<'c>(
        &self,
        book: &Book,
        commands: impl Iterator<Item = &'c Command>,
    ) -> Result<Arc<Actor>, Denied> {
        let reads = self.principal.scope(&book.models());
        let book = KeyedBook { book, keys: self.keys.as_deref(), reads: &reads };
        for command in commands {
            gate::may_post(&self.principal, command, &book)?;
        }
        Ok(gate::actor(&self.principal, reads.clone(), &book))
    }

    /// Checks that the caller may post some command, by a role or under a delegation.
    ///
    /// # Errors
    ///
    /// [`Denied`].
    pub(crate) fn may_post_something(&self, book: &Book) -> Result<(), Denied> {
        gate::may_change_something(&self.principal).or_else(|denied| {
            let reads = Scope::everything();
            let book = KeyedBook { book, keys: self.keys.as_deref(), reads };
            gate::may_sign(&self.principal, &book).map_err(|_| denied)
        })
    }

    /// A caller with every right, for use without sign-in.
    pub fn local(actor: ActorId) -> Self {
        Caller::new(Arc::new(Principal::local(actor)))
    }
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
}

/// The schema of a book.
pub fn schema(book: Arc<Book>, limits: &Limits) -> LedgerSchema {
    let mut builder = builder()
        .data(book)
        .data(*limits)
        .data(Restatements::default())
        .data(what_if::WhatIfSlots::default())
        // Reports the cost of the operation, which the transport reads and removes.
        .extension(Analyzer)
        .limit_depth(limits.depth)
        .limit_complexity(limits.complexity)
        .limit_recursive_depth(limits.nesting)
        .limit_directives(limits.directives);
    if !limits.introspection {
        builder = builder.disable_introspection().disable_suggestions();
    }
    builder.finish()
}

/// The schema in its definition language, as `schema.graphql` holds it.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .include_specified_by()
        .prefer_single_line_descriptions()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .use_space_ident()
        .indent_width(2);
    builder().finish().sdl_with_options(options)
}
