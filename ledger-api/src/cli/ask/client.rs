//! HTTP to a server: documents, event streams and uploads of postings.

use std::io::{self, BufRead, BufReader};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use ureq::http::{Response, StatusCode, header};
use ureq::tls::TlsConfig;
use ureq::typestate::WithBody;
use ureq::{Agent, Body, RequestBuilder};

use super::fault::{Fault, unexpected};
use super::place::{ServerArgs, ServerUrl, Token};
use crate::access::tls;
use crate::cli::exit::{CliError, Exit};
use crate::postings::outcome::Outcome;
use crate::postings::upload::Switches;

/// Until a server is connected to.
const CONNECT: Duration = Duration::from_secs(10);

/// Longer than a server takes before it gives up by itself.
const ANSWER: Duration = Duration::from_secs(120);

/// A server says something every 12 seconds on a stream; one that is silent for so long is gone.
const SILENCE: Duration = Duration::from_secs(40);

/// No answer to a page of entries is as large.
const ANSWER_BYTES: u64 = 64 << 20;

/// The media type of a document.
const DOCUMENT: &str = "application/json";

/// The media type of postings and their outcomes.
const LINES: &str = "application/jsonl";

/// A server, and who asks it.
pub(in crate::cli) struct Client {
    agent: Agent,
    url: ServerUrl,
    authorization: Option<String>,
}

/// An answer, before anything is known of its data.
#[derive(Deserialize)]
struct Reply {
    data: Option<Value>,
    #[serde(default)]
    errors: Vec<Fault>,
}

impl Client {
    pub(super) fn new(server: &ServerArgs) -> Result<Self, CliError> {
        let ServerArgs { url, token, authorities } = server;
        let encryption = if url.is_encrypted() {
            tls::client(authorities.as_deref())
                .map_err(|error| CliError::usage(error.to_string()))?
        } else {
            TlsConfig::default()
        };
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("budget-ledger/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .tls_config(encryption);
        let token = token.as_ref().map(Token::checked).transpose()?;
        let authorization = token.map(|token| format!("Bearer {token}"));
        Ok(Client { agent: config.build().into(), url: url.clone(), authorization })
    }

    pub(in crate::cli) const fn url(&self) -> &ServerUrl {
        &self.url
    }

    /// Executes a query and gives its data.
    pub(super) fn ask(&self, document: &str, variables: &Value) -> Result<Value, CliError> {
        let request =
            self.request(&self.url.graphql(), DOCUMENT, "application/graphql-response+json");
        let body = request_body(document, variables);
        let sent = request.config().timeout_global(Some(ANSWER)).build().send(body);
        let mut response = sent.map_err(|error| self.unreachable(&error))?;
        let body = response.body_mut().with_config().limit(ANSWER_BYTES).read_to_string();
        let body = body.map_err(|error| self.unreachable(&error))?;
        self.read(response.status(), &body)
    }

    /// Sends postings as lines of JSON, and gives the outcome of each.
    pub(super) fn upload(
        &self,
        lines: &[u8],
        count: usize,
        switches: Switches,
        outcome: &mut dyn FnMut(Outcome) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let Switches { dry_run, accept_valid, changed } = switches;
        let url = format!(
            "{}?dryRun={dry_run}&acceptValid={accept_valid}&changed={changed}",
            self.url.postings()
        );
        let sent = self.request(&url, LINES, LINES).send(lines);
        let mut response = sent.map_err(|error| self.unanswered(&error, dry_run))?;
        let status = response.status();
        if status != StatusCode::OK {
            let body = response.body_mut().read_to_string().unwrap_or_default();
            return Err(match self.read(status, &body) {
                Err(error) if may_have_posted(&error) && !dry_run => self.unknown(&error.message()),
                Err(error) => error,
                Ok(_) => self.no_ledger(status),
            });
        }
        let mut received = 0;
        for line in BufReader::new(response.body_mut().as_reader()).lines() {
            let line = line.map_err(|error| self.interrupted(&error, dry_run))?;
            let read: Outcome =
                serde_json::from_str(&line).map_err(|error| self.interrupted(&error, dry_run))?;
            if read.ended {
                let ended = || unexpected("an upload ended without a reason");
                return Err(read.error.map_or_else(ended, CliError::from));
            }
            outcome(read)?;
            received += 1;
        }
        if received < count {
            return Err(self.interrupted(&"the answer ended early", dry_run));
        }
        Ok(())
    }

    fn interrupted(&self, why: &dyn std::fmt::Display, dry_run: bool) -> CliError {
        if dry_run { unexpected(&why.to_string()) } else { self.unknown(why) }
    }

    /// A posting was sent, and its outcome is unknown.
    fn unknown(&self, why: &dyn std::fmt::Display) -> CliError {
        let message = format!(
            "{} gave no outcome ({why}): it is not known whether this was posted; post it again with the same key, and it is posted once",
            self.url
        );
        CliError::new(Exit::Failure, "OUTCOME_UNKNOWN", message)
    }

    /// Asks for a stream of events, after the last one that was received.
    pub(super) fn stream(
        &self,
        document: &str,
        variables: &Value,
        last_event: Option<&str>,
    ) -> Result<Response<Body>, CliError> {
        let mut request = self.request(&self.url.graphql(), DOCUMENT, "text/event-stream");
        if let Some(last) = last_event {
            request = request.header("last-event-id", last);
        }
        let body = request_body(document, variables);
        let sent = request.config().timeout_per_read(Some(SILENCE)).build().send(body);
        let mut response = sent.map_err(|error| self.unreachable(&error))?;
        let kind = response.headers().get(header::CONTENT_TYPE);
        if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
            return Ok(response);
        }
        let body = response.body_mut().read_to_string().unwrap_or_default();
        self.read(response.status(), &body).and_then(|_| Err(self.no_ledger(response.status())))
    }

