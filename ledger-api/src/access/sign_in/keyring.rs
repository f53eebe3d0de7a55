//! The keyring: the keys of a data folder in memory, watched and changed.
//!
//! Each change holds the claim of the trail of keys; see `keys_file` for its steps on disk.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::text::ActorId;

use super::key::{KeyStatus, NewKey};
use super::keys::{KeyError, Keys};
pub use super::keys_file::KeyringError;
use super::keys_file::{NAME, NEW_NAME, Stamp, finish_change, load, replace_file, stamp};
use super::refused::Refused;
use crate::access::identity::principal::{Credential, Principal};
use crate::access::log::record::{AccessEvent, Record};
use crate::access::log::trail::{PATIENCE, Trail};

/// The longest wait for a change of keys under way. Requests wait meanwhile.
const REFRESH_PATIENCE: Duration = Duration::from_millis(500);

/// The keys of a data folder.
#[derive(Debug)]
pub struct Keyring {
    data: PathBuf,
    loaded: RwLock<Loaded>,
}

#[derive(Debug)]
struct Loaded {
    /// None if the file cannot be trusted: then no key signs in.
    keys: Option<Keys>,
    stamp: Option<Stamp>,
}

impl Keyring {
    /// Whether a folder has keys. The record of keys counts too, so that deleting the file opens
    /// nothing.
    pub fn exists(data: &Path) -> bool {
        data.join(NAME).exists() || Trail::of_keys(data).has_records()
    }

    /// Opens the keys of a folder.
    ///
    /// # Errors
    ///
    /// [`KeyringError`].
    pub fn open(data: &Path) -> Result<Self, KeyringError> {
        let stamp = stamp(data);
        let loaded = RwLock::new(Loaded { keys: Some(load(data, PATIENCE)?), stamp });
        Ok(Keyring { data: data.to_owned(), loaded })
    }

    /// Creates the first two keys of a folder.
    ///
    /// # Errors
    ///
    /// [`KeyringError`], also if the folder already has keys.
    pub fn begin(
        data: &Path,
        administrator: NewKey<'_>,
        approver: NewKey<'_>,
        at: Timestamp,
    ) -> Result<(), KeyringError> {
        let ids = vec![Arc::clone(&administrator.id), Arc::clone(&approver.id)];
        let who = administrator.actor.clone();
        let keys = Keys::begin(administrator, approver, at)?;
        let exists = || KeyringError::Exists { path: data.join(NAME) };
        if data.join(NAME).exists() {
            return Err(exists());
        }
        let mut trail = Trail::of_keys(data).claim_in_turn()?;
        if !trail.records()?.is_empty() || data.join(NAME).exists() {
            return Err(exists());
        }
        let begun = |digest| Record {
            at,
            who: Some(who),
            credential: None,
            times: 1,
            what: AccessEvent::KeysBegun { keys: ids, digest },
        };
        replace_file(data, trail, &keys, begun)
    }

    /// Changes the keys and records the change.
    ///
    /// # Errors
    ///
    /// [`KeyringError`]. A refusal changes nothing; after a storage failure, the next reader
    /// follows the record.
    pub fn change(
        &self,
        by: &Principal,
        at: Timestamp,
        change: impl FnOnce(&mut Keys) -> Result<(), KeyError>,
        what: impl FnOnce(String) -> AccessEvent,
    ) -> Result<(), KeyringError> {
        let mut trail = Trail::of_keys(&self.data).claim_in_turn()?;
        let mut keys = finish_change(&self.data, &mut trail)?;
        change(&mut keys)?;
        replace_file(&self.data, trail, &keys, |digest| Record::by(by, at, what(digest)))
    }

    /// The keys as last read; None if the file cannot be trusted.
    pub fn keys(&self) -> Option<Keys> {
        self.read().keys.clone()
    }

