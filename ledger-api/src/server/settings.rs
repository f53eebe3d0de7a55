//! Settings: flags override the environment, which overrides the TOML file, which overrides defaults.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use ledger_core::domain::text::ActorId;
use rustls::ServerConfig;
use serde::Deserialize;

use crate::access::log::room::ROOM;
use crate::access::sign_in::oidc::OidcChoices;
use crate::access::tls::{self, TlsError};
use crate::graphql::Limits;
use crate::server::rate::RateLimit;

/// The settings as given: flags, the environment and the file use the same names.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Choices {
    /// The data folder of the book; ledger-data by default.
    #[arg(long, value_name = "DIR", env = "BUDGET_LEDGER_DATA")]
    pub data: Option<PathBuf>,
    /// Where to listen; 127.0.0.1:8080 by default. Without sign-in, and in a demo, only on loopback.
    #[arg(long, value_name = "ADDR:PORT", env = "BUDGET_LEDGER_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// The id to post under when there is no sign-in; local by default.
    #[arg(long, value_name = "ID", env = "BUDGET_LEDGER_ACTOR")]
    pub actor: Option<ActorId>,
    /// Origins whose pages may open sockets, besides the server's own; may be repeated.
    #[arg(long, value_name = "ORIGIN", env = "BUDGET_LEDGER_ORIGIN", value_delimiter = ',')]
    pub origin: Option<Vec<String>>,
    /// Host names of the server, besides localhost and loopback addresses.
    #[arg(long, value_name = "HOST", env = "BUDGET_LEDGER_HOST", value_delimiter = ',')]
    pub host: Option<Vec<String>>,
    /// Answer introspection, and suggest corrections of misspelt names. On in a demo.
    #[arg(long, value_name = "BOOL", env = "BUDGET_LEDGER_INTROSPECTION")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub introspection: Option<bool>,
    /// Serve GraphiQL at /graphiql. On in a demo.
    #[arg(long, value_name = "BOOL", env = "BUDGET_LEDGER_GRAPHIQL")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub graphiql: Option<bool>,
    /// The deepest nesting of a query.
    #[arg(long, value_name = "LEVELS", env = "BUDGET_LEDGER_DEPTH")]
    pub depth: Option<usize>,
    /// The highest cost of a query: its fields, multiplied by the length of their lists.
    #[arg(long, value_name = "COST", env = "BUDGET_LEDGER_COMPLEXITY")]
    pub complexity: Option<usize>,
    /// The most items on a page of a list.
    #[arg(long, value_name = "ITEMS", env = "BUDGET_LEDGER_PAGE")]
    pub page: Option<usize>,
    /// The most connections at a time; further ones wait. 16384 by default.
    #[arg(long, value_name = "COUNT", env = "BUDGET_LEDGER_CONNECTIONS")]
    pub connections: Option<usize>,
    /// The most connections of one address at a time; further ones are closed. Three quarters of all by
    /// default.
    #[arg(long, value_name = "COUNT", env = "BUDGET_LEDGER_CONNECTIONS_EACH")]
    pub connections_each: Option<usize>,
    /// Addresses of proxies that may name their client's address, in X-Forwarded-For or Forwarded.
    #[arg(long, value_name = "ADDR", env = "BUDGET_LEDGER_TRUSTED_PROXY", value_delimiter = ',')]
    pub trusted_proxy: Option<Vec<IpAddr>>,
    /// Where to serve /metrics and the details of /health without a key, besides by key on the main
    /// address.
    #[arg(long, value_name = "ADDR:PORT", env = "BUDGET_LEDGER_METRICS_ADDRESS")]
    pub metrics_address: Option<SocketAddr>,
    /// The disk space kept back for the book, in MiB: logs stop while there is less; 256 by default.
    #[arg(long, value_name = "MIB", env = "BUDGET_LEDGER_ROOM")]
    pub room: Option<u64>,
    /// The time limit of a query or mutation, in seconds; 30 by default.
    #[arg(long, value_name = "SECONDS", env = "BUDGET_LEDGER_TIMEOUT")]
    pub timeout: Option<u64>,
    /// The shortest time between two updates of a subscription, in milliseconds; 5 by default.
    #[arg(long, value_name = "MILLISECONDS", env = "BUDGET_LEDGER_PACE")]
    pub pace: Option<u64>,
    /// The time for requests to finish when the server stops, in seconds; 10 by default.
    #[arg(long, value_name = "SECONDS", env = "BUDGET_LEDGER_GRACE")]
    pub grace: Option<u64>,
    /// The cost each caller may use in a second; without limit in a demo and without sign-in, else
    /// 50000.
    #[arg(long, value_name = "COST", env = "BUDGET_LEDGER_RATE")]
    pub rate: Option<u32>,
    /// The cost each caller may use at once; ten seconds' worth by default.
    #[arg(long, value_name = "COST", env = "BUDGET_LEDGER_BURST")]
    pub burst: Option<u32>,
    /// A PEM file of the https certificate, followed by its intermediate certificates.
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
    /// The trusted sign-in service. The file alone can set it.
    #[arg(skip)]
    pub oidc: Option<OidcChoices>,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// Failures of the server.
    Error,
    /// Also conditions that need attention.
    Warn,
    /// Also starts, stops and refused requests.
    #[default]
    Info,
    /// Also every request.
    Debug,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Lines of text, for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Why the settings are invalid.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("the settings in {path} cannot be read: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        error: std::io::Error,
    },
    /// The file is malformed.
    #[error("the settings in {path} are malformed: {error}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The place and kind of the mistake.
        error: Box<toml::de::Error>,
    },
    /// Other machines could reach a server without sign-in.
    #[error(
        "{listen} can be reached from other machines, and this server has no sign-in of its own: listen on a loopback address such as 127.0.0.1:{}, or create keys with `budget-ledger keys init`",
        .listen.port()
    )]
    NotLoopback {
        /// The requested address.
        listen: SocketAddr,
    },
    /// A certificate without its key, or a key without its certificate.
    #[error("https needs both a certificate and its key: give --tls-cert and --tls-key")]
    HalfTls,
    /// The certificate or key is invalid.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Choices {
    /// Reads the choices of a TOML file.
    ///
    /// # Errors
    ///
    /// [`SettingsError`], also for an unknown name.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = fs::read_to_string(path)
            .map_err(|error| SettingsError::Unreadable { path: path.to_owned(), error })?;
        toml::from_str(&text).map_err(|error| SettingsError::Malformed {
            path: path.to_owned(),
            error: Box::new(error),
        })
    }

    /// The disk space kept back for the book, in bytes.
    pub fn room(&self) -> u64 {
        self.room.map_or(ROOM, |mebibytes| mebibytes.saturating_mul(1 << 20))
    }

    /// These choices, with `other` filling the gaps.
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
            connections_each: self.connections_each.or(other.connections_each),
            trusted_proxy: self.trusted_proxy.or(other.trusted_proxy),
            metrics_address: self.metrics_address.or(other.metrics_address),
            room: self.room.or(other.room),
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

