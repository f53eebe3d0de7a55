//! Rights: one function for each.
//!
//! A right depends on roles and reach alone. The book itself enforces segregation of duties and the
//! limits of a signature.

use ledger_core::domain::command::Command;

use super::denied::Denied;
use super::lapsing;
use super::lookup::BookLookup;
use super::required_role::{RequiredRole, required_roles};
use super::targets::Targets;
use crate::access::identity::grant::Grant;
use crate::access::identity::principal::Principal;
use crate::access::identity::role::Role;

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

/// Checks that a principal may read anything.
///
/// # Errors
///
/// [`Denied`].
pub fn may_read(principal: &Principal) -> Result<(), Denied> {
    with_role(principal, "read the book", "a role of any sort", |_| true)
}

/// Checks that a principal may read the whole book.
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

/// Checks that a principal may post some command.
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

/// Whether only preparers may post a command.
pub fn is_for_preparers(command: &Command) -> bool {
    required_roles(command).iter().all(|role| *role == RequiredRole::Preparer)
}

/// Checks that a principal may post or propose a command.
///
/// # Errors
///
/// [`Denied`], naming the first line, body or programme out of reach.
pub fn may_post(
    principal: &Principal,
    command: &Command,
    book: &dyn BookLookup,
) -> Result<(), Denied> {
    let mut needs_preparer = false;
    for role in required_roles(command) {
        match role {
            RequiredRole::Administrator => may_propose_policy(principal)?,
            RequiredRole::Approver => {
                may_sign(principal, book)?;
                lapsing::judge(principal, command, book)?;
            }
            RequiredRole::Maker if principal.has(Role::Administrator) => {}
            RequiredRole::Maker | RequiredRole::Preparer => needs_preparer = true,
        }
    }
    if !needs_preparer {
        return Ok(());
    }
    with_role(principal, "post", "a preparer", |role| role == Role::Preparer)?;
    if principal.posts_everywhere() {
        return Ok(());
    }
    let grants: Vec<&Grant> =
        principal.grants.iter().filter(|grant| grant.role == Role::Preparer).collect();
    let targets = Targets::of(command);
    let who = || principal.id.to_string();
    if let Some(what) = targets.whole_book {
        return Err(Denied::WholeBook { who: who(), what: what.to_owned() });
    }
    let mut lines = targets.lines;
    for reference in &targets.references {
        let unknown = || Denied::Unknown { who: who(), what: format!("reference {reference}") };
        lines.insert(book.line_of(reference).ok_or_else(unknown)?);
    }
    for entry in &targets.entries {
        let unknown = || Denied::Unknown { who: who(), what: format!("entry {entry}") };
        lines.extend(book.lines_of(*entry).ok_or_else(unknown)?);
    }
    let mut judged = Ok(());
    book.with_register(&mut |register| {
        let any = |covers: &dyn Fn(&Grant) -> bool| grants.iter().any(|grant| covers(grant));
        let line = lines.iter().find(|line| !any(&|grant| grant.covers_line(line, register)));
        let body =
            targets.bodies.iter().find(|body| !any(&|grant| grant.covers_body(**body, register)));
        let programme = targets
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

/// Checks that a principal may sign, reject or delegate: an approver, or a delegate.
///
/// The book judges the tier, the body and the proposal; the gate judges delegations first.
///
/// # Errors
///
/// [`Denied`].
pub fn may_sign(principal: &Principal, book: &dyn BookLookup) -> Result<(), Denied> {
    if !book.delegations(&principal.id).is_empty() {
        return Ok(());
    }
    with_role(principal, "sign off or reject", "an approver", |role| role.capacity().is_some())
}

/// Checks that a principal may propose policy.
///
/// # Errors
///
/// [`Denied`].
pub fn may_propose_policy(principal: &Principal) -> Result<(), Denied> {
    let takes = "an administrator";
    with_role(principal, "propose policy", takes, |role| role == Role::Administrator)
}

/// Checks that a principal may create, revoke and list keys.
///
/// # Errors
///
/// [`Denied`].
pub fn may_administer(principal: &Principal) -> Result<(), Denied> {
    let takes = "an administrator";
    with_role(principal, "manage keys", takes, |role| role == Role::Administrator)
}

/// Checks that a principal may confirm a key that an administrator created.
///
/// # Errors
///
/// [`Denied`].
pub fn may_confirm(principal: &Principal) -> Result<(), Denied> {
    let confirms = |role: Role| role == Role::Administrator || role.is_department_approver();
    let takes = "an administrator or an approver of the department";
    with_role(principal, "confirm keys", takes, confirms)
}

/// Checks that a principal may export the whole book.
///
/// # Errors
///
/// [`Denied`].
pub fn may_export(principal: &Principal) -> Result<(), Denied> {
    may_read_all(principal)
}

/// Checks that a principal may read the access log.
///
/// # Errors
///
/// [`Denied`].
pub fn may_read_access_log(principal: &Principal) -> Result<(), Denied> {
    let takes = "an auditor";
    with_role(principal, "read the access log", takes, |role| role == Role::Auditor)
}

/// Checks that a principal may read the server's metrics.
///
/// # Errors
///
/// [`Denied`].
pub fn may_read_metrics(principal: &Principal) -> Result<(), Denied> {
    let takes = "an auditor or administrator";
    let does = |role| matches!(role, Role::Auditor | Role::Administrator);
    with_role(principal, "read the server's metrics", takes, does)
}

#[cfg(test)]
mod tests {
    use ledger_core::domain::actor::Capacity;
    use ledger_core::domain::line::LineKey;
    use ledger_core::domain::position::Position;
    use ledger_core::domain::text::{ActorId, Reference};
    use projections::register::Register;
    use serde_json::json;

    use super::super::delegation::OpenDelegation;
    use super::*;

    /// An empty book.
    struct Nothing;

    impl BookLookup for Nothing {
        fn line_of(&self, _: &Reference) -> Option<LineKey> {
            None
        }

        fn lines_of(&self, _: Position) -> Option<Vec<LineKey>> {
            None
        }

        fn delegations(&self, _: &ActorId) -> Vec<OpenDelegation> {
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
