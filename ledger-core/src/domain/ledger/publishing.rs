//! The scopes and published figures that deciding needs.

use super::Ledger;
use crate::domain::code::{FigureCode, ScopeCode};
use crate::domain::event::FigurePublished;

impl Ledger<'_> {
    pub(in crate::domain) fn has_scope(&self, code: ScopeCode) -> bool {
        self.scopes.contains(&code)
    }

    pub(in crate::domain) fn scope_codes(&self) -> Vec<ScopeCode> {
        self.scopes.sorted_keys()
    }

    pub(in crate::domain) fn published_figure_codes(&self) -> Vec<FigureCode> {
        self.claims.sorted_keys()
    }

    /// The published figure that superseded this one; inner `None` where none has, outer `None`
    /// where the code is unknown.
    pub(in crate::domain) fn superseding_figure(
        &self,
        code: FigureCode,
    ) -> Option<Option<FigureCode>> {
        self.claims.get(&code).copied()
    }

    pub(super) fn record_published_figure(&mut self, published: &FigurePublished) {
        self.claims.insert(published.code, None);
        if let Some(earlier) = published.supersedes {
            self.claims.insert(earlier, Some(published.code));
        }
    }
}
