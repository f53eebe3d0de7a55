//! `GET /health`: whether the server is ready, and if not, why.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use ledger_core::log::store::Store;
use serde_json::{Value, json};

use super::Server;

impl Server {
    /// Ready where the book has been read up to its end and takes postings.
    pub(super) fn health(&self) -> Response<Body> {
        let (status, body) = self.condition();
        let mut response = Response::new(Body::from(format!("{body}\n")));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    fn condition(&self) -> (StatusCode, Value) {
        let not_ready = StatusCode::SERVICE_UNAVAILABLE;
        let Some(ready) = self.ready.get() else {
            let position = self.opened_to().to_string();
            let reason = format!("the book is being read; entry {position} has been reached");
            return (not_ready, json!({ "status": "opening", "reason": reason }));
        };
        if *self.stopping.borrow() {
            let reason = "the server is stopping";
            return (not_ready, json!({ "status": "stopping", "reason": reason }));
        }
        let store = ready.book.store();
        if let Some(reason) = store.writes_off() {
            let reason = format!("writes are off since {reason}; reads go on");
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