    /// Reloads the keys if their file was replaced, and returns whether they changed.
    ///
    /// # Errors
    ///
    /// [`KeyringError`]; then no key signs in until the file is valid again.
    pub fn refresh(&self) -> Result<bool, KeyringError> {
        let now = stamp(&self.data);
        // A change under way, or one that was recorded but not renamed.
        let pending = self.data.join(NEW_NAME).exists();
        {
            let loaded = self.read();
            if loaded.stamp == now && loaded.keys.is_some() && !pending {
                return Ok(false);
            }
        }
        let keys = load(&self.data, REFRESH_PATIENCE);
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        loaded.stamp = now;
        match keys {
            Ok(keys) => {
                let changed = loaded.keys.as_ref() != Some(&keys);
                loaded.keys = Some(keys);
                Ok(changed)
            }
            Err(error) => {
                loaded.keys = None;
                Err(error)
            }
        }
    }

    /// The principal of a token.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub fn authorize(&self, token: &str, now: Timestamp) -> Result<Principal, Refused> {
        let loaded = self.read();
        let keys = loaded.keys.as_ref().ok_or(Refused::KeysChanged)?;
        let key = keys.find(token).ok_or(Refused::UnknownKey)?;
        match key.status(now) {
            KeyStatus::Valid => Ok(key.principal()),
            KeyStatus::Pending => Err(Refused::Pending),
            KeyStatus::Expired => Err(Refused::Expired),
            KeyStatus::Revoked => Err(Refused::Revoked),
        }
    }

    /// Whether a principal's key is still valid, with the same grants.
    pub fn is_current(&self, principal: &Principal, now: Timestamp) -> bool {
        let Credential::Key(id) = &principal.credential else { return false };
        let loaded = self.read();
        let key = loaded.keys.as_ref().and_then(|keys| keys.by_id(id));
        key.is_some_and(|key| key.status(now) == KeyStatus::Valid && key.principal() == *principal)
    }

    /// Whether the keys have a person whose id differs from this one by case alone.
    pub fn spells_otherwise(&self, id: &ActorId) -> bool {
        let loaded = self.read();
        loaded.keys.as_ref().is_some_and(|keys| keys.otherwise_spelled(id).is_some())
    }

    /// Whether a person has lost the keys of a capacity. True if the file cannot be trusted.
    pub fn has_lost(&self, who: &ActorId, capacity: Capacity, now: Timestamp) -> bool {
        let loaded = self.read();
        loaded.keys.as_ref().is_none_or(|keys| keys.has_lost(who, capacity, now))
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Loaded> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;
    use crate::access::identity::grant::Grant;
    use crate::access::identity::role::Role;

    const NOW: Timestamp = Timestamp::from_micros(1_000);

    fn new(actor: &str, role: &str, token: &'static str) -> NewKey<'static> {
        let role: Role = role.parse().unwrap();
        let grants = vec![Grant::everywhere(role)];
        NewKey { id: token.into(), token, actor: actor.parse().unwrap(), grants, expires: None }
    }

    fn begun() -> (tempfile::TempDir, Keyring) {
        let folder = tempfile::tempdir().unwrap();
        assert!(!Keyring::exists(folder.path()));
        let approver = new("bob", "approver:department:XDH", "t-bob");
        Keyring::begin(folder.path(), new("ada", "administrator", "t-ada"), approver, NOW).unwrap();
        let keyring = Keyring::open(folder.path()).unwrap();
        (folder, keyring)
    }

    fn make(keyring: &Keyring, id: &'static str) {
        let ada = keyring.authorize("t-ada", NOW).unwrap();
        let change = |keys: &mut Keys| keys.make(&ada, new("cyd", "preparer", id), NOW);
        let what = |digest| AccessEvent::KeyConfirmed { key: id.into(), digest };
        keyring.change(&ada, NOW, change, what).unwrap();
    }

    #[test]
    fn a_refresh_sees_a_change() {
        let (_folder, keyring) = begun();
        make(&keyring, "t-cyd");
        assert_eq!(keyring.authorize("t-cyd", NOW).unwrap_err(), Refused::UnknownKey);
        assert!(keyring.refresh().unwrap());
        assert_eq!(keyring.authorize("t-cyd", NOW).unwrap_err(), Refused::Pending);
        assert!(!keyring.refresh().unwrap());
    }

    #[test]
    fn a_file_that_was_changed_by_hand_signs_nobody_in() {
        let (folder, keyring) = begun();
        let path = folder.path().join(NAME);
        let good = fs::read_to_string(&path).unwrap();
        fs::write(&path, good.replace("\"administrator\"", "\"preparer\"")).unwrap();
        assert!(matches!(keyring.refresh(), Err(KeyringError::Changed { .. })));
        assert_eq!(keyring.authorize("t-bob", NOW).unwrap_err(), Refused::KeysChanged);
        assert!(Keyring::open(folder.path()).is_err());
        fs::write(&path, &good).unwrap();
        assert!(keyring.refresh().is_ok());
        assert!(keyring.authorize("t-bob", NOW).is_ok());
        // Deleting the file opens nothing, and allows no new first keys.
        fs::remove_file(&path).unwrap();
        assert!(Keyring::exists(folder.path()) && Keyring::open(folder.path()).is_err());
        let again = Keyring::begin(
            folder.path(),
            new("eve", "administrator", "t-eve"),
            new("mal", "approver:department:XDH", "t-mal"),
            NOW,
        );
        assert!(matches!(again, Err(KeyringError::Exists { .. })));
    }

    #[test]
    fn a_change_that_was_cut_off_before_the_rename_is_finished() {
        let (folder, keyring) = begun();
        let before = fs::read(folder.path().join(NAME)).unwrap();
        make(&keyring, "t-cyd");
        fs::rename(folder.path().join(NAME), folder.path().join(NEW_NAME)).unwrap();
        fs::write(folder.path().join(NAME), before).unwrap();
        let keyring = Keyring::open(folder.path()).unwrap();
        assert_eq!(keyring.authorize("t-cyd", NOW).unwrap_err(), Refused::Pending);
    }

    #[test]
    fn a_refresh_sees_a_change_that_was_cut_off_before_the_rename() {
        let (folder, keyring) = begun();
        let path = folder.path().join(NAME);
        let (before, modified) = (fs::read(&path).unwrap(), path.metadata().unwrap().modified());
        make(&keyring, "t-cyd");
        fs::rename(&path, folder.path().join(NEW_NAME)).unwrap();
        fs::write(&path, before).unwrap();
        File::options().append(true).open(&path).unwrap().set_modified(modified.unwrap()).unwrap();
        assert!(keyring.refresh().unwrap());
        assert_eq!(keyring.authorize("t-cyd", NOW).unwrap_err(), Refused::Pending);
    }

    #[test]
    fn a_change_that_is_recorded_holds_while_it_is_put_in_place() {
        let (folder, keyring) = begun();
        let path = folder.path().join(NAME);
        let before = fs::read(&path).unwrap();
        make(&keyring, "t-cyd");
        let under_way = Trail::of_keys(folder.path()).claim().unwrap();
        fs::rename(&path, folder.path().join(NEW_NAME)).unwrap();
        fs::write(&path, &before).unwrap();
        let seen = Keyring::open(folder.path()).unwrap();
        assert_eq!(seen.authorize("t-cyd", NOW).unwrap_err(), Refused::Pending);
        assert_eq!(fs::read(&path).unwrap(), before, "a reader does not rename the file");
        drop(under_way);
        Keyring::open(folder.path()).unwrap();
        assert!(fs::read(&path).unwrap() != before && !folder.path().join(NEW_NAME).exists());
    }

    #[test]
    fn a_beginning_that_is_refused_leaves_the_folder_open() {
        let folder = tempfile::tempdir().unwrap();
        let same = new("ada", "approver:department:XDH", "t-too");
        let begun = Keyring::begin(folder.path(), new("ada", "administrator", "t-ada"), same, NOW);
        assert!(matches!(begun, Err(KeyringError::Refused(KeyError::SamePerson))));
        assert!(!Keyring::exists(folder.path()));
    }

    #[test]
    fn a_sign_in_holds_only_with_the_same_grants() {
        let (_folder, keyring) = begun();
        let bob = keyring.authorize("t-bob", NOW).unwrap();
        assert!(keyring.is_current(&bob, NOW));
        let more = Principal { grants: vec![], ..bob };
        assert!(!keyring.is_current(&more, NOW));
    }
}
