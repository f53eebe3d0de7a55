//! The door of a data folder: whoever comes in signs in where the folder has keys, and is written
//! down.

use std::path::Path;
use std::sync::Arc;

use super::exit::CliError;
use crate::access::keyring::Keyring;
use crate::access::principal::Principal;
use crate::access::record::{Record, What};
use crate::access::role::Role;
use crate::access::sign_in::Refused;
use crate::access::trail::{Trail, TrailError};
use crate::clock::now;

/// Who comes in; nobody in particular where the folder has no keys.
pub(super) fn enter(data: &Path, token: Option<&str>) -> Result<Option<Arc<Principal>>, CliError> {
    if !Keyring::is_there(data) {
        return Ok(None);
    }
    sign_in(&Keyring::open(data)?, data, token).map(Some)
}

fn sign_in(
    keyring: &Keyring,
    data: &Path,
    token: Option<&str>,
) -> Result<Arc<Principal>, CliError> {
    let now = now();
    let signed_in = token.ok_or(Refused::Missing).and_then(|token| keyring.authorize(token, now));
    match signed_in {
        Ok(principal) => {
            let asked = "the command line on the folder".to_owned();
            let mut records = vec![Record::by(&principal, now, What::SignedIn)];
            if principal.has(Role::Auditor) {
                records.push(Record::by(&principal, now, What::AuditorRead { asked }));
            }
            record(data, &records)?;
            Ok(Arc::new(principal))
        }
        Err(refused) => {
            let code = refused.code().to_owned();
            record(data, &[Record::by_nobody(now, What::SignInRefused { code })])?;
            Err(refused.into())
        }
    }
}

/// Who comes in to look after keys: nobody does without having signed in.
pub(super) fn keyring(
    data: &Path,
    token: Option<&str>,
) -> Result<(Keyring, Arc<Principal>), CliError> {
    if !Keyring::is_there(data) {
        let path = data.display();
        return Err(CliError::usage(format!(
            "there are no keys in {path}: make the first two with `budget-ledger keys init --data {path}`"
        )));
    }
    let keyring = Keyring::open(data)?;
    let principal = sign_in(&keyring, data, token)?;
    Ok((keyring, principal))
}

/// Writes down that somebody asked for what they may not do. That they are told so matters more
/// than that it is written.
pub(super) fn denied(data: &Path, principal: &Principal, asked: &str) {
    let denied = What::Denied { asked: asked.to_owned() };
    drop(record(data, &[Record::by(principal, now(), denied)]));
}

/// Writes down that somebody takes entries away.
pub(super) fn exported(data: &Path, principal: &Principal) -> Result<(), CliError> {
    Ok(record(data, &[Record::by(principal, now(), What::Exported)])?)
}

fn record(data: &Path, records: &[Record]) -> Result<(), TrailError> {
    Trail::of_cli(data).add(records)
}
