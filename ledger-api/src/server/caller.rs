//! Who asks: the one place where a request becomes a caller.
//!
//! There is no sign-in yet. Every request is the configured local actor's, and credentials are
//! refused rather than ignored: nobody shall believe to act as someone they do not act as.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::settings::Settings;
use crate::graphql::Caller;

/// The caller of an HTTP request.
pub(super) fn of_request(settings: &Settings, headers: &HeaderMap) -> Result<Caller, Refusal> {
    if headers.contains_key(header::AUTHORIZATION) {
        return Err(Refusal::NoSignIn);
    }
    Ok(local(settings))
}

/// The caller of a socket, by what it says when it connects.
pub(super) fn of_socket(
    settings: &Settings,
    payload: Option<&Map<String, Value>>,
) -> Result<Caller, Refusal> {
    let signs_in = |name: &String| name.eq_ignore_ascii_case(header::AUTHORIZATION.as_str());
    if payload.is_some_and(|payload| payload.keys().any(signs_in)) {
        return Err(Refusal::NoSignIn);
    }
    Ok(local(settings))
}

fn local(settings: &Settings) -> Caller {
    Caller { actor: settings.actor.clone() }
}
