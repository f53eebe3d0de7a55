//! What whoever has signed in may do with a folder's book.

use std::sync::Arc;

use ledger_core::domain::actor::Actor;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::{ActorId, TextError};
use projections::ReadModels;
use projections::scope::Scope;

use super::folder::Folder;
use crate::access::delegated;
use crate::access::gate::{self, Denied};
use crate::access::keyring::Keyring;
use crate::access::known::Guarded;
use crate::access::role::Role;
use crate::book::Book;
use crate::cli::door;
use crate::cli::exit::{CliError, Exit};

/// Who posts, unless someone is named.
const ACTOR: &str = "local";

impl Folder {
    /// Who posts: who has signed in, and nobody else.
    pub(super) fn named(&self, actor: Option<&ActorId>) -> Result<Arc<Actor>, CliError> {
        match &self.principal {
            None => Ok((&local(actor)?).into()),
            Some(principal) if actor.is_none_or(|actor| *actor == principal.id) => {
                Ok(principal.actor())
            }
            Some(principal) => Err(CliError::new(
                Exit::NotAuthorised,
                "FORBIDDEN",
                format!(
                    "{} is signed in, and posts as nobody else: leave out --actor",
                    principal.id
                ),
            )),
        }
    }

    pub(super) fn may_read(&self) -> Result<(), CliError> {
        let Some(principal) = &self.principal else { return Ok(()) };
        Ok(gate::may_read(principal)?)
    }

    /// For what tells of the whole book, restricted programmes included.
    pub(in crate::cli) fn may_read_all(&self) -> Result<(), CliError> {
        let Some(principal) = &self.principal else { return Ok(()) };
        gate::may_read_all(principal)?;
        if self.entry_scope()?.is_everything() { Ok(()) } else { Err(Denied::Unscoped.into()) }
    }

    /// What of the log whoever has signed in may read: to tell that to some takes the whole book.
    pub(super) fn entry_scope(&self) -> Result<Scope, CliError> {
        match &self.principal {
            Some(principal) if !principal.has(Role::Auditor) => {
                Ok(self.scope(self.read()?.models()))
            }
            Some(_) | None => Ok(Scope::default()),
        }
    }

    /// What of the book whoever has signed in may read.
    pub(super) fn scope(&self, models: &ReadModels) -> Scope {
        let scope = self.principal.as_ref().map(|principal| principal.scope(models));
        scope.unwrap_or_default()
    }

    /// Who posts, where they may post all of these.
    pub(super) fn admit(
        &self,
        actor: Arc<Actor>,
        book: &Book,
        postings: &[Posting],
    ) -> Result<Arc<Actor>, CliError> {
        let Some(principal) = &self.principal else { return Ok(actor) };
        let keys = Keyring::open(&self.path)?;
        let known = Guarded { book, keys: Some(&keys) };
        for posting in postings {
            gate::may_post(principal, &posting.command, &known).inspect_err(|_| {
                door::denied(&self.path, principal, "post");
            })?;
        }
        Ok(delegated::actor(principal, &known))
    }
}

fn local(actor: Option<&ActorId>) -> Result<ActorId, CliError> {
    let named = actor.map_or_else(|| ACTOR.parse(), |actor| Ok(actor.clone()));
    named.map_err(|error: TextError| CliError::usage(error.to_string()))
}
