//! The gate: the one place that says what somebody may do, whichever face they come by.
//!
//! It judges by roles and reach alone. That nobody signs what they prepared, and how high a
//! signature reaches, are rules of the book and judged there.

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::command::{Command, Propose, ReviseProposal};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::{ActorId, Reference};
use projections::register::Register;

use super::delegated::{self, Delegated};
use super::grant::Grant;
use super::named::Named;
use super::principal::Principal;
use super::role::Role;

/// What the book knows that a command names without saying where it belongs.
pub trait Known {
    /// The line of a commitment or accrual; none where none of this reference is known yet.
    fn line_of(&self, reference: &Reference) -> Option<LineKey>;

    /// The lines of an entry, where it changes lines and nothing else; none where there is no such
    /// entry, or where it changes more than lines.
    fn lines_of(&self, entry: Position) -> Option<Vec<LineKey>>;

    /// The delegations to somebody that nobody has ended, in force or not.
    fn delegations(&self, to: &ActorId) -> Vec<Delegated>;

    /// What the steps that a proposal still waits for are signed as, in order.
    fn open_steps(&self, proposal: Position) -> Vec<Capacity>;

    /// Does something with the programmes and bodies there are.
    fn with_register(&self, work: &mut dyn FnMut(&Register));
}

/// Why somebody may not do what they asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// None of their roles does this.
    #[error(
        "{who} may not {what}, which takes {takes}: ask an administrator for that role, or have someone who has it do this"
    )]
    Role {
        /// Who.
        who: String,
        /// What they asked for.
        what: &'static str,
        /// Who may.
        takes: &'static str,
    },
    /// It is on a line that none of their grants reaches.
    #[error(
        "{who} may not post to {line}: it lies outside the bodies and programmes of their role"
    )]
    Line {
        /// Who.
        who: String,
        /// The line.
        line: LineKey,
    },
    /// It is on a body that none of their grants reaches.
    #[error(
        "{who} may not change body {body}: it lies outside the bodies of their role, or their role is limited to programmes"
    )]
    Body {
        /// Who.
        who: String,
        /// The body.
        body: BodyCode,
    },
    /// It is on a programme that none of their grants reaches.
    #[error(
        "{who} may not change programme {programme}: it lies outside the programmes of their role, or their role is limited to bodies"
    )]
    Programme {
        /// Who.
        who: String,
        /// The programme.
        programme: ProgrammeCode,
    },
    /// It concerns the whole book.
    #[error(
        "{who} may not do {what}: it concerns the whole book, and their role is limited to bodies or programmes"
    )]
    WholeBook {
        /// Who.
        who: String,
        /// What concerns the whole book.
        what: String,
    },
    /// What it names is not known, or not known yet.
    #[error(
        "{who} may not name {what} here: no line of it is known within their role; correct it, or ask again in a moment"
    )]
    Unknown {
        /// Who.
        who: String,
        /// What is not known.
        what: String,
    },
    /// They could do it under a delegation alone, whose giver has lost what they delegated.
    #[error(
        "{who} may not sign or reject proposal {proposal} under delegation {delegation}: {from}, who gave it, is no approver for {} {} any more; have somebody who is do this, or delegate it to {who}",
        capacity.tier,
        capacity.body
    )]
    Lapsed {
        /// Who.
        who: String,
        /// The proposal.
        proposal: Position,
        /// The delegation.
        delegation: Position,
        /// Who gave it.
        from: String,
        /// As what.
        capacity: Capacity,
    },
    /// They read parts of the book, and this tells of the whole.
    #[error(
        "you may not ask this: it tells of more than the bodies and programmes of your role; ask for those by a filter"
    )]
    Unscoped,
}

impl Denied {
    /// The refusal's stable name, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Denied::Role { .. } => "FORBIDDEN",
            Denied::Lapsed { .. } => "FORBIDDEN_DELEGATION",
            Denied::Line { .. }
            | Denied::Body { .. }
            | Denied::Programme { .. }
            | Denied::WholeBook { .. }
            | Denied::Unknown { .. }
            | Denied::Unscoped => "FORBIDDEN_SCOPE",
        }
    }
}

fn with_role(
    principal: &Principal,
    what: &'static str,
    takes: &'static str,
    does: impl Fn(Role) -> bool,
) -> Result<(), Denied> {
    if principal.grants.iter().any(|grant| does(grant.role)) {
        return Ok(());
    }
    Err(Denied::Role { who: principal.id.to_string(), what, takes })
}

/// Whether somebody may read at all.
///
/// # Errors
///
/// [`Denied`].
pub fn may_read(principal: &Principal) -> Result<(), Denied> {
    with_role(principal, "read the book", "a role of any sort", |_| true)
}

