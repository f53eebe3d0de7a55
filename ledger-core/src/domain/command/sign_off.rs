//! Commands about sign-off: policy, proposals, delegations and offsets.

use serde::{Deserialize, Serialize};

use super::{Command, ProposalVersion, payloads};
use crate::domain::actor::Capacity;
use crate::domain::calendar::{FinancialYear, Timestamp, moment};
use crate::domain::code::BodyCode;
use crate::domain::event::ReviewOutcome;
use crate::domain::money::{Pence, pounds};
use crate::domain::policy::Policy;
use crate::domain::position::Position;
use crate::domain::text::ActorId;

payloads! {
    /// Adopt a policy. It waits for the sign-off of the department.
    AdoptPolicy {
        /// The rules.
        policy: Box<Policy>,
        /// Since when they hold. What was recorded before they are adopted is not judged again.
        #[serde(with = "moment")]
        effective: Timestamp,
    }

    /// Propose a command: it waits for sign-off, whether it passes a limit or not.
    Propose {
        /// The command.
        command: Box<Command>,
        /// Keep it as a draft, which waits for nobody until it is submitted.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        draft: bool,
    }

    /// Submit a draft for sign-off.
    SubmitProposal {
        /// The proposal.
        proposal: Position,
        /// The version that was read.
        version: u32,
    }

    /// Put another command in the place of the one proposed. Signatures of the old version fall.
    ReviseProposal {
        /// The proposal.
        proposal: Position,
        /// The version that was read.
        version: u32,
        /// The command from now on.
        command: Box<Command>,
    }

    /// Sign off proposals, all or none.
    SignOff {
        /// The proposals, each in the version that was read.
        proposals: Vec<ProposalVersion>,
    }

    /// Reject a proposal.
    RejectProposal {
        /// The proposal.
        proposal: Position,
        /// The version that was read.
        version: u32,
    }

    /// Take a proposal back.
    WithdrawProposal {
        /// The proposal.
        proposal: Position,
    }

    /// Ask a neighbouring provider for a review of a proposal.
    RequestPeerReview {
        /// The proposal.
        proposal: Position,
        /// The version to be reviewed.
        version: u32,
        /// The provider.
        body: BodyCode,
    }

    /// Give a review that was asked for.
    ReviewProposal {
        /// The proposal.
        proposal: Position,
        /// The version that was reviewed.
        version: u32,
        /// The provider that was asked.
        body: BodyCode,
        /// What the review comes to.
        outcome: ReviewOutcome,
    }

    /// Let somebody else sign as what one is.
    Delegate {
        /// Who may sign.
        to: ActorId,
        /// As what.
        capacity: Capacity,
        /// From this moment.
        #[serde(with = "moment")]
        begins: Timestamp,
        /// Until before this moment.
        #[serde(with = "moment")]
        ends: Timestamp,
    }

    /// End a delegation before its time.
    EndDelegation {
        /// The entry that gave it.
        delegation: Position,
    }

    /// Link a provider's improvement to the deterioration it compensates.
    LinkOffset {
        /// The year.
        year: FinancialYear,
        /// The body whose forecast deteriorated.
        deteriorated: BodyCode,
        /// The provider of the same system whose forecast improved.
        by: BodyCode,
        /// How much of its improvement.
        #[serde(with = "pounds")]
        amount: Pence,
    }
}
