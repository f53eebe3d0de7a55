//! The keys of a data folder, and the rules for creating, confirming and revoking them.
//!
//! No person alone can widen a role: a new key works only once a second person confirms it. The
//! second person is neither its creator nor its owner.

use std::collections::BTreeSet;

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::text::ActorId;
use serde::{Deserialize, Serialize};

use super::key::{Key, KeyAction, KeyStatus, NewKey};
use crate::access::gate::{self, Denied};
use crate::access::identity::principal::Principal;
use crate::access::identity::role::Role;
use crate::text::hex::digest;

/// Why a change of keys is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The principal's roles do not allow it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The key is for its creator.
    #[error("you cannot create a key for yourself: ask another administrator to create it")]
    OwnKey,
    /// The confirmer is the key's creator or owner.
    #[error(
        "you cannot confirm a key that you created or that signs you in: ask another administrator, or an approver of the department"
    )]
    SelfConfirmed,
    /// The key has no role.
    #[error("a key needs at least one role: name it with --role")]
    NoRole,
    /// The person's id is known in another spelling.
    #[error("{0} and {1} are one id, which is compared without case: write {0}")]
    OtherSpelling(ActorId, ActorId),
    /// No key has this id.
    #[error("there is no key {0}: see the list with `budget-ledger keys list`")]
    Unknown(String),
    /// The key is not pending.
    #[error("key {0} is not waiting for confirmation: it is already confirmed, expired or revoked")]
    NotPending(String),
    /// The key is already revoked.
    #[error("key {0} is already revoked")]
    Revoked(String),
    /// Without this key, no two people could create and confirm keys.
    #[error(
        "revoking key {0} would leave fewer than two people to create and confirm keys: create another key first"
    )]
    LastOfTwo(String),
    /// The first two keys are for one person.
    #[error(
        "the first two keys must be for two people, so that no administrator can widen their own role: name another person"
    )]
    SamePerson,
}

impl KeyError {
    /// The error's stable code, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            KeyError::Denied(denied) => denied.code(),
            KeyError::OwnKey | KeyError::SelfConfirmed | KeyError::SamePerson => "SECOND_PERSON",
            KeyError::OtherSpelling(..) => "OTHER_SPELLING",
            KeyError::NoRole => "NO_ROLE",
            KeyError::Unknown(_) => "UNKNOWN_KEY",
            KeyError::NotPending(_) | KeyError::Revoked(_) => "KEY_STANDING",
            KeyError::LastOfTwo(_) => "LAST_OF_TWO",
        }
    }
}

/// The keys of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    keys: Vec<Key>,
}

impl Keys {
    /// The first two keys, created together. Each person confirms the other's.
    ///
    /// # Errors
    ///
    /// [`KeyError::SamePerson`].
    pub fn begin(
        administrator: NewKey<'_>,
        approver: NewKey<'_>,
        at: Timestamp,
    ) -> Result<Self, KeyError> {
        if administrator.actor == approver.actor {
            return Err(KeyError::SamePerson);
        }
        let [first, second] =
            [&administrator.actor, &approver.actor].map(|by| KeyAction { by: by.clone(), at });
        let keys = vec![
            administrator.into_key(first.clone(), Some(second.clone())),
            approver.into_key(first, Some(second)),
        ];
        Ok(Keys { keys })
    }

    /// All keys, in order of creation.
    pub fn all(&self) -> &[Key] {
        &self.keys
    }

    /// The key of a token.
    pub fn find(&self, token: &str) -> Option<&Key> {
        let digest = digest(token.as_bytes());
        self.keys.iter().find(|key| key.digest == digest)
    }

