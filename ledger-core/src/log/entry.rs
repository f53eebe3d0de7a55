//! Entries, and the canonical bytes they are stored, hashed and exported as.
//!
//! An entry is one line of compact JSON with its members in the order of the fields below. It is
//! written once, when it is posted; from then on its bytes are the entry, and nothing encodes it
//! again. The version `v` says which form it has: older forms are read by conversion and keep
//! their bytes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::domain::calendar::Timestamp;
use crate::domain::decide::Decision;
use crate::domain::event::{Event, Events};
use crate::domain::position::Position;
use crate::domain::posting::Posting;
use crate::domain::text::{ActorId, CommandDigest, Reference};
use crate::domain::warning::Warning;

/// An entry has at most this many bytes, without its newline.
pub const ENTRY_BYTES_MAX: usize = 65_535;

/// The form of entries this program writes.
const VERSION: u8 = 1;

/// What every entry's line begins with.
pub(crate) const ENTRY_START: &[u8] = b"{\"position\":";

/// One accepted posting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry<'a> {
    /// Its place in the log.
    pub position: Position,
    #[serde(rename = "v")]
    version: u8,
    /// When the ledger accepted it; never earlier than the entry before.
    pub recorded: Timestamp,
    /// Who posted it, by opaque id.
    #[serde(borrow)]
    pub actor: Cow<'a, str>,
    /// The client's idempotency key, unique for its actor.
    #[serde(borrow)]
    pub key: Cow<'a, str>,
    /// The digest of the command, reason and citations, to tell a retry from a reused key.
    pub command: CommandDigest,
    /// The entry that recorded the policy it was judged by.
    pub policy: Position,
    /// Why it was posted.
    #[serde(borrow)]
    pub reason: Cow<'a, str>,
    /// The authority it was posted under.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Text<'a>>,
    /// What it rests on.
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Text<'a>>,
    /// How it was derived, where no source states it.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub inferred: Option<Text<'a>>,
    /// What deserved a look when it was posted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// What happened.
    pub events: Events,
}

/// A text inside an entry, borrowed from its line where it holds no escapes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl std::fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where and when an entry is recorded, and under which policy.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// Its position.
    pub position: Position,
    /// Its recorded time.
    pub recorded: Timestamp,
    /// The entry that recorded the policy it was judged by.
    pub policy: Position,
}

impl<'a> Entry<'a> {
    /// The entry that a decided posting becomes.
    pub fn new(
        stamp: Stamp,
        actor: &'a ActorId,
        posting: &'a Posting,
        command: CommandDigest,
        decision: Decision,
    ) -> Self {
        fn text<'t>(text: &'t str) -> Text<'t> {
            Text(Cow::Borrowed(text))
        }
        Entry {
            policy: stamp.policy,
            key: Cow::Borrowed(posting.key.as_str()),
            reason: Cow::Borrowed(posting.reason.as_str()),
            authority: posting.authority.as_ref().map(|authority| text(authority.as_str())),
            evidence: posting.evidence.iter().map(|evidence| text(evidence.as_str())).collect(),
            inferred: posting.inferred.as_ref().map(|inferred| text(inferred.as_str())),
            ..Entry::bare(stamp.position, stamp.recorded, actor, command, decision)
        }
    }

    /// An entry without what its posting says about it.
    pub(crate) fn bare(
        position: Position,
        recorded: Timestamp,
        actor: &'a ActorId,
        command: CommandDigest,
        decision: Decision,
    ) -> Self {
        Entry {
            position,
            version: VERSION,
            recorded,
            actor: Cow::Borrowed(actor.as_str()),
            key: Cow::Borrowed(""),
            command,
            policy: position,
            reason: Cow::Borrowed(""),
            authority: None,
            evidence: Vec::new(),
            inferred: None,
            warnings: decision.warnings,
            events: decision.events,
        }
    }

    /// Reads an entry from its line, without the newline.
    ///
    /// # Errors
    ///
    /// [`EntryError`] where the line is not an entry of a form this program knows.
    pub fn from_line(line: &'a [u8]) -> Result<Self, EntryError> {
        let entry: Entry<'a> = serde_json::from_slice(line)?;
        if entry.version == VERSION { Ok(entry) } else { Err(EntryError::Version(entry.version)) }
    }

    /// Appends the canonical bytes, without a newline.
    ///
    /// # Errors
    ///
    /// Only where serialising fails, which these types cannot.
    pub fn write(&self, line: &mut Vec<u8>) -> Result<(), EntryError> {
        Ok(serde_json::to_writer(line, self)?)
    }

    /// Everything it cites: authority and evidence, and the references of its events.
    pub fn citations(&self) -> impl Iterator<Item = &str> {
        let stated = self.authority.iter().chain(&self.evidence).map(|text| &*text.0);
        stated.chain(self.events.iter().flat_map(Event::references).map(Reference::as_str))
    }

    /// The same entry, owning its texts.
    pub fn into_owned(self) -> Entry<'static> {
        fn own(text: Cow<'_, str>) -> Cow<'static, str> {
            Cow::Owned(text.into_owned())
        }
        Entry {
            position: self.position,
            version: self.version,
            recorded: self.recorded,
            actor: own(self.actor),
            key: own(self.key),
            command: self.command,
            policy: self.policy,
            reason: own(self.reason),
            authority: self.authority.map(|text| Text(own(text.0))),
            evidence: self.evidence.into_iter().map(|text| Text(own(text.0))).collect(),
            inferred: self.inferred.map(|text| Text(own(text.0))),
            warnings: self.warnings,
            events: self.events,
        }
    }
}

/// Why a line is not an entry.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// Not the JSON of an entry.
    #[error("it is not the JSON of an entry: {0}")]
    Json(#[from] serde_json::Error),
    /// Written by a newer program.
    #[error(
        "it has version {0}, and this program knows versions up to {VERSION}: use a newer program"
    )]
    Version(u8),
}
