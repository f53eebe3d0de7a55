//! A posting: a command with the reasons recorded for it.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use xxhash_rust::xxh3::xxh3_128;

use super::command::Command;
use super::line::LineKey;
use super::position::Position;
use super::text::{Citation, CommandDigest, IdempotencyKey, Reason};
use crate::canonical;

/// A request to post: one line of a posting file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Posting {
    /// The client's own key: the same key with the same command posts once.
    pub key: IdempotencyKey,
    /// The command.
    pub command: Command,
    /// Why it is posted.
    pub reason: Reason,
    /// The authority it cites, such as a Treasury letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Citation>,
    /// The documents it cites.
    #[serde(default, skip_serializing_if = "SmallVec::is_empty")]
    pub evidence: SmallVec<[Citation; 1]>,
    /// How it was derived, where no source states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inferred: Option<Reason>,
    /// Versions of lines as the client read them. The posting is refused where one has changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected_versions: Vec<ExpectedVersion>,
}

/// A line's version as the client read it: the position of the last entry that changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpectedVersion {
    /// The line.
    pub line: LineKey,
    /// Its version; 0 for a line that is not open.
    pub version: Position,
}

impl Posting {
    /// The digest of the posting, without its key and expected versions.
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
        // These types have canonical bytes. If they ever lacked them, the shorter bytes would
        // differ from the log's and cause a refusal, not a loss.
        drop(canonical::write(&mut bytes, &normalised));
        CommandDigest::new(xxh3_128(&bytes).to_be_bytes())
    }
}
