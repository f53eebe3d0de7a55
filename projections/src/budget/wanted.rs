//! The lines a query selects.

use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::position::Position;

use super::BudgetQuery;
use crate::scope::Scope;
use crate::year::{Selection, Year};
use crate::{QueryError, ReadModels};

impl ReadModels {
    pub(crate) fn check_codes(&self, query: &BudgetQuery) -> Result<(), QueryError> {
        self.check_known(query.programme, query.body, query.moment.position)
    }

    pub(super) fn check_known(
        &self,
        programme: Option<ProgrammeCode>,
        body: Option<BodyCode>,
        at: Position,
    ) -> Result<(), QueryError> {
        if let Some(code) = programme
            && self.register.programme(code, at).is_none()
        {
            return Err(QueryError::UnknownProgramme(code));
        }
        if let Some(code) = body
            && self.register.body(code, at).is_none()
        {
            return Err(QueryError::UnknownBody(code));
        }
        Ok(())
    }

    pub(crate) fn wanted(&self, query: &BudgetQuery) -> Wanted {
        let at = query.moment.position;
        let below = |code| {
            let all = self.register.programmes(at).map(|(code, _)| code);
            all.filter(|below| self.register.programme_path(*below).any(|above| above == code))
                .collect()
        };
        let bodies_below = |code| {
            let all = self.register.bodies(at).map(|(code, _)| code);
            all.filter(|below| self.register.body_path(*below, at).any(|above| above == code))
                .collect()
        };
        Wanted {
            programmes: query.programme.map(below),
            bodies: query.body.map(bodies_below),
            class: query.class,
        }
    }

    /// The lines of a year that a query and a scope select; only `line` where given.
    pub(super) fn selection(
        &self,
        year: &Year,
        query: &BudgetQuery,
        line: Option<&LineKey>,
        scope: &Scope,
    ) -> Selection {
        let (wanted, at) = (self.wanted(query), query.moment.position);
        let chosen = year.lines().iter().map(|known| {
            known.opened <= at
                && line.is_none_or(|line| *line == known.key)
                && wanted.has(&known.key)
                && scope.admits(&known.key)
        });
        chosen.collect()
    }
}

/// The lines a query selects.
pub(crate) struct Wanted {
    programmes: Option<Vec<ProgrammeCode>>,
    bodies: Option<Vec<BodyCode>>,
    class: Option<BudgetClass>,
}

impl Wanted {
    pub(crate) fn has(&self, line: &LineKey) -> bool {
        self.has_pool(line)
            && self.bodies.as_ref().is_none_or(|codes| codes.binary_search(&line.body).is_ok())
    }

    /// Whether it selects the line's programme and class, whatever the body.
    pub(crate) fn has_pool(&self, line: &LineKey) -> bool {
        self.programmes.as_ref().is_none_or(|codes| codes.binary_search(&line.programme).is_ok())
            && self.class.is_none_or(|class| line.class == class)
    }
}
