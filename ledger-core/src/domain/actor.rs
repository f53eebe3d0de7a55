//! Actors: who asks, and in which capacities they may sign.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::code::BodyCode;
use super::position::Position;
use super::text::ActorId;

/// The step of a chain of sign-off: who oversees what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tier {
    /// An integrated care board, for the providers of its system.
    Icb,
    /// Finance of an NHS England region, for the systems in it.
    Region,
    /// The department, for all.
    Department,
}

impl Tier {
    /// All three, the nearest first.
    pub const ALL: [Tier; 3] = [Tier::Icb, Tier::Region, Tier::Department];

    /// The tier as it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Tier::Icb => "icb",
            Tier::Region => "region",
            Tier::Department => "department",
        }
    }

    /// The tier of this name; none where there is no such.
    pub fn named(name: &str) -> Option<Self> {
        Tier::ALL.into_iter().find(|tier| tier.as_str() == name)
    }
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What somebody signs as: a tier, and the body that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Capacity {
    /// The tier.
    pub tier: Tier,
    /// The ICB, the region or the department.
    pub body: BodyCode,
}

/// Who asks. Whether they may ask at all has been settled before: here is what segregation of
/// duties needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The person's opaque id, the same under every key and role they have.
    pub id: ActorId,
    /// What they may sign as.
    pub capacities: Vec<Capacity>,
    /// Whether they may propose policy.
    pub administers: bool,
    /// The delegations to them that count no more: who gave them has lost what they delegated.
    pub lapsed: Vec<Position>,
}

impl From<&ActorId> for Arc<Actor> {
    /// Somebody who signs nothing.
    fn from(id: &ActorId) -> Self {
        Arc::new(Actor {
            id: id.clone(),
            capacities: Vec::new(),
            administers: false,
            lapsed: Vec::new(),
        })
    }
}
