//! A key: a random token that signs a person in, kept as its digest.

use std::sync::Arc;

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::text::ActorId;
use serde::{Deserialize, Serialize};

use crate::access::identity::grant::Grant;
use crate::access::identity::principal::{Credential, Principal};
use crate::text::hex::{digest, hex};

/// The prefix of every token, so that secret scanners recognise a leaked one.
pub const PREFIX: &str = "blk_";

/// The number of random bytes in a token.
pub const TOKEN_BYTES: usize = 32;

/// An action on a key: its author and time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyAction {
    /// The author.
    pub by: ActorId,
    /// The time.
    pub at: Timestamp,
}

/// A stored key. The token itself is shown once and not stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Key {
    /// The id, which is not secret.
    pub id: Arc<str>,
    /// The SHA-256 digest of the token, in hexadecimal.
    pub(super) digest: String,
    /// The person it signs in.
    pub actor: ActorId,
    /// The grants it gives.
    pub grants: Vec<Grant>,
    /// Its creation.
    pub made: KeyAction,
    /// Its confirmation by a second person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<KeyAction>,
    /// Its expiry, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Its revocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<KeyAction>,
}

/// The status of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStatus {
    /// Not confirmed by a second person yet.
    Pending,
    /// Signs its person in.
    Valid,
    /// Past its expiry.
    Expired,
    /// Revoked.
    Revoked,
}

impl Key {
    /// The status at a time.
    pub fn status(&self, now: Timestamp) -> KeyStatus {
        if self.revoked.is_some() {
            KeyStatus::Revoked
        } else if self.expires.is_some_and(|end| end <= now) {
            KeyStatus::Expired
        } else if self.confirmed.is_none() {
            KeyStatus::Pending
        } else {
            KeyStatus::Valid
        }
    }

    /// The principal it signs in.
    pub fn principal(&self) -> Principal {
        Principal {
            id: self.actor.clone(),
            grants: self.grants.clone(),
            expires: self.expires,
            credential: Credential::Key(Arc::clone(&self.id)),
        }
    }
}

/// The token made of random bytes.
pub fn token(random: &[u8; TOKEN_BYTES]) -> String {
    format!("{PREFIX}{}", hex(random))
}

/// A key to create, with its token.
pub struct NewKey<'t> {
    /// The id.
    pub id: Arc<str>,
    /// The token.
    pub token: &'t str,
    /// The person it signs in.
    pub actor: ActorId,
    /// The grants it gives.
    pub grants: Vec<Grant>,
    /// Its expiry, if any.
    pub expires: Option<Timestamp>,
}

impl NewKey<'_> {
    pub(super) fn into_key(self, made: KeyAction, confirmed: Option<KeyAction>) -> Key {
        let NewKey { id, token, actor, grants, expires } = self;
        let digest = digest(token.as_bytes());
        Key { id, digest, actor, grants, made, confirmed, expires, revoked: None }
    }
}
