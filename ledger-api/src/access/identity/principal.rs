//! Principals: signed-in people with their grants.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use ledger_core::domain::actor::Actor;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use ledger_core::domain::position::Position;
use ledger_core::domain::text::ActorId;
use projections::register::Register;
use projections::scope::{Part, Scope};
use projections::{Moment, ReadModels};

use super::grant::{Grant, Reach};
use super::role::Role;
use crate::clock::now;

/// The means by which a person signed in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// None: the server runs without sign-in.
    Local,
    /// None: a visitor of a demo, who may only read.
    Visitor,
    /// A fixed key of a demo.
    Demo(&'static str),
    /// A key of the keys file, by its id.
    Key(Arc<str>),
    /// A token of a sign-in service, by its `jti` where it has one.
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

/// A signed-in person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The person's opaque id, the same under all their keys and tokens.
    pub id: ActorId,
    /// The person's grants. Their union applies.
    pub grants: Vec<Grant>,
    /// The end of the sign-in, if it has one.
    pub expires: Option<Timestamp>,
    /// The means of sign-in.
    pub credential: Credential,
}

/// The part of the book a principal may read. Principals with equal scopes get equal answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReadScope(Vec<Grant>);

impl Principal {
    /// The only principal of a server without sign-in: posts and reads everywhere, signs nothing.
    pub fn local(id: ActorId) -> Self {
        Principal {
            id,
            grants: vec![Grant::everywhere(Role::Preparer)],
            expires: None,
            credential: Credential::Local,
        }
    }

    /// The holder of a data folder without keys: posts, and reads everything.
    pub fn owner(id: ActorId) -> Self {
        let grants = [Role::Preparer, Role::Auditor].map(Grant::everywhere).to_vec();
        Principal { grants, ..Principal::local(id) }
    }

    /// The principal as the rules of the book see it.
    pub fn actor(&self) -> Arc<Actor> {
        let mut capacities: Vec<_> =
            self.grants.iter().filter_map(|grant| grant.role.capacity()).collect();
        capacities.sort_unstable();
        capacities.dedup();
        let administers = self.has(Role::Administrator);
        Arc::new(Actor {
            id: self.id.clone(),
            capacities,
            administers,
            lapsed: Vec::new(),
            reads: Arc::default(),
        })
    }

    /// Whether any grant has this role, whatever its reach.
    pub fn has(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }

    /// Whether the principal may post to the whole book.
    pub fn posts_everywhere(&self) -> bool {
        let posts = |grant: &Grant| grant.role == Role::Preparer && grant.is_everywhere();
        self.grants.iter().any(posts)
    }

    /// The normalised reading rights: equal rights give equal scopes.
    pub fn read_scope(&self) -> ReadScope {
        if self.has(Role::Auditor) {
            return ReadScope(vec![Grant::everywhere(Role::Auditor)]);
        }
        let read = |grant: &Grant| {
            let role = if decides_policy(grant) { Role::Administrator } else { Role::Viewer };
            Grant { role, ..grant.clone() }
        };
        let mut reads: Vec<Grant> = self.grants.iter().map(read).collect();
        reads.sort_unstable();
        reads.dedup();
        ReadScope(reads)
    }

    /// The part of the current book that the principal may read.
    pub fn scope(&self, models: &ReadModels) -> Scope {
        if self.has(Role::Auditor) {
            return Scope::default();
        }
        let restricted = restricted(models);
        if restricted.is_empty() && self.grants.iter().any(Grant::is_everywhere) {
            return Scope::default();
        }
        let tree = Tree { register: &models.register, head: models.times.head() };
        let part = |grant: &Grant| Part {
            bodies: tree.bodies(&grant.bodies),
            programmes: tree.programmes(&grant.programmes),
            restricted: !grant.programmes.is_all(),
        };
        let restricted = tree.programmes(&Reach::Only(restricted)).unwrap_or_default();
        let named: Vec<FundCode> = self.grants.iter().flat_map(|g| &g.funds).copied().collect();
        Scope::of(self.grants.iter().map(part).collect(), restricted)
            .with_funds(tree.funds(&named))
            .with_policies(self.grants.iter().any(decides_policy))
    }

