//! A GraphQL request: strictly typed, from a body, a query string or a socket message.

use std::collections::BTreeMap;

use async_graphql::Variables;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::error::DocumentError;
use super::text;
use super::variables::{self, Given};

/// Parameters that cannot be read. The message says what to send instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct MalformedRequest(String);

/// The parameters of a GraphQL-over-HTTP request.
///
/// Other names are ignored, as the specification requires.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GraphQlRequest {
    pub(crate) query: String,
    #[serde(default)]
    pub(crate) operation_name: Option<String>,
    #[serde(default, deserialize_with = "variables::read")]
    pub(crate) variables: Variables,
    /// No extension is supported, but the value must be a map.
    #[serde(default, rename = "extensions")]
    _extensions: Option<BTreeMap<String, IgnoredAny>>,
}

impl GraphQlRequest {
    /// Reads a request from a body.
    pub(crate) fn from_body(body: &[u8]) -> Result<Self, MalformedRequest> {
        // serde would accept an array as a struct's fields in order.
        if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(MalformedRequest(
                "the body must be one JSON object; requests are not taken in batches".to_owned(),
            ));
        }
        parse("the body", body)
    }

    /// Checks the text of the document, and returns its number of tokens.
    pub(crate) fn tokens(&self) -> Result<usize, DocumentError> {
        text::check(&self.query)
    }

    /// Reads a request from a query string. Maps are JSON.
    pub(crate) fn from_query(query: &str) -> Result<Self, MalformedRequest> {
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
                "variables" => {
                    let Given(variables) = parse("variables", value.as_bytes())?;
                    request.variables = variables;
                }
                "extensions" => request._extensions = parse("extensions", value.as_bytes())?,
                _ => continue,
            }
            if seen.contains(&name) {
                return Err(MalformedRequest(format!("{name} is given twice: give it once")));
            }
            seen.push(name);
        }
        if seen.iter().any(|name| name == "query") {
            Ok(request)
        } else {
            Err(MalformedRequest("there is no query: give one as ?query=...".to_owned()))
        }
    }
}

fn parse<T: DeserializeOwned>(what: &str, json: &[u8]) -> Result<T, MalformedRequest> {
    serde_json::from_slice(json).map_err(|error| MalformedRequest(format!("{what}: {error}")))
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
            (r#"{"query":"{a}","query":"{b}"}"#, false),
            (r#"{"query":"{a}","variables":{"b":1},"variables":{"b":2}}"#, false),
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
