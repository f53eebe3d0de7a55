//! `GET /graphiql`: an explorer of the schema. Its files are embedded in the program.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use axum::routing::get;

use crate::server::Server;

/// Allows scripts, fonts and requests of this server only. The editor sets inline styles.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      font-src data:; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

macro_rules! asset {
    ($name:literal, $media:literal) => {
        ($name, $media, include_bytes!(concat!("../../../assets/graphiql/", $name)).as_slice())
    };
}

const PAGE: (&str, &str, &[u8]) = asset!("index.html", "text/html; charset=utf-8");

const ASSETS: &[(&str, &str, &[u8])] = &[
    asset!("graphiql.min.css", "text/css; charset=utf-8"),
    asset!("graphiql.min.js", "text/javascript; charset=utf-8"),
    asset!("react.production.min.js", "text/javascript; charset=utf-8"),
    asset!("react-dom.production.min.js", "text/javascript; charset=utf-8"),
    asset!("start.js", "text/javascript; charset=utf-8"),
    asset!("examples.json", "application/json"),
];

/// The page and its assets.
pub(crate) fn routes() -> Router<Arc<Server>> {
    let page = Router::new().route("/graphiql", get(|| std::future::ready(file(PAGE))));
    ASSETS.iter().fold(page, |routes, asset| {
        let path = format!("/graphiql/{}", asset.0);
        routes.route(&path, get(|| std::future::ready(file(*asset))))
    })
}

fn file((_, media, content): (&str, &'static str, &'static [u8])) -> Response<Body> {
    let mut response = Response::new(Body::from(content));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // The files change with the program.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
