//! What-if on a data folder, and what if all that waits were posted.

use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::log::entry::Entry;
use ledger_core::log::read::entry_at;
use ledger_core::log::store::{Damage, ReadError};
use projections::scope::Scope;
use projections::what_if::WhatIf;
use projections::{AsAt, Moment, QueryError, ReadModels};

use super::Folder;
use crate::access::gate::Denied;
use crate::book::BookView;
use crate::changes::proposed;
use crate::cli::exit::CliError;
use crate::cli::postings_file::all_pass;
use crate::cli::source::answer::{Change, Supposed};
use crate::cli::source::supposing::{self, Supposing};
use crate::supposing::{Judged, changes, suppose};

/// The book, or what it would be.
pub(in crate::cli::source) struct Look {
    view: BookView,
    supposed: Option<WhatIf>,
}

impl Look {
    pub(in crate::cli::source) fn models(&self) -> &ReadModels {
        self.supposed.as_ref().map_or(self.view.models(), WhatIf::models)
    }

    /// The moment that an earlier state is as at: see [`WhatIf::moment_before`].
    pub(in crate::cli::source) fn moment_before(&self, as_at: AsAt) -> Result<Moment, QueryError> {
        match &self.supposed {
            Some(supposed) => supposed.moment_before(as_at),
            None => self.models().moment(as_at),
        }
    }

    /// An entry; none where there is no such entry, nor would be.
    pub(in crate::cli::source) fn entry(
        &self,
        position: Position,
    ) -> Result<Option<Entry<'static>>, ReadError> {
        match &self.supposed {
            Some(supposed) if position > supposed.from().position => {
                let entry = supposed.line(position).map(Entry::from_line).transpose();
                let damage = |what| Damage { entry: position, place: None, what };
                let entry = entry.map_err(|error| damage(error.to_string()))?;
                Ok(entry.map(Entry::into_owned))
            }
            _ => entry_at(self.view.store(), position),
        }
    }
}

impl Folder {
    /// The same folder, with what is supposed.
    pub(in crate::cli) fn supposing(self, supposing: Supposing) -> Self {
        Folder { supposing: Some(supposing), ..self }
    }

    /// For what reads the log or writes to it: what is supposed is not in it.
    pub(super) fn supposes_nothing(&self) -> Result<(), CliError> {
        supposing::nothing(self.supposing.is_some())
    }

    /// The book with its figures, or what it would be.
    pub(in crate::cli::source) fn look(&self) -> Result<Look, CliError> {
        let view = self.read()?;
        let Some(supposing) = &self.supposing else {
            return Ok(Look { view, supposed: None });
        };
        let Supposing { after, postings, .. } = supposing;
        let (supposed, judged) = self.after(&view, *after, &postings.postings)?;
        all_pass(&postings.lines, judged.into_iter().map(|judged| judged.map_err(CliError::from)))?;
        supposing.note(supposed.from().position);
        Ok(Look { view, supposed: Some(supposed) })
    }

    /// The book as it would be, told to those who may read all of it.
    fn after(
        &self,
        view: &BookView,
        as_at: AsAt,
        postings: &[Posting],
    ) -> Result<(WhatIf, Judged), CliError> {
        let models = view.models();
        if !self.scope(models).is_everything() {
            return Err(Denied::Unscoped.into());
        }
        let mut supposed = WhatIf::new(models, models.moment(as_at)?);
        let judged = suppose(&mut supposed, view.store(), postings, &*self.named(None)?)?;
        Ok((supposed, judged))
    }

    /// What postings would change, had they been made after a moment.
    pub(super) fn suppose(&self, as_at: AsAt, postings: &[Posting]) -> Result<Supposed, CliError> {
        let (supposed, judged) = self.after(&self.view()?, as_at, postings)?;
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
