//! Signing in: a token becomes a principal, or is refused with the reason.

use std::sync::Arc;

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::text::TextError;

use super::demo;
use super::keyring::Keyring;
use super::keys;
use super::oidc::Oidc;
use super::principal::{Credential, Principal};

/// How people sign in.
pub enum SignIn {
    /// They do not: everybody who reaches the server is this one person.
    Without(Arc<Principal>),
    /// By the fixed keys of a demo; without one they read.
    Demo {
        /// Who sends no key.
        visitor: Arc<Principal>,
    },
    /// By the keys of a data folder, the tokens of a sign-in service, or either.
    People {
        /// The keys, where there are any.
        keys: Option<Arc<Keyring>>,
        /// The service, where one is trusted.
        service: Option<Arc<Oidc>>,
    },
}

/// Why nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no sign-in, and something signs in.
    #[error("there is no sign-in on this server: send no authorization")]
    NoSignIn,
    /// Nothing was sent.
    #[error(
        "nobody is signed in: send a key or token as `Authorization: Bearer ...`, or on the command line by --token or BUDGET_LEDGER_TOKEN"
    )]
    Missing,
    /// What was sent is neither a key nor a token.
    #[error("the authorization is malformed: send `Authorization: Bearer` and one key or token")]
    Malformed,
    /// No such key.
    #[error("this key is not known here: check that it is whole, or ask an administrator for one")]
    UnknownKey,
    /// The key waits for a second person.
    #[error("this key waits for a second person to confirm it: `budget-ledger keys confirm`")]
    Pending,
    /// Its time is over.
    #[error("this key or token has expired: ask for a new one")]
    Expired,
    /// It was revoked.
    #[error("this key was revoked: ask an administrator why, and for a new one")]
    Revoked,
    /// It is signed by an algorithm that is not taken.
    #[error("this token is signed by an algorithm that is not taken here, or not at all")]
    Algorithm,
    /// It is signed by a key that the sign-in service does not have.
    #[error("this token names a key that the sign-in service does not have: sign in again")]
    UnknownKeyId,
    /// It is meant for another service.
    #[error("this token is meant for another service: ask for one with this audience")]
    WrongAudience,
    /// It is from somebody else.
    #[error("this token is from another sign-in service than the one trusted here")]
    WrongIssuer,
    /// Its signature is not the service's.
    #[error("this token is not what the sign-in service signed")]
    BadSignature,
    /// It is not valid yet.
    #[error("this token is not valid yet: check the clock, and ask again in a moment")]
    NotYetValid,
    /// The keys file was changed by hand.
    #[error(
        "nobody can sign in by a key here until the keys file is put right: the server's log says why"
    )]
    KeysChanged,
}

impl Refused {
    /// The refusal's stable name, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::NoSignIn | Refused::Missing => "UNAUTHENTICATED",
            Refused::Malformed => "MALFORMED_TOKEN",
            Refused::UnknownKey => "UNKNOWN_KEY",
            Refused::Pending => "KEY_PENDING",
            Refused::Expired => "EXPIRED",
            Refused::Revoked => "REVOKED",
            Refused::Algorithm => "ALGORITHM_REFUSED",
            Refused::UnknownKeyId => "UNKNOWN_KEY_ID",
            Refused::WrongAudience => "WRONG_AUDIENCE",
            Refused::WrongIssuer => "WRONG_ISSUER",
            Refused::BadSignature => "BAD_SIGNATURE",
            Refused::NotYetValid => "NOT_YET_VALID",
            Refused::KeysChanged => "KEYS_CHANGED",
        }
    }
}

impl SignIn {
    /// Without sign-in: everybody is this one person.
    pub fn without(principal: Principal) -> Self {
        SignIn::Without(Arc::new(principal))
    }

    /// By the fixed keys of a demo.
    ///
    /// # Errors
    ///
    /// Never: the visitor's id is a good one.
    pub fn demo() -> Result<Self, TextError> {
        Ok(SignIn::Demo { visitor: Arc::new(demo::visitor()?) })
    }

    /// Who sends this, as an `Authorization` header has it; nothing where there is none.
    ///
    /// # Errors
    ///
    /// [`Refused`], with the reason.
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
                let by_key = token.starts_with(keys::PREFIX);
                match (keys, service) {
                    (Some(keys), _) if by_key => keys.authorize(token, now),
                    (_, Some(service)) if !by_key => service.authorize(token, now),
                    _ => Err(Refused::UnknownKey),
                }
                .map(Arc::new)
            }
        }
    }

    /// Whether somebody who has signed in still is, with the same grants.
    pub fn holds(&self, principal: &Principal, now: Timestamp) -> bool {
        if principal.is_over(now) {
            return false;
        }
        match self {
            SignIn::Without(_) | SignIn::Demo { .. } => true,
            SignIn::People { keys, .. } => match &principal.credential {
                Credential::Token(_) => true,
                Credential::Key(_) => keys.as_ref().is_some_and(|keys| keys.holds(principal, now)),
                Credential::Local | Credential::Visitor | Credential::Demo(_) => false,
            },
        }
    }

    /// The keys that people sign in by, where they do.
    pub const fn keys(&self) -> Option<&Arc<Keyring>> {
        match self {
            SignIn::Without(_) | SignIn::Demo { .. } => None,
            SignIn::People { keys, .. } => keys.as_ref(),
        }
    }

    /// Looks whether keys have been changed, and tells whether they were. What stands in the way
    /// is logged, and signs everybody out.
    pub fn refresh(&self) -> bool {
        match self {
            SignIn::Without(_) | SignIn::Demo { .. } | SignIn::People { keys: None, .. } => false,
            SignIn::People { keys: Some(keys), .. } => keys.refresh().unwrap_or_else(|error| {
                tracing::error!(%error, "nobody is signed in by keys");
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
