//! `GET /`: a short page of the server's addresses, as HTML or plain text.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use headers_accept::Accept;
use mediatype::MediaType;
use mediatype::names::{HTML, PLAIN, TEXT};

use crate::server::Server;

const PLAIN_TEXT: MediaType<'static> = MediaType::new(TEXT, PLAIN);
const HTML_PAGE: MediaType<'static> = MediaType::new(TEXT, HTML);

/// The page has no scripts, styles or images.
const POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// An address of the server, and what it answers.
struct Address {
    path: &'static str,
    purpose: &'static str,
}

const GRAPHQL: Address = Address {
    path: "/graphql",
    purpose: "Questions and postings in GraphQL: JSON by POST, event streams and WebSockets.",
};
const GRAPHIQL: Address =
    Address { path: "/graphiql", purpose: "An explorer, to try GraphQL in the browser." };
const POSTINGS: Address = Address {
    path: "/postings",
    purpose: "Uploads: postings as lines of JSON by POST, and the outcome of each.",
};
const HEALTH: Address = Address {
    path: "/health",
    purpose: "Whether the server is ready; with a key, the last entry.",
};
const METRICS: Address =
    Address { path: "/metrics", purpose: "Figures for monitoring, in Prometheus text, by key." };

/// Answers `GET /` in the form the client accepts; plain text by default.
pub(crate) async fn index(State(server): State<Arc<Server>>, headers: HeaderMap) -> Response<Body> {
    let mut addresses = vec![GRAPHQL, POSTINGS];
    if server.settings.graphiql {
        addresses.push(GRAPHIQL);
    }
    addresses.extend([HEALTH, METRICS]);
    let url = url(&headers, server.settings.tls.is_some());
    let (body, media) = if wants_html(&headers) {
        (html(&addresses, &url), "text/html; charset=utf-8")
    } else {
        (plain(&addresses, &url), "text/plain; charset=utf-8")
    };
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Whether a client prefers HTML to plain text.
fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let accept: Option<Accept> = accept.and_then(|accept| accept.parse().ok());
    let served = [PLAIN_TEXT, HTML_PAGE];
    accept.is_some_and(|accept| accept.negotiate(&served) == Some(&HTML_PAGE))
}

/// The server's address as the client wrote it, for the example.
fn url(headers: &HeaderMap, secure: bool) -> String {
    let plain = |host: &&str| {
        host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(plain);
    format!("{}://{}", if secure { "https" } else { "http" }, host.unwrap_or("127.0.0.1:8080"))
}

const TITLE: &str = "Budget ledger";

const EXAMPLE: &str = "budget-ledger budget --year 2017-18 --server";

const DOCS: &str = "README.md and the folder docs/ of this program describe it: docs/graphql.md for \
                    GraphQL, docs/access.md for signing in.";

fn plain(addresses: &[Address], url: &str) -> String {
    let lines = addresses.iter().map(|Address { path, purpose }| format!("{path:<12}{purpose}\n"));
    let addresses: String = lines.collect();
    format!(
        "{TITLE} {}\n\n{addresses}\nCommand line:\n  {EXAMPLE} {url}\n  budget-ledger --help\n\n{DOCS}\n",
        env!("CARGO_PKG_VERSION"),
    )
}

fn html(addresses: &[Address], url: &str) -> String {
    let rows = addresses.iter().map(|Address { path, purpose }| {
        format!("<dt><a href=\"{path}\">{path}</a></dt>\n<dd>{purpose}</dd>\n")
    });
    let rows: String = rows.collect();
    format!(
        "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{TITLE}</title>\n</head>\n\
         <body>\n<main>\n<h1>{TITLE} {}</h1>\n<dl>\n{rows}</dl>\n<h2>Command line</h2>\n\
         <pre>{EXAMPLE} {url}\nbudget-ledger --help</pre>\n<p>{DOCS}</p>\n</main>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_html_and_other_clients_plain_text() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        let cases = [
            ("", false),
            ("*/*", false),
            ("text/plain", false),
            ("text/html", true),
            (browser, true),
            ("text/html;q=0.5, text/plain", false),
            ("application/json", false),
        ];
        for (accept, html) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(wants_html(&headers), html, "{accept}");
        }
    }

    #[test]
    fn a_host_with_markup_is_not_repeated() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("<b>"));
        assert_eq!(url(&headers, false), "http://127.0.0.1:8080");
        headers.insert(header::HOST, HeaderValue::from_static("[::1]:80"));
        assert_eq!(url(&headers, true), "https://[::1]:80");
    }
}
