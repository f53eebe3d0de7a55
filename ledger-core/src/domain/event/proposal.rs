//! Events about proposals, delegations, policy and offsets.

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

/// A change to a proposal.
///
/// A proposal's id is the position of the entry that first made it. That entry leaves the id out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProposalEvent {
    /// A draft was made or revised. It waits for nobody yet.
    Drafted(ProposalDrafted),
    /// A version was submitted for sign-off.
    Submitted(ProposalSubmitted),
    /// A step was signed. After the last step, the proposed events follow in the same entry.
    Signed(ProposalSigned),
    /// An approver it waited for rejected it.
    Rejected(ProposalRejected),
    /// One of its makers withdrew it.
    Withdrawn(ProposalWithdrawn),
    /// A neighbouring provider was asked to review it.
    ReviewRequested(ReviewRequested),
    /// That provider reviewed it.
    Reviewed(ProposalReviewed),
}

impl ProposalEvent {
    /// The proposal; `None` where this entry makes it.
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
        /// The person who drafted it.
        pub by: ActorId,
        /// The command it proposes.
        pub command: Box<Command>,
        /// Whether an authority was cited.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub cites_authority: bool,
        /// Whether evidence was cited.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub cites_evidence: bool,
    }
);

payload!(
    /// A submitted version of a proposal.
    ProposalSubmitted {
        /// The proposal; absent where this entry makes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub proposal: Option<Position>,
        /// Its version, from 1.
        pub version: u32,
        /// The person who submitted it.
        pub by: ActorId,
        /// The command it proposes.
        pub command: Box<Command>,
        /// Whether an authority was cited.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub cites_authority: bool,
        /// Whether evidence was cited.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub cites_evidence: bool,
        /// The steps of sign-off it needs, in order.
        pub steps: Vec<Step>,
        /// Its effects on the book as it was then.
        pub effects: Vec<Effect>,
        /// The investment that counts against limits while it waits.
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
        /// The step's index, from 0.
        pub step: u32,
        /// The person who signed.
        pub by: ActorId,
        /// The capacity they signed in.
        pub capacity: Capacity,
        /// The delegation they signed under.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub delegation: Option<Position>,
        /// Whether it was the last step, so that the proposed command is posted.
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
        /// The person who rejected it.
        pub by: ActorId,
        /// The capacity they rejected it in.
        pub capacity: Capacity,
    }
);

payload!(
    /// A withdrawal.
    ProposalWithdrawn {
        /// The proposal.
        pub proposal: Position,
        /// The person who withdrew it.
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
        /// The person who asked.
        pub by: ActorId,
    }
);

payload!(
    /// A peer review. It advises only.
    ProposalReviewed {
        /// The proposal.
        pub proposal: Position,
        /// The version that was reviewed.
        pub version: u32,
        /// The provider that reviewed it.
        pub body: BodyCode,
        /// The person who reviewed it.
        pub by: ActorId,
        /// Its outcome.
        pub outcome: ReviewOutcome,
    }
);

/// The outcome of a peer review. The entry's reason holds any comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReviewOutcome {
    /// The plan is supported.
    Supported,
    /// It is supported subject to changes.
    SupportedWithChanges,
    /// It is not supported.
    NotSupported,
}

/// A kind of figure that a proposal would change.
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
    /// The figure that an obligation of this kind is part of.
    pub const fn of(kind: ObligationKind) -> Self {
        match kind {
            ObligationKind::Commitment => Figure::Committed,
            ObligationKind::Accrual => Figure::Accrued,
        }
    }
}

payload!(
    /// One effect of a proposal.
    Effect {
        /// The kind of figure.
        pub figure: Figure,
        /// The line or fund, and the change.
        pub leg: Leg,
    }
);

impl Effect {
    /// Sums effects, so that each figure of each account appears once, in order of first
    /// appearance.
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
    /// Revenue that a provider of a system, or its ICB, invests in one programme.
    Investment {
        /// The ICB or provider.
        pub body: BodyCode,
        /// The programme.
        pub programme: ProgrammeCode,
        /// The amount in pence.
        pub pence: Pence,
        /// Whether it is budget received, not committed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub received: bool,
    }
);

/// A change to a delegation. Its id is the position of the entry that gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DelegationEvent {
    /// It was given.
    Given(DelegationGiven),
    /// It was ended early.
    Ended(DelegationEnded),
}

payload!(
    /// A delegation: one person may sign in a capacity of another.
    DelegationGiven {
        /// The person who gives it.
        pub from: ActorId,
        /// The person who may sign.
        pub to: ActorId,
        /// The capacity.
        pub capacity: Capacity,
        /// The first moment it applies.
        pub begins: Timestamp,
        /// The moment it ends; no longer included.
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
    /// The adoption of a policy.
    PolicyAdopted {
        /// The policy.
        pub policy: Box<Policy>,
        /// The moment it takes effect. Entries recorded before this one are not judged again.
        pub effective: Timestamp,
    }
);

payload!(
    /// A link from an improvement to the deterioration it compensates.
    OffsetLinked {
        /// The year.
        pub year: FinancialYear,
        /// The body whose forecast deteriorated.
        pub deteriorated: BodyCode,
        /// The provider of the same system whose forecast improved.
        pub by: BodyCode,
        /// The part of the improvement used, in pence.
        pub pence: Pence,
    }
);
