//! Rights: one function for each.
//!
//! A right depends on roles and reach alone. The book itself enforces segregation of duties and the
//! limits of a signature.

use ledger_core::domain::code::{FundCode, ProgrammeCode};
use ledger_core::domain::command::{Command, Targets};
use projections::register::Register;

use super::denied::Denied;
use super::lapsing;
use super::lookup::{BookLookup, Reversal};
use super::required_role::{RequiredRole, required_roles};
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
/// [`Denied`], naming the first line, body, programme or fund out of reach.
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
    let reach = Reach { principal, grants, book };
    reach.check(&Targets::of(command))?;
    // A proposal is changed by who may post what it holds.
    let proposed = Targets::of(command).proposals.into_iter();
    let proposed = proposed.filter_map(|proposal| book.proposed(proposal, &principal.id));
    proposed.into_iter().try_for_each(|command| reach.check(&Targets::of(&command)))
}

/// What a principal's posting roles cover.
struct Reach<'p> {
    principal: &'p Principal,
    grants: Vec<&'p Grant>,
    book: &'p dyn BookLookup,
}

impl Reach<'_> {
    /// Refuses the first target out of reach. An absent reference or entry is refused like one out
    /// of reach.
    fn check(&self, targets: &Targets<'_>) -> Result<(), Denied> {
        let who = || self.principal.id.to_string();
        if let Some(what) = targets.whole_book {
            return Err(Denied::WholeBook { who: who(), what: what.to_owned() });
        }
        if let Some(line) = self.first_out(&targets.lines, Grant::covers_line) {
            return Err(Denied::Line { who: who(), line });
        }
        if let Some(body) = self.first_out(&targets.bodies, |g, body, r| g.covers_body(*body, r)) {
            return Err(Denied::Body { who: who(), body });
        }
        let covers = |grant: &Grant, code: &ProgrammeCode, register: &Register| {
            grant.covers_programme(*code, register)
        };
        if let Some(programme) = self.first_out(&targets.programmes, covers) {
            return Err(Denied::Programme { who: who(), programme });
        }
        if let Some(fund) = self.first_not_named(&targets.funds) {
            return Err(Denied::Fund { who: who(), fund });
        }
        for reference in targets.references.iter().copied() {
            let line = self.book.line_of(reference);
            if line.is_none_or(|line| self.first_out(&[line], Grant::covers_line).is_some()) {
                return Err(Denied::Unknown { who: who(), what: format!("reference {reference}") });
            }
        }
        for entry in &targets.entries {
            let within = |found: Reversal| {
                self.first_out(&found.lines, Grant::covers_line).is_none()
                    && self.first_not_named(&found.funds).is_none()
            };
            if !self.book.reversal_of(*entry).is_some_and(within) {
                return Err(Denied::Unknown { who: who(), what: format!("entry {entry}") });
            }
        }
        Ok(())
    }

    /// The first target that no grant covers.
    fn first_out<'t, T: Copy + 't>(
        &self,
        targets: impl IntoIterator<Item = &'t T>,
        covers: impl Fn(&Grant, &T, &Register) -> bool,
    ) -> Option<T> {
        let mut targets = targets.into_iter().peekable();
        targets.peek()?;
        let mut found = None;
        self.book.with_register(&mut |register| {
            let covered = |one: &T| self.grants.iter().any(|grant| covers(grant, one, register));
            found = targets.by_ref().copied().find(|one| !covered(one));
        });
        found
    }

    /// The first fund that no grant names, itself or a fund above it.
    fn first_not_named<'t>(
        &self,
        funds: impl IntoIterator<Item = &'t FundCode>,
    ) -> Option<FundCode> {
        self.first_out(funds, |grant, fund, register| grant.draws_on(*fund, register))
    }
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

        fn reversal_of(&self, _: Position) -> Option<Reversal> {
            None
        }

        fn proposed(&self, _: Position, _: &ActorId) -> Option<Command> {
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