/// Whether somebody may read what tells of the whole book.
///
/// # Errors
///
/// [`Denied`].
pub fn may_read_all(principal: &Principal) -> Result<(), Denied> {
    may_read(principal)?;
    let all = |grant: &Grant| grant.role == Role::Auditor || grant.is_everywhere();
    if principal.grants.iter().any(all) {
        return Ok(());
    }
    Err(Denied::Unscoped)
}

/// Whether somebody may change the book at all, whatever it is.
///
/// # Errors
///
/// [`Denied`].
pub fn may_change_something(principal: &Principal) -> Result<(), Denied> {
    let takes = "a preparer, an approver or an administrator";
    with_role(principal, "post", takes, |role| match role {
        Role::Preparer | Role::Approver(_) | Role::Administrator => true,
        Role::Viewer | Role::Auditor => false,
    })
}

/// Whose part a command is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Preparers,
    /// Preparers, and administrators of what they have proposed.
    Makers,
    Approvers,
    Administrators,
}

/// Whose parts a command is: each of those in a batch is somebody's.
fn parts(command: &Command) -> Vec<Part> {
    let part = match command {
        Command::AdoptPolicy(_) => Part::Administrators,
        Command::Propose(Propose { command, .. })
        | Command::ReviseProposal(ReviseProposal { command, .. }) => return parts(command),
        Command::Batch(commands) if !commands.is_empty() => {
            return commands.iter().flat_map(parts).collect();
        }
        Command::SubmitProposal(_) | Command::WithdrawProposal(_) => Part::Makers,
        Command::SignOff(_)
        | Command::RejectProposal(_)
        | Command::Delegate(_)
        | Command::EndDelegation(_) => Part::Approvers,
        // Not even one of nothing is for all.
        Command::Batch(_)
        | Command::RegisterBody(_)
        | Command::CloseBody(_)
        | Command::MergeBodies(_)
        | Command::OpenProgramme(_)
        | Command::RenameProgramme(_)
        | Command::CloseProgramme(_)
        | Command::CancelProgramme(_)
        | Command::EstablishFund(_)
        | Command::SettleFunding(_)
        | Command::Allocate(_)
        | Command::Earmark(_)
        | Command::Cut(_)
        | Command::Reallocate(_)
        | Command::SplitLine(_)
        | Command::ExchangeBudget(_)
        | Command::Commit(_)
        | Command::ReleaseCommitment(_)
        | Command::Accrue(_)
        | Command::RecordActual(_)
        | Command::ReviseForecast(_)
        | Command::ExplainUnderspend(_)
        | Command::SetProfile(_)
        | Command::StrikeBaseline(_)
        | Command::ClosePeriod(_)
        | Command::ReopenPeriod(_)
        | Command::Reverse(_)
        | Command::RequestPeerReview(_)
        | Command::ReviewProposal(_)
        | Command::DefineScope(_)
        | Command::PublishFigure(_)
        | Command::LinkOffset(_) => Part::Preparers,
    };
    vec![part]
}

/// Whether a command is one that preparers post, and nobody else.
pub fn is_for_preparers(command: &Command) -> bool {
    parts(command).iter().all(|part| *part == Part::Preparers)
}

/// Whether somebody may post or propose a command.
///
/// # Errors
///
/// [`Denied`], naming the first thing that is out of their reach.
pub fn may_post(principal: &Principal, command: &Command, known: &dyn Known) -> Result<(), Denied> {
    let mut prepares = false;
    for part in parts(command) {
        match part {
            Part::Administrators => may_propose_policy(principal)?,
            Part::Approvers => {
                may_sign(principal, known)?;
                delegated::judge(principal, command, known)?;
            }
            Part::Makers if principal.has(Role::Administrator) => {}
            Part::Makers | Part::Preparers => prepares = true,
        }
    }
    if !prepares {
        return Ok(());
    }
    with_role(principal, "post", "a preparer", |role| role == Role::Preparer)?;
    if principal.posts_everywhere() {
        return Ok(());
    }
    let grants: Vec<&Grant> =
        principal.grants.iter().filter(|grant| grant.role == Role::Preparer).collect();
    let named = Named::by(command);
    let who = || principal.id.to_string();
    if let Some(what) = named.whole_book {
        return Err(Denied::WholeBook { who: who(), what: what.to_owned() });
    }
    let mut lines = named.lines;
    for reference in &named.references {
        let unknown = || Denied::Unknown { who: who(), what: format!("reference {reference}") };
        lines.insert(known.line_of(reference).ok_or_else(unknown)?);
    }
    for entry in &named.entries {
        let unknown = || Denied::Unknown { who: who(), what: format!("entry {entry}") };
        lines.extend(known.lines_of(*entry).ok_or_else(unknown)?);
    }
    let mut judged = Ok(());
    known.with_register(&mut |register| {
        let any = |covers: &dyn Fn(&Grant) -> bool| grants.iter().any(|grant| covers(grant));
        let line = lines.iter().find(|line| !any(&|grant| grant.covers_line(line, register)));
        let body =
            named.bodies.iter().find(|body| !any(&|grant| grant.covers_body(**body, register)));
        let programme = named
            .programmes
            .iter()
            .find(|programme| !any(&|grant| grant.covers_programme(**programme, register)));
        judged = match (line, body, programme) {
            (Some(line), _, _) => Err(Denied::Line { who: who(), line: *line }),
            (None, Some(body), _) => Err(Denied::Body { who: who(), body: *body }),
            (None, None, Some(programme)) => {
                Err(Denied::Programme { who: who(), programme: *programme })
            }
            (None, None, None) => Ok(()),
        };
    });
    judged
}