/// The default address.
pub const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// The default cost a second for each signed-in caller: thousands of small queries, or the most
/// expensive one once.
const RATE: u32 = 50_000;

/// The settings of a server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The person of every request without sign-in.
    pub actor: ActorId,
    /// Origins whose pages may open sockets, besides the server's own.
    pub origins: Vec<String>,
    /// Host names of the server, besides loopback ones.
    pub hosts: Vec<String>,
    /// Whether GraphiQL is served.
    pub graphiql: bool,
    /// The limits of a query.
    pub limits: Limits,
    /// The most connections at a time.
    pub connections: usize,
    /// The most connections of one address at a time.
    pub connections_each: usize,
    /// The proxies that may name their client's address.
    pub trusted_proxies: Vec<IpAddr>,
    /// Where metrics and the details of health need no key.
    pub metrics_address: Option<SocketAddr>,
    /// The disk space kept back for the book, in bytes.
    pub room: u64,
    /// The time limit of a query or mutation.
    pub timeout: Duration,
    /// The shortest time between two updates of a subscription.
    pub pace: Duration,
    /// The time for requests to finish when the server stops.
    pub grace: Duration,
    /// The rate limit of each caller; None for no limit.
    pub rate: Option<RateLimit>,
    /// The TLS configuration; None for plain http.
    pub tls: Option<Arc<ServerConfig>>,
}

