//! A GraphQL request as it comes in: strictly typed, from a body, a query string or a socket.

use std::collections::BTreeMap;

use async_graphql::Variables;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::refusal::Refusal;

/// The parameters of a GraphQL-over-HTTP request.
///
/// Other names are ignored, as the specification wants; these must be of their type or null.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GraphQlRequest {
    pub(super) query: String,
    #[serde(default)]
    pub(super) operation_name: Option<String>,
    #[serde(default)]
    pub(super) variables: Variables,
    /// None is known, but whatever is sent must be a map.
    #[serde(default, rename = "extensions")]
    _extensions: Option<BTreeMap<String, IgnoredAny>>,
}

impl GraphQlRequest {
    /// The request in a body.
    pub(super) fn from_body(body: &[u8]) -> Result<Self, Refusal> {
        // Without this an array would pass as the fields of a struct in their order.
        if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(Refusal::Malformed(
                "the body must be one JSON object; requests are not taken in batches".to_owned(),
            ));
        }
        parse("the body", body)
    }

    /// The request in a query string, its maps as JSON.
    pub(super) fn from_query(query: &str) -> Result<Self, Refusal> {
        let mut request = GraphQlRequest {
            query: String::new(),
            operation_name: None,
            variables: Variables::default(),
            _extensions: None,
        };
        let mut seen = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "query" => request.query = value.into_owned(),
                "operationName" => request.operation_name = Some(value.into_owned()),
                "variables" => request.variables = parse("variables", value.as_bytes())?,
                "extensions" => request._extensions = parse("extensions", value.as_bytes())?,
                _ => continue,
            }
            if seen.contains(&name) {
                return Err(Refusal::Malformed(format!("{name} is given twice: give it once")));
            }
            seen.push(name);
        }
        if seen.iter().any(|name| name == "query") {
            Ok(request)
        } else {
            Err(Refusal::Malformed("there is no query: give one as ?query=...".to_owned()))
        }
    }
}

fn parse<T: DeserializeOwned>(what: &str, json: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(json).map_err(|error| Refusal::Malformed(format!("{what}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_one_object_with_typed_parameters() {
        let cases = [
            (r#"{"query":"{a}"}"#, true),
            (r#"{"query":"{a}","operationName":null,"variables":null,"extensions":null}"#, true),
            (r#"{"query":"{a}","variables":{"b":[1,{"c":null}]},"extensions":{"d":1}}"#, true),
            (r#"{"query":"{a}","something":1}"#, true),
            (r#"{"query":1}"#, false),
            (r#"{"query":null}"#, false),
            (r#"{}"#, false),
            (r#"{"query":"{a}","operationName":1}"#, false),
            (r#"{"query":"{a}","variables":"{}"}"#, false),
            (r#"{"query":"{a}","variables":[]}"#, false),
            (r#"{"query":"{a}","extensions":0}"#, false),
            (r#"["{a}"]"#, false),
            (r#"[{"query":"{a}"}]"#, false),
            (r#"{"query":"{a}"#, false),
            ("", false),
        ];
        for (body, taken) in cases {
            assert_eq!(GraphQlRequest::from_body(body.as_bytes()).is_ok(), taken, "{body}");
        }
    }

    #[test]
    fn a_query_string_holds_maps_as_json() {
        let cases = [
            ("query=%7Ba%7D", true),
            ("query=%7Ba%7D&variables=%7B%22b%22%3A1%7D", true),
            ("query=%7Ba%7D&variables=b", false),
            ("query=%7Ba%7D&variables=%5B%5D", false),
            ("query=%7Ba%7D&query=%7Bb%7D", false),
            ("operationName=a", false),
            ("", false),
        ];
        for (query, taken) in cases {
            assert_eq!(GraphQlRequest::from_query(query).is_ok(), taken, "{query}");
        }
    }
}
