//! Records of the access log: who signed in, who was refused, what happened to keys.

use std::fmt;
use std::sync::Arc;

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::text::ActorId;
use serde::{Deserialize, Serialize};

use super::principal::Principal;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// When.
    pub at: Timestamp,
    /// Who, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<ActorId>,
    /// What they signed in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum What {
    /// Somebody signed in. The same sign-in is told once in a quarter of an hour.
    SignedIn,
    /// A sign-in was refused.
    SignInRefused {
        /// The code of the refusal.
        code: String,
    },
    /// Somebody asked for what they may not do.
    Denied {
        /// What was asked, or its beginning.
        asked: String,
    },
    /// An auditor read.
    AuditorRead {
        /// What was asked, or its beginning.
        asked: String,
    },
    /// Somebody took entries away.
    Exported,
    /// The first two keys were made.
    KeysBegun {
        /// Their ids.
        keys: Vec<Arc<str>>,
        /// The digest of the keys file from then on.
        digest: String,
    },
    /// A key was made, and waits for a second person.
    KeyMade {
        /// Its id.
        key: Arc<str>,
        /// Whom it is for.
        actor: ActorId,
        /// What it grants.
        grants: Vec<String>,
        /// The digest of the keys file from then on.
        digest: String,
    },
    /// A key was confirmed.
    KeyConfirmed {
        /// Its id.
        key: Arc<str>,
        /// The digest of the keys file from then on.
        digest: String,
    },
    /// A key was revoked.
    KeyRevoked {
        /// Its id.
        key: Arc<str>,
        /// The digest of the keys file from then on.
        digest: String,
    },
    /// More happened than could be written down.
    Missed {
        /// How many records.
        count: u64,
    },
}

impl What {
    /// What an asker's words are told as: as many of them as say what it was.
    pub fn asked(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
    }

    /// The digest of the keys file after it, where it changed that.
    pub fn keys_digest(&self) -> Option<&str> {
        match self {
            What::KeysBegun { digest, .. }
            | What::KeyMade { digest, .. }
            | What::KeyConfirmed { digest, .. }
            | What::KeyRevoked { digest, .. } => Some(digest),
            What::SignedIn
            | What::SignInRefused { .. }
            | What::Denied { .. }
            | What::AuditorRead { .. }
            | What::Exported
            | What::Missed { .. } => None,
        }
    }

    /// Its name, as it is written.
    pub const fn name(&self) -> &'static str {
        match self {
            What::SignedIn => "signedIn",
            What::SignInRefused { .. } => "signInRefused",
            What::Denied { .. } => "denied",
            What::AuditorRead { .. } => "auditorRead",
            What::Exported => "exported",
            What::KeysBegun { .. } => "keysBegun",
            What::KeyMade { .. } => "keyMade",
            What::KeyConfirmed { .. } => "keyConfirmed",
            What::KeyRevoked { .. } => "keyRevoked",
            What::Missed { .. } => "missed",
        }
    }
}

/// The particulars, for people.
impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::SignedIn | What::Exported => Ok(()),
            What::SignInRefused { code } => f.write_str(code),
            What::Denied { asked } | What::AuditorRead { asked } => f.write_str(asked),
            What::KeysBegun { keys, .. } => f.write_str(&keys.join(" ")),
            What::KeyMade { key, actor, grants, .. } => {
                write!(f, "{key} for {actor}: {}", grants.join("; "))
            }
            What::KeyConfirmed { key, .. } | What::KeyRevoked { key, .. } => f.write_str(key),
            What::Missed { count } => write!(f, "{count} records"),
        }
    }
}

impl Record {
    /// Something that somebody who has signed in did.
    pub fn by(principal: &Principal, at: Timestamp, what: What) -> Self {
        let (who, credential) =
            (Some(principal.id.clone()), Some(principal.credential.to_string()));
        Record { at, who, credential, what }
    }

    /// Something that nobody knows who did.
    pub const fn by_nobody(at: Timestamp, what: What) -> Self {
        Record { at, who: None, credential: None, what }
    }
}
