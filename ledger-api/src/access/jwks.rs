//! The keys of a sign-in service: read from a file, or fetched from where the service tells them.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet};
use ledger_core::domain::calendar::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use ureq::http::Uri;

use crate::tls::{self, TlsError};

/// The keys are read again for a key id that is not known, once in so many microseconds.
const READ_EVERY: i64 = 10 * 1_000_000;

/// How long a service may take to tell its keys, and how long they may be.
const FETCHING: Duration = Duration::from_secs(5);
const KEYS_BYTES_MAX: u64 = 1 << 20;

/// Where the keys of a service are.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// In a file.
    File(PathBuf),
    /// At a URL; whoever vouches for its certificate is in this file, where that is nobody this
    /// machine knows.
    Url(String, Option<PathBuf>),
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// They are nowhere, or in two places.
    #[error("give oidc.jwks-file or oidc.jwks-url, one of them: there the service's keys are")]
    Place,
    /// They would come over the open network.
    #[error("oidc.jwks-url is {0}: keys come by https, or by http from this machine")]
    Open(String),
    /// The service cannot be spoken to in confidence.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// They cannot be read.
    #[error("the keys of the sign-in service in {place} cannot be read: {error}")]
    Unread {
        /// Where.
        place: String,
        /// Why.
        error: String,
    },
}

/// The keys of a service, as they were read last.
#[derive(Debug)]
pub(super) struct ServiceKeys {
    place: Place,
    agent: ureq::Agent,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    set: JwkSet,
    read: Timestamp,
}

impl ServiceKeys {
    /// Reads the keys. A service that cannot be reached just now is asked again with the first
    /// token.
    pub(super) fn read(place: Place, now: Timestamp) -> Result<Self, KeysError> {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(FETCHING))
            .max_redirects(0)
            .proxy(None);
        let config = match &place {
            Place::File(_) => config,
            Place::Url(url, _) if !is_secure(url) => return Err(KeysError::Open(url.clone())),
            Place::Url(_, authorities) => config.tls_config(tls::client(authorities.as_deref())?),
        };
        let none = Known { set: JwkSet { keys: Vec::new() }, read: Timestamp::default() };
        let keys = ServiceKeys { place, agent: config.build().into(), known: Mutex::new(none) };
        match (keys.look(), &keys.place) {
            (Ok(set), _) => *keys.known() = Known { set, read: now },
            (Err(error), Place::File(_)) => return Err(error),
            (Err(error), Place::Url(..)) => tracing::warn!(%error, "looking again later"),
        }
        Ok(keys)
    }

    /// The key of an id. For one that is not known the keys are read again, now and then.
    pub(super) fn find(&self, id: &str, now: Timestamp) -> Option<Jwk> {
        {
            let mut known = self.known();
            let fresh = now.micros().saturating_sub(known.read.micros()) < READ_EVERY;
            let found = known.set.find(id).cloned();
            if found.is_some() || fresh {
                return found;
            }
            known.read = now;
        }
        // Whoever comes meanwhile with a key that is known does not wait for this.
        match waiting(|| self.look()) {
            Ok(set) => self.known().set = set,
            Err(error) => tracing::error!(%error, "the keys read before stay in force"),
        }
        self.known().set.find(id).cloned()
    }

    fn look(&self) -> Result<JwkSet, KeysError> {
        let unread = |error: String| {
            let place = match &self.place {
                Place::File(path) => path.display().to_string(),
                Place::Url(url, _) => url.clone(),
            };
            KeysError::Unread { place, error }
        };
        let text = match &self.place {
            Place::File(path) => fs::read_to_string(path).map_err(|e| unread(e.to_string()))?,
            Place::Url(url, _) => {
                let told = self.agent.get(url).call().map_err(|e| unread(e.to_string()))?;
                let mut body = told.into_body();
                let body = body.with_config().limit(KEYS_BYTES_MAX).read_to_string();
                body.map_err(|e| unread(e.to_string()))?
            }
        };
        keys_in(&text).map_err(|error| unread(error.to_string()))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does what takes a while. A server's other work goes on meanwhile.
fn waiting<T>(work: impl FnOnce() -> T) -> T {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) if runtime.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread => {
            tokio::task::block_in_place(work)
        }
        Ok(_) | Err(_) => work(),
    }
}

/// The keys of a set that verify signatures. What this program does not know is passed over, and so
/// is what would be a shared secret.
fn keys_in(text: &str) -> serde_json::Result<JwkSet> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_str(text)?;
    let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    let shared = |key: &Jwk| matches!(key.algorithm, AlgorithmParameters::OctetKey(_));
    Ok(JwkSet { keys: keys.filter(|key| !shared(key)).collect() })
}

/// Whether nobody between here and there can change what is told.
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
    fn a_key_that_is_not_known_or_is_a_secret_is_passed_over() {
        let text = r#"{"keys":[{"kty":"new","kid":"a"},{"kty":"oct","kid":"b","k":"AAAA"},
            {"kty":"OKP","crv":"Ed25519","kid":"c","x":"L0f7eXP0hiM3ZBmz79rDdhRd5hpGXmwu9Tia9fUuZ6k"}]}"#;
        let set = keys_in(text).unwrap();
        assert_eq!(set.keys.len(), 1);
        assert!(set.find("c").is_some());
    }
}
