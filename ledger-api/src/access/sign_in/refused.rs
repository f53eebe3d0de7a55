//! Refusals of a sign-in. Each message says what to do next.

/// Why a sign-in is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The server has no sign-in, but the request has an authorization.
    #[error("there is no sign-in on this server: send no authorization")]
    NoSignIn,
    /// The request has no authorization.
    #[error(
        "you are not signed in: send a key or token as `Authorization: Bearer ...`, or on the command line by --token or BUDGET_LEDGER_TOKEN"
    )]
    Missing,
    /// The authorization is not a bearer key or token.
    #[error("the authorization is malformed: send `Authorization: Bearer` and one key or token")]
    Malformed,
    /// The key is unknown.
    #[error(
        "this key is not known here: check that you copied all of it, or ask an administrator for one"
    )]
    UnknownKey,
    /// The key is not confirmed by a second person.
    #[error("this key must be confirmed by a second person first: `budget-ledger keys confirm`")]
    Pending,
    /// The key or token has expired.
    #[error("this key or token has expired: ask for a new one")]
    Expired,
    /// The key was revoked.
    #[error("this key was revoked: ask an administrator for the reason and for a new one")]
    Revoked,
    /// The token's algorithm is not configured.
    #[error(
        "this token is unsigned, or signed by an algorithm that is not accepted here: ask your sign-in service's administrator"
    )]
    Algorithm,
    /// The sign-in service has no key of the token's key id.
    #[error("this token names a key that the sign-in service does not have: sign in again")]
    UnknownKeyId,
    /// The token's audience is another service.
    #[error("this token is for another service: sign in to this one")]
    WrongAudience,
    /// The token's issuer is not the configured one.
    #[error(
        "this token comes from a sign-in service that is not trusted here: sign in with your organisation's"
    )]
    WrongIssuer,
    /// The token's signature is wrong.
    #[error("this token was changed after it was signed: sign in again")]
    BadSignature,
    /// The token is not valid yet.
    #[error("this token is not valid yet: check the clock, and try again in a moment")]
    NotYetValid,
    /// The token's subject differs from a known id by case alone.
    #[error(
        "this token's subject is known here in another spelling, and ids are compared without case: ask your sign-in service's administrator for the known one"
    )]
    OtherSpelling,
    /// The keys file was changed by hand, so no key signs in.
    #[error(
        "keys do not sign in here until the keys file is restored: the server's log gives the reason"
    )]
    KeysChanged,
}

impl Refused {
    /// The refusal's stable code, for programs.
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
            Refused::OtherSpelling => "OTHER_SPELLING",
            Refused::KeysChanged => "KEYS_CHANGED",
        }
    }
}
