//! Actors: the person who posts, and the capacities in which they may sign.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::code::BodyCode;
use super::position::Position;
use super::scope::Scope;
use super::text::ActorId;

/// A level of oversight: a step of a sign-off chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tier {
    /// An integrated care board, for the providers of its system.
    Icb,
    /// Finance of an NHS England region, for the systems in it.
    Region,
    /// The department, for everybody.
    Department,
}

impl Tier {
    /// All tiers, nearest first.
    pub const ALL: [Tier; 3] = [Tier::Icb, Tier::Region, Tier::Department];

    /// The tier's text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Tier::Icb => "icb",
            Tier::Region => "region",
            Tier::Department => "department",
        }
    }

    /// The tier with this name.
    pub fn named(name: &str) -> Option<Self> {
        Tier::ALL.into_iter().find(|tier| tier.as_str() == name)
    }
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// The capacity a person signs in: a tier, and the body that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Capacity {
    /// The tier.
    pub tier: Tier,
    /// The ICB, the region or the department.
    pub body: BodyCode,
}

/// A person as the ledger counts them: a digest of their id, whatever its case.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct ActorDigest(u64);

impl ActorDigest {
    /// The digest of an id.
    pub fn new(id: &str) -> Self {
        if id.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return ActorDigest(xxh3_64(id.to_ascii_lowercase().as_bytes()));
        }
        ActorDigest(xxh3_64(id.as_bytes()))
    }
}

/// The person who posts. Access has been granted already; these fields serve the segregation of
/// duties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The person's opaque id, the same under every key and role.
    pub id: ActorId,
    /// The capacities they may sign in.
    pub capacities: Vec<Capacity>,
    /// Whether they may propose policy.
    pub administers: bool,
    /// Delegations to them that have lapsed, because the giver lost the delegated role.
    pub lapsed: Vec<Position>,
    /// What they may read. Posting and signing take reading.
    pub reads: Arc<Scope>,
}

impl Actor {
    /// The person as the ledger counts them.
    pub fn digest(&self) -> ActorDigest {
        ActorDigest::new(self.id.as_str())
    }
}

impl From<&ActorId> for Arc<Actor> {
    /// An actor who signs nothing.
    fn from(id: &ActorId) -> Self {
        Arc::new(Actor {
            id: id.clone(),
            capacities: Vec::new(),
            administers: false,
            lapsed: Vec::new(),
            reads: Arc::default(),
        })
    }
}
