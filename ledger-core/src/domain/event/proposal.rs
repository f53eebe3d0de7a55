//! What happens to proposals, delegations and policy.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::ObligationKind;
use super::payload::payload;
use crate::domain::actor::Capacity;
use crate::domain::calendar::{FinancialYear, Timestamp};
use crate::domain::code::{BodyCode, ProgrammeCode};
use crate::domain::command::Command;
use crate::domain::money::Pence;
use crate::domain::movement::{Account, Leg};
use crate::domain::policy::Policy;
use crate::domain::position::Position;
use crate::domain::sign_off::Step;
use crate::domain::text::ActorId;

/// Something that happened to a proposal.
///
/// A proposal is known by the position of the entry that first made it; that entry, which cannot
/// know it, leaves it out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProposalEvent {
    /// It was drafted, or its draft revised: it waits for nobody yet.
    Drafted(ProposalDrafted),
    /// It, or a new version of it, was submitted for sign-off.
    Submitted(ProposalSubmitted),
    /// A step of it was signed. With the last, the events it proposed follow in the same entry.
    Signed(ProposalSigned),
    /// It was rejected by one of those it waited for.
    Rejected(ProposalRejected),
    /// Those who made it took it back.
    Withdrawn(ProposalWithdrawn),
    /// A neighbouring provider was asked for a review.
    ReviewRequested(ReviewRequested),
    /// That provider gave it.
    Reviewed(ProposalReviewed),
}

impl ProposalEvent {
    /// The proposal, where it is not the one that this very entry makes.
    pub const fn proposal(&self) -> Option<Position> {
        match self {
            ProposalEvent::Drafted(drafted) => drafted.proposal,
            ProposalEvent::Submitted(submitted) => submitted.proposal,
            ProposalEvent::Signed(signed) => Some(signed.proposal),
            ProposalEvent::Rejected(rejected) => Some(rejected.proposal),
            ProposalEvent::Withdrawn(withdrawn) => Some(withdrawn.proposal),
            ProposalEvent::ReviewRequested(requested) => Some(requested.proposal),
            ProposalEvent::Reviewed(reviewed) => Some(reviewed.proposal),
        }
    }
}

payload!(
    /// A draft.
    ProposalDrafted {
        /// The proposal; absent where this entry makes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub proposal: Option<Position>,
        /// Its version, from 1.
        pub version: u32,
        /// Who drafted it.
        pub by: ActorId,
        /// What it proposes.
        pub command: Box<Command>,
        /// Whether an authority was cited for it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub cites_authority: bool,
        /// Whether evidence was.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub cites_evidence: bool,
    }
);

payload!(
    /// A proposal, or a new version of one, that waits for sign-off.
    ProposalSubmitted {
        /// The proposal; absent where this entry makes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub proposal: Option<Position>,
        /// Its version, from 1.
        pub version: u32,
        /// Who submitted it.
        pub by: ActorId,
        /// What it proposes.
        pub command: Box<Command>,
        /// Whether an authority was cited for it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub cites_authority: bool,
        /// Whether evidence was.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub cites_evidence: bool,
        /// Whose sign-off it needs, in order, and why.
        pub steps: Vec<Step>,
        /// What it would change, as things are.
        pub effects: Vec<Effect>,
        /// What of it counts as investment of a system's bodies while it waits.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub invests: Vec<Investment>,
    }
);

payload!(
    /// A signature.
    ProposalSigned {
        /// The proposal.
        pub proposal: Position,
        /// The version that was signed.
        pub version: u32,
        /// Which step, from 0.
        pub step: u32,
        /// Who signed.
        pub by: ActorId,
        /// As what.
        pub capacity: Capacity,
        /// The delegation they signed under.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub delegation: Option<Position>,
        /// Whether it was the last: what was proposed is posted with it.
        pub posts: bool,
    }
);

payload!(
    /// A rejection.
    ProposalRejected {
        /// The proposal.
        pub proposal: Position,
        /// The version that was rejected.
        pub version: u32,
        /// Who rejected it.
        pub by: ActorId,
        /// As what.
        pub capacity: Capacity,
    }
);

