//! Records of the access log: sign-ins, refusals and changes of keys.

use std::fmt;
use std::sync::Arc;

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::text::ActorId;
use serde::{Deserialize, Serialize};

use crate::access::identity::principal::Principal;

/// A record of the access log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The time.
    pub at: Timestamp,
    /// The person, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<ActorId>,
    /// The means of sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// How often the event came, where equal ones are counted together up to `at`. The first of them has
    /// a record of its own.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u64,
    /// The event.
    #[serde(flatten)]
    pub what: AccessEvent,
}

const fn once() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_once(times: &u64) -> bool {
    *times == 1
}

/// An event of the access log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum AccessEvent {
    /// A person signed in. The same sign-in is recorded once in a quarter of an hour.
    SignedIn,
    /// A sign-in was refused.
    SignInRefused {
        /// The refusal's code.
        code: String,
    },
    /// A request was denied.
    Denied {
        /// The request's document or command, shortened.
        asked: String,
    },
    /// An auditor read the book.
    AuditorRead {
        /// The request's document or command, shortened.
        asked: String,
    },
    /// Entries were exported.
    Exported,
    /// The first two keys were created.
    KeysBegun {
        /// The keys' ids.
        keys: Vec<Arc<str>>,
        /// The digest of the new keys file.
        digest: String,
    },
    /// A key was created, and waits for confirmation.
    KeyMade {
        /// The key's id.
        key: Arc<str>,
        /// The person it signs in.
        actor: ActorId,
        /// Its grants.
        grants: Vec<String>,
        /// The digest of the new keys file.
        digest: String,
    },
    /// A key was confirmed.
    KeyConfirmed {
        /// The key's id.
        key: Arc<str>,
        /// The digest of the new keys file.
        digest: String,
    },
    /// A key was revoked.
    KeyRevoked {
        /// The key's id.
        key: Arc<str>,
        /// The digest of the new keys file.
        digest: String,
    },
    /// Somebody accepted a clock that was doubted.
    ClockAccepted {
        /// What was wrong with it.
        doubt: String,
    },
    /// The trail goes on from one that was full and is set aside.
    Continued {
        /// The number of records in the one before.
        records: u64,
        /// The root of its tree.
        root: String,
    },
    /// Records were lost because too many came at once, the storage failed, or space ran short.
    Missed {
        /// The number of lost records.
        count: u64,
    },
}

impl AccessEvent {
    /// The text of a request as it is recorded: on one line, at most 200 characters.
    pub fn shortened(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
    }

    /// The digest of the new keys file, for events that changed it.
    pub fn keys_digest(&self) -> Option<&str> {
        match self {
            AccessEvent::KeysBegun { digest, .. }
            | AccessEvent::KeyMade { digest, .. }
            | AccessEvent::KeyConfirmed { digest, .. }
            | AccessEvent::KeyRevoked { digest, .. } => Some(digest),
            AccessEvent::SignedIn
            | AccessEvent::SignInRefused { .. }
            | AccessEvent::Denied { .. }
            | AccessEvent::AuditorRead { .. }
            | AccessEvent::Exported
            | AccessEvent::ClockAccepted { .. }
            | AccessEvent::Continued { .. }
            | AccessEvent::Missed { .. } => None,
        }
    }

    /// Whether equal events are counted together: those that a caller can cause as often as they like.
    pub const fn is_counted(&self) -> bool {
        match self {
            AccessEvent::SignInRefused { .. }
            | AccessEvent::Denied { .. }
            | AccessEvent::AuditorRead { .. } => true,
            AccessEvent::SignedIn
            | AccessEvent::Exported
            | AccessEvent::KeysBegun { .. }
            | AccessEvent::KeyMade { .. }
            | AccessEvent::KeyConfirmed { .. }
            | AccessEvent::KeyRevoked { .. }
            | AccessEvent::ClockAccepted { .. }
            | AccessEvent::Continued { .. }
            | AccessEvent::Missed { .. } => false,
        }
    }

    /// The event without what was asked, where too many different ones come.
    #[must_use]
    pub fn unspecific(&self) -> Self {
        let asked = "various".to_owned();
        match self {
            AccessEvent::Denied { .. } => AccessEvent::Denied { asked },
            AccessEvent::AuditorRead { .. } => AccessEvent::AuditorRead { asked },
            AccessEvent::SignedIn
            | AccessEvent::SignInRefused { .. }
            | AccessEvent::Exported
            | AccessEvent::KeysBegun { .. }
            | AccessEvent::KeyMade { .. }
            | AccessEvent::KeyConfirmed { .. }
            | AccessEvent::KeyRevoked { .. }
            | AccessEvent::ClockAccepted { .. }
            | AccessEvent::Continued { .. }
            | AccessEvent::Missed { .. } => self.clone(),
        }
    }

    /// The event's name, as in its JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            AccessEvent::SignedIn => "signedIn",
            AccessEvent::SignInRefused { .. } => "signInRefused",
            AccessEvent::Denied { .. } => "denied",
            AccessEvent::AuditorRead { .. } => "auditorRead",
            AccessEvent::Exported => "exported",
            AccessEvent::KeysBegun { .. } => "keysBegun",
            AccessEvent::KeyMade { .. } => "keyMade",
            AccessEvent::KeyConfirmed { .. } => "keyConfirmed",
            AccessEvent::KeyRevoked { .. } => "keyRevoked",
            AccessEvent::ClockAccepted { .. } => "clockAccepted",
            AccessEvent::Continued { .. } => "continued",
            AccessEvent::Missed { .. } => "missed",
        }
    }
}

/// The details, for people.
impl fmt::Display for AccessEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AccessEvent::SignedIn | AccessEvent::Exported => Ok(()),
            AccessEvent::SignInRefused { code } => f.write_str(code),
            AccessEvent::Denied { asked } | AccessEvent::AuditorRead { asked } => {
                f.write_str(asked)
            }
            AccessEvent::KeysBegun { keys, .. } => f.write_str(&keys.join(" ")),
            AccessEvent::KeyMade { key, actor, grants, .. } => {
                write!(f, "{key} for {actor}: {}", grants.join("; "))
            }
            AccessEvent::KeyConfirmed { key, .. } | AccessEvent::KeyRevoked { key, .. } => {
                f.write_str(key)
            }
            AccessEvent::ClockAccepted { doubt } => f.write_str(doubt),
            AccessEvent::Continued { records, .. } => write!(f, "after {records} records"),
            AccessEvent::Missed { count } => write!(f, "{count} records"),
        }
    }
}

impl Record {
    /// A record of a principal's event.
    pub fn by(principal: &Principal, at: Timestamp, what: AccessEvent) -> Self {
        let (who, credential) =
            (Some(principal.id.clone()), Some(principal.credential.to_string()));
        Record { at, who, credential, times: 1, what }
    }

    /// A record of an event without a known person.
    pub const fn anonymous(at: Timestamp, what: AccessEvent) -> Self {
        Record { at, who: None, credential: None, times: 1, what }
    }
}
