//! Settings: flags first, then the environment, then one TOML file, then what is built in.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use ledger_core::domain::text::ActorId;
use rustls::ServerConfig;
use serde::Deserialize;

use crate::access::oidc::OidcChoices;
use crate::access::rate::Rate;
use crate::graphql::Limits;
use crate::tls::{self, TlsError};

/// What can be set: the same names as flags, in the environment and in the file.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Choices {
    /// The data folder of the book; ledger-data by default.
    #[arg(long, value_name = "DIR", env = "BUDGET_LEDGER_DATA")]
    pub data: Option<PathBuf>,
    /// Where to listen; 127.0.0.1:8080 by default. Without sign-in, and in a demo, only on loopback.
    #[arg(long, value_name = "ADDR:PORT", env = "BUDGET_LEDGER_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Who posts where there is no sign-in, by opaque id; local by default.
    #[arg(long, value_name = "ID", env = "BUDGET_LEDGER_ACTOR")]
    pub actor: Option<ActorId>,
    /// Origins whose pages may open sockets, beside the server's own; may be given several times.
    #[arg(long, value_name = "ORIGIN", env = "BUDGET_LEDGER_ORIGIN", value_delimiter = ',')]
    pub origin: Option<Vec<String>>,
    /// Names the server is reached by, beside localhost and loopback addresses.
    #[arg(long, value_name = "HOST", env = "BUDGET_LEDGER_HOST", value_delimiter = ',')]
    pub host: Option<Vec<String>>,
    /// Answer introspection, and suggest names for misspelt ones. On in a demo.
    #[arg(long, value_name = "BOOL", env = "BUDGET_LEDGER_INTROSPECTION")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub introspection: Option<bool>,
    /// Serve GraphiQL at /graphiql. On in a demo.
    #[arg(long, value_name = "BOOL", env = "BUDGET_LEDGER_GRAPHIQL")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub graphiql: Option<bool>,
    /// How deep a query may nest.
    #[arg(long, value_name = "LEVELS", env = "BUDGET_LEDGER_DEPTH")]
    pub depth: Option<usize>,
    /// What a query may cost: fields, times the length of the lists they are in.
    #[arg(long, value_name = "COST", env = "BUDGET_LEDGER_COMPLEXITY")]
    pub complexity: Option<usize>,
    /// How long a page of a list may be.
    #[arg(long, value_name = "ITEMS", env = "BUDGET_LEDGER_PAGE")]
    pub page: Option<usize>,
    /// Connections at a time; more have to wait. 16384 by default.
    #[arg(long, value_name = "COUNT", env = "BUDGET_LEDGER_CONNECTIONS")]
    pub connections: Option<usize>,
    /// Seconds a query or mutation may take; 30 by default.
    #[arg(long, value_name = "SECONDS", env = "BUDGET_LEDGER_TIMEOUT")]
    pub timeout: Option<u64>,
    /// Least milliseconds between two executions for a group of subscribers; 5 by default.
    #[arg(long, value_name = "MILLISECONDS", env = "BUDGET_LEDGER_PACE")]
    pub pace: Option<u64>,
    /// Seconds that requests under way have to end when the server is told to stop; 10 by default.
    #[arg(long, value_name = "SECONDS", env = "BUDGET_LEDGER_GRACE")]
    pub grace: Option<u64>,
    /// What each caller may ask for in a second, by what it costs; as much as they like in a demo and
    /// without sign-in, else 50000.
    #[arg(long, value_name = "COST", env = "BUDGET_LEDGER_RATE")]
    pub rate: Option<u32>,
    /// What each caller may ask for at once, by what it costs; ten seconds' worth by default.
    #[arg(long, value_name = "COST", env = "BUDGET_LEDGER_BURST")]
    pub burst: Option<u32>,
    /// A PEM file of the certificate to serve https with, and of those that vouch for it.
    #[arg(long, value_name = "FILE", env = "BUDGET_LEDGER_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// A PEM file of the certificate's private key.
    #[arg(long, value_name = "FILE", env = "BUDGET_LEDGER_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// How much to log; info by default.
    #[arg(long, value_enum, value_name = "LEVEL", env = "BUDGET_LEDGER_LOG")]
    pub log: Option<LogLevel>,
    /// How to write the log; text by default.
    #[arg(long, value_enum, value_name = "FORMAT", env = "BUDGET_LEDGER_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// The sign-in service that is trusted: only in the file.
    #[arg(skip)]
    pub oidc: Option<OidcChoices>,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// What the server could not do.
    Error,
    /// And what deserves a look.
    Warn,
    /// And starting, stopping, and requests that were refused.
    #[default]
    Info,
    /// And every request.
    Debug,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Lines to be read by people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Why the settings are not usable.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("the settings in {path} cannot be read: {error}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is malformed.
    #[error("the settings in {path} are malformed: {error}")]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Where and how.
        error: Box<toml::de::Error>,
    },
    /// Others than this machine could reach the server.
    #[error(
        "{listen} can be reached from other machines, and nobody signs in here as who they are: listen on a loopback address such as 127.0.0.1:{}, or make keys with `budget-ledger keys init`",
        .listen.port()
    )]
    NotLoopback {
        /// What was asked for.
        listen: SocketAddr,
    },
    /// A certificate without its key, or the other way round.
    #[error("https needs both a certificate and its key: give --tls-cert and --tls-key")]
    HalfTls,
    /// The certificate or key is of no use.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Choices {
    /// The choices in a TOML file.
    ///
    /// # Errors
    ///
    /// [`SettingsError`]; unknown names are refused.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = fs::read_to_string(path)
            .map_err(|error| SettingsError::Unreadable { path: path.to_owned(), error })?;
        toml::from_str(&text).map_err(|error| SettingsError::Malformed {
            path: path.to_owned(),
            error: Box::new(error),
        })
    }

    /// These choices, and where they are silent, others.
    #[must_use]
    pub fn or(self, other: Choices) -> Self {
        Choices {
            data: self.data.or(other.data),
            listen: self.listen.or(other.listen),
            actor: self.actor.or(other.actor),
            origin: self.origin.or(other.origin),
            host: self.host.or(other.host),
            introspection: self.introspection.or(other.introspection),
            graphiql: self.graphiql.or(other.graphiql),
            depth: self.depth.or(other.depth),
            complexity: self.complexity.or(other.complexity),
            page: self.page.or(other.page),
            connections: self.connections.or(other.connections),
            timeout: self.timeout.or(other.timeout),
            pace: self.pace.or(other.pace),
            grace: self.grace.or(other.grace),
            rate: self.rate.or(other.rate),
            burst: self.burst.or(other.burst),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            log: self.log.or(other.log),
            log_format: self.log_format.or(other.log_format),
            oidc: self.oidc.or(other.oidc),
        }
    }
}

