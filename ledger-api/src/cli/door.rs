//! The door of a data folder: whoever comes in signs in where the folder has keys, and is written
//! down.

use std::path::Path;
use std::sync::Arc;

use super::exit::CliError;
use crate::access::keyring::Keyring;
use crate::access::log;
use crate::access::principal::Principal;
use crate::access::record::{Record, What};
use crate::access::role::Role;
use crate::access::sign_in::Refused;
use crate::clock::now;

/// Who comes in; nobody in particular where the folder has no keys.
pub(super) fn enter(data: &Path, token: Option<&str>) -> Result<Option<Arc<Principal>>, CliError> {
    if !Keyring::is_there(data) {
        return Ok(None);
    }
    let keyring = Keyring::open(data)?;
    let now = now();
    let signed_in = token.ok_or(Refused::Missing).and_then(|token| keyring.authorize(token, now));
    match signed_in {
        Ok(principal) => {
            let asked = "the command line on the folder".to_owned();
            let mut records = vec![Record::by(&principal, now, What::SignedIn)];
            if principal.has(Role::Auditor) {
                records.push(Record::by(&principal, now, What::AuditorRead { asked }));
            }
            log::of_access(data).lock()?.append(&records)?;
            Ok(Some(Arc::new(principal)))
        }
        Err(refused) => {
            let code = refused.code().to_owned();
            let record = Record::by_nobody(now, What::SignInRefused { code });
            log::of_access(data).lock()?.append(&[record])?;
            Err(refused.into())
        }
    }
}

/// Who comes in to look after keys: nobody does without having signed in.
pub(super) fn keyring(
    data: &Path,
    token: Option<&str>,
) -> Result<(Keyring, Arc<Principal>), CliError> {
    let none = || {
        let path = data.display();
        CliError::usage(format!(
            "there are no keys in {path}: make the first two with `budget-ledger keys init --data {path}`"
        ))
    };
    let principal = enter(data, token)?.ok_or_else(none)?;
    Ok((Keyring::open(data)?, principal))
}

/// Writes down that somebody asked for what they may not do. That they are told so matters more
/// than that it is written.
pub(super) fn denied(data: &Path, principal: &Principal, asked: &str) {
    let record = Record::by(principal, now(), What::Denied { asked: asked.to_owned() });
    drop(log::of_access(data).lock().and_then(|mut log| log.append(&[record])));
}

/// Writes down that somebody takes entries away.
pub(super) fn exported(data: &Path, principal: &Principal) -> Result<(), CliError> {
    let record = Record::by(principal, now(), What::Exported);
    Ok(log::of_access(data).lock()?.append(&[record])?)
}
