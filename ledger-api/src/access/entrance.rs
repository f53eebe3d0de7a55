//! The entrance of a server: signs people in, and writes down who came and who was refused.

use std::path::Path;
use std::sync::Arc;

use super::keyring::Keyring;
use super::log::Recorder;
use super::principal::{Credential, Principal};
use super::record::{Record, What};
use super::role::Role;
use super::sign_in::{Refused, SignIn};
use super::trail::TrailError;
use crate::clock::now;

/// The entrance of a server.
pub struct Entrance {
    sign_in: SignIn,
    recorder: Recorder,
}

impl Entrance {
    /// An entrance to the book in a data folder.
    ///
    /// # Errors
    ///
    /// [`TrailError`] where the access log cannot be written.
    pub fn new(sign_in: SignIn, data: &Path) -> Result<Self, TrailError> {
        Ok(Entrance { sign_in, recorder: Recorder::start(data)? })
    }

    /// Who sends this, as an `Authorization` header has it; nothing where there is none.
    ///
    /// # Errors
    ///
    /// [`Refused`], with the reason.
    pub fn authorize(&self, authorization: Option<&str>) -> Result<Arc<Principal>, Refused> {
        let now = now();
        let signed_in = self.sign_in.authorize(authorization, now);
        match &signed_in {
            Ok(principal) => {
                if !matches!(principal.credential, Credential::Local | Credential::Visitor) {
                    self.recorder.signed_in(principal, now);
                }
            }
            Err(refused) => {
                let code = refused.code().to_owned();
                self.recorder.record(Record::by_nobody(now, What::SignInRefused { code }));
            }
        }
        signed_in
    }

    /// Whether somebody who has signed in still is, with the same grants.
    pub fn holds(&self, principal: &Principal) -> bool {
        self.sign_in.holds(principal, now())
    }

    /// The keys that people sign in by, where they do.
    pub const fn keys(&self) -> Option<&Arc<Keyring>> {
        self.sign_in.keys()
    }

    /// Looks whether keys have been changed, and tells whether they were.
    pub fn refresh(&self) -> bool {
        self.sign_in.refresh()
    }

    /// Writes down that somebody asked for what they may not do.
    pub fn denied(&self, principal: &Principal, asked: &str) {
        self.write(principal, What::Denied { asked: What::asked(asked) });
    }

    /// Writes down what an auditor reads.
    pub fn reads(&self, principal: &Principal, asked: &str) {
        if principal.has(Role::Auditor) {
            self.write(principal, What::AuditorRead { asked: What::asked(asked) });
        }
    }

    fn write(&self, principal: &Principal, what: What) {
        self.recorder.record(Record::by(principal, now(), what));
    }
}
