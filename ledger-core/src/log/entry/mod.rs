//! Entries, and the canonical bytes in which they are stored, hashed and exported.
//!
//! An entry is one line of compact JSON, with members in the order of the fields below. It is
//! encoded once, when posted; from then on its bytes are the entry. The member `v` names its form.
//! Older forms are converted when read and keep their bytes.

mod fast_reader;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::canonical::{self, CanonicalError};
use crate::domain::calendar::Timestamp;
use crate::domain::decide::Decision;
use crate::domain::event::{Event, Events};
use crate::domain::position::Position;
use crate::domain::posting::Posting;
use crate::domain::text::{ActorId, CommandDigest, Reference};
use crate::domain::warning::Warning;

/// The most bytes of an entry, without its newline.
pub const ENTRY_BYTES_MAX: usize = 65_535;

/// The form of entries that this program writes.
const VERSION: u8 = 1;

/// The start of every entry's line.
pub(crate) const ENTRY_START: &[u8] = b"{\"position\":";

/// One accepted posting, as read from the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry<'a> {
    /// Its position in the log.
    pub position: Position,
    #[serde(rename = "v")]
    version: u8,
    /// The time the ledger accepted it; never earlier than that of the entry before.
    pub recorded: Timestamp,
    /// The entry that recorded the policy it was judged by.
    pub policy: Position,
    /// The opaque id of the person who posted it.
    #[serde(borrow)]
    pub actor: Cow<'a, str>,
    /// The client's idempotency key, unique for its actor.
    #[serde(borrow)]
    pub key: Cow<'a, str>,
    /// The digest of the command, reason and citations, to tell a retry from a reused key.
    pub command: CommandDigest,
    /// Why it was posted.
    #[serde(borrow)]
    pub reason: Cow<'a, str>,
    /// The authority it was posted under.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Text<'a>>,
    /// The evidence it cites.
    #[serde(borrow, default, skip_serializing_if = "SmallVec::is_empty")]
    pub evidence: SmallVec<[Text<'a>; 1]>,
    /// How it was derived, where no source states it.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub inferred: Option<Text<'a>>,
    /// Warnings from when it was posted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// Its events.
    pub events: Events,
}

/// A text of an entry, borrowed from its line where it holds no escapes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl std::fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The writer's part of an entry: position, recorded time and policy.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stamp {
    /// Its position.
    pub position: Position,
    /// Its recorded time.
    pub recorded: Timestamp,
    /// The entry that recorded the policy it was judged by.
    pub policy: Position,
}

/// A posting's part of an entry, as canonical bytes: `,"actor":` to `"inferred":"…"`.
///
/// The sender encodes it, so that the single writer only copies it.
#[derive(Debug)]
pub struct Envelope(Vec<u8>);

impl Envelope {
    /// The envelope of a posting.
    pub fn new(actor: &ActorId, command: CommandDigest, posting: &Posting) -> Self {
        let Posting { key, reason, authority, evidence, inferred, .. } = posting;
        let mut envelope = Self::begin(actor, key.as_str(), command, reason.as_str());
        if let Some(authority) = authority {
            envelope.member(b",\"authority\":", authority.as_str());
        }
        let mut before: &[u8] = b",\"evidence\":[";
        for evidence in evidence {
            envelope.member(before, evidence.as_str());
            before = b",";
        }
        if !evidence.is_empty() {
            envelope.0.push(b']');
        }
        if let Some(inferred) = inferred {
            envelope.member(b",\"inferred\":", inferred.as_str());
        }
        envelope
    }

    /// The envelope of a book's first entry, which has no posting.
    pub(crate) fn of_genesis(actor: &ActorId) -> Self {
        Self::begin(actor, "genesis", CommandDigest::new([0; 16]), "The book is opened.")
    }

    fn begin(actor: &ActorId, key: &str, command: CommandDigest, reason: &str) -> Self {
        let mut envelope = Envelope(Vec::with_capacity(320));
        envelope.member(b",\"actor\":", actor.as_str());
        envelope.member(b",\"key\":", key);
        envelope.member(b",\"command\":", command.short().as_ref());
        envelope.member(b",\"reason\":", reason);
        envelope
    }

    fn member(&mut self, name: &[u8], text: &str) {
        self.0.extend_from_slice(name);
        canonical::write_text(&mut self.0, text);
    }
}

fn member<T: Serialize + ?Sized>(
    line: &mut Vec<u8>,
    name: &[u8],
    value: &T,
) -> Result<(), CanonicalError> {
    line.extend_from_slice(name);
    canonical::write(line, value)
}

/// Appends the canonical bytes of an entry, without a newline.
///
/// # Errors
///
/// None in practice: events and warnings have canonical bytes.
pub fn write_entry(
    line: &mut Vec<u8>,
    stamp: &Stamp,
    envelope: &Envelope,
    decision: &Decision,
) -> Result<(), CanonicalError> {
    member(line, ENTRY_START, &stamp.position)?;
    member(line, b",\"v\":1,\"recorded\":", &stamp.recorded)?;
    member(line, b",\"policy\":", &stamp.policy)?;
    line.extend_from_slice(&envelope.0);
    if !decision.warnings.is_empty() {
        member(line, b",\"warnings\":", &decision.warnings)?;
    }
    member(line, b",\"events\":", &decision.events)?;
    line.push(b'}');
    Ok(())
}

impl<'a> Entry<'a> {
    /// Reads an entry from its line, without the newline.
    ///
    /// # Errors
    ///
    /// [`EntryError`] where the line is not an entry of a form this program knows.
    pub fn from_line(line: &'a [u8]) -> Result<Self, EntryError> {
        if let Some(entry) = fast_reader::read(line) {
            return Ok(entry);
        }
        let entry: Entry<'a> = serde_json::from_slice(line)?;
        if entry.version == VERSION { Ok(entry) } else { Err(EntryError::Version(entry.version)) }
    }

    /// Everything it cites: authority, evidence, and the references of its events.
    pub fn citations(&self) -> impl Iterator<Item = &str> {
        let stated = self.authority.iter().chain(&self.evidence).map(|text| &*text.0);
        stated.chain(self.events.iter().flat_map(Event::references).map(Reference::as_str))
    }

    /// The same entry, with owned texts.
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
    #[error("it is not an entry: {0}")]
    Json(#[from] serde_json::Error),
    /// A newer program wrote it.
    #[error(
        "it has version {0}, and this program reads versions up to {VERSION}: use a newer program"
    )]
    Version(u8),
}
