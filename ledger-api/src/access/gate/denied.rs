//! Denials: why the gate refuses a request.

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;

/// Why a principal may not do what a request asks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// None of the principal's roles allows the action.
    #[error(
        "{who} may not {what}, which takes {takes}: ask an administrator for that role, or ask someone who has it"
    )]
    Role {
        /// The principal.
        who: String,
        /// The action.
        what: &'static str,
        /// The roles that allow it.
        takes: &'static str,
    },
    /// A line is outside the principal's grants.
    #[error(
        "{who} may not post to {line}: it lies outside the bodies and programmes of their role; ask someone whose role covers it, or ask an administrator to widen theirs"
    )]
    Line {
        /// The principal.
        who: String,
        /// The line.
        line: LineKey,
    },
    /// A body is outside the principal's grants.
    #[error(
        "{who} may not change body {body}: it lies outside the bodies of their role, or their role is limited to programmes; ask someone whose role covers it"
    )]
    Body {
        /// The principal.
        who: String,
        /// The body.
        body: BodyCode,
    },
    /// A programme is outside the principal's grants.
    #[error(
        "{who} may not change programme {programme}: it lies outside the programmes of their role, or their role is limited to bodies; ask someone whose role covers it"
    )]
    Programme {
        /// The principal.
        who: String,
        /// The programme.
        programme: ProgrammeCode,
    },
    /// The command draws on a fund that the principal's grants do not name.
    #[error(
        "{who} may not draw on fund {fund}: their role is limited and does not name that fund; ask someone whose role does, or ask an administrator to name it"
    )]
    Fund {
        /// The principal.
        who: String,
        /// The fund.
        fund: FundCode,
    },
    /// The command concerns the whole book, and the role is limited.
    #[error(
        "{who} may not do {what}: it concerns the whole book, and their role is limited to bodies or programmes; ask someone whose role covers the whole book"
    )]
    WholeBook {
        /// The principal.
        who: String,
        /// The command that concerns the whole book.
        what: String,
    },
    /// The command names a reference or entry that is absent, out of reach, or not indexed yet.
    #[error(
        "{who} may not use {what}: it does not exist, or lies outside their role; correct it, or try again in a moment"
    )]
    Unknown {
        /// The principal.
        who: String,
        /// The unknown reference or entry.
        what: String,
    },
    /// Only a delegation would allow it, and its giver has lost the delegated role.
    #[error(
        "{who} may not sign or reject proposal {proposal} under delegation {delegation}: {from}, who gave it, is no longer an approver for {} {}; ask a current approver to do this, or to delegate it to {who}",
        capacity.tier,
        capacity.body
    )]
    Lapsed {
        /// The principal.
        who: String,
        /// The proposal.
        proposal: Position,
        /// The delegation.
        delegation: Position,
        /// The giver of the delegation.
        from: String,
        /// The delegated tier and body.
        capacity: Capacity,
    },
    /// The question covers the whole book, and the principal may read only part of it.
    #[error(
        "you may not ask this: it covers more than the bodies and programmes of your role; add a filter for those"
    )]
    Unscoped,
}

impl Denied {
    /// The refusal's stable code, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Denied::Role { .. } => "FORBIDDEN",
            Denied::Lapsed { .. } => "FORBIDDEN_DELEGATION",
            Denied::Line { .. }
            | Denied::Body { .. }
            | Denied::Programme { .. }
            | Denied::Fund { .. }
            | Denied::WholeBook { .. }
            | Denied::Unknown { .. }
            | Denied::Unscoped => "FORBIDDEN_SCOPE",
        }
    }
}
