//! HTTP: connections, requests and responses.
//!
//! Reading order: [`listener`] accepts connections within limits, by the client's [`address`]; [`observe`] names, checks and counts
//! each request; [`handler`] answers `/graphql`: [`negotiate`] picks the response form, [`caller`] signs
//! the request in, [`response`] and [`refusal`] write the response. [`graphiql`] serves the explorer,
//! and [`index`] the page at `/`.

pub(crate) mod address;
pub(crate) mod caller;
pub(crate) mod graphiql;
pub(crate) mod handler;
pub(crate) mod index;
pub(crate) mod listener;
pub(crate) mod negotiate;
pub(crate) mod observe;
pub(crate) mod postings;
pub(crate) mod refusal;
pub(crate) mod response;
