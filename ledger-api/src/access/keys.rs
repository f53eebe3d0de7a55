//! Keys: random tokens that sign people in, and who may make, confirm and revoke them.
//!
//! No one person widens a role: a key that an administrator makes signs nobody in until a second
//! person confirms it, who is neither its maker nor the one it is for.

use std::collections::BTreeSet;
use std::sync::Arc;

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::text::ActorId;
use serde::{Deserialize, Serialize};

use super::gate::{self, Denied};
use super::grant::Grant;
use super::principal::{Credential, Principal};
use super::role::Role;
use crate::hex::{digest, hex};

/// What every token begins with, so that one that got lost can be recognised.
pub const PREFIX: &str = "blk_";

/// Random bytes of a token.
pub const TOKEN_BYTES: usize = 32;

/// Who did something to a key, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Done {
    /// Who.
    pub by: ActorId,
    /// When.
    pub at: Timestamp,
}

/// A key, as it is kept: without the token, which is shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Key {
    /// Its id, which is no secret.
    pub id: Arc<str>,
    /// The SHA-256 digest of its token, in hexadecimal.
    digest: String,
    /// Whom it signs in.
    pub actor: ActorId,
    /// What they are granted by it.
    pub grants: Vec<Grant>,
    /// Who made it.
    pub made: Done,
    /// Who confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Done>,
    /// When it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Who revoked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Done>,
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for a second person.
    Pending,
    /// It signs in.
    Valid,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

impl Key {
    /// How it stands at a time.
    pub fn standing(&self, now: Timestamp) -> Standing {
        if self.revoked.is_some() {
            Standing::Revoked
        } else if self.expires.is_some_and(|end| end <= now) {
            Standing::Expired
        } else if self.confirmed.is_none() {
            Standing::Pending
        } else {
            Standing::Valid
        }
    }

    /// Whom it signs in.
    pub fn principal(&self) -> Principal {
        Principal {
            id: self.actor.clone(),
            grants: self.grants.clone(),
            expires: self.expires,
            credential: Credential::Key(Arc::clone(&self.id)),
        }
    }
}

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Their roles do not allow it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Nobody grants themselves anything.
    #[error("nobody makes a key for themselves: have another administrator make it")]
    ForOneself,
    /// The second person must be somebody else.
    #[error(
        "a key is confirmed by somebody who neither made it nor is signed in by it: ask another administrator, or an approver of the department"
    )]
    OwnHand,
    /// A key without a role signs nobody in to anything.
    #[error("a key needs a role at least")]
    NoRole,
    /// There is no such key.
    #[error("there is no key {0}: `budget-ledger keys list` names them")]
    Unknown(String),
    /// It does not wait for anybody.
    #[error("key {0} does not wait for confirmation: it is confirmed, expired or revoked")]
    NotPending(String),
    /// It is revoked already.
    #[error("key {0} was revoked before")]
    Revoked(String),
    /// Without it nobody could make or confirm a key any more.
    #[error(
        "without key {0} there would be no two people left who can make and confirm keys: make another first"
    )]
    LastOfTwo(String),
    /// The first two keys are for two people.
    #[error(
        "the first two keys are for two people: an administrator alone could widen their own role"
    )]
    SamePerson,
}

impl KeyError {
    /// The error's stable name, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            KeyError::Denied(denied) => denied.code(),
            KeyError::ForOneself | KeyError::OwnHand | KeyError::SamePerson => "SECOND_PERSON",
            KeyError::NoRole => "NO_ROLE",
            KeyError::Unknown(_) => "UNKNOWN_KEY",
            KeyError::NotPending(_) | KeyError::Revoked(_) => "KEY_STANDING",
            KeyError::LastOfTwo(_) => "LAST_OF_TWO",
        }
    }
}

/// The token of random bytes.
pub fn token(random: &[u8; TOKEN_BYTES]) -> String {
    format!("{PREFIX}{}", hex(random))
}

/// A key to make: for whom, with what, until when, and its token.
pub struct NewKey<'t> {
    /// Its id.
    pub id: Arc<str>,
    /// Its token.
    pub token: &'t str,
    /// Whom it signs in.
    pub actor: ActorId,
    /// What they are granted by it.
    pub grants: Vec<Grant>,
    /// When it expires.
    pub expires: Option<Timestamp>,
}

impl NewKey<'_> {
    fn made(self, made: Done, confirmed: Option<Done>) -> Key {
        let NewKey { id, token, actor, grants, expires } = self;
        let digest = digest(token.as_bytes());
        Key { id, digest, actor, grants, made, confirmed, expires, revoked: None }
    }
}

/// The keys of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    keys: Vec<Key>,
}

