//! Signing in to a data folder that has keys. The access log records each attempt.

use std::path::Path;
use std::sync::Arc;

use crate::access::identity::principal::Principal;
use crate::access::identity::role::Role;
use crate::access::log::record::{AccessEvent, Record};
use crate::access::log::trail::{Trail, TrailError};
use crate::access::sign_in::Refused;
use crate::access::sign_in::keyring::Keyring;
use crate::cli::exit::CliError;
use crate::clock::now;

/// Signs in; None if the folder has no keys.
pub(crate) fn enter(data: &Path, token: Option<&str>) -> Result<Option<Arc<Principal>>, CliError> {
    if !Keyring::exists(data) {
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
            let mut records = vec![Record::by(&principal, now, AccessEvent::SignedIn)];
            if principal.has(Role::Auditor) {
                records.push(Record::by(&principal, now, AccessEvent::AuditorRead { asked }));
            }
            record(data, &records)?;
            Ok(Arc::new(principal))
        }
        Err(refused) => {
            let code = refused.code().to_owned();
            record(data, &[Record::anonymous(now, AccessEvent::SignInRefused { code })])?;
            Err(refused.into())
        }
    }
}

/// Signs in to manage keys, and opens the keyring.
pub(crate) fn keyring(
    data: &Path,
    token: Option<&str>,
) -> Result<(Keyring, Arc<Principal>), CliError> {
    if !Keyring::exists(data) {
        let path = data.display();
        return Err(CliError::usage(format!(
            "{path} has no keys: make the first two with `budget-ledger keys init --data {path}`"
        )));
    }
    let keyring = Keyring::open(data)?;
    let principal = sign_in(&keyring, data, token)?;
    Ok((keyring, principal))
}

/// Records that the principal was denied something. A failure to record it is not an error.
pub(crate) fn denied(data: &Path, principal: &Principal, asked: &str) {
    let denied = AccessEvent::Denied { asked: asked.to_owned() };
    drop(record(data, &[Record::by(principal, now(), denied)]));
}

/// Records that the principal exports entries.
pub(crate) fn exported(data: &Path, principal: &Principal) -> Result<(), CliError> {
    Ok(record(data, &[Record::by(principal, now(), AccessEvent::Exported)])?)
}

/// Records that the principal accepts a doubted clock.
pub(crate) fn clock_accepted(
    data: &Path,
    principal: &Principal,
    doubt: &str,
) -> Result<(), CliError> {
    let what = AccessEvent::ClockAccepted { doubt: doubt.to_owned() };
    Ok(record(data, &[Record::by(principal, now(), what)])?)
}

fn record(data: &Path, records: &[Record]) -> Result<(), TrailError> {
    Trail::of_cli(data).add(records)
}
