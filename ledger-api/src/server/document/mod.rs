//! Documents: what a request asks, checked before it is executed.
//!
//! Reading order: `request` has the parameters of a request; `limits` and `error` say what a document
//! may hold; `text` checks its tokens and `bounds` parses it within limits; `variables` reads the JSON of
//! variables; `operation` picks the operation and checks its variables.

mod bounds;
mod error;
mod limits;
mod operation;
mod request;
mod text;
mod variables;

pub(crate) use error::DocumentError;
pub(crate) use operation::{Kind, Operation};
pub(crate) use request::{GraphQlRequest, MalformedRequest};
