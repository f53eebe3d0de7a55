//! The parts of a rejection for programs: its stable code and the limit.

use super::Rejection;
use crate::domain::code::BodyCode;
use crate::domain::money::Pence;
use crate::domain::position::Position;

impl Rejection {
    /// The rejection's stable code, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Rejection::Breach(breach) => breach.rule(),
            Rejection::SignOff(rejection) => rejection.code(),
            Rejection::Figure(rejection) => rejection.code(),
            Rejection::Period(rejection) => rejection.code(),
            Rejection::Malformed(_) => "MALFORMED",
            Rejection::OutOfReach => "OUT_OF_REACH",
            Rejection::Withheld { code, .. } => code,
            Rejection::BodyOutOfOrder { .. } => "BODY_OUT_OF_ORDER",
            Rejection::Plan(rejection) => rejection.code(),
            Rejection::UnknownProgramme { .. } => "UNKNOWN_PROGRAMME",
            Rejection::UnknownBody { .. } => "UNKNOWN_BODY",
            Rejection::UnknownFund { .. } => "UNKNOWN_FUND",
            Rejection::UnknownLine { .. } => "UNKNOWN_LINE",
            Rejection::UnknownReference { .. } => "UNKNOWN_REFERENCE",
            Rejection::UnknownEntry { .. } => "UNKNOWN_ENTRY",
            Rejection::CodeTaken { .. } => "CODE_TAKEN",
            Rejection::ReferenceTaken { .. } => "REFERENCE_TAKEN",
            Rejection::ProgrammeClosed { .. } => "PROGRAMME_CLOSED",
            Rejection::ProgrammeClosing { .. } => "PROGRAMME_CLOSING",
            Rejection::ProgrammeInUse { .. } => "PROGRAMME_IN_USE",
            Rejection::ReservedProgramme { .. } => "RESERVED_PROGRAMME",
            Rejection::BodyClosed { .. } => "BODY_CLOSED",
            Rejection::BodyNotOpen { .. } => "BODY_NOT_OPEN",
            Rejection::DepartmentStays { .. } => "DEPARTMENT_STAYS",
            Rejection::MergedIntoPart { .. } => "MERGED_INTO_PART",
            Rejection::NotPositive { .. } => "NOT_POSITIVE",
            Rejection::Zero => "ZERO",
            Rejection::OutOfRange => "OUT_OF_RANGE",
            Rejection::NoLegs => "NO_LEGS",
            Rejection::Unbalanced { .. } => "UNBALANCED",
            Rejection::YearsDiffer { .. } => "YEARS_DIFFER",
            Rejection::YearNotSettled { .. } => "YEAR_NOT_SETTLED",
            Rejection::YearsReversed { .. } => "YEARS_REVERSED",
            Rejection::NotChildFund { .. } => "NOT_CHILD_FUND",
            Rejection::ReturnUnclear { .. } => "RETURN_UNCLEAR",
            Rejection::NotUnsplit { .. } => "NOT_UNSPLIT",
            Rejection::EvidenceRequired => "EVIDENCE_REQUIRED",
            Rejection::AuthorityRequired => "AUTHORITY_REQUIRED",
            Rejection::ReferenceElsewhere { .. } => "REFERENCE_ELSEWHERE",
            Rejection::NotACommitment { .. } => "NOT_A_COMMITMENT",
            Rejection::DischargedTooEarly { .. } => "DISCHARGED_TOO_EARLY",
            Rejection::CreditDischarges => "CREDIT_DISCHARGES",
            Rejection::BeyondOpen { .. } => "BEYOND_OPEN",
            Rejection::PhasingDiffers { .. } => "PHASING_DIFFERS",
            Rejection::BeyondUnderspend { .. } => "BEYOND_UNDERSPEND",
            Rejection::NotPriorPeriod { .. } => "NOT_PRIOR_PERIOD",
            Rejection::ReversalOfReversal { .. } => "REVERSAL_OF_REVERSAL",
            Rejection::ReversedAlready { .. } => "REVERSED_ALREADY",
            Rejection::NotReversible { .. } => "NOT_REVERSIBLE",
            Rejection::VersionConflict { .. } => "VERSION_CONFLICT",
            Rejection::BatchForm => "BATCH_FORM",
            Rejection::InBatch { rejection, .. } => rejection.code(),
            Rejection::EntryTooLarge { .. } => "ENTRY_TOO_LARGE",
        }
    }

    /// The line's current version, where another posting changed it first.
    pub const fn current_version(&self) -> Option<Position> {
        if let Rejection::VersionConflict { current, .. } = self { Some(*current) } else { None }
    }

    /// The limit that was exceeded, where there is one.
    pub const fn limit(&self) -> Option<Pence> {
        if let Rejection::Breach(breach) = self {
            return breach.limit();
        }
        if let Rejection::BeyondOpen { open: limit, .. }
        | Rejection::BeyondUnderspend { underspend: limit, .. } = self
        {
            return Some(*limit);
        }
        None
    }
}

/// A suggested code, for messages.
pub(super) fn hint(like: &Option<String>) -> String {
    like.as_ref().map(|code| format!(" (did you mean {code}?)")).unwrap_or_default()
}

/// The succeeding body, for messages.
pub(super) fn succeeded(successor: &Option<BodyCode>) -> String {
    successor.map(|code| format!(" and is succeeded by {code}")).unwrap_or_default()
}
