//! Rejections as a person may read them: without figures and codes out of their scope.

use super::{FigureRejection, Rejection, SignOffRejection};
use crate::domain::policy::Breach;
use crate::domain::scope::Scope;

/// The message of a rule over more than the caller may read.
const WITHHELD: &str =
    "a rule refuses this by figures that you may not read: ask someone whose role covers them";

impl Rejection {
    /// The rejection as it may be told within a scope. A rule over more than the scope tells that
    /// it refuses, and no figure.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "is_shown lists every kind")]
    pub fn shown(self, scope: &Scope) -> Self {
        if scope.is_everything() || self.is_shown(scope) {
            return self;
        }
        match self {
            // A hint may name a programme or total that is hidden.
            Rejection::UnknownProgramme { code, .. } => {
                Rejection::UnknownProgramme { code, like: None }
            }
            Rejection::Figure(FigureRejection::UnknownScope { code, .. }) => {
                FigureRejection::UnknownScope { code, like: None }.into()
            }
            Rejection::Figure(FigureRejection::UnknownFigure { code, .. }) => {
                FigureRejection::UnknownFigure { code, like: None }.into()
            }
            Rejection::InBatch { number, rejection } => {
                Rejection::InBatch { number, rejection: Box::new(rejection.shown(scope)) }
            }
            Rejection::SignOff(SignOffRejection::InSet { number, rejection }) => {
                let rejection = Box::new(rejection.shown(scope));
                SignOffRejection::InSet { number, rejection }.into()
            }
            Rejection::ReferenceTaken { .. } => Rejection::Withheld {
                code: self.code(),
                what: "the reference is already used: choose another reference",
            },
            other => Rejection::Withheld { code: other.code(), what: WITHHELD },
        }
    }

    /// Whether a scope includes all that the rejection tells, as far as the command did not state
    /// it.
    fn is_shown(&self, scope: &Scope) -> bool {
        match self {
            Rejection::Breach(breach) => breach.is_shown(scope),
            Rejection::SignOff(rejection) => rejection.is_shown(scope),
            Rejection::Figure(rejection) => rejection.is_shown(),
            Rejection::UnknownLine { line }
            | Rejection::ReferenceTaken { line, .. }
            | Rejection::ReferenceElsewhere { line, .. }
            | Rejection::ReturnUnclear { line, .. }
            | Rejection::BeyondUnderspend { line, .. } => scope.admits(line),
            // A line of a hidden programme has the version of an absent one.
            Rejection::VersionConflict { line, .. } => {
                scope.admits(line) || !scope.knows(line.programme)
            }
            Rejection::ProgrammeClosed { code } | Rejection::ProgrammeClosing { code } => {
                scope.knows(*code)
            }
            Rejection::YearNotSettled { fund, .. } => scope.admits_fund(*fund),
            Rejection::UnknownProgramme { .. }
            | Rejection::ProgrammeInUse { .. }
            | Rejection::InBatch { .. } => false,
            // Of the command's own form, of the register, or of a reference or entry that was found
            // within the scope.
            Rejection::Malformed(_)
            | Rejection::OutOfReach
            | Rejection::Withheld { .. }
            | Rejection::BodyOutOfOrder { .. }
            | Rejection::UnknownBody { .. }
            | Rejection::UnknownFund { .. }
            | Rejection::UnknownReference { .. }
            | Rejection::UnknownEntry { .. }
            | Rejection::CodeTaken { .. }
            | Rejection::Plan(_)
            | Rejection::ReservedProgramme { .. }
            | Rejection::BodyClosed { .. }
            | Rejection::DepartmentStays { .. }
            | Rejection::MergedIntoPart { .. }
            | Rejection::BodyNotOpen { .. }
            | Rejection::Period(_)
            | Rejection::NotPositive { .. }
            | Rejection::Zero
            | Rejection::OutOfRange
            | Rejection::NoLegs
            | Rejection::Unbalanced { .. }
            | Rejection::YearsDiffer { .. }
            | Rejection::YearsReversed { .. }
            | Rejection::NotChildFund { .. }
            | Rejection::NotUnsplit { .. }
            | Rejection::EvidenceRequired
            | Rejection::AuthorityRequired
            | Rejection::NotACommitment { .. }
            | Rejection::DischargedTooEarly { .. }
            | Rejection::CreditDischarges
            | Rejection::BeyondOpen { .. }
            | Rejection::PhasingDiffers { .. }
            | Rejection::NotPriorPeriod { .. }
            | Rejection::ReversalOfReversal { .. }
            | Rejection::ReversedAlready { .. }
            | Rejection::NotReversible { .. }
            | Rejection::BatchForm
            | Rejection::EntryTooLarge { .. } => true,
        }
    }
}

impl Breach {
    /// Whether a scope includes the figures that the breach tells.
    pub(in crate::domain) fn is_shown(&self, scope: &Scope) -> bool {
        match self {
            Breach::BeyondAvailable { account, .. } | Breach::BeyondRevised { account, .. } => {
                account.is_in(scope)
            }
            // These sum over the whole book.
            Breach::CapitalToRevenueCap { .. } | Breach::BudgetExchange { .. } => {
                scope.is_everything()
            }
            // These tell the command's own amounts.
            Breach::CapitalToRevenue { .. }
            | Breach::CapitalToRevenueUncapped { .. }
            | Breach::RevenueToCapital { .. }
            | Breach::RingFence { .. }
            | Breach::ClosedPeriod { .. } => true,
        }
    }
}

impl SignOffRejection {
    fn is_shown(&self, scope: &Scope) -> bool {
        match self {
            SignOffRejection::InSet { .. } => false,
            SignOffRejection::NotDeteriorated { body, .. }
            | SignOffRejection::BeyondImprovement { body, .. } => scope.admits_whole_body(*body),
            // Of the command's own form, of the register, or of a proposal within the scope.
            SignOffRejection::UnknownProposal { .. }
            | SignOffRejection::WrongStage { .. }
            | SignOffRejection::Superseded { .. }
            | SignOffRejection::EffectsChanged { .. }
            | SignOffRejection::NotProposable
            | SignOffRejection::NotInBatch
            | SignOffRejection::NoProposals
            | SignOffRejection::NotAdministrator
            | SignOffRejection::NotYours { .. }
            | SignOffRejection::OwnWork { .. }
            | SignOffRejection::SignedAlready { .. }
            | SignOffRejection::DelegatorInvolved { .. }
            | SignOffRejection::NotYourStep { .. }
            | SignOffRejection::NeedsMore { .. }
            | SignOffRejection::NotYourCapacity { .. }
            | SignOffRejection::DelegationForm
            | SignOffRejection::UnknownDelegation { .. }
            | SignOffRejection::NotOneSystem { .. }
            | SignOffRejection::NotANeighbour { .. }
            | SignOffRejection::NoReviewAsked { .. } => true,
        }
    }
}

impl FigureRejection {
    const fn is_shown(&self) -> bool {
        match self {
            FigureRejection::UnknownScope { .. } | FigureRejection::UnknownFigure { .. } => false,
            FigureRejection::MeasureUnfit { .. }
            | FigureRejection::FigureReversed { .. }
            | FigureRejection::SupersededAlready { .. } => true,
        }
    }
}
