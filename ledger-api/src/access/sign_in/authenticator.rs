//! Authentication of requests, with a record of each sign-in and refusal.

use std::path::Path;
use std::sync::Arc;

use super::keyring::Keyring;
use super::methods::SignIn;
use super::refused::Refused;
use crate::access::identity::principal::{Credential, Principal};
use crate::access::identity::role::Role;
use crate::access::log::Recorder;
use crate::access::log::record::{AccessEvent, Record};
use crate::access::log::trail::TrailError;
use crate::clock::now;

/// Authenticates the callers of a server and records sign-ins in the access log.
pub struct Authenticator {
    sign_in: SignIn,
    recorder: Recorder,
}

impl Authenticator {
    /// An authenticator that records in the access log of a data folder.
    ///
    /// # Errors
    ///
    /// [`TrailError`] if the access log cannot be written.
    pub fn new(sign_in: SignIn, data: &Path) -> Result<Self, TrailError> {
        Ok(Authenticator { sign_in, recorder: Recorder::start(data)? })
    }

    /// Authenticates the text of an `Authorization` header; `None` is a request without one.
    ///
    /// # Errors
    ///
    /// [`Refused`].
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
                self.recorder.record(Record::anonymous(now, AccessEvent::SignInRefused { code }));
            }
        }
        signed_in
    }

    /// Whether a sign-in is still valid, with the same grants.
    pub fn is_current(&self, principal: &Principal) -> bool {
        self.sign_in.is_current(principal, now())
    }

    /// Keeps disk space back for the book, in bytes: the access log stops while there is less.
    pub fn keep_room(&self, bytes: u64) {
        self.recorder.keep_room(bytes);
    }

    /// Whether nobody signs in: every request comes from the same person.
    pub const fn is_off(&self) -> bool {
        matches!(self.sign_in, SignIn::Without(_))
    }

    /// The keys, if people sign in by key.
    pub const fn keys(&self) -> Option<&Arc<Keyring>> {
        self.sign_in.keys()
    }

    /// Reloads the keys if their file changed, and returns whether it did.
    pub fn refresh(&self) -> bool {
        self.sign_in.refresh()
    }

    /// Records a denied request.
    pub fn record_denial(&self, principal: &Principal, asked: &str) {
        self.record(principal, AccessEvent::Denied { asked: AccessEvent::shortened(asked) });
    }

    /// Records a request if the principal is an auditor.
    pub fn record_read(&self, principal: &Principal, asked: &str) {
        if principal.has(Role::Auditor) {
            self.record(
                principal,
                AccessEvent::AuditorRead { asked: AccessEvent::shortened(asked) },
            );
        }
    }

    /// Records that the operator accepted a doubted clock.
    pub fn record_accepted_clock(&self, doubt: &str) {
        let what = AccessEvent::ClockAccepted { doubt: doubt.to_owned() };
        self.recorder.record(Record::anonymous(now(), what));
    }

    fn record(&self, principal: &Principal, what: AccessEvent) {
        self.recorder.record(Record::by(principal, now(), what));
    }
}
