//! The keys file of a data folder on disk, `keys.json`: read, checked and replaced.
//!
//! A change is written aside and synced, then recorded in the trail of keys with the digest of the
//! new file, then renamed into place. A file with another digest than the last recorded is refused;
//! a recorded file that was not yet renamed is put in place by the next reader.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::keys::{KeyError, Keys};
use crate::access::log::record::Record;
use crate::access::log::trail::{CLAIM_INTERVAL, Trail, TrailError, TrailWriter};
use crate::text::hex::digest;

pub(super) const NAME: &str = "keys.json";
pub(super) const NEW_NAME: &str = "keys.json.new";

/// Why the keys of a folder cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The storage failed.
    #[error("the keys in {path} cannot be read or written: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        error: io::Error,
    },
    /// The access log cannot be used.
    #[error(transparent)]
    Log(#[from] TrailError),
    /// The file differs from its last recorded digest.
    #[error(
        "{path} was changed by hand after `budget-ledger keys` last wrote it, so nobody can sign in by it: find out who did this, and restore the copy whose SHA-256 digest begins with {recorded}"
    )]
    Changed {
        /// The file.
        path: PathBuf,
        /// The first characters of the recorded digest.
        recorded: String,
    },
    /// The folder already has keys.
    #[error("{path} already exists: create further keys with `budget-ledger keys create`")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The change is refused.
    #[error(transparent)]
    Refused(#[from] KeyError),
}

/// Modification time and length, which change when the file is replaced.
pub(super) type Stamp = (Option<SystemTime>, u64);

pub(super) fn stamp(data: &Path) -> Option<Stamp> {
    let found = fs::metadata(data.join(NAME)).ok()?;
    Some((found.modified().ok(), found.len()))
}

fn failed(data: &Path) -> impl Fn(io::Error) -> KeyringError {
    let path = data.join(NAME);
    move |error| KeyringError::Io { path: path.clone(), error }
}

/// The last recorded digest of the keys file.
fn recorded_digest(records: &[Record]) -> &str {
    let last = records.iter().rev().find_map(|record| record.what.keys_digest());
    last.unwrap_or("no record")
}

/// The keys in a file, if it has the recorded digest.
fn load_recorded(data: &Path, name: &str, recorded: &str) -> Option<Keys> {
    let bytes = fs::read(data.join(name)).ok().filter(|bytes| digest(bytes) == recorded)?;
    serde_json::from_slice(&bytes).ok()
}

fn changed(data: &Path, recorded: &str) -> KeyringError {
    let recorded = recorded.chars().take(16).collect();
    KeyringError::Changed { path: data.join(NAME), recorded }
}

/// Loads the keys, if the file has the last recorded digest.
///
/// While another process changes them, the result is the state before or after the change. A claim
/// of the trail is waited for no longer than `patience`.
pub(super) fn load(data: &Path, patience: Duration) -> Result<Keys, KeyringError> {
    let trail = Trail::of_keys(data);
    let until = Instant::now() + patience;
    loop {
        let records = trail.records()?;
        let recorded = recorded_digest(&records);
        if let Some(keys) = load_recorded(data, NAME, recorded) {
            return Ok(keys);
        }
        let busy = match trail.claim() {
            Ok(mut trail) => return finish_change(data, &mut trail),
            Err(error @ TrailError::Busy { .. }) => error,
            Err(error) => return Err(error.into()),
        };
        // The process that holds the claim will rename this file.
        if let Some(keys) = load_recorded(data, NEW_NAME, recorded) {
            return Ok(keys);
        }
        if Instant::now() >= until {
            return Err(busy.into());
        }
        thread::sleep(CLAIM_INTERVAL);
    }
}

/// Loads the keys under the claim of the trail, and finishes a change that was recorded but not
/// renamed.
pub(super) fn finish_change(data: &Path, trail: &mut TrailWriter) -> Result<Keys, KeyringError> {
    let records = trail.records()?;
    let recorded = recorded_digest(&records);
    if let Some(keys) = load_recorded(data, NAME, recorded) {
        return Ok(keys);
    }
    let keys = load_recorded(data, NEW_NAME, recorded).ok_or_else(|| changed(data, recorded))?;
    rename(data).map_err(failed(data))?;
    Ok(keys)
}

/// Writes the keys, records the change, and renames the file into place.
pub(super) fn replace_file(
    data: &Path,
    mut trail: TrailWriter,
    keys: &Keys,
    record: impl FnOnce(String) -> Record,
) -> Result<(), KeyringError> {
    let write = || -> io::Result<String> {
        let mut bytes = serde_json::to_vec_pretty(keys)?;
        bytes.push(b'\n');
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(data.join(NEW_NAME))?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        // The file's name must be durable before the record that names its digest.
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
    fs::rename(data.join(NEW_NAME), data.join(NAME))?;
    sync_names(data)
}

fn sync_names(data: &Path) -> io::Result<()> {
    File::open(data)?.sync_all()
}
