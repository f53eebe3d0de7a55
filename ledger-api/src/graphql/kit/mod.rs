//! What every other room uses. Read `scalars` first: it parses each value of a query. `view` is the
//! book at one position, `as_of` the fields that name the position, and `page` cuts a `list` of it.
//! `work` counts what a request
//! looks through. `fault` and `user_error` are the two kinds of error. `node` finds an object by its global id.

pub(crate) mod as_of;
pub(crate) mod fault;
pub(crate) mod list;
pub(crate) mod node;
pub(crate) mod page;
pub(crate) mod scalars;
pub(crate) mod user_error;
pub(crate) mod view;
pub(crate) mod work;