/// How callers of a server sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInMode {
    /// Without sign-in: every caller is the same person.
    Off,
    /// By the fixed keys of a demo.
    Demo,
    /// By keys or tokens.
    Required,
}

impl Settings {
    /// Checks the choices and fills in the defaults.
    ///
    /// # Errors
    ///
    /// [`SettingsError::NotLoopback`] if other machines could reach a server without sign-in; others
    /// for an invalid https configuration.
    pub fn new(
        choices: Choices,
        actor: ActorId,
        sign_in_mode: SignInMode,
    ) -> Result<Self, SettingsError> {
        let demo = sign_in_mode == SignInMode::Demo;
        let listen = choices.listen.unwrap_or(LISTEN);
        if sign_in_mode != SignInMode::Required && !listen.ip().is_loopback() {
            return Err(SettingsError::NotLoopback { listen });
        }
        let tls = match (&choices.tls_cert, &choices.tls_key) {
            (Some(certificate), Some(key)) => Some(tls::server(certificate, key)?),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(SettingsError::HalfTls),
        };
        let rate = choices.rate.or((sign_in_mode == SignInMode::Required).then_some(RATE));
        let rate = rate.map(|per_second| RateLimit {
            per_second,
            burst: choices.burst.unwrap_or(per_second.saturating_mul(10)),
        });
        let connections = choices.connections.unwrap_or(16_384);
        let room = choices.room();
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
            connections,
            connections_each: choices.connections_each.unwrap_or(connections.div_ceil(4) * 3),
            trusted_proxies: choices.trusted_proxy.unwrap_or_default(),
            metrics_address: choices.metrics_address,
            room,
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
    fn a_flag_overrides_the_file_and_the_file_overrides_the_default() {
        let file: Choices = toml::from_str("listen = '127.0.0.1:1'\ndepth = 20").unwrap();
        let flags = Choices { listen: Some("127.0.0.1:2".parse().unwrap()), ..Choices::default() };
        let settings = Settings::new(flags.or(file), actor(), SignInMode::Off).unwrap();
        assert_eq!((settings.listen.port(), settings.limits.depth), (2, 20));
        assert_eq!(settings.limits.page, Limits::default().page);
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        let error = toml::from_str::<Choices>("lisen = '127.0.0.1:1'").unwrap_err();
        assert!(error.to_string().contains("unknown field `lisen`"), "{error}");
    }

    #[test]
    fn a_server_without_sign_in_and_a_demo_listen_on_loopback_only() {
        let listen = Some("0.0.0.0:8080".parse().unwrap());
        let choices = Choices { listen, ..Choices::default() };
        for sign_in_mode in [SignInMode::Off, SignInMode::Demo] {
            let error = Settings::new(choices.clone(), actor(), sign_in_mode).unwrap_err();
            assert!(error.to_string().contains("127.0.0.1:8080"), "{error}");
        }
        assert!(Settings::new(choices, actor(), SignInMode::Required).is_ok());
    }

    #[test]
    fn a_demo_serves_graphiql_and_introspection() {
        let shown = |sign_in_mode| {
            let settings = Settings::new(Choices::default(), actor(), sign_in_mode).unwrap();
            (settings.graphiql, settings.limits.introspection)
        };
        assert_eq!(
            (shown(SignInMode::Demo), shown(SignInMode::Off)),
            ((true, true), (false, false))
        );
    }
}
