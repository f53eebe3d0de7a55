//! Tokens of a sign-in service: OpenID Connect bearer tokens.
//!
//! The configuration lists the accepted algorithms. A token's header only chooses among them, and
//! never an algorithm with a shared secret.

use std::collections::HashSet;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Validation, decode, decode_header};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use ledger_core::domain::text::ActorId;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::jwks::{JwksError, KeySource, ServiceKeys};
use super::refused::Refused;
use super::signatures;
use crate::access::identity::grant::{Grant, Reach};
use crate::access::identity::principal::{Credential, Principal};
use crate::access::identity::role::{Role, RoleError};

/// The clock skew allowed, in seconds.
const LEEWAY: u64 = 30;

/// The section `oidc` of the settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OidcChoices {
    /// The issuer, exactly as in the `iss` claim.
    pub issuer: String,
    /// The required `aud` claim.
    pub audience: String,
    /// The accepted algorithms; none with a shared secret.
    pub algorithms: Vec<Algorithm>,
    /// A file with the service's keys, as a JWK set.
    pub jwks_file: Option<PathBuf>,
    /// The URL of the service's keys: https, or http on this machine.
    pub jwks_url: Option<String>,
    /// A PEM file of certificate authorities, if the system's do not suffice.
    pub ca: Option<PathBuf>,
    /// The claim with the roles: a text or a list of texts.
    #[serde(default = "roles_claim")]
    pub roles_claim: String,
    /// The grants of the claim's values.
    pub roles: Vec<MappedRole>,
}

/// The grant of one value of the roles claim.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MappedRole {
    /// The claim's value.
    pub value: String,
    /// The role: viewer, preparer, auditor, administrator, or approver:TIER:BODY.
    pub role: String,
    /// The claim with an approver's body; `role` is then approver:TIER.
    #[serde(default)]
    pub body_from: Option<String>,
    /// The bodies the role is limited to.
    #[serde(default)]
    pub bodies: Option<Vec<BodyCode>>,
    /// The claim with the bodies the role is limited to.
    #[serde(default)]
    pub bodies_from: Option<String>,
    /// The programmes the role is limited to.
    #[serde(default)]
    pub programmes: Option<Vec<ProgrammeCode>>,
    /// The claim with the programmes the role is limited to.
    #[serde(default)]
    pub programmes_from: Option<String>,
    /// The funds that a limited role draws on.
    #[serde(default)]
    pub funds: Option<Vec<FundCode>>,
    /// The claim with the funds that a limited role draws on.
    #[serde(default)]
    pub funds_from: Option<String>,
}

fn roles_claim() -> String {
    "roles".to_owned()
}

/// Why the configuration of a sign-in service is invalid.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// An algorithm with a shared secret: a verifier could forge tokens.
    #[error("algorithm {0:?} uses a shared secret: use RS256, PS256, ES256 or EdDSA")]
    Secret(Algorithm),
    /// No algorithm is listed.
    #[error("oidc.algorithms is empty: list the sign-in service's algorithms")]
    NoAlgorithm,
    /// A role mapping is invalid.
    #[error("oidc.roles: {0}")]
    Role(String),
    /// The service's keys cannot be used.
    #[error(transparent)]
    Keys(#[from] JwksError),
}

impl MappedRole {
    /// Checks that the mapping is valid.
    fn check(&self) -> Result<(), OidcError> {
        let both = |what: &str| {
            OidcError::Role(format!("{} has both {what} and {what}-from: keep one", self.value))
        };
        if self.bodies.is_some() && self.bodies_from.is_some() {
            return Err(both("bodies"));
        }
        if self.programmes.is_some() && self.programmes_from.is_some() {
            return Err(both("programmes"));
        }
        if self.funds.is_some() && self.funds_from.is_some() {
            return Err(both("funds"));
        }
        let role = self.body_from.as_ref().map(|_| format!("{}:ANY", self.role));
        let role: Result<Role, _> = role.as_ref().unwrap_or(&self.role).parse();
        role.map(|_| ()).map_err(|error: RoleError| OidcError::Role(error.to_string()))
    }

    /// The grant for a token's claims; None if a claim it needs is missing.
    fn grant(&self, claims: &Map<String, Value>) -> Option<Grant> {
        let role = match &self.body_from {
            None => self.role.parse().ok()?,
            Some(claim) => {
                format!("{}:{}", self.role, texts(claims, claim).first()?).parse().ok()?
            }
        };
        let bodies = limit(self.bodies.as_ref(), self.bodies_from.as_deref(), claims)?;
        let programmes = limit(self.programmes.as_ref(), self.programmes_from.as_deref(), claims)?;
        let funds = match &self.funds_from {
            None => self.funds.clone().unwrap_or_default(),
            Some(claim) => {
                texts(claims, claim).into_iter().filter_map(|code| code.parse().ok()).collect()
            }
        };
        Some(Grant { role, bodies, programmes, funds })
    }
}

