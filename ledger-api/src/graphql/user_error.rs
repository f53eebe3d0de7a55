//! User errors: why a posting was refused, as data.

use async_graphql::SimpleObject;
use ledger_core::domain::rejection::{ClaimRejection, Rejection, SignOffRejection};
use ledger_core::writer::Refusal;
use projections::what_if::NotSupposed;

use super::scalars::{LogPosition, MoneyGbp};

/// A rule that a posting breaks. Nothing was posted.
#[derive(Clone, SimpleObject)]
pub(super) struct UserError {
    /// The stable name of what is wrong.
    code: String,
    /// The part of the input it concerns, such as `amount` or `commands.2.line`; null where it
    /// concerns the posting as a whole.
    field: Option<String>,
    /// What is wrong, why, and what to do next.
    message: String,
    /// The rule of the policy that stands in the way; null where it is no rule of the policy.
    rule: Option<String>,
    /// The limit in the way; null where there is none.
    limit: Option<MoneyGbp>,
    /// The version the line is at, where it has changed since it was read.
    current_version: Option<LogPosition>,
}

/// A text in an input that has not the form it should have.
#[derive(Debug)]
pub(super) struct Malformed {
    field: String,
    message: String,
}

impl Malformed {
    /// What is wrong with a field.
    pub(super) fn new(field: &str, error: &dyn std::fmt::Display) -> Self {
        Malformed { field: field.to_owned(), message: error.to_string() }
    }

    /// The same in a command of a batch, from 0.
    pub(super) fn in_command(self, number: usize) -> Self {
        Malformed { field: format!("commands.{number}.{}", self.field), ..self }
    }
}

impl From<Malformed> for UserError {
    fn from(malformed: Malformed) -> Self {
        UserError {
            code: "MALFORMED".to_owned(),
            field: Some(malformed.field),
            message: malformed.message,
            rule: None,
            limit: None,
            current_version: None,
        }
    }
}

impl UserError {
    /// Why a posting cannot be supposed.
    pub(super) fn of_supposed(not: &NotSupposed) -> Self {
        match not {
            NotSupposed::Refused(rejection) => UserError::of_rejection(rejection),
            NotSupposed::AboutSignOff => {
                UserError::plain("ABOUT_SIGN_OFF".to_owned(), not.to_string())
            }
        }
    }

    const fn plain(code: String, message: String) -> Self {
        UserError { code, field: None, message, rule: None, limit: None, current_version: None }
    }

    fn of_rejection(rejection: &Rejection) -> Self {
        UserError {
            field: field(rejection),
            rule: rule(rejection),
            limit: innermost(rejection).limit().map(Into::into),
            current_version: innermost(rejection).current_version().map(Into::into),
            ..UserError::plain(rejection.code().to_owned(), rejection.to_string())
        }
    }

    /// What a refusal says to the caller; none where it is a fault of the server's.
    pub(super) fn of(refusal: &Refusal) -> Option<Self> {
        match refusal {
            Refusal::Rejected(rejection) => Some(UserError::of_rejection(rejection)),
            Refusal::KeyReused { .. } => Some(UserError {
                field: Some("idempotencyKey".to_owned()),
                ..UserError::plain(refusal.code().to_owned(), refusal.to_string())
            }),
            Refusal::WritesOff { .. } | Refusal::OutcomeUnknown { .. } | Refusal::Stopped => None,
        }
    }
}

fn innermost(rejection: &Rejection) -> &Rejection {
    if let Rejection::InBatch { rejection, .. }
    | Rejection::SignOff(SignOffRejection::InSet { rejection, .. }) = rejection
    {
        innermost(rejection)
    } else {
        rejection
    }
}

fn rule(rejection: &Rejection) -> Option<String> {
    if let Rejection::Breach(breach) = innermost(rejection) {
        return Some(breach.rule().to_owned());
    }
    None
}