/// Whether somebody may sign, reject or delegate: an approver, or one to whom the book knows a
/// delegation. For which tier and body, and what, is the book's to judge; which delegations count is
/// told by [`delegated`].
///
/// # Errors
///
/// [`Denied`].
pub fn may_sign(principal: &Principal, known: &dyn Known) -> Result<(), Denied> {
    if !known.delegations(&principal.id).is_empty() {
        return Ok(());
    }
    with_role(principal, "sign off or reject", "an approver", |role| role.capacity().is_some())
}

/// Whether somebody may propose policy.
///
/// # Errors
///
/// [`Denied`].
pub fn may_propose_policy(principal: &Principal) -> Result<(), Denied> {
    let takes = "an administrator";
    with_role(principal, "propose policy", takes, |role| role == Role::Administrator)
}

/// Whether somebody may make, revoke and list keys.
///
/// # Errors
///
/// [`Denied`].
pub fn may_administer(principal: &Principal) -> Result<(), Denied> {
    let takes = "an administrator";
    with_role(principal, "look after keys", takes, |role| role == Role::Administrator)
}

/// Whether somebody may confirm a key that an administrator made.
///
/// # Errors
///
/// [`Denied`].
pub fn may_confirm(principal: &Principal) -> Result<(), Denied> {
    let confirms = |role: Role| role == Role::Administrator || role.is_department_approver();
    let takes = "an administrator or an approver of the department";
    with_role(principal, "confirm keys", takes, confirms)
}

/// Whether somebody may take the whole book away.
///
/// # Errors
///
/// [`Denied`].
pub fn may_export(principal: &Principal) -> Result<(), Denied> {
    may_read_all(principal)
}

/// Whether somebody may read who signed in and who was refused.
///
/// # Errors
///
/// [`Denied`].
pub fn may_read_access_log(principal: &Principal) -> Result<(), Denied> {
    let takes = "an auditor";
    with_role(principal, "read the access log", takes, |role| role == Role::Auditor)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A book that knows nothing.
    struct Nothing;

    impl Known for Nothing {
        fn line_of(&self, _: &Reference) -> Option<LineKey> {
            None
        }

        fn lines_of(&self, _: Position) -> Option<Vec<LineKey>> {
            None
        }

        fn delegations(&self, _: &ActorId) -> Vec<Delegated> {
            Vec::new()
        }

        fn open_steps(&self, _: Position) -> Vec<Capacity> {
            Vec::new()
        }

        fn with_register(&self, work: &mut dyn FnMut(&Register)) {
            work(&Register::default());
        }
    }

    #[test]
    fn money_in_a_batch_with_policy_is_still_money() {
        let policy = serde_json::to_value(ledger_core::domain::policy::Policy::default()).unwrap();
        let adopt =
            json!({ "adoptPolicy": { "policy": policy, "effective": "2030-01-01T00:00:00Z" } });
        let commit = json!({ "commit": {
            "line": "P/B/2017-18/revenue", "month": "M1", "amount": "1.00", "reference": "R",
        } });
        let judge = |roles: &[Role], command: serde_json::Value| {
            let command: Command = serde_json::from_value(command).unwrap();
            let grants = roles.iter().map(|role| Grant::everywhere(*role)).collect();
            let somebody = Principal { grants, ..Principal::local("x".parse().unwrap()) };
            may_post(&somebody, &command, &Nothing).is_ok()
        };
        let (administers, prepares) = (&[Role::Administrator][..], &[Role::Preparer][..]);
        assert!(judge(administers, json!({ "batch": [adopt] })));
        assert!(judge(prepares, json!({ "batch": [commit] })));
        for batch in [json!([adopt, commit]), json!([commit, adopt]), json!([])] {
            let proposed = json!({ "propose": { "command": { "batch": batch }, "draft": true } });
            for command in [json!({ "batch": batch }), proposed] {
                assert!(!judge(administers, command.clone()), "{command}");
                let empty = batch == json!([]);
                assert_eq!(judge(prepares, command.clone()), empty, "{command}");
            }
        }
    }
}
