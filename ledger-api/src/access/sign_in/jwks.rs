//! The keys of a sign-in service: a JWK set from a file or a URL.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, KeyOperations, PublicKeyUse};
use ledger_core::domain::calendar::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use ureq::http::Uri;

use crate::access::tls::{self, TlsError};

const SECOND: i64 = 1_000_000;

/// The shortest interval, in microseconds, between two reads for unknown key ids or old keys.
const READ_INTERVAL: i64 = 10 * SECOND;

/// The greatest age, in microseconds, at which keys verify tokens. From half of it on they are read
/// again.
const AGE_MAX: i64 = 10 * 60 * SECOND;

/// The shortest interval, in microseconds, between two reads for wrong signatures.
const SIGNATURE_INTERVAL: i64 = 60 * SECOND;

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
    /// The last read that succeeded.
    read: Timestamp,
    /// The last read, successful or not.
    tried: Timestamp,
    /// The last read for a wrong signature.
    doubted: Timestamp,
}

impl CachedKeys {
    /// A key that is not too old to use.
    fn find(&self, id: &str, now: Timestamp) -> Option<Jwk> {
        self.set.find(id).filter(|_| since(self.read, now) < AGE_MAX).cloned()
    }
}

/// The microseconds since a time.
const fn since(then: Timestamp, now: Timestamp) -> i64 {
    now.micros().saturating_sub(then.micros())
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
        let cached = Mutex::new(CachedKeys {
            set: JwkSet { keys: Vec::new() },
            read: Timestamp::default(),
            tried: Timestamp::default(),
            doubted: Timestamp::default(),
        });
        let keys = ServiceKeys { source, agent: config.build().into(), cached };
        match (keys.fetch(), &keys.source) {
            (Ok(set), _) => keys.put(set, now),
            (Err(error), KeySource::File(_)) => return Err(error),
            (Err(error), KeySource::Url(..)) => {
                tracing::warn!(%error, "the keys are fetched again with the first token");
            }
        }
        Ok(keys)
    }

    /// The key of an id. An unknown id, or keys of half their greatest age, read the keys again, at
    /// most once an interval.
    pub(super) fn find(&self, id: &str, now: Timestamp) -> Option<Jwk> {
        {
            let mut cached = self.cached();
            let found = cached.find(id, now);
            let young = since(cached.read, now) < AGE_MAX / 2;
            if (found.is_some() && young) || since(cached.tried, now) < READ_INTERVAL {
                return found;
            }
            cached.tried = now;
        }
        self.read_again(now);
        self.cached().find(id, now)
    }

    /// The key of an id as read again after a wrong signature; None where the keys were read for
    /// one within the last minute, or the key is the same.
    pub(super) fn find_again(&self, id: &str, before: &Jwk, now: Timestamp) -> Option<Jwk> {
        {
            let mut cached = self.cached();
            if since(cached.doubted, now) < SIGNATURE_INTERVAL {
                return None;
            }
            (cached.doubted, cached.tried) = (now, now);
        }
        self.read_again(now);
        self.cached().find(id, now).filter(|found| found != before)
    }

    /// Reads the keys with the lock free: tokens with a cached key do not wait for it.
    fn read_again(&self, now: Timestamp) {
        match run_blocking(|| self.fetch()) {
            Ok(set) => self.put(set, now),
            Err(error) => {
                let minutes = AGE_MAX / 60 / SECOND;
                tracing::error!(%error, "the previous keys stay in force, {minutes} minutes at most");
            }
        }
    }

    fn put(&self, set: JwkSet, now: Timestamp) {
        let mut cached = self.cached();
        (cached.set, cached.read, cached.tried) = (set, now, now);
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

/// The keys of a set that verify signatures. Unknown key types, shared secrets and keys for other
/// uses are skipped.
fn parse_keys(text: &str) -> serde_json::Result<JwkSet> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_str(text)?;
    let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    Ok(JwkSet { keys: keys.filter(verifies).collect() })
}

fn verifies(key: &Jwk) -> bool {
    let shared = matches!(key.algorithm, AlgorithmParameters::OctetKey(_));
    let signs = key.common.public_key_use.as_ref();
    let signs = signs.is_none_or(|used| *used == PublicKeyUse::Signature);
    let operations = key.common.key_operations.as_ref();
    let verifies = operations.is_none_or(|all| all.contains(&KeyOperations::Verify));
    !shared && signs && verifies
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

    #[test]
    fn keys_for_other_uses_are_skipped() {
        let key = |more: &str| {
            format!(
                r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"c",{more}
                "x":"L0f7eXP0hiM3ZBmz79rDdhRd5hpGXmwu9Tia9fUuZ6k"}}]}}"#
            )
        };
        for (more, count) in [
            (r#""use":"sig","#, 1),
            (r#""use":"enc","#, 0),
            (r#""use":"tls","#, 0),
            (r#""key_ops":["verify"],"#, 1),
            (r#""key_ops":["encrypt","wrapKey"],"#, 0),
        ] {
            assert_eq!(parse_keys(&key(more)).unwrap().keys.len(), count, "{more}");
        }
    }

    #[test]
    fn keys_are_read_again_before_they_are_ten_minutes_old_and_not_used_after_that() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let set = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"c","x":"L0f7eXP0hiM3ZBmz79rDdhRd5hpGXmwu9Tia9fUuZ6k"}]}"#;
        let at = |seconds: i64| Timestamp::from_micros(1_000_000_000_000_000 + seconds * SECOND);
        let keys = |text: &str| {
            fs::write(&path, text).unwrap();
            ServiceKeys::read(KeySource::File(path.clone()), at(0)).unwrap()
        };
        // A key that was taken out of the file.
        let removed = keys(set);
        fs::write(&path, r#"{"keys":[]}"#).unwrap();
        assert!(removed.find("c", at(60)).is_some());
        assert!(removed.find("c", at(599)).is_none());
        // A file that cannot be read any more.
        let unread = keys(set);
        fs::remove_file(&path).unwrap();
        assert!(unread.find("c", at(599)).is_some(), "the previous keys stay in force");
        assert!(unread.find("c", at(600)).is_none());
        fs::write(&path, set).unwrap();
        assert!(unread.find("c", at(605)).is_none(), "not read again so soon");
        assert!(unread.find("c", at(609)).is_some());
    }

    #[test]
    fn a_wrong_signature_reads_the_keys_at_most_once_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let set = |x: &str| {
            format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"c","x":"{x}"}}]}}"#)
        };
        let at = |seconds: i64| Timestamp::from_micros(1_000_000_000_000_000 + seconds * SECOND);
        let (first, second) = (
            "L0f7eXP0hiM3ZBmz79rDdhRd5hpGXmwu9Tia9fUuZ6k",
            "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        );
        fs::write(&path, set(first)).unwrap();
        let keys = ServiceKeys::read(KeySource::File(path.clone()), at(0)).unwrap();
        let before = keys.find("c", at(1)).unwrap();
        fs::write(&path, set(second)).unwrap();
        let after = keys.find_again("c", &before, at(1)).expect("the key has changed");
        fs::write(&path, set(first)).unwrap();
        assert!(keys.find_again("c", &after, at(60)).is_none());
        assert_eq!(keys.find_again("c", &after, at(61)), Some(before));
    }
}
