//! Scopes and claims, as far as deciding needs to know them.

use super::Ledger;
use crate::domain::code::{ClaimCode, ScopeCode};
use crate::domain::event::FigurePublished;

impl Ledger<'_> {
    pub(in crate::domain) fn has_scope(&self, code: ScopeCode) -> bool {
        self.scopes.contains(&code)
    }

    pub(in crate::domain) fn scope_codes(&self) -> Vec<ScopeCode> {
        self.scopes.sorted_keys()
    }

    pub(in crate::domain) fn claim_codes(&self) -> Vec<ClaimCode> {
        self.claims.sorted_keys()
    }

    /// A published figure, known by the claim that took its place; none of its own where it stands.
    pub(in crate::domain) fn claim(&self, code: ClaimCode) -> Option<Option<ClaimCode>> {
        self.claims.get(&code).copied()
    }

    pub(super) fn note_claim(&mut self, published: &FigurePublished) {
        self.claims.insert(published.code, None);
        if let Some(earlier) = published.supersedes {
            self.claims.insert(earlier, Some(published.code));
        }
    }
}
