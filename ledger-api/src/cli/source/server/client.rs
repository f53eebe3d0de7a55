//! GraphQL over HTTP: one request, one answer, and what is wrong where there is none.

use std::io;
use std::path::Path;
use std::time::Duration;

use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use ureq::http::{Response, StatusCode, header};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body};

use super::wire::{Pounds, Text};
use crate::cli::exit::{CliError, Exit};
use crate::cli::place::{ServerUrl, Token};
use crate::tls;

/// Until a server is connected to.
const CONNECT: Duration = Duration::from_secs(10);

/// Longer than a server takes before it gives up by itself.
const ANSWER: Duration = Duration::from_secs(120);

/// A server says something every 12 seconds on a stream; one that is silent for so long is gone.
const SILENCE: Duration = Duration::from_secs(40);

/// No answer to a page of entries is as large.
const ANSWER_BYTES: u64 = 64 << 20;

/// A server, and who asks it.
#[derive(Clone)]
pub(in crate::cli) struct Client {
    agent: Agent,
    url: ServerUrl,
    authorization: Option<String>,
}

/// Whether what is asked changes the book.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    Posts,
}

/// An answer, before anything is known of its data.
#[derive(Deserialize)]
struct Reply {
    data: Option<Box<RawValue>>,
    #[serde(default)]
    errors: Vec<Fault>,
}

/// What is wrong with a request or a server.
#[derive(Deserialize)]
struct Fault {
    message: String,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Default, Deserialize)]
struct Extensions {
    #[serde(default)]
    code: String,
}

/// A rule that a posting breaks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserError {
    code: String,
    message: String,
    limit: Option<Pounds>,
    current_version: Option<Text<Position>>,
}

impl Client {
    pub(in crate::cli) fn new(
        url: &ServerUrl,
        token: Option<&Token>,
        authorities: Option<&Path>,
    ) -> Result<Self, CliError> {
        let encryption = if url.is_encrypted() {
            tls::client(authorities).map_err(|error| CliError::usage(error.to_string()))?
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
        let authorization = token.map(|token| format!("Bearer {}", token.as_str()));
        Ok(Client { agent: config.build().into(), url: url.clone(), authorization })
    }

    pub(in crate::cli) const fn url(&self) -> &ServerUrl {
        &self.url
    }

    /// Asks, and reads the answer.
    pub(super) fn ask<T: DeserializeOwned>(
        &self,
        document: &str,
        variables: &Value,
        effect: Effect,
    ) -> Result<T, CliError> {
        let accept = "application/graphql-response+json";
        let sent = self.send(document, variables, accept, |config| {
            config.timeout_global(Some(ANSWER)).build()
        });
        let mut response = sent.map_err(|error| self.unanswered(&error, effect))?;
        let body = response.body_mut().with_config().limit(ANSWER_BYTES).read_to_string();
        let body = body.map_err(|error| self.unanswered(&error, effect))?;
        let status = response.status();
        self.read(status, &body).map_err(|error| match error.code() {
            // An answer that makes no sense says nothing of what was done before it.
            UNREACHABLE | "NOT_A_LEDGER" | "NOT_UNDERSTOOD" | "INTERNAL_SERVER_ERROR"
                if effect == Effect::Posts =>
            {
                self.unknown(&error.message())
            }
            _ => error,
        })
    }

    /// A posting was sent, and no answer says what came of it.
    fn unknown(&self, why: &dyn std::fmt::Display) -> CliError {
        let message = format!(
            "{} did not say what came of this ({why}): it is not known whether it was posted; post it again with the same key, and it is posted once",
            self.url
        );
        CliError::new(Exit::Failure, "OUTCOME_UNKNOWN", message)
    }

    /// Asks for a stream of events.
    pub(super) fn stream(
        &self,
        document: &str,
        variables: &Value,
    ) -> Result<Response<Body>, CliError> {
        let sent = self.send(document, variables, "text/event-stream", |config| {
            config.timeout_per_read(Some(SILENCE)).build()
        });
        let mut response = sent.map_err(|error| self.unanswered(&error, Effect::None))?;
        let kind = response.headers().get(header::CONTENT_TYPE);
        if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
            return Ok(response);
        }
        let body = response.body_mut().read_to_string().unwrap_or_default();
        self.read::<Value>(response.status(), &body)
            .and_then(|_| Err(self.no_ledger(response.status())))
    }

    /// Reads an answer, as a response or an event holds it.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        status: StatusCode,
        body: &str,
    ) -> Result<T, CliError> {
        let reply: Reply = serde_json::from_str(body).map_err(|_| self.no_ledger(status))?;
        if let Some(fault) = reply.errors.into_iter().next() {
            return Err(fault.told(status));
        }
        let data = reply.data.ok_or_else(|| self.no_ledger(status))?;
        serde_json::from_str(data.get()).map_err(|error| {
            let message = format!("{} tells what is not understood here ({error}): use the server's own version of this program", self.url);
            CliError::new(Exit::Failure, "NOT_UNDERSTOOD", message)
        })
    }

    fn send(
        &self,
        document: &str,
        variables: &Value,
        accept: &str,
        configure: impl FnOnce(
            ureq::config::ConfigBuilder<ureq::typestate::RequestScope<ureq::typestate::WithBody>>,
        ) -> ureq::RequestBuilder<ureq::typestate::WithBody>,
    ) -> Result<Response<Body>, ureq::Error> {
        let request = self
            .agent
            .post(self.url.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, accept);
        let request = match &self.authorization {
            Some(authorization) => request.header(header::AUTHORIZATION, authorization),
            None => request,
        };
        let body = json!({ "query": document, "variables": variables }).to_string();
        configure(request.config()).send(body)
    }

    /// No answer came. Whether a posting was posted is known only where it was never sent.
    fn unanswered(&self, error: &ureq::Error, effect: Effect) -> CliError {
        let url = &self.url;
        let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
        let unsent = matches!(
            error,
            ureq::Error::HostNotFound
                | ureq::Error::ConnectionFailed
                | ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve)
        ) || matches!(error, ureq::Error::Io(error) if refused(error));
        if effect == Effect::Posts && !unsent {
            return self.unknown(error);
        }
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
pub(super) const UNREACHABLE: &str = "UNREACHABLE";

/// The name of what is wrong while a server is opening its book.
pub(super) const OPENING: &str = "OPENING";

impl Fault {
    fn told(self, status: StatusCode) -> CliError {
        let Fault { message, extensions: Extensions { code } } = self;
        let exit = match code.as_str() {
            "BACKWARDS" | "BEYOND_HEAD" | "OTHER_YEAR" | "UNKNOWN_PROGRAMME" | "UNKNOWN_BODY" => {
                // As a folder says it.
                return CliError::new(Exit::Usage, "UNKNOWN", message);
            }
            "UNAUTHENTICATED" | "FORBIDDEN" => Exit::NotAuthorised,
            "DAMAGED" => Exit::VerificationFailed,
            _ if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                Exit::NotAuthorised
            }
            _ => Exit::Failure,
        };
        CliError::new(exit, code, message)
    }
}

impl UserError {
    pub(super) fn told(self) -> CliError {
        let exit = match self.code.as_str() {
            "VERSION_CONFLICT" | "IDEMPOTENCY_KEY_REUSED" => Exit::Conflict,
            "MALFORMED" => Exit::Usage,
            _ => Exit::Refused,
        };
        let limit: Option<Pence> = self.limit.map(|Pounds(limit)| limit);
        let current_version = self.current_version.map(|Text(version)| version);
        CliError::new(exit, self.code, self.message).with_figures(limit, current_version)
    }
}
