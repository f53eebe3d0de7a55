//! Methods of sign-in: none, demo keys, or keys and tokens.

use std::sync::Arc;

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::text::TextError;

use super::demo;
use super::key;
use super::keyring::Keyring;
use super::oidc::Oidc;
use super::refused::Refused;
use crate::access::identity::principal::{Credential, Principal};

/// The method by which people sign in.
pub enum SignIn {
    /// No sign-in: every request comes from this principal.
    Without(Arc<Principal>),
    /// The fixed keys of a demo. A request without a key may read.
    Demo {
        /// The principal of a request without a key.
        visitor: Arc<Principal>,
    },
    /// The keys of a data folder, the tokens of a sign-in service, or both.
    People {
        /// The keys, if the folder has any.
        keys: Option<Arc<Keyring>>,
        /// The service, if one is configured.
        service: Option<Arc<Oidc>>,
    },
}

impl SignIn {
    /// No sign-in: every request comes from this principal.
    pub fn without(principal: Principal) -> Self {
        SignIn::Without(Arc::new(principal))
    }

    /// The fixed keys of a demo.
    ///
    /// # Errors
    ///
    /// None in practice: the visitor's id is valid.
    pub fn demo() -> Result<Self, TextError> {
        Ok(SignIn::Demo { visitor: Arc::new(demo::visitor()?) })
    }

    /// Authenticates the text of an `Authorization` header; `None` is a request without one.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub fn authorize(
        &self,
        authorization: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<Principal>, Refused> {
        let token = authorization.map(bearer).transpose();
        match self {
            SignIn::Without(principal) => match authorization {
                None => Ok(Arc::clone(principal)),
                Some(_) => Err(Refused::NoSignIn),
            },
            SignIn::Demo { visitor } => match token? {
                None => Ok(Arc::clone(visitor)),
                Some(key) => demo::principal(key).map(Arc::new).ok_or(Refused::UnknownKey),
            },
            SignIn::People { keys, service } => {
                let token = token?.ok_or(Refused::Missing)?;
                let by_key = token.starts_with(key::PREFIX);
                match (keys, service) {
                    (Some(keys), _) if by_key => keys.authorize(token, now),
                    (keys, Some(service)) if !by_key => {
                        let principal = service.authorize(token, now)?;
                        match keys {
                            Some(keys) if keys.spells_otherwise(&principal.id) => {
                                Err(Refused::OtherSpelling)
                            }
                            _ => Ok(principal),
                        }
                    }
                    _ => Err(Refused::UnknownKey),
                }
                .map(Arc::new)
            }
        }
    }

    /// Whether a sign-in is still valid, with the same grants.
    pub fn is_current(&self, principal: &Principal, now: Timestamp) -> bool {
        if principal.has_expired(now) {
            return false;
        }
        match self {
            SignIn::Without(_) | SignIn::Demo { .. } => true,
            SignIn::People { keys, .. } => match &principal.credential {
                Credential::Token(_) => true,
                Credential::Key(_) => {
                    keys.as_ref().is_some_and(|keys| keys.is_current(principal, now))
                }
                Credential::Local | Credential::Visitor | Credential::Demo(_) => false,
            },
        }
    }

    /// The keys, if people sign in by key.
    pub const fn keys(&self) -> Option<&Arc<Keyring>> {
        match self {
            SignIn::Without(_) | SignIn::Demo { .. } => None,
            SignIn::People { keys, .. } => keys.as_ref(),
        }
    }

    /// Reloads the keys if their file changed, and returns whether it did. A failure is logged and
    /// signs everybody out.
    pub fn refresh(&self) -> bool {
        match self {
            SignIn::Without(_) | SignIn::Demo { .. } | SignIn::People { keys: None, .. } => false,
            SignIn::People { keys: Some(keys), .. } => keys.refresh().unwrap_or_else(|error| {
                tracing::error!(%error, "the keys cannot be read: nobody can sign in by key");
                true
            }),
        }
    }
}

/// The token in an `Authorization` header.
fn bearer(authorization: &str) -> Result<&str, Refused> {
    let (scheme, token) = authorization.split_once(' ').ok_or(Refused::Malformed)?;
    let token = token.trim();
    let whole = !token.is_empty() && token.chars().all(|char| char.is_ascii_graphic());
    if scheme.eq_ignore_ascii_case("bearer") && whole { Ok(token) } else { Err(Refused::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(0);

    #[test]
    fn a_demo_knows_its_fixed_keys_and_lets_others_read() {
        let sign_in = SignIn::demo().unwrap();
        let who = |authorization| Some(sign_in.authorize(authorization, NOW).ok()?.id.to_string());
        assert_eq!(who(None).as_deref(), Some("demo-visitor"));
        assert_eq!(who(Some("Bearer demo-preparer")).as_deref(), Some("demo-preparer"));
        assert_eq!(who(Some("bearer demo-preparer")).as_deref(), Some("demo-preparer"));
        let refused = |authorization| sign_in.authorize(Some(authorization), NOW).unwrap_err();
        assert_eq!(refused("Bearer demo-owner"), Refused::UnknownKey);
        for malformed in ["", "Bearer", "Bearer ", "Basic ZGVtbw==", "demo-preparer", "Bearer a b"]
        {
            assert_eq!(refused(malformed), Refused::Malformed, "{malformed}");
        }
    }

    #[test]
    fn without_sign_in_what_signs_in_is_refused() {
        let sign_in = SignIn::without(Principal::local("local".parse().unwrap()));
        assert!(sign_in.authorize(None, NOW).is_ok());
        assert_eq!(sign_in.authorize(Some("Bearer x"), NOW).unwrap_err(), Refused::NoSignIn);
    }
}
