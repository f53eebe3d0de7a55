//! Systems: integrated care boards (ICBs) with the bodies below them, and who oversees them.

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::domain::actor::{Capacity, Tier};
use crate::domain::code::BodyCode;
use crate::domain::event::BodyKind;

/// A body's place in a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The ICB.
    pub system: BodyCode,
    /// The body it counts with: the one just below the ICB, or the ICB itself.
    pub provider: BodyCode,
}

/// A body's place, found on the path of bodies and kinds from the body to the top. Every body below
/// an ICB is in its system. An ICB below another is in the upper one's.
pub fn place_on(path: impl Iterator<Item = (BodyCode, BodyKind)>) -> Option<Place> {
    let (mut place, mut below) = (None, None);
    for (code, kind) in path {
        if kind == BodyKind::Icb {
            place = Some(Place { system: code, provider: below.unwrap_or(code) });
        }
        below = Some(code);
    }
    place
}

impl Ledger<'_> {
    /// A body's place in a system; `None` where it is in none.
    pub fn place(&self, body: BodyCode) -> Option<Place> {
        self.places.get(&body).copied()
    }

    /// The ICB of a body's system; an ICB belongs to its own.
    pub fn system_of(&self, body: BodyCode) -> Option<BodyCode> {
        self.place(body).map(|place| place.system)
    }

    pub(super) fn record_place(&mut self, body: BodyCode) {
        if let Some(place) = place_on(self.path(body)) {
            self.places.insert(body, place);
            if place.provider == body && place.system != body {
                self.providers.get_or_insert_with(&place.system, Vec::new).push(body);
            }
        }
    }

    /// A body and those above it, each with its kind, up to the top.
    fn path(&self, body: BodyCode) -> impl Iterator<Item = (BodyCode, BodyKind)> {
        let mut next = Some(body);
        std::iter::from_fn(move || {
            let code = next?;
            let body = self.body(code)?;
            next = body.parent;
            Some((code, body.kind))
        })
    }

    /// A body and those that include its figures, up to the top. A merged body counts with its
    /// successor.
    pub fn counted_with(&self, body: BodyCode) -> impl Iterator<Item = BodyCode> {
        body.path(|code| {
            let body = self.body(code)?;
            body.successor.or(body.parent)
        })
    }

    /// The capacity that oversees a system at a tier. The department stands in for a missing ICB or
    /// region.
    pub fn overseer(&self, tier: Tier, system: Option<BodyCode>) -> Option<Capacity> {
        let region = system.and_then(|system| {
            self.path(system).find(|(_, kind)| *kind == BodyKind::Region).map(|(code, _)| code)
        });
        match (tier, system, region) {
            (Tier::Icb, Some(body), _) | (Tier::Region, _, Some(body)) => {
                Some(Capacity { tier, body })
            }
            _ => Some(Capacity { tier: Tier::Department, body: self.department()? }),
        }
    }
}
