//! What-if on a data folder, and what if all that waits were posted.

use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use projections::scope::Scope;
use projections::what_if::WhatIf;
use projections::{AsAt, Moment, ReadModels};

use super::Folder;
use crate::access::gate::Denied;
use crate::changes::proposed;
use crate::cli::exit::CliError;
use crate::cli::source::answer::{Change, Supposed};
use crate::supposing::{changes, suppose};

impl Folder {
    /// What postings would change, had they been made after a moment.
    pub(super) fn suppose(&self, as_at: AsAt, postings: &[Posting]) -> Result<Supposed, CliError> {
        let view = self.view()?;
        let models = view.models();
        if !self.scope(models).is_everything() {
            return Err(Denied::Unscoped.into());
        }
        let mut supposed = WhatIf::new(models, models.moment(as_at)?);
        let actor = self.named(None)?;
        let judged = suppose(&mut supposed, view.store(), postings, &actor)?;
        Ok(Supposed {
            from: supposed.from().position,
            outcomes: judged.into_iter().map(|judged| judged.map_err(CliError::from)).collect(),
            changes: changes(&supposed).into_iter().map(Change::from).collect(),
        })
    }
}

/// What would change if everything that waits, and may be read, were posted.
pub(super) fn if_all_were_posted(models: &ReadModels, at: Position, scope: &Scope) -> Vec<Change> {
    let moment = Moment { position: at, time: models.times.recorded(at).unwrap_or_default() };
    let effects = models.proposals.if_all_were_posted(at, scope);
    effects.iter().map(|effect| proposed(models, moment, effect).into()).collect()
}
