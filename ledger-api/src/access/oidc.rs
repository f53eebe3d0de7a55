//! Tokens of a sign-in service: OpenID Connect bearer tokens, checked here and nowhere else.
//!
//! Which algorithms are taken is configured. A token's header only chooses among them, and never
//! one by which a public key would be a secret.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Validation, decode, decode_header};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::text::ActorId;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::grant::{Grant, Reach};
use super::principal::{Credential, Principal};
use super::role::Role;
use super::sign_in::Refused;

/// How far clocks may be apart, in seconds.
const LEEWAY: u64 = 30;

/// The keys are read again for a key id that is not known, once in so many microseconds.
const READ_EVERY: i64 = 10 * 1_000_000;

/// How a sign-in service is trusted: the section `oidc` of the settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OidcChoices {
    /// The issuer, exactly as tokens name it.
    pub issuer: String,
    /// The audience that tokens must name.
    pub audience: String,
    /// The algorithms that are taken; none that uses a shared secret.
    pub algorithms: Vec<Algorithm>,
    /// A file with the service's keys, as a JWK set.
    pub jwks_file: PathBuf,
    /// The claim that holds roles, as text or a list of texts.
    #[serde(default = "roles_claim")]
    pub roles_claim: String,
    /// What its values grant.
    pub roles: Vec<MappedRole>,
}

/// What one value of the roles claim grants.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MappedRole {
    /// The value.
    pub value: String,
    /// The role: viewer, preparer, auditor, administrator, or approver:TIER:BODY.
    pub role: String,
    /// The bodies it is limited to.
    #[serde(default)]
    pub bodies: Option<Vec<BodyCode>>,
    /// The programmes it is limited to.
    #[serde(default)]
    pub programmes: Option<Vec<ProgrammeCode>>,
}

fn roles_claim() -> String {
    "roles".to_owned()
}

/// Why a sign-in service cannot be trusted as configured.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// An algorithm by which whoever can check a token can make one.
    #[error(
        "algorithm {0:?} uses a shared secret: name RS256, PS256, ES256 or EdDSA, or their like"
    )]
    Secret(Algorithm),
    /// No algorithm is taken.
    #[error("no algorithm is named: list those of the sign-in service under oidc.algorithms")]
    NoAlgorithm,
    /// A role is none.
    #[error("oidc.roles: {0}")]
    Role(String),
    /// The keys cannot be read.
    #[error("the keys of the sign-in service in {path} cannot be read: {error}")]
    Keys {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: String,
    },
}

#[derive(Debug)]
struct ServiceKeys {
    set: JwkSet,
    read: Timestamp,
}

/// A sign-in service that is trusted.
#[derive(Debug)]
pub struct Oidc {
    choices: OidcChoices,
    grants: Vec<(String, Grant)>,
    keys: Mutex<ServiceKeys>,
}

impl Oidc {
    /// Trusts a sign-in service as configured.
    ///
    /// # Errors
    ///
    /// [`OidcError`].
    pub fn new(choices: OidcChoices, now: Timestamp) -> Result<Self, OidcError> {
        if choices.algorithms.is_empty() {
            return Err(OidcError::NoAlgorithm);
        }
        let secrets = AlgorithmFamily::Hmac.algorithms();
        if let Some(secret) = choices.algorithms.iter().find(|named| secrets.contains(named)) {
            return Err(OidcError::Secret(*secret));
        }
        let mut grants = Vec::new();
        for mapped in &choices.roles {
            let role: Role = mapped
                .role
                .parse()
                .map_err(|error: super::role::RoleError| OidcError::Role(error.to_string()))?;
            let bodies = mapped.bodies.clone().map_or(Reach::All, Reach::Only);
            let programmes = mapped.programmes.clone().map_or(Reach::All, Reach::Only);
            grants.push((mapped.value.clone(), Grant { role, bodies, programmes }));
        }
        let keys = Mutex::new(ServiceKeys { set: read(&choices)?, read: now });
        Ok(Oidc { choices, grants, keys })
    }

    /// Whom a token signs in.
    ///
    /// # Errors
    ///
    /// [`Refused`], with the reason.
    pub fn authorize(&self, token: &str, now: Timestamp) -> Result<Principal, Refused> {
        let header = decode_header(token).map_err(|error| {
            // An algorithm that is not even known, such as none.
            let unknown = matches!(error.kind(), ErrorKind::Json(error) if error.is_data());
            if unknown { Refused::Algorithm } else { Refused::Malformed }
        })?;
        if !self.choices.algorithms.contains(&header.alg) {
            return Err(Refused::Algorithm);
        }
        let key = self.key(header.kid.as_deref().ok_or(Refused::UnknownKeyId)?, now)?;
        let key = DecodingKey::from_jwk(&key).map_err(|_| Refused::UnknownKeyId)?;
        let mut validation = Validation::new(header.alg);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_audience(&[&self.choices.audience]);
        validation.set_issuer(&[&self.choices.issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let claims = decode::<Map<String, Value>>(token, &key, &validation);
        let claims = claims.map_err(|error| refused(error.kind()))?.claims;
        self.principal(&claims)
    }

    fn principal(&self, claims: &Map<String, Value>) -> Result<Principal, Refused> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let id: ActorId = text("sub").and_then(|sub| sub.parse().ok()).ok_or(Refused::Malformed)?;
        let end = claims.get("exp").and_then(Value::as_i64).ok_or(Refused::Malformed)?;
        let expires = Some(Timestamp::from_micros(end.saturating_mul(1_000_000)));
        let held: Vec<&str> = match claims.get(&self.choices.roles_claim) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let granted = self.grants.iter().filter(|(value, _)| held.contains(&value.as_str()));
        let grants = granted.map(|(_, grant)| grant.clone()).collect();
        let credential = Credential::Token(text("jti").unwrap_or("without an id").into());
        Ok(Principal { id, grants, expires, credential })
    }

    /// The key of an id. For one that is not known the keys are read again, now and then.
    fn key(&self, id: &str, now: Timestamp) -> Result<Jwk, Refused> {
        let mut keys = self.keys();
        if keys.set.find(id).is_none()
            && now.micros().saturating_sub(keys.read.micros()) >= READ_EVERY
        {
            keys.read = now;
            match read(&self.choices) {
                Ok(set) => keys.set = set,
                Err(error) => tracing::error!(%error, "the keys read before stay in force"),
            }
        }
        keys.set.find(id).cloned().ok_or(Refused::UnknownKeyId)
    }

    fn keys(&self) -> MutexGuard<'_, ServiceKeys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(choices: &OidcChoices) -> Result<JwkSet, OidcError> {
    let path = &choices.jwks_file;
    let failed = |error: String| OidcError::Keys { path: path.clone(), error };
    let bytes = fs::read(path).map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else is wrong with it, it is malformed"
)]
fn refused(kind: &ErrorKind) -> Refused {
    match kind {
        ErrorKind::ExpiredSignature => Refused::Expired,
        ErrorKind::InvalidAudience => Refused::WrongAudience,
        ErrorKind::InvalidIssuer => Refused::WrongIssuer,
        ErrorKind::InvalidSignature => Refused::BadSignature,
        ErrorKind::ImmatureSignature => Refused::NotYetValid,
        ErrorKind::InvalidAlgorithm => Refused::Algorithm,
        _ => Refused::Malformed,
    }
}