impl Keys {
    /// The first two keys, made together: each of the two stands for the other's.
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
            [&administrator.actor, &approver.actor].map(|by| Done { by: by.clone(), at });
        let keys = vec![
            administrator.made(first.clone(), Some(second.clone())),
            approver.made(first, Some(second)),
        ];
        Ok(Keys { keys })
    }

    /// All of them, in the order in which they were made.
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

    /// Whether somebody has had a key to sign as this, and has none any more. Who never had one has
    /// what they are by another way, if at all.
    pub fn has_lost(&self, who: &ActorId, capacity: Capacity, now: Timestamp) -> bool {
        let role = Role::Approver(capacity);
        let theirs = self.keys.iter().filter(|key| key.actor == *who && key.confirmed.is_some());
        let mut granting = theirs.filter(|key| key.grants.iter().any(|grant| grant.role == role));
        let mut had = false;
        let has = granting.any(|key| {
            had = true;
            key.standing(now) == Standing::Valid
        });
        had && !has
    }

    fn by_id_mut(&mut self, id: &str) -> Result<&mut Key, KeyError> {
        let found = self.keys.iter_mut().find(|key| *key.id == *id);
        found.ok_or_else(|| KeyError::Unknown(id.to_owned()))
    }

    /// Makes a key, which waits for a second person.
    ///
    /// # Errors
    ///
    /// [`KeyError`].
    pub fn make(&mut self, by: &Principal, new: NewKey<'_>, at: Timestamp) -> Result<(), KeyError> {
        gate::may_administer(by)?;
        if new.actor == by.id {
            return Err(KeyError::ForOneself);
        }
        if new.grants.is_empty() {
            return Err(KeyError::NoRole);
        }
        self.keys.push(new.made(Done { by: by.id.clone(), at }, None));
        Ok(())
    }

    /// Confirms a key: from then on it signs in.
    ///
    /// # Errors
    ///
    /// [`KeyError`].
    pub fn confirm(&mut self, by: &Principal, id: &str, at: Timestamp) -> Result<(), KeyError> {
        gate::may_confirm(by)?;
        let key = self.by_id_mut(id)?;
        if key.made.by == by.id || key.actor == by.id {
            return Err(KeyError::OwnHand);
        }
        if key.standing(at) != Standing::Pending {
            return Err(KeyError::NotPending(id.to_owned()));
        }
        key.confirmed = Some(Done { by: by.id.clone(), at });
        Ok(())
    }

    /// Revokes a key: an administrator any, and everybody their own.
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
        let before = key.revoked.replace(Done { by: by.id.clone(), at });
        if self.can_go_on(at) {
            return Ok(());
        }
        self.by_id_mut(id)?.revoked = before;
        Err(KeyError::LastOfTwo(id.to_owned()))
    }

    /// Whether an administrator is left, and somebody else who can confirm.
    fn can_go_on(&self, at: Timestamp) -> bool {
        let holders = |does: &dyn Fn(Role) -> bool| -> BTreeSet<&ActorId> {
            let valid = self.keys.iter().filter(|key| key.standing(at) == Standing::Valid);
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

    use super::*;

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
        assert_eq!(keys.find("t-cyd").unwrap().standing(NOW), Standing::Pending);
        assert_eq!(keys.confirm(&ada, "t-cyd", NOW), Err(KeyError::OwnHand));
        keys.confirm(&bob, "t-cyd", NOW).unwrap();
        assert_eq!(keys.find("t-cyd").unwrap().standing(NOW), Standing::Valid);
        let again = keys.confirm(&bob, "t-cyd", NOW);
        assert_eq!(again, Err(KeyError::NotPending("t-cyd".into())));
    }

    #[test]
    fn who_had_a_key_to_sign_and_has_none_any_more_has_lost_what_they_signed_as() {
        let mut keys = begun();
        let (ada, bob) = (who(&keys, "t-ada"), who(&keys, "t-bob"));
        let eve: ActorId = "eve".parse().unwrap();
        let capacity = department().capacity().unwrap();
        let add = |keys: &mut Keys, id: &'static str, roles: &[Role], expires| {
            keys.make(&ada, NewKey { expires, ..new("eve", roles, id) }, NOW).unwrap();
            keys.confirm(&bob, id, NOW).unwrap();
        };
        let later = Timestamp::from_micros(NOW.micros() + 1);
        // Who never had one may have it from a sign-in service.
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
    fn one_administrator_alone_widens_nobody_s_role() {
        let mut keys = begun();
        let (ada, bob) = (who(&keys, "t-ada"), who(&keys, "t-bob"));
        let own = keys.make(&ada, new("ada", &[Role::Preparer], "t-own"), NOW);
        assert_eq!(own, Err(KeyError::ForOneself));
        // A second administrator of her own making has no say before somebody else confirms.
        keys.make(&ada, new("sock", &[Role::Administrator], "t-sock"), NOW).unwrap();
        assert_eq!(keys.confirm(&ada, "t-sock", NOW), Err(KeyError::OwnHand));
        // Nor does the one a key is for confirm it.
        keys.make(&ada, new("bob", &[Role::Preparer], "t-bob-2"), NOW).unwrap();
        assert_eq!(keys.confirm(&bob, "t-bob-2", NOW), Err(KeyError::OwnHand));
        // Nor may an approver make keys at all.
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
        assert_eq!(keys.find("t-cyd").unwrap().standing(NOW), Standing::Expired);
        assert!(keys.confirm(&bob, "t-cyd", NOW).is_err());
        keys.revoke(&ada, "t-cyd", NOW).unwrap();
        assert_eq!(keys.find("t-cyd").unwrap().standing(NOW), Standing::Revoked);
        assert_eq!(keys.revoke(&ada, "t-cyd", NOW), Err(KeyError::Revoked("t-cyd".into())));
        assert_eq!(keys.revoke(&ada, "t-bob", NOW), Err(KeyError::LastOfTwo("t-bob".into())));
        assert_eq!(who(&keys, "t-bob"), bob);
    }

    #[test]
    fn a_token_is_kept_as_its_digest_alone() {
        let token = token(&[7; TOKEN_BYTES]);
        assert!(token.starts_with("blk_0707") && token.len() == 68);
        let text = serde_json::to_string(&begun()).unwrap();
        assert!(!text.contains(&token) && text.contains("\"digest\""));
    }
}
