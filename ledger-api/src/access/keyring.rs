//! The keys file of a data folder, `keys.json`: read, watched and changed.
//!
//! Each change is written aside and synced, then recorded in the access log with the digest of the
//! new file, then renamed into place. So a file with another digest than the last recorded was
//! changed by somebody else, and is refused; and one that was written aside and not yet renamed is
//! put in place by the next who looks.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::text::ActorId;

use super::chain::{Chain, ChainError, Locked, digest};
use super::keys::{KeyError, Keys, NewKey, Standing};
use super::log;
use super::principal::{Credential, Principal};
use super::record::{Record, What};
use super::sign_in::Refused;

const NAME: &str = "keys.json";
const ASIDE: &str = "keys.json.new";

/// Why the keys of a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The storage failed.
    #[error("the keys in {path} cannot be read or written: {error}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The access log cannot be used.
    #[error(transparent)]
    Log(#[from] ChainError),
    /// Somebody changed the file by another way.
    #[error(
        "{path} is not what `budget-ledger keys` last wrote: somebody changed it by hand. Nobody is signed in by it; find out who did, and put back the copy whose SHA-256 digest begins with {recorded}"
    )]
    Changed {
        /// Which file.
        path: PathBuf,
        /// The beginning of the digest that was recorded.
        recorded: String,
    },
    /// There are keys already.
    #[error("{path} is there already: make further keys with `budget-ledger keys create`")]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// The change is refused.
    #[error(transparent)]
    Refused(#[from] KeyError),
}

/// The keys file of a data folder.
#[derive(Debug)]
pub struct Keyring {
    data: PathBuf,
    loaded: RwLock<Loaded>,
}

#[derive(Debug)]
struct Loaded {
    /// None where the file cannot be trusted: then nobody is signed in.
    keys: Option<Keys>,
    stamp: Option<Stamp>,
}

/// What changes when a file is replaced.
type Stamp = (Option<SystemTime>, u64);

fn stamp(data: &Path) -> Option<Stamp> {
    let found = fs::metadata(data.join(NAME)).ok()?;
    Some((found.modified().ok(), found.len()))
}

impl Keyring {
    /// Whether people sign in to a folder by keys. A folder whose keys file was taken away still
    /// has its record, and stays shut.
    pub fn is_there(data: &Path) -> bool {
        data.join(NAME).exists() || log::of_keys(data).path().exists()
    }

    /// The keys of a folder that has some.
    ///
    /// # Errors
    ///
    /// [`KeyringError`].
    pub fn open(data: &Path) -> Result<Self, KeyringError> {
        let stamp = stamp(data);
        let chain = log::of_keys(data);
        log::make_folder(data).map_err(failed(data))?;
        let keys = load(data, &mut chain.lock()?)?;
        let loaded = RwLock::new(Loaded { keys: Some(keys), stamp });
        Ok(Keyring { data: data.to_owned(), loaded })
    }

    /// Makes the first two keys of a folder.
    ///
    /// # Errors
    ///
    /// [`KeyringError`], also where there are keys already.
    pub fn begin(
        data: &Path,
        administrator: NewKey<'_>,
        approver: NewKey<'_>,
        at: Timestamp,
    ) -> Result<(), KeyringError> {
        log::make_folder(data).map_err(failed(data))?;
        let chain = log::of_keys(data);
        let mut log = lock_for_new(data, &chain)?;
        let (ids, who) =
            (vec![Arc::clone(&administrator.id), Arc::clone(&approver.id)], &administrator.actor);
        let who = who.clone();
        let keys = Keys::begin(administrator, approver, at)?;
        let begun = |digest| Record {
            at,
            who: Some(who),
            credential: None,
            what: What::KeysBegun { keys: ids, digest },
        };
        put(data, &mut log, &keys, begun)
    }

    /// Changes the keys, and records it.
    ///
    /// # Errors
    ///
    /// [`KeyringError`]; then nothing is changed.
    pub fn change(
        &self,
        by: &Principal,
        at: Timestamp,
        change: impl FnOnce(&mut Keys) -> Result<(), KeyError>,
        what: impl FnOnce(String) -> What,
    ) -> Result<(), KeyringError> {
        let chain = log::of_keys(&self.data);
        let mut log = chain.lock()?;
        let mut keys = load(&self.data, &mut log)?;
        change(&mut keys)?;
        put(&self.data, &mut log, &keys, |digest| Record::by(by, at, what(digest)))
    }

    /// The keys as they were last read; none where they cannot be trusted.
    pub fn keys(&self) -> Option<Keys> {
        self.read().keys.clone()
    }

