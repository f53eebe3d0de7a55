//! Which lines a question is about.

use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::line::{BudgetClass, LineKey};

use super::BudgetQuery;
use crate::ReadModels;

/// Which lines a query wants.
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

    /// Whether it wants lines of that programme and class, of whichever bodies.
    pub(crate) fn has_pool(&self, line: &LineKey) -> bool {
        self.programmes.as_ref().is_none_or(|codes| codes.binary_search(&line.programme).is_ok())
            && self.class.is_none_or(|class| line.class == class)
    }
}

impl ReadModels {
    /// The lines that a query wants.
    pub(crate) fn wanted(&self, query: &BudgetQuery) -> Wanted {
        let at = query.moment.position;
        let below = |code| {
            let all = self.register.programmes(at).map(|(code, _)| code);
            all.filter(|below| self.register.programme_path(*below).any(|above| above == code))
                .collect()
        };
        let bodies_below = |code| {
            let all = self.register.bodies(at).map(|(code, _)| code);
            all.filter(|below| self.register.body_path(*below).any(|above| above == code)).collect()
        };
        Wanted {
            programmes: query.programme.map(below),
            bodies: query.body.map(bodies_below),
            class: query.class,
        }
    }
}
