//! Signing in: a token becomes a principal, or is refused with the reason.

use std::sync::Arc;

use ledger_core::domain::text::TextError;

use super::demo;
use super::principal::Principal;

/// How people sign in.
pub enum SignIn {
    /// They do not: everybody who reaches the server is this one person.
    Without(Arc<Principal>),
    /// By the fixed keys of a demo; without one they read.
    Demo {
        /// Who sends no key.
        visitor: Arc<Principal>,
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
}

impl Refused {
    /// The refusal's stable name, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::NoSignIn | Refused::Missing => "UNAUTHENTICATED",
            Refused::Malformed => "MALFORMED_TOKEN",
            Refused::UnknownKey => "UNKNOWN_KEY",
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
    pub fn authorize(&self, authorization: Option<&str>) -> Result<Arc<Principal>, Refused> {
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

    #[test]
    fn a_demo_knows_its_fixed_keys_and_lets_others_read() {
        let sign_in = SignIn::demo().unwrap();
        let who = |authorization| Some(sign_in.authorize(authorization).ok()?.id.to_string());
        assert_eq!(who(None).as_deref(), Some("demo-visitor"));
        assert_eq!(who(Some("Bearer demo-preparer")).as_deref(), Some("demo-preparer"));
        assert_eq!(who(Some("bearer demo-preparer")).as_deref(), Some("demo-preparer"));
        let refused = |authorization| sign_in.authorize(Some(authorization)).unwrap_err();
        assert_eq!(refused("Bearer demo-owner"), Refused::UnknownKey);
        for malformed in ["", "Bearer", "Bearer ", "Basic ZGVtbw==", "demo-preparer", "Bearer a b"]
        {
            assert_eq!(refused(malformed), Refused::Malformed, "{malformed}");
        }
    }

    #[test]
    fn without_sign_in_what_signs_in_is_refused() {
        let sign_in = SignIn::without(Principal::local("local".parse().unwrap()));
        assert!(sign_in.authorize(None).is_ok());
        assert_eq!(sign_in.authorize(Some("Bearer x")).unwrap_err(), Refused::NoSignIn);
    }
}
