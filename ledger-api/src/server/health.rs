//! `GET /health` and `GET /metrics`: whether the server is ready, and its figures for monitoring.
//!
//! Everybody may ask whether it is ready. The details and the metrics take a key, or the operators' own
//! address.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use ledger_core::log::store::Store;
use serde_json::{Value, json};

use super::Server;
use super::http::caller;
use super::http::negotiate::Form;
use super::http::refusal::Refusal;
use crate::access::gate;
use crate::access::identity::principal::Credential;

/// Answers `GET /health`: the details to those who may read metrics, else the status alone.
pub(super) async fn health(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Response<Body> {
    let asks_as_nobody =
        !headers.contains_key(header::AUTHORIZATION) && !server.authenticator.is_off();
    let allowed = if asks_as_nobody { None } else { Some(server.may_read_metrics(&headers)) };
    match allowed {
        Some(Ok(())) => server.health_in_detail(),
        Some(Err(refusal @ Refusal::SignIn(_))) => refusal.answer(Form::Json),
        Some(Err(_)) | None => {
            let (status, body) = server.condition();
            answer(status, &json!({ "status": body["status"] }))
        }
    }
}

/// Answers `GET /metrics`.
pub(super) async fn metrics(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
) -> Response<Body> {
    match server.may_read_metrics(&headers) {
        Ok(()) => server.metrics.render(),
        Err(refusal) => refusal.answer(Form::Json),
    }
}

fn answer(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{body}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("authorization"));
    response
}

impl Server {
    /// Whether a request may read metrics: one of an auditor or administrator, or any where nobody
    /// signs in.
    fn may_read_metrics(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let caller = caller::of_request(&self.authenticator, headers)?;
        if caller.principal.credential == Credential::Local {
            return Ok(());
        }
        Ok(gate::may_read_metrics(&caller.principal)?)
    }

    /// The server is ready once the book is open and takes postings.
    pub(super) fn health_in_detail(&self) -> Response<Body> {
        let (status, body) = self.condition();
        answer(status, &body)
    }

    fn condition(&self) -> (StatusCode, Value) {
        let not_ready = StatusCode::SERVICE_UNAVAILABLE;
        let Some(ready) = self.ready.get() else {
            let position = self.opened_to().to_string();
            let reason = format!("the book is being opened; entry {position} has been read");
            return (not_ready, json!({ "status": "opening", "reason": reason }));
        };
        if *self.stopping.borrow() {
            let reason = "the server is stopping";
            return (not_ready, json!({ "status": "stopping", "reason": reason }));
        }
        let store = ready.book.store();
        if let Some(reason) = store.writes_off() {
            let reason = format!("postings are refused because {reason}; reads still work");
            return (not_ready, json!({ "status": "writesOff", "reason": reason }));
        }
        let head = store.head();
        let body = json!({
            "status": "ready",
            "position": head.position.to_string(),
            "root": head.root.to_string(),
            "indexLag": ready.book.index().map_or(0, |index| index.lag()),
        });
        (StatusCode::OK, body)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::access::sign_in::SignIn;
    use crate::access::sign_in::authenticator::Authenticator;
    use crate::clock::system_clock;
    use crate::graphql::schema;
    use crate::sample;
    use crate::server::OpenBook;
    use crate::server::settings::{Choices, Settings, SignInMode};
    use projections::book::{Book, DataFolder};

    #[test]
    fn a_server_is_ready_once_its_book_takes_postings() {
        let folder = tempfile::tempdir().unwrap();
        let settings =
            Settings::new(Choices::default(), "local".parse().unwrap(), SignInMode::Demo).unwrap();
        let data = folder.path().join("access-test");
        let authenticator = Authenticator::new(SignIn::demo().unwrap(), &data).unwrap();
        let readers = tokio::runtime::Runtime::new().unwrap();
        let server = Server::new(settings, authenticator, readers.handle().clone());
        let condition = || {
            let (status, body) = server.condition();
            (status.as_u16(), body["status"].as_str().unwrap().to_owned())
        };
        assert_eq!(condition(), (503, "opening".to_owned()));
        let data = DataFolder::writable(folder.path()).unwrap();
        let book = Book::create(data, &sample::genesis().unwrap(), system_clock()).unwrap();
        let book = Arc::new(book);
        let schema = schema(Arc::clone(&book), &server.settings.limits);
        drop(server.ready.set(Arc::new(OpenBook { book: Arc::clone(&book), schema })));
        assert_eq!(condition(), (200, "ready".to_owned()));
        book.store().poison("the disk is full");
        assert_eq!(condition(), (503, "writesOff".to_owned()));
        let reason = server.condition().1["reason"].to_string();
        assert!(reason.contains("the disk is full"), "{reason}");
        server.stopping.send_replace(true);
        assert_eq!(condition(), (503, "stopping".to_owned()));
    }
}
