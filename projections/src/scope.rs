//! Scopes: the part of a book a reader may see.
//!
//! [`Within`] is the scoped reader: the only way to read figures. Its sums cover the scope alone.

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::position::Position;
pub use ledger_core::domain::scope::{Part, Scope};

use crate::budget::BudgetQuery;
use crate::{QueryError, ReadModels};

/// The read models, limited to a scope.
#[derive(Clone, Copy, Debug)]
pub struct Within<'m> {
    pub(crate) models: &'m ReadModels,
    pub(crate) scope: &'m Scope,
}

impl ReadModels {
    /// The scoped reader: every figure is read through it.
    pub const fn within<'m>(&'m self, scope: &'m Scope) -> Within<'m> {
        Within { models: self, scope }
    }
}

impl Within<'_> {
    /// When an entry was recorded; None where there is no such entry.
    pub fn recorded(&self, position: Position) -> Option<Timestamp> {
        self.models.times.recorded(position)
    }

    /// Refuses a programme the reader may not know, as if it did not exist.
    pub(crate) fn check(&self, query: &BudgetQuery) -> Result<(), QueryError> {
        self.check_programme(query.programme)
    }

    pub(crate) fn check_programme(
        &self,
        programme: Option<ProgrammeCode>,
    ) -> Result<(), QueryError> {
        match programme {
            Some(code) if !self.scope.knows(code) => Err(QueryError::UnknownProgramme(code)),
            Some(_) | None => Ok(()),
        }
    }
}