/// Where a server listens unless it is told otherwise.
pub const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// What each caller may ask for in a second where people sign in: thousands of small questions, or
/// the dearest question once.
const RATE: u32 = 50_000;

/// The settings of one server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Who posts and reads where there is no sign-in.
    pub actor: ActorId,
    /// Origins whose pages may open sockets, beside the server's own.
    pub origins: Vec<String>,
    /// Names it is reached by, beside loopback ones.
    pub hosts: Vec<String>,
    /// Whether GraphiQL is served.
    pub graphiql: bool,
    /// What a query may ask for.
    pub limits: Limits,
    /// Connections at a time.
    pub connections: usize,
    /// How long a query or mutation may take.
    pub timeout: Duration,
    /// The least time between two frames that tell the latest state.
    pub pace: Duration,
    /// How long requests under way have to end.
    pub grace: Duration,
    /// What each caller may ask for; as much as they like where absent.
    pub rate: Option<Rate>,
    /// What https is served with; http is where absent.
    pub tls: Option<Arc<ServerConfig>>,
}

/// Whom a server shows itself to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faces {
    /// Whoever reaches it, as one person.
    Anybody,
    /// Whoever reaches it, by the fixed keys of a demo.
    Demo,
    /// Those who sign in.
    SignIn,
}

impl Settings {
    /// The settings that choices make.
    ///
    /// # Errors
    ///
    /// [`SettingsError::NotLoopback`] where others than this machine could reach the server; others
    /// where it cannot speak https as it was told to.
    pub fn new(choices: Choices, actor: ActorId, faces: Faces) -> Result<Self, SettingsError> {
        let demo = faces == Faces::Demo;
        let listen = choices.listen.unwrap_or(LISTEN);
        if faces != Faces::SignIn && !listen.ip().is_loopback() {
            return Err(SettingsError::NotLoopback { listen });
        }
        let tls = match (&choices.tls_cert, &choices.tls_key) {
            (Some(certificate), Some(key)) => Some(tls::server(certificate, key)?),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(SettingsError::HalfTls),
        };
        let rate = choices.rate.or((faces == Faces::SignIn).then_some(RATE));
        let rate = rate.map(|per_second| Rate {
            per_second,
            burst: choices.burst.unwrap_or(per_second.saturating_mul(10)),
        });
        let limits = Limits::default();
        let limits = Limits {
            depth: choices.depth.unwrap_or(limits.depth),
            complexity: choices.complexity.unwrap_or(limits.complexity),
            page: choices.page.unwrap_or(limits.page),
            introspection: choices.introspection.unwrap_or(demo),
            ..limits
        };
        Ok(Settings {
            listen,
            actor: choices.actor.unwrap_or(actor),
            origins: choices.origin.unwrap_or_default(),
            hosts: choices.host.unwrap_or_default(),
            graphiql: choices.graphiql.unwrap_or(demo),
            limits,
            connections: choices.connections.unwrap_or(16_384),
            timeout: Duration::from_secs(choices.timeout.unwrap_or(30)),
            pace: Duration::from_millis(choices.pace.unwrap_or(5)),
            grace: Duration::from_secs(choices.grace.unwrap_or(10)),
            rate,
            tls,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor() -> ActorId {
        "local".parse().unwrap()
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_what_is_built_in() {
        let file: Choices = toml::from_str("listen = '127.0.0.1:1'\ndepth = 20").unwrap();
        let flags = Choices { listen: Some("127.0.0.1:2".parse().unwrap()), ..Choices::default() };
        let settings = Settings::new(flags.or(file), actor(), Faces::Anybody).unwrap();
        assert_eq!((settings.listen.port(), settings.limits.depth), (2, 20));
        assert_eq!(settings.limits.page, Limits::default().page);
    }

    #[test]
    fn a_name_that_is_no_setting_is_refused() {
        let error = toml::from_str::<Choices>("lisen = '127.0.0.1:1'").unwrap_err();
        assert!(error.to_string().contains("unknown field `lisen`"), "{error}");
    }

    #[test]
    fn without_sign_in_and_in_a_demo_only_loopback_is_listened_on() {
        let listen = Some("0.0.0.0:8080".parse().unwrap());
        let choices = Choices { listen, ..Choices::default() };
        for faces in [Faces::Anybody, Faces::Demo] {
            let error = Settings::new(choices.clone(), actor(), faces).unwrap_err();
            assert!(error.to_string().contains("127.0.0.1:8080"), "{error}");
        }
        assert!(Settings::new(choices, actor(), Faces::SignIn).is_ok());
    }

    #[test]
    fn a_demo_may_be_looked_into() {
        let shown = |faces| {
            let settings = Settings::new(Choices::default(), actor(), faces).unwrap();
            (settings.graphiql, settings.limits.introspection)
        };
        assert_eq!((shown(Faces::Demo), shown(Faces::Anybody)), ((true, true), (false, false)));
    }
}
