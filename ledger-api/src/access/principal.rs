//! Principals: somebody who has signed in, with what they were granted.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use ledger_core::domain::actor::Actor;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::position::Position;
use ledger_core::domain::text::ActorId;
use projections::register::Register;
use projections::scope::{Part, Scope};
use projections::{Moment, ReadModels};

use super::grant::{Grant, Reach};
use super::role::Role;
use crate::clock::now;

/// What somebody signed in with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// Nothing: the server runs without sign-in.
    Local,
    /// Nothing: a visitor of a demo, who only reads.
    Visitor,
    /// A fixed key of a demo.
    Demo(&'static str),
    /// A key of the keys file, by its id.
    Key(Arc<str>),
    /// A token of a sign-in service, by its own id where it has one.
    Token(Arc<str>),
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credential::Local => f.write_str("none"),
            Credential::Visitor => f.write_str("visitor"),
            Credential::Demo(name) => f.write_str(name),
            Credential::Key(id) => write!(f, "key {id}"),
            Credential::Token(id) => write!(f, "token {id}"),
        }
    }
}

/// Somebody who has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Who, by opaque id: the same under all their keys and tokens.
    pub id: ActorId,
    /// What they were granted; the union counts.
    pub grants: Vec<Grant>,
    /// When the sign-in ends.
    pub expires: Option<Timestamp>,
    /// What they signed in with.
    pub credential: Credential,
}

/// What two readers must have in common to be told the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReadScope(Vec<Grant>);

impl Principal {
    /// The one person there is where the server runs without sign-in: who posts and reads
    /// everywhere, and signs nothing.
    pub fn local(id: ActorId) -> Self {
        Principal {
            id,
            grants: vec![Grant::everywhere(Role::Preparer)],
            expires: None,
            credential: Credential::Local,
        }
    }

    /// Who they are to the rules of the book.
    pub fn actor(&self) -> Arc<Actor> {
        let mut capacities: Vec<_> =
            self.grants.iter().filter_map(|grant| grant.role.capacity()).collect();
        capacities.sort_unstable();
        capacities.dedup();
        let administers = self.has(Role::Administrator);
        Arc::new(Actor { id: self.id.clone(), capacities, administers, lapsed: Vec::new() })
    }

    /// Whether one of their grants is of this role, however far it reaches.
    pub fn has(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }

    /// Whether they may post whatever it is.
    pub fn posts_everywhere(&self) -> bool {
        let posts = |grant: &Grant| grant.role == Role::Preparer && grant.is_everywhere();
        self.grants.iter().any(posts)
    }

    /// What they may read, in a form in which equal rights are equal.
    pub fn read_scope(&self) -> ReadScope {
        let mut reads = Vec::new();
        for grant in &self.grants {
            let role = if grant.role == Role::Auditor { Role::Auditor } else { Role::Viewer };
            if role == Role::Auditor || grant.is_everywhere() {
                // Nothing reaches further but an auditor's.
                reads.push(Grant::everywhere(role));
            } else {
                reads.push(Grant { role, ..grant.clone() });
            }
        }
        for everywhere in [Role::Auditor, Role::Viewer].map(Grant::everywhere) {
            if reads.contains(&everywhere) {
                return ReadScope(vec![everywhere]);
            }
        }
        reads.sort_unstable();
        reads.dedup();
        ReadScope(reads)
    }

    /// What they may read of a book as it stands.
    pub fn scope(&self, models: &ReadModels) -> Scope {
        let everything = |grant: &Grant| grant.role == Role::Auditor;
        if self.grants.iter().any(everything) {
            return Scope::default();
        }
        let tree = Tree { register: &models.register, head: models.times.head() };
        let part = |grant: &Grant| Part {
            bodies: tree.bodies(&grant.bodies),
            programmes: tree.programmes(&grant.programmes),
            restricted: !grant.programmes.is_all(),
        };
        let restricted = tree.programmes(&Reach::Only(restricted(models))).unwrap_or_default();
        Scope::of(self.grants.iter().map(part).collect(), restricted)
    }

    /// Whether the sign-in has ended.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }
}

/// The programmes that only a grant which names them lets anyone read: by the policy in force, until
/// another holds that lifts it, and by those that are still to hold. What is to be kept is kept at
/// once.
fn restricted(models: &ReadModels) -> Vec<ProgrammeCode> {
    let (position, time) = (models.times.head(), now());
    let in_force = models.policy(Moment { position, time });
    let to_come = models.policies_recorded(position);
    let to_come = to_come.filter(|adopted| adopted.effective.is_some_and(|since| since > time));
    in_force
        .into_iter()
        .chain(to_come)
        .flat_map(|adopted| &adopted.policy.restricted)
        .copied()
        .collect()
}

/// The bodies and programmes there are, as trees.
struct Tree<'m> {
    register: &'m Register,
    head: Position,
}

impl Tree<'_> {
    /// All bodies that a reach covers; none where it covers every one.
    fn bodies(&self, reach: &Reach<BodyCode>) -> Option<BTreeSet<BodyCode>> {
        let all = self.register.bodies(self.head).map(|(code, _)| code);
        let covered = all.filter(|code| reach.covers(self.register.read_with(*code).into_iter()));
        (!reach.is_all()).then(|| covered.collect())
    }

    /// All programmes that a reach covers; none where it covers every one.
    fn programmes(&self, reach: &Reach<ProgrammeCode>) -> Option<BTreeSet<ProgrammeCode>> {
        let all = self.register.programmes(self.head).map(|(code, _)| code);
        let covered = all.filter(|code| reach.covers(self.register.programme_path(*code)));
        (!reach.is_all()).then(|| covered.collect())
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::domain::actor::{Capacity, Tier};

    use super::*;

    fn somebody(grants: Vec<Grant>) -> Principal {
        Principal { grants, ..Principal::local("somebody".parse().unwrap()) }
    }

    #[test]
    fn who_may_read_the_same_has_the_same_scope_whatever_else_they_may_do() {
        let viewer = somebody(vec![Grant::everywhere(Role::Viewer)]);
        let preparer = somebody(vec![Grant::everywhere(Role::Preparer)]);
        assert_eq!(viewer.read_scope(), preparer.read_scope());
        let auditor = somebody(vec![Grant::everywhere(Role::Auditor)]);
        assert_ne!(viewer.read_scope(), auditor.read_scope());
        let of = |body: &str| Grant {
            bodies: Reach::Only(vec![body.parse().unwrap()]),
            ..Grant::everywhere(Role::Viewer)
        };
        assert_ne!(somebody(vec![of("RA1")]).read_scope(), somebody(vec![of("RA2")]).read_scope());
        let (ab, ba) = (somebody(vec![of("RA1"), of("RA2")]), somebody(vec![of("RA2"), of("RA1")]));
        assert_eq!(ab.read_scope(), ba.read_scope());
    }

    #[test]
    fn an_approver_signs_in_the_capacities_they_were_granted_and_nobody_else_does() {
        let capacity = Capacity { tier: Tier::Icb, body: "QWO".parse().unwrap() };
        let approver = somebody(vec![Grant::everywhere(Role::Approver(capacity))]).actor();
        assert_eq!(
            (approver.capacities.as_slice(), approver.administers),
            (&[capacity][..], false)
        );
        let local = Principal::local("local".parse().unwrap()).actor();
        assert!(local.capacities.is_empty());
    }
}
