//! Content negotiation: the media type of a response, and those a body may have.

use axum::http::{HeaderMap, HeaderValue, header};
use headers_accept::Accept;
use mediatype::names::{APPLICATION, CHARSET, EVENT_STREAM as EVENT_STREAM_NAME, JSON, TEXT};
use mediatype::{MediaType, MediaTypeBuf, Name, ReadParams, WriteParams};

/// The form of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `application/json`: a well-formed request gets 200, even with errors.
    Json,
    /// `application/graphql-response+json`: a request that was not executed gets 400.
    GraphQl,
    /// `text/event-stream`: graphql-sse in distinct connections mode.
    Events,
}

const PLAIN_JSON: MediaType<'static> = MediaType::new(APPLICATION, JSON);
const GRAPHQL_RESPONSE: MediaType<'static> =
    MediaType::from_parts(APPLICATION, Name::new_unchecked("graphql-response"), Some(JSON), &[]);
const EVENT_STREAM: MediaType<'static> = MediaType::new(TEXT, EVENT_STREAM_NAME);

/// The media types served. The first is for clients that accept any.
const SERVED: &[MediaType<'static>] = &[PLAIN_JSON, GRAPHQL_RESPONSE, EVENT_STREAM];

impl Form {
    /// The form a client accepts; None if it accepts none of ours.
    ///
    /// Without an `Accept` header the form is JSON, as the specification requires for older clients.
    pub(crate) fn negotiate(headers: &HeaderMap) -> Option<Form> {
        let accept: Vec<&str> = headers
            .get_all(header::ACCEPT)
            .iter()
            .map(HeaderValue::to_str)
            .collect::<Result<_, _>>()
            .ok()?;
        let accept = accept.join(",");
        if accept.trim().is_empty() {
            return Some(Form::Json);
        }
        let accept: Accept = accept.parse().ok()?;
        // Every response is UTF-8, so a charset in the range is ignored.
        let accept: Accept = accept.media_types().map(without_charset).collect();
        match accept.negotiate(SERVED)? {
            chosen if *chosen == GRAPHQL_RESPONSE => Some(Form::GraphQl),
            chosen if *chosen == EVENT_STREAM => Some(Form::Events),
            _ => Some(Form::Json),
        }
    }

    /// The content type of a single response. A stream that cannot start gets one too.
    pub(crate) const fn content_type(self) -> HeaderValue {
        match self {
            Form::Json => HeaderValue::from_static("application/json; charset=utf-8"),
            Form::GraphQl | Form::Events => {
                HeaderValue::from_static("application/graphql-response+json; charset=utf-8")
            }
        }
    }
}

fn without_charset(range: &MediaTypeBuf) -> MediaType<'_> {
    let mut range = range.to_ref();
    range.remove_params(CHARSET);
    range
}

/// Whether a body is JSON in UTF-8.
///
/// Only JSON is accepted: a page of another site can send forms and plain text without permission,
/// but not JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(media) = content_type.and_then(|value| MediaType::parse(value).ok()) else {
        return false;
    };
    let charset = media.get_param(CHARSET);
    media.essence() == PLAIN_JSON
        && charset.is_none_or(|charset| {
            ["utf-8", "utf8"].iter().any(|utf8| charset.unquoted_str().eq_ignore_ascii_case(utf8))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_with_the_highest_quality_is_chosen() {
        let cases = [
            ("", Some(Form::Json)),
            ("*/*", Some(Form::Json)),
            ("application/*", Some(Form::Json)),
            ("application/json", Some(Form::Json)),
            ("application/graphql-response+json", Some(Form::GraphQl)),
            ("application/graphql-response+json; charset=utf-8", Some(Form::GraphQl)),
            ("application/JSON; charset=UTF-8", Some(Form::Json)),
            ("application/graphql-response+json, application/json;q=0.9", Some(Form::GraphQl)),
            ("application/graphql-response+json;q=0.5, application/json", Some(Form::Json)),
            ("application/json;q=0, */*", Some(Form::GraphQl)),
            ("text/event-stream", Some(Form::Events)),
            ("text/event-stream, application/json;q=0.1", Some(Form::Events)),
            ("text/html", None),
            ("application/json;q=0", None),
            ("nonsense", None),
        ];
        for (accept, form) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(Form::negotiate(&headers), form, "{accept}");
        }
    }

    #[test]
    fn only_json_in_utf_8_is_a_body() {
        let cases = [
            ("application/json", true),
            ("application/json; charset=utf-8", true),
            ("application/json; charset=\"UTF-8\"", true),
            ("Application/JSON", true),
            ("application/json; charset=latin1", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=x", false),
            ("application/graphql", false),
            ("", false),
        ];
        for (content_type, taken) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            assert_eq!(is_json(&headers), taken, "{content_type}");
        }
    }
}
