//! The keys file of a data folder, `keys.json`: read, watched and changed.
//!
//! Each change is made under the claim of the trail of keys: it is written aside and synced, then
//! recorded there with the digest of the new file, then renamed into place. So a file with another
//! digest than the last recorded was changed by somebody else, and is refused; and one that was
//! written aside and not yet renamed is put in place by the next who looks.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::text::ActorId;

use super::keys::{KeyError, Keys, NewKey, Standing};
use super::principal::{Credential, Principal};
use super::record::{Record, What};
use super::sign_in::Refused;
use super::trail::{LOOK_EVERY, PATIENCE, Trail, TrailError, TrailWriter};
use crate::hex::digest;

const NAME: &str = "keys.json";
const ASIDE: &str = "keys.json.new";

/// How long a server waits for a change of keys that is under way: requests wait meanwhile.
const REFRESH_PATIENCE: Duration = Duration::from_millis(500);

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
    Log(#[from] TrailError),
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
        data.join(NAME).exists() || Trail::of_keys(data).is_begun()
    }

    /// The keys of a folder that has some.
    ///
    /// # Errors
    ///
    /// [`KeyringError`].
    pub fn open(data: &Path) -> Result<Self, KeyringError> {
        let stamp = stamp(data);
        let loaded = RwLock::new(Loaded { keys: Some(load(data, PATIENCE)?), stamp });
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
            what: What::KeysBegun { keys: ids, digest },
        };
        put(data, trail, &keys, begun)
    }

    /// Changes the keys, and records it.
    ///
    /// # Errors
    ///
    /// [`KeyringError`]. What is refused changes nothing; where the storage failed, the next look
    /// goes by what was recorded.
    pub fn change(
        &self,
        by: &Principal,
        at: Timestamp,
        change: impl FnOnce(&mut Keys) -> Result<(), KeyError>,
        what: impl FnOnce(String) -> What,
    ) -> Result<(), KeyringError> {
        let mut trail = Trail::of_keys(&self.data).claim_in_turn()?;
        let mut keys = settle(&self.data, &mut trail)?;
        change(&mut keys)?;
        put(&self.data, trail, &keys, |digest| Record::by(by, at, what(digest)))
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
        // A change under way, or one that was recorded and cut off before it was put in place.
        let pending = self.data.join(ASIDE).exists();
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

/// The digest that the keys file has to have.
fn recorded(records: &[Record]) -> &str {
    let last = records.iter().rev().find_map(|record| record.what.keys_digest());
    last.unwrap_or("no record")
}

/// The keys in a file that has this digest.
fn good(data: &Path, name: &str, recorded: &str) -> Option<Keys> {
    let bytes = fs::read(data.join(name)).ok().filter(|bytes| digest(bytes) == recorded)?;
    serde_json::from_slice(&bytes).ok()
}

fn changed(data: &Path, recorded: &str) -> KeyringError {
    let recorded = recorded.chars().take(16).collect();
    KeyringError::Changed { path: data.join(NAME), recorded }
}

/// The keys, where they are what was last recorded. While somebody else changes them, they are what
/// either was recorded before or is after. Whoever holds the claim is waited for no longer than
/// `patience`.
fn load(data: &Path, patience: Duration) -> Result<Keys, KeyringError> {
    let trail = Trail::of_keys(data);
    let until = Instant::now() + patience;
    loop {
        let records = trail.records()?;
        let recorded = recorded(&records);
        if let Some(keys) = good(data, NAME, recorded) {
            return Ok(keys);
        }
        let busy = match trail.claim() {
            Ok(mut trail) => return settle(data, &mut trail),
            Err(error @ TrailError::Busy { .. }) => error,
            Err(error) => return Err(error.into()),
        };
        // Whoever holds the claim puts in place what they recorded.
        if let Some(keys) = good(data, ASIDE, recorded) {
            return Ok(keys);
        }
        if Instant::now() >= until {
            return Err(busy.into());
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// The keys, where they are what was last recorded, while nobody else changes them. A change that
/// was recorded and not put in place is now.
fn settle(data: &Path, trail: &mut TrailWriter) -> Result<Keys, KeyringError> {
    let records = trail.records()?;
    let recorded = recorded(&records);
    if let Some(keys) = good(data, NAME, recorded) {
        return Ok(keys);
    }
    let keys = good(data, ASIDE, recorded).ok_or_else(|| changed(data, recorded))?;
    rename(data).map_err(failed(data))?;
    Ok(keys)
}

/// Puts keys in place and records it.
fn put(
    data: &Path,
    mut trail: TrailWriter,
    keys: &Keys,
    record: impl FnOnce(String) -> Record,
) -> Result<(), KeyringError> {
    let write = || -> io::Result<String> {
        let mut bytes = serde_json::to_vec_pretty(keys)?;
        bytes.push(b'\n');
        let mut file = File::create(data.join(ASIDE))?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        // Its name too has to be there before the record that tells of it.
        sync_names(data)?;
        Ok(digest(&bytes))
    };
    let digest = write().map_err(failed(data))?;
    trail.append(&[record(digest)])?;
    rename(data).map_err(failed(data))?;
    trail.leave();
    Ok(())
}

fn rename(data: &Path) -> io::Result<()> {
    fs::rename(data.join(ASIDE), data.join(NAME))?;
    sync_names(data)
}

fn sync_names(data: &Path) -> io::Result<()> {
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
    fn a_change_that_was_cut_off_before_the_rename_is_seen_by_whoever_watches_the_file() {
        let (folder, keyring) = begun();
        let path = folder.path().join(NAME);
        let (before, modified) = (fs::read(&path).unwrap(), path.metadata().unwrap().modified());
        make(&keyring, "t-cyd");
        fs::rename(&path, folder.path().join(ASIDE)).unwrap();
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
        fs::rename(&path, folder.path().join(ASIDE)).unwrap();
        fs::write(&path, &before).unwrap();
        let seen = Keyring::open(folder.path()).unwrap();
        assert_eq!(seen.authorize("t-cyd", NOW).unwrap_err(), Refused::Pending);
        assert_eq!(fs::read(&path).unwrap(), before, "whoever reads is not in the way");
        drop(under_way);
        Keyring::open(folder.path()).unwrap();
        assert!(fs::read(&path).unwrap() != before && !folder.path().join(ASIDE).exists());
    }

    #[test]
    fn a_beginning_that_is_refused_leaves_the_folder_open() {
        let folder = tempfile::tempdir().unwrap();
        let same = new("ada", "approver:department:XDH", "t-too");
        let begun = Keyring::begin(folder.path(), new("ada", "administrator", "t-ada"), same, NOW);
        assert!(matches!(begun, Err(KeyringError::Refused(KeyError::SamePerson))));
        assert!(!Keyring::is_there(folder.path()));
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
