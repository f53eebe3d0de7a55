//! Who asks: the one place where a request becomes a caller.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::access::entrance::Entrance;
use crate::access::sign_in::Refused;
use crate::graphql::Caller;

fn caller(entrance: &Entrance, authorization: Option<&str>) -> Result<Caller, Refused> {
    let principal = entrance.authorize(authorization)?;
    Ok(Caller { keys: entrance.keys().cloned(), ..Caller::new(principal) })
}

/// The caller of an HTTP request.
pub(super) fn of_request(entrance: &Entrance, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let authorization = match (sent.next(), sent.next()) {
        (None, _) => None,
        (Some(value), None) => Some(value.to_str().map_err(|_| Refused::Malformed)?),
        (Some(_), Some(_)) => return Err(Refused::Malformed.into()),
    };
    Ok(caller(entrance, authorization)?)
}

/// The caller of a socket, by what it says when it connects: `authorization`, as a header has it.
pub(super) fn of_socket(
    entrance: &Entrance,
    payload: Option<&Map<String, Value>>,
) -> Result<Caller, Refusal> {
    let signs_in = |name: &String| name.eq_ignore_ascii_case(header::AUTHORIZATION.as_str());
    let mut sent = payload.into_iter().flatten().filter(|(name, _)| signs_in(name));
    let authorization = match (sent.next(), sent.next()) {
        (None, _) => None,
        (Some((_, Value::String(text))), None) => Some(text.as_str()),
        (Some(_), _) => return Err(Refused::Malformed.into()),
    };
    Ok(caller(entrance, authorization)?)
}
