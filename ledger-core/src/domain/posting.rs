//! A posting: a command with everything that is recorded about why it was posted.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use xxhash_rust::xxh3::xxh3_128;

use super::command::Command;
use super::line::LineKey;
use super::position::Position;
use super::text::{Citation, CommandDigest, IdempotencyKey, Reason};
use crate::canonical;

/// One request to post, as a line of a posting file holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Posting {
    /// The client's own key: the same key with the same command posts once.
    pub key: IdempotencyKey,
    /// What to do.
    pub command: Command,
    /// Why.
    pub reason: Reason,
    /// The authority it is done under, such as a Treasury letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Citation>,
    /// What it rests on.
    #[serde(default, skip_serializing_if = "SmallVec::is_empty")]
    pub evidence: SmallVec<[Citation; 1]>,
    /// Where the posting is derived and not stated by a source: how it was derived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inferred: Option<Reason>,
    /// The versions of lines that the client has seen; posted only if they still hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected_versions: Vec<ExpectedVersion>,
}

/// A line's version as a client saw it: the position of the last entry that changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpectedVersion {
    /// The line.
    pub line: LineKey,
    /// Its version; 0 for a line that is not open.
    pub version: Position,
}

impl Posting {
    /// The digest of what this posting asks for.
    pub fn digest(&self) -> CommandDigest {
        #[derive(Serialize)]
        struct Normalised<'a> {
            command: &'a Command,
            reason: &'a Reason,
            authority: &'a Option<Citation>,
            evidence: &'a [Citation],
            inferred: &'a Option<Reason>,
        }
        let Posting { command, reason, authority, evidence, inferred, .. } = self;
        let normalised = Normalised { command, reason, authority, evidence, inferred };
        let mut bytes = Vec::with_capacity(512);
        // These types have canonical bytes; were they ever not to, half of them would still be
        // compared with the log's and lead to a refusal, not a loss.
        drop(canonical::write(&mut bytes, &normalised));
        CommandDigest::new(xxh3_128(&bytes).to_be_bytes())
    }
}
