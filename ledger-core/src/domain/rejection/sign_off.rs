//! Why proposals, signatures, delegations and offsets were refused.

use crate::domain::actor::Tier;
use crate::domain::calendar::FinancialYear;
use crate::domain::code::BodyCode;
use crate::domain::money::Pence;
use crate::domain::position::Position;

/// Why a command about sign-off was refused. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignOffRejection {
    /// No entry made such a proposal.
    #[error("there is no proposal {proposal}: a proposal has the number of the entry that made it")]
    UnknownProposal {
        /// What was named.
        proposal: Position,
    },
    /// The proposal is not where this can be done to it.
    #[error("proposal {proposal} {what}: {instead}")]
    WrongStage {
        /// The proposal.
        proposal: Position,
        /// Where it is.
        what: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// Another version has taken the place of the one that was read.
    #[error(
        "proposal {proposal} is at version {current}, not {read}: read it again and decide afresh"
    )]
    Superseded {
        /// The proposal.
        proposal: Position,
        /// The version that was read.
        read: u32,
        /// The version it has.
        current: u32,
    },
    /// Commands about sign-off are not proposed themselves.
    #[error("proposals, signatures and delegations are not proposed: post them as they are")]
    NotProposable,
    /// Commands about sign-off stand alone.
    #[error("proposals, signatures and delegations do not go into a batch: post each by itself")]
    NotInBatch,
    /// Nothing is named to sign.
    #[error("no proposal is named: name at least one, each with the version that was read")]
    NoProposals,
    /// One proposal of a set is refused, so all are.
    #[error("proposal {number} of the set: {rejection}")]
    InSet {
        /// Which one, from 1.
        number: usize,
        /// Why.
        rejection: Box<super::Rejection>,
    },
    /// Policy is proposed by administrators.
    #[error("policy is proposed by an administrator: ask one to propose it")]
    NotAdministrator,
    /// Only those who made a proposal take it back.
    #[error("proposal {proposal} is somebody else's: ask those who made it, or reject it")]
    NotYours {
        /// The proposal.
        proposal: Position,
    },
    /// Nobody judges their own work.
    #[error(
        "you made a version of proposal {proposal}: nobody signs off, rejects or reviews their own work, whatever else they are"
    )]
    OwnWork {
        /// The proposal.
        proposal: Position,
    },
    /// One person signs one step.
    #[error("you have signed another step of proposal {proposal}: each step needs another person")]
    SignedAlready {
        /// The proposal.
        proposal: Position,
    },
    /// Who delegated is part of it already.
    #[error(
        "who delegated this to you made or signed proposal {proposal}: a delegation reaches no further than its giver"
    )]
    DelegatorInvolved {
        /// The proposal.
        proposal: Position,
    },
    /// The proposal waits for somebody else.
    #[error("proposal {proposal} waits for the {tier} {body}, which you do not sign for")]
    NotYourStep {
        /// The proposal.
        proposal: Position,
        /// The tier it waits for.
        tier: Tier,
        /// The body it waits for.
        body: BodyCode,
    },
    /// Since it was submitted it has come to need more.
    #[error(
        "as things are, proposal {proposal} also needs the {tier} {body}: revise it, so that it waits for them too"
    )]
    NeedsMore {
        /// The proposal.
        proposal: Position,
        /// Whose tier.
        tier: Tier,
        /// Whose body.
        body: BodyCode,
    },
    /// Only what one is oneself can be delegated.
    #[error(
        "you do not sign for the {tier} {body} yourself: only that can be delegated, and no further"
    )]
    NotYourCapacity {
        /// The tier.
        tier: Tier,
        /// The body.
        body: BodyCode,
    },
    /// A delegation is to somebody else, and ends after it begins.
    #[error("a delegation is to somebody else, and ends after it begins: correct it")]
    DelegationForm,
    /// No such delegation stands.
    #[error("entry {delegation} gave no delegation of yours that stands: correct the number")]
    UnknownDelegation {
        /// What was named.
        delegation: Position,
    },
    /// The two bodies are not of one system.
    #[error(
        "{body} and {other} are not two bodies of one integrated care system: name bodies below the same ICB"
    )]
    NotOneSystem {
        /// One body.
        body: BodyCode,
        /// The other.
        other: BodyCode,
    },
    /// There is nothing to compensate.
    #[error("{body} reports no deterioration for {year}: there is nothing to compensate")]
    NotDeteriorated {
        /// The body.
        body: BodyCode,
        /// The year.
        year: FinancialYear,
    },
    /// More would be linked than the improvement has left.
    #[error(
        "{body} has improved by £{improvement} in {year}, of which £{linked} is linked: link no more than is left"
    )]
    BeyondImprovement {
        /// The improver.
        body: BodyCode,
        /// The year.
        year: FinancialYear,
        /// By how much it improved.
        improvement: Pence,
        /// What is linked of it.
        linked: Pence,
    },
    /// The reviewer is not a neighbour.
    #[error(
        "{body} is not another provider of the system that proposal {proposal} is about: ask a neighbour"
    )]
    NotANeighbour {
        /// The proposal.
        proposal: Position,
        /// The body that was asked.
        body: BodyCode,
    },
    /// Nobody has asked this body.
    #[error("{body} was not asked to review this version of proposal {proposal}, or has done so")]
    NoReviewAsked {
        /// The proposal.
        proposal: Position,
        /// The body.
        body: BodyCode,
    },
}

impl SignOffRejection {
    /// The rejection's stable name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            SignOffRejection::UnknownProposal { .. } => "UNKNOWN_PROPOSAL",
            SignOffRejection::WrongStage { .. } => "WRONG_STAGE",
            SignOffRejection::Superseded { .. } => "SUPERSEDED",
            SignOffRejection::NotProposable => "NOT_PROPOSABLE",
            SignOffRejection::NotInBatch => "NOT_IN_BATCH",
            SignOffRejection::NoProposals => "NO_PROPOSALS",
            SignOffRejection::InSet { rejection, .. } => rejection.code(),
            SignOffRejection::NotAdministrator => "NOT_ADMINISTRATOR",
            SignOffRejection::NotYours { .. } => "NOT_YOURS",
            SignOffRejection::OwnWork { .. } => "OWN_WORK",
            SignOffRejection::SignedAlready { .. } => "SIGNED_ALREADY",
            SignOffRejection::DelegatorInvolved { .. } => "DELEGATOR_INVOLVED",
            SignOffRejection::NotYourStep { .. } => "NOT_YOUR_STEP",
            SignOffRejection::NeedsMore { .. } => "NEEDS_MORE_SIGN_OFF",
            SignOffRejection::NotYourCapacity { .. } => "NOT_YOUR_CAPACITY",
            SignOffRejection::DelegationForm => "DELEGATION_FORM",
            SignOffRejection::UnknownDelegation { .. } => "UNKNOWN_DELEGATION",
            SignOffRejection::NotOneSystem { .. } => "NOT_ONE_SYSTEM",
            SignOffRejection::NotDeteriorated { .. } => "NOT_DETERIORATED",
            SignOffRejection::BeyondImprovement { .. } => "BEYOND_IMPROVEMENT",
            SignOffRejection::NotANeighbour { .. } => "NOT_A_NEIGHBOUR",
            SignOffRejection::NoReviewAsked { .. } => "NO_REVIEW_ASKED",
        }
    }
}