/// A configured sign-in service.
#[derive(Debug)]
pub struct Oidc {
    choices: OidcChoices,
    keys: ServiceKeys,
    /// The subjects seen, as they were first spelled.
    subjects: Mutex<HashSet<ActorId>>,
}

impl Oidc {
    /// Checks the configuration and reads the service's keys.
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
        choices.roles.iter().try_for_each(MappedRole::check)?;
        let source = match (&choices.jwks_file, &choices.jwks_url) {
            (Some(path), None) => KeySource::File(path.clone()),
            (None, Some(url)) => KeySource::Url(url.clone(), choices.ca.clone()),
            (Some(_), Some(_)) | (None, None) => return Err(JwksError::Source.into()),
        };
        let keys = ServiceKeys::read(source, now)?;
        signatures::install();
        Ok(Oidc { choices, keys, subjects: Mutex::default() })
    }

    /// The principal of a token.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub fn authorize(&self, token: &str, now: Timestamp) -> Result<Principal, Refused> {
        let header = decode_header(token).map_err(|error| {
            // An unknown algorithm, such as "none".
            let unknown = matches!(error.kind(), ErrorKind::Json(error) if error.is_data());
            if unknown { Refused::Algorithm } else { Refused::Malformed }
        })?;
        if !self.choices.algorithms.contains(&header.alg) {
            return Err(Refused::Algorithm);
        }
        let id = header.kid.as_deref().ok_or(Refused::UnknownKeyId)?;
        let key = self.keys.find(id, now).ok_or(Refused::UnknownKeyId)?;
        let claims = match self.claims(token, header.alg, &key) {
            // The service may have changed the key under the same id.
            Err(Refused::BadSignature) => {
                let changed = self.keys.find_again(id, &key, now).ok_or(Refused::BadSignature)?;
                self.claims(token, header.alg, &changed)
            }
            claims => claims,
        };
        let principal = self.principal(&claims?)?;
        let mut subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        match subjects.get(&principal.id) {
            Some(seen) if seen.as_str() != principal.id.as_str() => Err(Refused::OtherSpelling),
            Some(_) => Ok(principal),
            None => {
                subjects.insert(principal.id.clone());
                Ok(principal)
            }
        }
    }

    /// The claims of a token that a key verifies. A key with an algorithm verifies no other.
    fn claims(
        &self,
        token: &str,
        algorithm: Algorithm,
        key: &Jwk,
    ) -> Result<Map<String, Value>, Refused> {
        let named = key.common.key_algorithm.map(|named| named.to_string());
        if named.is_some_and(|named| named.parse::<Algorithm>().ok() != Some(algorithm)) {
            return Err(Refused::Algorithm);
        }
        let key = DecodingKey::from_jwk(key).map_err(|_| Refused::UnknownKeyId)?;
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_audience(&[&self.choices.audience]);
        validation.set_issuer(&[&self.choices.issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let claims = decode::<Map<String, Value>>(token, &key, &validation);
        claims.map(|token| token.claims).map_err(|error| refused(error.kind()))
    }

    fn principal(&self, claims: &Map<String, Value>) -> Result<Principal, Refused> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let id: ActorId = text("sub").and_then(|sub| sub.parse().ok()).ok_or(Refused::Malformed)?;
        let end = claims.get("exp").and_then(Value::as_i64).ok_or(Refused::Malformed)?;
        let expires = Some(Timestamp::from_micros(end.saturating_mul(1_000_000)));
        let held = texts(claims, &self.choices.roles_claim);
        let mapped = self.choices.roles.iter().filter(|role| held.contains(&role.value.as_str()));
        let grants = mapped.filter_map(|role| role.grant(claims)).collect();
        let credential = Credential::Token(text("jti").unwrap_or("without an id").into());
        Ok(Principal { id, grants, expires, credential })
    }
}

/// The reach of a limit: the configured codes, or those of a claim. None if the claim has no valid
/// codes, so that a missing claim never leaves a grant unlimited.
fn limit<C: Clone + FromStr>(
    given: Option<&Vec<C>>,
    from: Option<&str>,
    claims: &Map<String, Value>,
) -> Option<Reach<C>> {
    let Some(claim) = from else { return Some(given.cloned().map_or(Reach::All, Reach::Only)) };
    let codes: Option<Vec<C>> = texts(claims, claim).into_iter().map(|t| t.parse().ok()).collect();
    codes.filter(|codes| !codes.is_empty()).map(Reach::Only)
}

/// The texts of a claim: a single text, or a list.
fn texts<'c>(claims: &'c Map<String, Value>, name: &str) -> Vec<&'c str> {
    match claims.get(name) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other error is a malformed token")]
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