    /// Whether the sign-in has expired.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }
}

/// Whether a grant is of those who propose and sign policies for the whole book.
fn decides_policy(grant: &Grant) -> bool {
    let decides = grant.role == Role::Administrator || grant.role.is_department_approver();
    decides && grant.is_everywhere()
}

/// The restricted programmes, which only a grant that names them lets a person read.
///
/// A restriction applies as soon as its policy is recorded, and until a later policy without it is
/// in force.
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

/// The registered bodies and programmes, as trees.
struct Tree<'m> {
    register: &'m Register,
    head: Position,
}

impl Tree<'_> {
    /// The bodies that a reach covers; None for all.
    fn bodies(&self, reach: &Reach<BodyCode>) -> Option<BTreeSet<BodyCode>> {
        let all = self.register.bodies(self.head).map(|(code, _)| code);
        let covered = all.filter(|code| reach.covers(self.register.read_with(*code).into_iter()));
        (!reach.is_all()).then(|| covered.collect())
    }

    /// The programmes that a reach covers; None for all.
    fn programmes(&self, reach: &Reach<ProgrammeCode>) -> Option<BTreeSet<ProgrammeCode>> {
        let all = self.register.programmes(self.head).map(|(code, _)| code);
        let covered = all.filter(|code| reach.covers(self.register.programme_path(*code)));
        (!reach.is_all()).then(|| covered.collect())
    }

    /// Some funds, with those below them.
    fn funds(&self, named: &[FundCode]) -> BTreeSet<FundCode> {
        if named.is_empty() {
            return BTreeSet::new();
        }
        let all = self.register.funds(self.head).map(|(code, _)| code);
        let covers = |code| self.register.fund_path(code).any(|above| named.contains(&above));
        all.filter(|code| covers(*code)).collect()
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::domain::actor::{Capacity, Tier};

    use super::*;

    fn principal(grants: Vec<Grant>) -> Principal {
        Principal { grants, ..Principal::local("somebody".parse().unwrap()) }
    }

    #[test]
    fn equal_reading_rights_give_equal_scopes() {
        let viewer = principal(vec![Grant::everywhere(Role::Viewer)]);
        let preparer = principal(vec![Grant::everywhere(Role::Preparer)]);
        assert_eq!(viewer.read_scope(), preparer.read_scope());
        let auditor = principal(vec![Grant::everywhere(Role::Auditor)]);
        assert_ne!(viewer.read_scope(), auditor.read_scope());
        let of = |body: &str| Grant {
            bodies: Reach::Only(vec![body.parse().unwrap()]),
            ..Grant::everywhere(Role::Viewer)
        };
        assert_ne!(
            principal(vec![of("RA1")]).read_scope(),
            principal(vec![of("RA2")]).read_scope()
        );
        let (ab, ba) =
            (principal(vec![of("RA1"), of("RA2")]), principal(vec![of("RA2"), of("RA1")]));
        assert_eq!(ab.read_scope(), ba.read_scope());
        // A grant that names a programme reads it where it is restricted.
        let named = Grant {
            programmes: Reach::Only(vec!["P".parse().unwrap()]),
            ..Grant::everywhere(Role::Viewer)
        };
        let more = principal(vec![Grant::everywhere(Role::Viewer), named]);
        assert_ne!(more.read_scope(), viewer.read_scope());
    }

    #[test]
    fn only_an_approver_has_capacities_to_sign() {
        let capacity = Capacity { tier: Tier::Icb, body: "QWO".parse().unwrap() };
        let approver = principal(vec![Grant::everywhere(Role::Approver(capacity))]).actor();
        assert_eq!(
            (approver.capacities.as_slice(), approver.administers),
            (&[capacity][..], false)
        );
        let local = Principal::local("local".parse().unwrap()).actor();
        assert!(local.capacities.is_empty());
    }
}
