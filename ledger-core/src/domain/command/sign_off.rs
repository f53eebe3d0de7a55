//! Commands about sign-off: policy, proposals, delegations and offsets.

use serde::{Deserialize, Serialize};

use super::{Command, ProposalVersion, payloads};
use crate::domain::actor::Capacity;
use crate::domain::calendar::{FinancialYear, Timestamp};
use crate::domain::code::BodyCode;
use crate::domain::date_or_time::{beginning, end};
use crate::domain::event::ReviewOutcome;
use crate::domain::money::{Pence, pounds};
use crate::domain::policy::Policy;
use crate::domain::position::Position;
use crate::domain::text::ActorId;

payloads! {
    /// Adopt a policy. Requires the department's sign-off.
    AdoptPolicy {
        /// The rules.
        policy: Box<Policy>,
        /// The moment it takes effect; a date means its start. Entries recorded before its adoption
        /// are not judged again.
        #[serde(with = "beginning")]
        effective: Timestamp,
    }

    /// Propose a command. It waits for sign-off even where it exceeds no limit.
    Propose {
        /// The command proposed.
        command: Box<Command>,
        /// Keep it as a draft, which waits for nobody until submitted.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        draft: bool,
    }

    /// Submit a draft for sign-off.
    SubmitProposal {
        /// The proposal.
        proposal: Position,
        /// The version read.
        version: u32,
    }

    /// Replace the command of a proposal. Signatures of the old version are void.
    ReviseProposal {
        /// The proposal.
        proposal: Position,
        /// The version read.
        version: u32,
        /// The new command.
        command: Box<Command>,
    }

    /// Sign off proposals, all or none.
    SignOff {
        /// The proposals, each with the version read.
        proposals: Vec<ProposalVersion>,
    }

    /// Reject a proposal.
    RejectProposal {
        /// The proposal.
        proposal: Position,
        /// The version read.
        version: u32,
    }

    /// Withdraw a proposal.
    WithdrawProposal {
        /// The proposal.
        proposal: Position,
    }

    /// Ask a neighbouring provider to review a proposal.
    RequestPeerReview {
        /// The proposal.
        proposal: Position,
        /// The version to review.
        version: u32,
        /// The provider.
        body: BodyCode,
    }

    /// Give a review that was requested.
    ReviewProposal {
        /// The proposal.
        proposal: Position,
        /// The version reviewed.
        version: u32,
        /// The provider that was asked.
        body: BodyCode,
        /// The review's outcome.
        outcome: ReviewOutcome,
    }

    /// Let another person sign in a capacity of one's own.
    Delegate {
        /// The person who may sign.
        to: ActorId,
        /// The capacity.
        capacity: Capacity,
        /// The first moment it applies; a date means its start.
        #[serde(with = "beginning")]
        begins: Timestamp,
        /// The moment it ends, no longer included; a date means its end.
        #[serde(with = "end")]
        ends: Timestamp,
    }

    /// End a delegation early.
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
        /// The part of the improvement used, in pounds.
        #[serde(with = "pounds")]
        amount: Pence,
    }
}