payload!(
    /// A withdrawal.
    ProposalWithdrawn {
        /// The proposal.
        pub proposal: Position,
        /// Who took it back.
        pub by: ActorId,
    }
);

payload!(
    /// A request for a peer review.
    ReviewRequested {
        /// The proposal.
        pub proposal: Position,
        /// The version to be reviewed.
        pub version: u32,
        /// The provider that is asked.
        pub body: BodyCode,
        /// Who asks.
        pub by: ActorId,
    }
);

payload!(
    /// A peer review. It decides nothing.
    ProposalReviewed {
        /// The proposal.
        pub proposal: Position,
        /// The version that was reviewed.
        pub version: u32,
        /// The provider that reviewed it.
        pub body: BodyCode,
        /// Who did.
        pub by: ActorId,
        /// What came of it.
        pub outcome: ReviewOutcome,
    }
);

/// What a peer review comes to. What else there is to say is the entry's reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReviewOutcome {
    /// The plan is supported.
    Supported,
    /// It is supported if something is changed.
    SupportedWithChanges,
    /// It is not.
    NotSupported,
}

/// A figure that a proposal would change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Figure {
    /// A line's budget, or a fund's unallocated money.
    Budget,
    /// A line's open commitments.
    Committed,
    /// A line's open accruals.
    Accrued,
    /// A line's spend.
    Actual,
}

impl Figure {
    /// The figure that a kind of obligation is in.
    pub const fn of(kind: ObligationKind) -> Self {
        match kind {
            ObligationKind::Commitment => Figure::Committed,
            ObligationKind::Accrual => Figure::Accrued,
        }
    }
}

payload!(
    /// What a proposal would change.
    Effect {
        /// Which figure.
        pub figure: Figure,
        /// Of which line or fund, and by how much.
        pub leg: Leg,
    }
);

impl Effect {
    /// Each figure of each account once, in the order in which they come first.
    pub fn summed(effects: impl IntoIterator<Item = Effect>) -> Vec<Effect> {
        let mut sums: Vec<Effect> = Vec::new();
        let mut places: HashMap<(Figure, Account), usize> = HashMap::new();
        for effect in effects {
            let place = *places.entry((effect.figure, effect.leg.account)).or_insert(sums.len());
            match sums.get_mut(place) {
                Some(sum) => sum.leg.pence = sum.leg.pence.plus(effect.leg.pence),
                None => sums.push(effect),
            }
        }
        sums
    }
}

payload!(
    /// Revenue that a body of a system commits, or is allocated, in one programme.
    Investment {
        /// The ICB or provider.
        pub body: BodyCode,
        /// The programme.
        pub programme: ProgrammeCode,
        /// How much.
        pub pence: Pence,
    }
);

/// Something that happened to a delegation, which is known by the entry that gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DelegationEvent {
    /// It was given.
    Given(DelegationGiven),
    /// It was ended before its time.
    Ended(DelegationEnded),
}

payload!(
    /// A delegation: somebody may sign as what another is.
    DelegationGiven {
        /// Who gives it.
        pub from: ActorId,
        /// Who may sign.
        pub to: ActorId,
        /// As what.
        pub capacity: Capacity,
        /// From this moment.
        pub begins: Timestamp,
        /// Until before this moment.
        pub ends: Timestamp,
    }
);

payload!(
    /// The early end of a delegation.
    DelegationEnded {
        /// The entry that gave it.
        pub delegation: Position,
    }
);

payload!(
    /// A policy that takes the place of the one before.
    PolicyAdopted {
        /// The rules from then on.
        pub policy: Box<Policy>,
        /// Since when they hold. What was recorded before this entry is not judged again.
        pub effective: Timestamp,
    }
);

payload!(
    /// An improvement that compensates a deterioration.
    OffsetLinked {
        /// The year.
        pub year: FinancialYear,
        /// The body whose forecast deteriorated.
        pub deteriorated: BodyCode,
        /// The provider of the same system whose forecast improved.
        pub by: BodyCode,
        /// How much of its improvement.
        pub pence: Pence,
    }
);
