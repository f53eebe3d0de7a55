//! The GraphQL schema: one file per noun.
//!
//! A resolver turns a question into a read of the book, or an input into a command, and nothing
//! more: the rules are the ledger's.

mod accuracy;
mod adjustment;
mod at_risk;
mod balance;
mod body;
mod bridge;
mod claim;
mod contribution;
mod diff;
mod entry;
mod event;
mod exchanged;
mod fault;
mod figures;
mod filter;
mod flow;
mod flow_figures;
mod flow_party;
mod flows;
mod fund;
mod ledger;
mod line;
mod mutation;
mod node;
mod origin;
mod page;
mod persistent;
mod planned;
mod policy;
mod posting;
mod previewing;
mod programme;
mod proposal;
mod query;
mod reasons;
mod restatement;
mod revision;
pub(crate) mod scalars;
mod sign_off;
mod sign_off_times;
mod subscription;
mod switch;
mod system;
mod told;
mod total_scope;
mod underspend;
mod user_error;
mod view;
mod what_if;
mod year;

use std::sync::Arc;

use async_graphql::extensions::Analyzer;
use async_graphql::{SDLExportOptions, Schema, SchemaBuilder};
use ledger_core::domain::actor::Actor;
use ledger_core::domain::text::ActorId;

use crate::access::keyring::Keyring;
use crate::access::principal::Principal;
use crate::book::Book;
pub use mutation::Mutation;
pub(crate) use previewing::PREVIEWS_MAX;
pub use query::Query;
use restatement::Restatements;
pub use subscription::{Subscription, tells_state};
pub use view::Now;

/// The schema with its book.
pub type LedgerSchema = Schema<Query, Mutation, Subscription>;

/// What a request may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Selection sets within selection sets; the introspection query needs 15.
    pub depth: usize,
    /// The cost of an operation: a field is one, a list its fields times what is asked for.
    pub complexity: usize,
    /// Selection sets within selection sets, before the document is validated.
    pub nesting: usize,
    /// Directives on one field.
    pub directives: usize,
    /// The most items a page of a list may be asked for.
    pub page: usize,
    /// Whether the schema tells about itself.
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
            introspection: false,
        }
    }
}

/// Who asks. The transport puts it into the data of each request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who has signed in, and what they were granted.
    pub principal: Arc<Principal>,
    /// Who they are to the rules of the book.
    pub(crate) actor: Arc<Actor>,
    /// The keys that people sign in by, where they do.
    pub(crate) keys: Option<Arc<Keyring>>,
}

impl Caller {
    /// Somebody who has signed in.
    pub fn new(principal: Arc<Principal>) -> Self {
        Caller { actor: principal.actor(), principal, keys: None }
    }

    /// Somebody who posts and reads everywhere, as where there is no sign-in.
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
        .data(what_if::WhatIfs::default())
        // The transport takes off what it tells: what the operation costs.
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
