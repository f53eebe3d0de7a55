//! Why proposals, signatures, delegations and offsets were refused.

use crate::domain::actor::Tier;
use crate::domain::calendar::FinancialYear;
use crate::domain::code::BodyCode;
use crate::domain::money::Pence;
use crate::domain::position::Position;

/// Why a command about sign-off was refused. The book has not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignOffRejection {
    /// No proposal has this number.
    #[error("there is no proposal {proposal}: use the number of the entry that made the proposal")]
    UnknownProposal {
        /// The number given.
        proposal: Position,
    },
    /// The proposal is at a stage that does not allow this.
    #[error("proposal {proposal} {what}: {instead}")]
    WrongStage {
        /// The proposal.
        proposal: Position,
        /// Its stage.
        what: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// The proposal has a newer version than the one read.
    #[error(
        "proposal {proposal} has changed since you read it (version {current}, not {read}): read it again and decide afresh"
    )]
    Superseded {
        /// The proposal.
        proposal: Position,
        /// The version read.
        read: u32,
        /// The current version.
        current: u32,
    },
    /// What the proposal would do has changed since it was submitted.
    #[error(
        "proposal {proposal} would change other amounts now than when it was submitted: its maker revises it, and it is signed anew"
    )]
    EffectsChanged {
        /// The proposal.
        proposal: Position,
    },
    /// Commands about sign-off cannot be proposed.
    #[error("proposals, signatures and delegations cannot be proposed: post them directly")]
    NotProposable,
    /// Commands about sign-off cannot be in a batch.
    #[error("proposals, signatures and delegations cannot be part of a batch: post each by itself")]
    NotInBatch,
    /// No proposal is named.
    #[error("no proposal is named: name at least one, each with the version that was read")]
    NoProposals,
    /// A proposal of the set is refused, and so the whole set.
    #[error("proposal {number} of the set: {rejection}")]
    InSet {
        /// Its number, from 1.
        number: usize,
        /// The reason.
        rejection: Box<super::Rejection>,
    },
    /// Only administrators propose policy.
    #[error("only an administrator may propose a policy: ask one to propose it")]
    NotAdministrator,
    /// Only the makers of a proposal withdraw it.
    #[error(
        "proposal {proposal} was made by somebody else: ask them to change or withdraw it, or reject it"
    )]
    NotYours {
        /// The proposal.
        proposal: Position,
    },
    /// The actor made a version of the proposal.
    #[error(
        "you made a version of proposal {proposal}, and nobody may sign off, reject or review their own work: ask another approver"
    )]
    OwnWork {
        /// The proposal.
        proposal: Position,
    },
    /// The actor has signed another step.
    #[error(
        "you have signed another step of proposal {proposal}, and each step needs a different person: ask another approver"
    )]
    SignedAlready {
        /// The proposal.
        proposal: Position,
    },
    /// The giver of the delegation made or signed the proposal.
    #[error(
        "the person who delegated to you made or signed proposal {proposal}, so you may not sign it for them: ask another approver"
    )]
    DelegatorInvolved {
        /// The proposal.
        proposal: Position,
    },
    /// The proposal waits for another approver.
    #[error(
        "proposal {proposal} waits for the {tier} {body}, for which you do not sign: ask an approver there"
    )]
    NotYourStep {
        /// The proposal.
        proposal: Position,
        /// The tier it waits for.
        tier: Tier,
        /// The body it waits for.
        body: BodyCode,
    },
    /// The proposal needs more steps now than when it was submitted.
    #[error(
        "proposal {proposal} now also needs the {tier} {body}: revise it, so that it waits for them too"
    )]
    NeedsMore {
        /// The proposal.
        proposal: Position,
        /// The tier of the missing step.
        tier: Tier,
        /// The body of the missing step.
        body: BodyCode,
    },
    /// A person delegates only capacities of their own.
    #[error(
        "you do not sign for the {tier} {body} yourself: delegate only what you sign for in your own right"
    )]
    NotYourCapacity {
        /// The tier.
        tier: Tier,
        /// The body.
        body: BodyCode,
    },
    /// The delegation is to its giver, or ends before it begins.
    #[error(
        "a delegation must be to another person and end after it begins and after today: correct it"
    )]
    DelegationForm,
    /// The actor gave no such delegation, or has ended it.
    #[error("you have no delegation {delegation} in force: correct the number")]
    UnknownDelegation {
        /// The number given.
        delegation: Position,
    },
    /// The bodies are of different systems.
    #[error(
        "{body} and {other} are not two bodies of one integrated care system: name bodies below the same ICB"
    )]
    NotOneSystem {
        /// One body.
        body: BodyCode,
        /// The other.
        other: BodyCode,
    },
    /// The body reports no deterioration.
    #[error("{body} reports no deterioration for {year}: there is nothing to compensate")]
    NotDeteriorated {
        /// The body.
        body: BodyCode,
        /// The year.
        year: FinancialYear,
    },
    /// The link exceeds the part of the improvement still free.
    #[error(
        "{body} has improved by {improvement:#} in {year}, and {linked:#} of it is already linked: link no more than is left"
    )]
    BeyondImprovement {
        /// The body that improved.
        body: BodyCode,
        /// The year.
        year: FinancialYear,
        /// The improvement.
        improvement: Pence,
        /// The part already linked.
        linked: Pence,
    },
    /// The reviewer is not another provider of the system.
    #[error(
        "{body} is not another provider in the system of proposal {proposal}: ask a neighbouring provider"
    )]
    NotANeighbour {
        /// The proposal.
        proposal: Position,
        /// The body asked.
        body: BodyCode,
    },
    /// The body was not asked to review, or has already reviewed.
    #[error(
        "{body} was not asked to review this version of proposal {proposal}, or has already reviewed it: ask its makers to request a review"
    )]
    NoReviewAsked {
        /// The proposal.
        proposal: Position,
        /// The body.
        body: BodyCode,
    },
}

impl SignOffRejection {
    /// The rejection's stable code, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            SignOffRejection::UnknownProposal { .. } => "UNKNOWN_PROPOSAL",
            SignOffRejection::WrongStage { .. } => "WRONG_STAGE",
            SignOffRejection::Superseded { .. } => "SUPERSEDED",
            SignOffRejection::EffectsChanged { .. } => "EFFECTS_CHANGED",
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