    /// Looks whether the file has been replaced, and reads it again if so. Tells whether it was.
    ///
    /// # Errors
    ///
    /// [`KeyringError`]; from then on nobody is signed in until the file is good again.
    pub fn refresh(&self) -> Result<bool, KeyringError> {
        let now = stamp(&self.data);
        {
            let loaded = self.read();
            if loaded.stamp == now && loaded.keys.is_some() {
                return Ok(false);
            }
        }
        let chain = log::of_keys(&self.data);
        let keys = chain.lock().map_err(KeyringError::from);
        let keys = keys.and_then(|mut log| load(&self.data, &mut log));
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

    /// Whom a token signs in.
    ///
    /// # Errors
    ///
    /// [`Refused`], with the reason.
    pub fn authorize(&self, token: &str, now: Timestamp) -> Result<Principal, Refused> {
        let loaded = self.read();
        let keys = loaded.keys.as_ref().ok_or(Refused::KeysChanged)?;
        let key = keys.find(token).ok_or(Refused::UnknownKey)?;
        match key.standing(now) {
            Standing::Valid => Ok(key.principal()),
            Standing::Pending => Err(Refused::Pending),
            Standing::Expired => Err(Refused::Expired),
            Standing::Revoked => Err(Refused::Revoked),
        }
    }

    /// Whether somebody who signed in by a key is still signed in by it, with the same grants.
    pub fn holds(&self, principal: &Principal, now: Timestamp) -> bool {
        let Credential::Key(id) = &principal.credential else { return false };
        let loaded = self.read();
        let key = loaded.keys.as_ref().and_then(|keys| keys.by_id(id));
        key.is_some_and(|key| key.standing(now) == Standing::Valid && key.principal() == *principal)
    }

    /// Whether somebody has had a key to sign as this, and has none any more. Where the file cannot
    /// be trusted, nobody has.
    pub fn has_lost(&self, who: &ActorId, capacity: Capacity, now: Timestamp) -> bool {
        let loaded = self.read();
        loaded.keys.as_ref().is_none_or(|keys| keys.has_lost(who, capacity, now))
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Loaded> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failed(data: &Path) -> impl Fn(io::Error) -> KeyringError {
    let path = data.join(NAME);
    move |error| KeyringError::Io { path: path.clone(), error }
}

fn lock_for_new<'c>(data: &Path, chain: &'c Chain) -> Result<Locked<'c>, KeyringError> {
    let exists = || KeyringError::Exists { path: data.join(NAME) };
    if data.join(NAME).exists() {
        return Err(exists());
    }
    let mut log = chain.lock()?;
    if log.records::<Record>()?.is_empty() { Ok(log) } else { Err(exists()) }
}

/// The keys, where they are what was last recorded.
fn load(data: &Path, log: &mut Locked<'_>) -> Result<Keys, KeyringError> {
    let records: Vec<Record> = log.records()?;
    let recorded = records.iter().rev().find_map(|record| record.what.keys_digest());
    let recorded = recorded.unwrap_or("no record");
    let good = |name| fs::read(data.join(name)).ok().filter(|bytes| digest(bytes) == recorded);
    let bytes = match good(NAME) {
        Some(bytes) => Some(bytes),
        None => match good(ASIDE) {
            Some(bytes) => {
                rename(data).map_err(failed(data))?;
                Some(bytes)
            }
            None => None,
        },
    };
    let keys = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let short = || recorded.chars().take(16).collect();
    keys.ok_or_else(|| KeyringError::Changed { path: data.join(NAME), recorded: short() })
}

/// Puts keys in place and records it.
fn put(
    data: &Path,
    log: &mut Locked<'_>,
    keys: &Keys,
    record: impl FnOnce(String) -> Record,
) -> Result<(), KeyringError> {
    let write = || -> io::Result<String> {
        let mut bytes = serde_json::to_vec_pretty(keys)?;
        bytes.push(b'\n');
        let mut file = File::create(data.join(ASIDE))?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        Ok(digest(&bytes))
    };
    let digest = write().map_err(failed(data))?;
    log.append(&[record(digest)])?;
    rename(data).map_err(failed(data))
}

fn rename(data: &Path) -> io::Result<()> {
    fs::rename(data.join(ASIDE), data.join(NAME))?;
    File::open(data)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::grant::Grant;
    use crate::access::role::Role;

    const NOW: Timestamp = Timestamp::from_micros(1_000);

    fn new(actor: &str, role: &str, token: &'static str) -> NewKey<'static> {
        let role: Role = role.parse().unwrap();
        let grants = vec![Grant::everywhere(role)];
        NewKey { id: token.into(), token, actor: actor.parse().unwrap(), grants, expires: None }
    }

    fn begun() -> (tempfile::TempDir, Keyring) {
        let folder = tempfile::tempdir().unwrap();
        assert!(!Keyring::is_there(folder.path()));
        let approver = new("bob", "approver:department:XDH", "t-bob");
        Keyring::begin(folder.path(), new("ada", "administrator", "t-ada"), approver, NOW).unwrap();
        let keyring = Keyring::open(folder.path()).unwrap();
        (folder, keyring)
    }

    fn make(keyring: &Keyring, id: &'static str) {
        let ada = keyring.authorize("t-ada", NOW).unwrap();
        let change = |keys: &mut Keys| keys.make(&ada, new("cyd", "preparer", id), NOW);
        let what = |digest| What::KeyConfirmed { key: id.into(), digest };
        keyring.change(&ada, NOW, change, what).unwrap();
    }

    #[test]
    fn a_change_is_seen_by_whoever_watches_the_file() {
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
        // Taking it away opens nothing, and lets nobody begin anew.
        fs::remove_file(&path).unwrap();
        assert!(Keyring::is_there(folder.path()) && Keyring::open(folder.path()).is_err());
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
        fs::rename(folder.path().join(NAME), folder.path().join(ASIDE)).unwrap();
        fs::write(folder.path().join(NAME), before).unwrap();
        let keyring = Keyring::open(folder.path()).unwrap();
        assert_eq!(keyring.authorize("t-cyd", NOW).unwrap_err(), Refused::Pending);
    }

    #[test]
    fn somebody_holds_what_they_signed_in_with_until_it_is_revoked() {
        let (_folder, keyring) = begun();
        let bob = keyring.authorize("t-bob", NOW).unwrap();
        assert!(keyring.holds(&bob, NOW));
        let more = Principal { grants: vec![], ..bob };
        assert!(!keyring.holds(&more, NOW));
    }
}