    /// Reads an answer, as a response or an event holds it.
    pub(super) fn read(&self, status: StatusCode, body: &str) -> Result<Value, CliError> {
        let reply: Reply = serde_json::from_str(body).map_err(|_| self.no_ledger(status))?;
        if let Some(fault) = reply.errors.into_iter().next() {
            let error = CliError::from(fault);
            let denied = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            return Err(if denied { error.with_exit(Exit::NotAuthorised) } else { error });
        }
        reply.data.ok_or_else(|| self.no_ledger(status))
    }

    fn request(&self, url: &str, media: &str, accept: &str) -> RequestBuilder<WithBody> {
        let request =
            self.agent.post(url).header(header::CONTENT_TYPE, media).header(header::ACCEPT, accept);
        match &self.authorization {
            Some(authorization) => request.header(header::AUTHORIZATION, authorization),
            None => request,
        }
    }

    /// No answer to an upload came. Whether it was posted is known only where it was never sent.
    fn unanswered(&self, error: &ureq::Error, dry_run: bool) -> CliError {
        let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
        let unsent = matches!(
            error,
            ureq::Error::HostNotFound
                | ureq::Error::ConnectionFailed
                | ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve)
        ) || matches!(error, ureq::Error::Io(error) if refused(error));
        if dry_run || unsent { self.unreachable(error) } else { self.unknown(error) }
    }

    fn unreachable(&self, error: &ureq::Error) -> CliError {
        let url = &self.url;
        let message = format!(
            "{url} is not reached ({error}): start it with `budget-ledger serve`, or name another by --server"
        );
        CliError::new(Exit::Failure, UNREACHABLE, message)
    }

    fn no_ledger(&self, status: StatusCode) -> CliError {
        let url = &self.url;
        let (exit, code) = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                (Exit::NotAuthorised, "UNAUTHENTICATED")
            }
            status if status.is_server_error() => (Exit::Failure, UNREACHABLE),
            _ => (Exit::Failure, "NOT_A_LEDGER"),
        };
        let message = format!(
            "{url} answers, but not as a ledger does (status {}): name the address that `budget-ledger serve` tells",
            status.as_u16()
        );
        CliError::new(exit, code, message)
    }
}

/// The name of what is wrong where there is no server, or nothing behind it.
pub(in crate::cli) const UNREACHABLE: &str = "UNREACHABLE";

/// The name of what is wrong while a server is opening its book.
pub(in crate::cli) const OPENING: &str = "OPENING";

fn request_body(document: &str, variables: &Value) -> String {
    json!({ "query": document, "variables": variables }).to_string()
}

/// Whether an error leaves it open that a posting before it was posted.
fn may_have_posted(error: &CliError) -> bool {
    matches!(
        error.code(),
        UNREACHABLE | "NOT_A_LEDGER" | "NOT_UNDERSTOOD" | "INTERNAL_SERVER_ERROR" | "TIMEOUT"
    )
}