/// The part of the input that a rejection concerns, where it is one field in every command that
/// can be rejected so.
fn field(rejection: &Rejection) -> Option<String> {
    let field = match rejection {
        Rejection::SignOff(rejection) => return sign_off_field(rejection).map(str::to_owned),
        Rejection::Claim(rejection) => claim_field(rejection),
        Rejection::InBatch { number, rejection } => {
            let command = format!("commands.{}", number.saturating_sub(1));
            let within = field(rejection);
            return Some(within.map_or(command.clone(), |field| format!("{command}.{field}")));
        }
        Rejection::VersionConflict { .. } => "expectedVersions",
        Rejection::EvidenceRequired => "evidence",
        Rejection::AuthorityRequired => "authority",
        Rejection::NotPositive { .. }
        | Rejection::Zero
        | Rejection::BeyondOpen { .. }
        | Rejection::BeyondUnderspend { .. } => "amount",
        Rejection::ReferenceTaken { .. } => "reference",
        Rejection::CodeTaken { .. } => "code",
        Rejection::BaselineTaken { .. } => "name",
        Rejection::PhasingDiffers { .. } => "phasing",
        Rejection::NotPriorPeriod { .. } => "concerns",
        Rejection::CreditDischarges | Rejection::NotACommitment { .. } => "discharges",
        Rejection::ReturnUnclear { .. } => "to",
        Rejection::UnknownEntry { .. }
        | Rejection::ReversalOfReversal { .. }
        | Rejection::ReversedAlready { .. }
        | Rejection::NotReversible { .. } => "entry",
        Rejection::HardClosed { .. }
        | Rejection::ClosedAlready { .. }
        | Rejection::NotSoftlyClosed { .. }
        | Rejection::SoftCloseNeedsMonth
        | Rejection::OutturnPeriod => "month",
        Rejection::Breach(_)
        | Rejection::UnknownProgramme { .. }
        | Rejection::UnknownBody { .. }
        | Rejection::UnknownFund { .. }
        | Rejection::UnknownLine { .. }
        | Rejection::UnknownReference { .. }
        | Rejection::ProgrammeClosed { .. }
        | Rejection::ProgrammeClosing { .. }
        | Rejection::ProgrammeInUse { .. }
        | Rejection::ReservedProgramme { .. }
        | Rejection::BodyClosed { .. }
        | Rejection::BodyNotOpen { .. }
        | Rejection::DepartmentStays { .. }
        | Rejection::MergedIntoPart { .. }
        | Rejection::OutOfRange
        | Rejection::NoLegs
        | Rejection::Unbalanced { .. }
        | Rejection::YearsDiffer { .. }
        | Rejection::YearNotSettled { .. }
        | Rejection::YearsReversed { .. }
        | Rejection::NotChildFund { .. }
        | Rejection::NotUnsplit { .. }
        | Rejection::ReferenceElsewhere { .. }
        | Rejection::DischargedTooEarly { .. }
        | Rejection::NoOpenPeriod { .. }
        | Rejection::BatchForm
        | Rejection::EntryTooLarge { .. } => return None,
    };
    Some(field.to_owned())
}

const fn claim_field(rejection: &ClaimRejection) -> &'static str {
    match rejection {
        ClaimRejection::UnknownScope { .. } => "scope",
        ClaimRejection::UnknownClaim { .. } | ClaimRejection::SupersededAlready { .. } => {
            "supersedes"
        }
        ClaimRejection::MeasureUnfit { .. } => "measure",
        ClaimRejection::FigureReversed { .. } => "figure.range",
    }
}

fn sign_off_field(rejection: &SignOffRejection) -> Option<&'static str> {
    Some(match rejection {
        SignOffRejection::UnknownProposal { .. } | SignOffRejection::WrongStage { .. } => {
            "proposal"
        }
        SignOffRejection::Superseded { .. } => "version",
        SignOffRejection::NotProposable | SignOffRejection::NotAdministrator => "command",
        SignOffRejection::NotInBatch => "commands",
        SignOffRejection::NoProposals => "proposals",
        SignOffRejection::NotYourCapacity { .. } => "body",
        SignOffRejection::UnknownDelegation { .. } => "delegation",
        SignOffRejection::NotDeteriorated { .. } => "deteriorated",
        SignOffRejection::BeyondImprovement { .. } => "amount",
        SignOffRejection::NotANeighbour { .. } | SignOffRejection::NoReviewAsked { .. } => "body",
        SignOffRejection::InSet { .. }
        | SignOffRejection::NotYours { .. }
        | SignOffRejection::OwnWork { .. }
        | SignOffRejection::SignedAlready { .. }
        | SignOffRejection::DelegatorInvolved { .. }
        | SignOffRejection::NotYourStep { .. }
        | SignOffRejection::NeedsMore { .. }
        | SignOffRejection::DelegationForm
        | SignOffRejection::NotOneSystem { .. } => return None,
    })
}
