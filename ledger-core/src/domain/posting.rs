//! A posting: a command with everything that is recorded about why it was posted.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::command::Command;
use super::line::LineKey;
use super::position::Position;
use super::text::{Citation, CommandDigest, IdempotencyKey, Reason};

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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Citation>,
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
        // Writing to memory and serialising these types cannot fail; were it ever to, the digest
        // of nothing would still be compared with the log's and lead to a refusal, not a loss.
        let bytes = serde_json::to_vec(&normalised).unwrap_or_default();
        let mut digest = [0; 16];
        for (to, from) in digest.iter_mut().zip(Sha256::digest(&bytes)) {
            *to = from;
        }
        CommandDigest::new(digest)
    }
}
