//! The keys of a sign-in service: a JWK set from a file or a URL.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet};
use ledger_core::domain::calendar::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use ureq::http::Uri;

use crate::access::tls::{self, TlsError};

/// The shortest interval, in microseconds, between two reads for unknown key ids.
const READ_INTERVAL: i64 = 10 * 1_000_000;

/// The time and size limits of a fetch.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const KEYS_BYTES_MAX: u64 = 1 << 20;

/// The source of a service's keys.
#[derive(Clone, Debug)]
pub(super) enum KeySource {
    /// A file.
    File(PathBuf),
    /// A URL, and a PEM file of certificate authorities if the system's do not suffice.
    Url(String, Option<PathBuf>),
}

/// Why the keys of a service cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JwksError {
    /// No source is configured, or two are.
    #[error(
        "set exactly one of oidc.jwks-file and oidc.jwks-url: it names the sign-in service's keys"
    )]
    Source,
    /// The URL is not https.
    #[error("oidc.jwks-url is {0}: use https, or http on this machine")]
    Insecure(String),
    /// The TLS client cannot be configured.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The source cannot be read.
    #[error("the keys of the sign-in service in {location} cannot be read: {error}")]
    Unread {
        /// The file or URL.
        location: String,
        /// The cause.
        error: String,
    },
}

/// The keys of a service, cached from the last read.
#[derive(Debug)]
pub(super) struct ServiceKeys {
    source: KeySource,
    agent: ureq::Agent,
    cached: Mutex<CachedKeys>,
}

#[derive(Debug)]
struct CachedKeys {
    set: JwkSet,
    read: Timestamp,
}

impl ServiceKeys {
    /// Reads the keys. If a URL cannot be reached, the first token tries again.
    pub(super) fn read(source: KeySource, now: Timestamp) -> Result<Self, JwksError> {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(FETCH_TIMEOUT))
            .max_redirects(0)
            .proxy(None);
        let config = match &source {
            KeySource::File(_) => config,
            KeySource::Url(url, _) if !is_secure(url) => {
                return Err(JwksError::Insecure(url.clone()));
            }
            KeySource::Url(_, authorities) => {
                config.tls_config(tls::client(authorities.as_deref())?)
            }
        };
        let none = CachedKeys { set: JwkSet { keys: Vec::new() }, read: Timestamp::default() };
        let keys = ServiceKeys { source, agent: config.build().into(), cached: Mutex::new(none) };
        match (keys.fetch(), &keys.source) {
            (Ok(set), _) => *keys.cached() = CachedKeys { set, read: now },
            (Err(error), KeySource::File(_)) => return Err(error),
            (Err(error), KeySource::Url(..)) => {
                tracing::warn!(%error, "the keys are fetched again with the first token");
            }
        }
        Ok(keys)
    }

    /// The key of an id. An unknown id reads the keys again, at most once an interval.
    pub(super) fn find(&self, id: &str, now: Timestamp) -> Option<Jwk> {
        {
            let mut cached = self.cached();
            let fresh = now.micros().saturating_sub(cached.read.micros()) < READ_INTERVAL;
            let found = cached.set.find(id).cloned();
            if found.is_some() || fresh {
                return found;
            }
            cached.read = now;
        }
        // The lock is free here: tokens with a cached key do not wait for the fetch.
        match run_blocking(|| self.fetch()) {
            Ok(set) => self.cached().set = set,
            Err(error) => tracing::error!(%error, "the previous keys stay in force"),
        }
        self.cached().set.find(id).cloned()
    }

    fn fetch(&self) -> Result<JwkSet, JwksError> {
        let unread = |error: String| {
            let location = match &self.source {
                KeySource::File(path) => path.display().to_string(),
                KeySource::Url(url, _) => url.clone(),
            };
            JwksError::Unread { location, error }
        };
        let text = match &self.source {
            KeySource::File(path) => fs::read_to_string(path).map_err(|e| unread(e.to_string()))?,
            KeySource::Url(url, _) => {
                let response = self.agent.get(url).call().map_err(|e| unread(e.to_string()))?;
                let mut body = response.into_body();
                let body = body.with_config().limit(KEYS_BYTES_MAX).read_to_string();
                body.map_err(|e| unread(e.to_string()))?
            }
        };
        parse_keys(&text).map_err(|error| unread(error.to_string()))
    }

    fn cached(&self) -> MutexGuard<'_, CachedKeys> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs blocking work without blocking the server's other tasks.
fn run_blocking<T>(work: impl FnOnce() -> T) -> T {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) if runtime.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread => {
            tokio::task::block_in_place(work)
        }
        Ok(_) | Err(_) => work(),
    }
}

/// The keys of a set that verify signatures. Unknown key types and shared secrets are skipped.
fn parse_keys(text: &str) -> serde_json::Result<JwkSet> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_str(text)?;
    let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    let shared = |key: &Jwk| matches!(key.algorithm, AlgorithmParameters::OctetKey(_));
    Ok(JwkSet { keys: keys.filter(|key| !shared(key)).collect() })
}

/// Whether a URL is https, or http on this machine.
fn is_secure(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let here = host.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_by_https_or_from_this_machine() {
        for url in ["https://x.example/keys", "http://127.0.0.1:1/k", "http://[::1]/k"] {
            assert!(is_secure(url), "{url}");
        }
        for url in ["http://x.example/keys", "http://127.0.0.1.x.example/k", "ftp://localhost", ""]
        {
            assert!(!is_secure(url), "{url}");
        }
    }

    #[test]
    fn unknown_key_types_and_shared_secrets_are_skipped() {
        let text = r#"{"keys":[{"kty":"new","kid":"a"},{"kty":"oct","kid":"b","k":"AAAA"},
            {"kty":"OKP","crv":"Ed25519","kid":"c","x":"L0f7eXP0hiM3ZBmz79rDdhRd5hpGXmwu9Tia9fUuZ6k"}]}"#;
        let set = parse_keys(text).unwrap();
        assert_eq!(set.keys.len(), 1);
        assert!(set.find("c").is_some());
    }
}
