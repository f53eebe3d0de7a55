//! The caller of a request: the one place where an authorization becomes a caller.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::access::sign_in::Refused;
use crate::access::sign_in::authenticator::Authenticator;
use crate::graphql::Caller;

fn caller(authenticator: &Authenticator, authorization: Option<&str>) -> Result<Caller, Refused> {
    let principal = authenticator.authorize(authorization)?;
    Ok(Caller { keys: authenticator.keys().cloned(), ..Caller::new(principal) })
}

/// The caller of an HTTP request.
pub(crate) fn of_request(
    authenticator: &Authenticator,
    headers: &HeaderMap,
) -> Result<Caller, Refusal> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let authorization = match (sent.next(), sent.next()) {
        (None, _) => None,
        (Some(value), None) => Some(value.to_str().map_err(|_| Refused::Malformed)?),
        (Some(_), Some(_)) => return Err(Refused::Malformed.into()),
    };
    Ok(caller(authenticator, authorization)?)
}

/// The caller of a socket, by `authorization` in the payload of its `connection_init`.
pub(crate) fn of_socket(
    authenticator: &Authenticator,
    payload: Option<&Map<String, Value>>,
) -> Result<Caller, Refusal> {
    let signs_in = |name: &String| name.eq_ignore_ascii_case(header::AUTHORIZATION.as_str());
    let mut sent = payload.into_iter().flatten().filter(|(name, _)| signs_in(name));
    let authorization = match (sent.next(), sent.next()) {
        (None, _) => None,
        (Some((_, Value::String(text))), None) => Some(text.as_str()),
        (Some(_), _) => return Err(Refused::Malformed.into()),
    };
    Ok(caller(authenticator, authorization)?)
}