    /// The key of an id.
    pub fn by_id(&self, id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| *key.id == *id)
    }

    /// Whether a person once had a key with this capacity, and has no valid one now. False for a
    /// person who never had one: a sign-in service may grant theirs.
    pub fn has_lost(&self, who: &ActorId, capacity: Capacity, now: Timestamp) -> bool {
        let role = Role::Approver(capacity);
        let theirs = self.keys.iter().filter(|key| key.actor == *who && key.confirmed.is_some());
        let mut granting = theirs.filter(|key| key.grants.iter().any(|grant| grant.role == role));
        let mut had = false;
        let has = granting.any(|key| {
            had = true;
            key.status(now) == KeyStatus::Valid
        });
        had && !has
    }

    /// A person of the keys whose id differs from this one by case alone.
    pub fn otherwise_spelled(&self, id: &ActorId) -> Option<&ActorId> {
        let people = self.keys.iter().flat_map(|key| [&key.actor, &key.made.by]);
        people.into_iter().find(|known| *known == id && known.as_str() != id.as_str())
    }

    fn by_id_mut(&mut self, id: &str) -> Result<&mut Key, KeyError> {
        let found = self.keys.iter_mut().find(|key| *key.id == *id);
        found.ok_or_else(|| KeyError::Unknown(id.to_owned()))
    }

    /// Creates a pending key.
    ///
    /// # Errors
    ///
    /// [`KeyError`].
    pub fn make(&mut self, by: &Principal, new: NewKey<'_>, at: Timestamp) -> Result<(), KeyError> {
        gate::may_administer(by)?;
        if new.actor == by.id {
            return Err(KeyError::OwnKey);
        }
        if new.grants.is_empty() {
            return Err(KeyError::NoRole);
        }
        if let Some(known) = self.otherwise_spelled(&new.actor) {
            return Err(KeyError::OtherSpelling(known.clone(), new.actor));
        }
        self.keys.push(new.into_key(KeyAction { by: by.id.clone(), at }, None));
        Ok(())
    }

    /// Confirms a pending key.
    ///
    /// # Errors
    ///
    /// [`KeyError`].
    pub fn confirm(&mut self, by: &Principal, id: &str, at: Timestamp) -> Result<(), KeyError> {
        gate::may_confirm(by)?;
        let key = self.by_id_mut(id)?;
        if key.made.by == by.id || key.actor == by.id {
            return Err(KeyError::SelfConfirmed);
        }
        if key.status(at) != KeyStatus::Pending {
            return Err(KeyError::NotPending(id.to_owned()));
        }
        key.confirmed = Some(KeyAction { by: by.id.clone(), at });
        Ok(())
    }

    /// Revokes a key. An administrator may revoke any key, others only their own.
    ///
    /// # Errors
    ///
    /// [`KeyError`].
    pub fn revoke(&mut self, by: &Principal, id: &str, at: Timestamp) -> Result<(), KeyError> {
        let key = self.by_id_mut(id)?;
        if key.actor != by.id {
            gate::may_administer(by)?;
        }
        if key.revoked.is_some() {
            return Err(KeyError::Revoked(id.to_owned()));
        }
        let before = key.revoked.replace(KeyAction { by: by.id.clone(), at });
        if self.two_people_remain(at) {
            return Ok(());
        }
        self.by_id_mut(id)?.revoked = before;
        Err(KeyError::LastOfTwo(id.to_owned()))
    }

    /// Whether an administrator and another confirmer have valid keys.
    fn two_people_remain(&self, at: Timestamp) -> bool {
        let holders = |does: &dyn Fn(Role) -> bool| -> BTreeSet<&ActorId> {
            let valid = self.keys.iter().filter(|key| key.status(at) == KeyStatus::Valid);
            let able = valid.filter(|key| key.grants.iter().any(|grant| does(grant.role)));
            able.map(|key| &key.actor).collect()
        };
        let administrators = holders(&|role| role == Role::Administrator);
        let confirmers =
            holders(&|role| role == Role::Administrator || role.is_department_approver());
        !administrators.is_empty() && confirmers.len() > 1
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::domain::actor::{Capacity, Tier};

    use super::super::key::{TOKEN_BYTES, token};
    use super::*;
    use crate::access::identity::grant::Grant;

    const NOW: Timestamp = Timestamp::from_micros(1_000);

    fn new(actor: &str, roles: &[Role], token: &'static str) -> NewKey<'static> {
        NewKey {
            id: token.into(),
            token,
            actor: actor.parse().unwrap(),
            grants: roles.iter().map(|role| Grant::everywhere(*role)).collect(),
            expires: None,
        }
    }

    fn department() -> Role {
        Role::Approver(Capacity { tier: Tier::Department, body: "XDH".parse().unwrap() })
    }

    fn begun() -> Keys {
        let administrator = new("ada", &[Role::Administrator], "t-ada");
        Keys::begin(administrator, new("bob", &[department()], "t-bob"), NOW).unwrap()
    }

    fn who(keys: &Keys, token: &str) -> Principal {
        keys.find(token).unwrap().principal()
    }

    #[test]
    fn a_key_signs_in_only_once_a_second_person_has_confirmed_it() {
        let mut keys = begun();
        let (ada, bob) = (who(&keys, "t-ada"), who(&keys, "t-bob"));
        keys.make(&ada, new("cyd", &[Role::Preparer], "t-cyd"), NOW).unwrap();
        assert_eq!(keys.find("t-cyd").unwrap().status(NOW), KeyStatus::Pending);
        assert_eq!(keys.confirm(&ada, "t-cyd", NOW), Err(KeyError::SelfConfirmed));
        keys.confirm(&bob, "t-cyd", NOW).unwrap();
        assert_eq!(keys.find("t-cyd").unwrap().status(NOW), KeyStatus::Valid);
        let again = keys.confirm(&bob, "t-cyd", NOW);
        assert_eq!(again, Err(KeyError::NotPending("t-cyd".into())));
    }

    #[test]
    fn a_person_whose_last_key_of_a_capacity_ends_has_lost_it() {
        let mut keys = begun();
        let (ada, bob) = (who(&keys, "t-ada"), who(&keys, "t-bob"));
        let eve: ActorId = "eve".parse().unwrap();
        let capacity = department().capacity().unwrap();
        let add = |keys: &mut Keys, id: &'static str, roles: &[Role], expires| {
            keys.make(&ada, NewKey { expires, ..new("eve", roles, id) }, NOW).unwrap();
            keys.confirm(&bob, id, NOW).unwrap();
        };
        let later = Timestamp::from_micros(NOW.micros() + 1);
        // A person who never had such a key may have the role from a sign-in service.
        add(&mut keys, "t-view", &[Role::Viewer], None);
        keys.make(&ada, new("eve", &[department()], "t-pending"), NOW).unwrap();
        assert!(!keys.has_lost(&eve, capacity, NOW));
        add(&mut keys, "t-one", &[department()], Some(later));
        assert!(!keys.has_lost(&eve, capacity, NOW) && keys.has_lost(&eve, capacity, later));
        add(&mut keys, "t-two", &[Role::Viewer, department()], None);
        assert!(!keys.has_lost(&eve, capacity, later));
        keys.revoke(&ada, "t-two", NOW).unwrap();
        assert!(!keys.has_lost(&eve, capacity, NOW) && keys.has_lost(&eve, capacity, later));
        let other = Capacity { tier: ledger_core::domain::actor::Tier::Icb, ..capacity };
        assert!(!keys.has_lost(&eve, other, later));
    }

    #[test]
    fn one_administrator_alone_cannot_widen_a_role() {
        let mut keys = begun();
        let (ada, bob) = (who(&keys, "t-ada"), who(&keys, "t-bob"));
        let own = keys.make(&ada, new("ada", &[Role::Preparer], "t-own"), NOW);
        assert_eq!(own, Err(KeyError::OwnKey));
        // A second administrator of her own making cannot act before someone else confirms.
        keys.make(&ada, new("sock", &[Role::Administrator], "t-sock"), NOW).unwrap();
        assert_eq!(keys.confirm(&ada, "t-sock", NOW), Err(KeyError::SelfConfirmed));
        // The key's owner cannot confirm it.
        keys.make(&ada, new("bob", &[Role::Preparer], "t-bob-2"), NOW).unwrap();
        assert_eq!(keys.confirm(&bob, "t-bob-2", NOW), Err(KeyError::SelfConfirmed));
        // An approver cannot create keys.
        let made = keys.make(&bob, new("dan", &[Role::Preparer], "t-dan"), NOW);
        assert!(matches!(made, Err(KeyError::Denied(_))), "{made:?}");
        let same = Keys::begin(
            new("eve", &[Role::Administrator], "a"),
            new("eve", &[department()], "b"),
            NOW,
        );
        assert_eq!(same, Err(KeyError::SamePerson));
    }

    #[test]
    fn a_key_ends_when_it_expires_and_when_it_is_revoked() {
        let mut keys = begun();
        let (ada, bob) = (who(&keys, "t-ada"), who(&keys, "t-bob"));
        let soon = NewKey { expires: Some(NOW), ..new("cyd", &[Role::Viewer], "t-cyd") };
        keys.make(&ada, soon, Timestamp::from_micros(1)).unwrap();
        assert_eq!(keys.find("t-cyd").unwrap().status(NOW), KeyStatus::Expired);
        assert!(keys.confirm(&bob, "t-cyd", NOW).is_err());
        keys.revoke(&ada, "t-cyd", NOW).unwrap();
        assert_eq!(keys.find("t-cyd").unwrap().status(NOW), KeyStatus::Revoked);
        assert_eq!(keys.revoke(&ada, "t-cyd", NOW), Err(KeyError::Revoked("t-cyd".into())));
        assert_eq!(keys.revoke(&ada, "t-bob", NOW), Err(KeyError::LastOfTwo("t-bob".into())));
        assert_eq!(who(&keys, "t-bob"), bob);
    }

    #[test]
    fn only_the_digest_of_a_token_is_stored() {
        let token = token(&[7; TOKEN_BYTES]);
        assert!(token.starts_with("blk_0707") && token.len() == 68);
        let text = serde_json::to_string(&begun()).unwrap();
        assert!(!text.contains(&token) && text.contains("\"digest\""));
    }
}
