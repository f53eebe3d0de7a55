//! User errors: why a posting was refused, as data.

use async_graphql::SimpleObject;
use ledger_core::domain::rejection::{
    FigureRejection, PeriodRejection, PlanRejection, Rejection, SignOffRejection,
};
use ledger_core::writer::Refusal;
use projections::what_if::WhatIfError;

use crate::graphql::kit::scalars::{LogPosition, MoneyGbp};

/// A rule that the posting breaks. Nothing was posted.
#[derive(Clone, SimpleObject)]
pub(crate) struct UserError {
    /// The stable code of the error.
    code: String,
    /// The input field at fault, such as `amount` or `commands.2.line`; null where it is the
    /// posting as a whole.
    field: Option<String>,
    /// What is wrong, why, and what to do next.
    message: String,
    /// The policy rule that was broken; null where it is not a policy rule.
    rule: Option<String>,
    /// The limit that was exceeded; null where there is none.
    limit: Option<MoneyGbp>,
    /// The line's current version, where it changed after you read it.
    current_version: Option<LogPosition>,
}

/// An input field in the wrong form.
#[derive(Debug)]
pub(crate) struct FieldError {
    field: String,
    message: String,
}

impl FieldError {
    /// An error in a field.
    pub(crate) fn new(field: &str, error: &dyn std::fmt::Display) -> Self {
        FieldError { field: field.to_owned(), message: error.to_string() }
    }

    /// The same error in command `number` of a batch, counted from 0.
    pub(crate) fn in_command(self, number: usize) -> Self {
        FieldError { field: format!("commands.{number}.{}", self.field), ..self }
    }
}

impl From<FieldError> for UserError {
    fn from(malformed: FieldError) -> Self {
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
    /// Why a what-if refuses a posting.
    pub(crate) fn of_supposed(not: &WhatIfError) -> Self {
        match not {
            WhatIfError::Refused(rejection) => UserError::of_rejection(rejection),
            WhatIfError::ConcernsSignOff => {
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

    /// The user error of a refusal; `None` where the server is at fault.
    pub(crate) fn of(refusal: &Refusal) -> Option<Self> {
        match refusal {
            Refusal::Rejected(rejection) => Some(UserError::of_rejection(rejection)),
            Refusal::KeyReused { .. } => Some(UserError {
                field: Some("idempotencyKey".to_owned()),
                ..UserError::plain(refusal.code().to_owned(), refusal.to_string())
            }),
            Refusal::WritesOff { .. }
            | Refusal::OutcomeUnknown { .. }
            | Refusal::Damaged(_)
            | Refusal::Unreadable { .. }
            | Refusal::NotReached
            | Refusal::Stopped => None,
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

/// The input field a rejection concerns, where every such command names it alike.
fn field(rejection: &Rejection) -> Option<String> {
    let field = match rejection {
        Rejection::SignOff(rejection) => return sign_off_field(rejection).map(str::to_owned),
        Rejection::Figure(rejection) => claim_field(rejection),
        Rejection::Plan(rejection) => plan_field(rejection),
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
        Rejection::PhasingDiffers { .. } => "phasing",
        Rejection::NotPriorPeriod { .. } => "concerns",
        Rejection::CreditDischarges | Rejection::NotACommitment { .. } => "discharges",
        Rejection::ReturnUnclear { .. } => "to",
        Rejection::BodyOutOfOrder { .. } => "parent",
        Rejection::UnknownEntry { .. }
        | Rejection::ReversalOfReversal { .. }
        | Rejection::ReversedAlready { .. }
        | Rejection::NotReversible { .. } => "entry",
        Rejection::Period(PeriodRejection::NoOpenPeriod { .. }) => return None,
        Rejection::Period(_) => "month",
        Rejection::Breach(_)
        | Rejection::Malformed(_)
        | Rejection::OutOfReach
        | Rejection::Withheld { .. }
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
        | Rejection::BatchForm
        | Rejection::EntryTooLarge { .. } => return None,
    };
    Some(field.to_owned())
}

const fn plan_field(rejection: &PlanRejection) -> &'static str {
    match rejection {
        PlanRejection::NoForecast { .. } => "entry",
        PlanRejection::BaselineTaken { .. } | PlanRejection::UnknownBaseline { .. } => "name",
        PlanRejection::NothingToStrike { .. } => "year",
        PlanRejection::NotAboveFund { .. } => "to",
        PlanRejection::NothingUnallocated { .. } => "fund",
        PlanRejection::NestedCorrection => "replacement",
        PlanRejection::NothingToOpen { .. } => "from",
    }
}

const fn claim_field(rejection: &FigureRejection) -> &'static str {
    match rejection {
        FigureRejection::UnknownScope { .. } => "scope",
        FigureRejection::UnknownFigure { .. } | FigureRejection::SupersededAlready { .. } => {
            "supersedes"
        }
        FigureRejection::MeasureUnfit { .. } => "measure",
        FigureRejection::FigureReversed { .. } => "figure.range",
    }
}

fn sign_off_field(rejection: &SignOffRejection) -> Option<&'static str> {
    Some(match rejection {
        SignOffRejection::UnknownProposal { .. }
        | SignOffRejection::WrongStage { .. }
        | SignOffRejection::EffectsChanged { .. } => "proposal",
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
