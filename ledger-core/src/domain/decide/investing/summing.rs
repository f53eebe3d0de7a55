//! Over what investment is summed: within a window, the greater of budget received and of what was
//! committed or accrued, for each programme at the top of the tree, then over the provider.

use crate::domain::actor::ActorDigest;
use crate::domain::code::{BodyCode, ProgrammeCode};
use crate::domain::decide::required::latest;
use crate::domain::event::Investment;
use crate::domain::ledger::{Invested, Ledger, Place, Window};
use crate::domain::money::Pence;
use crate::domain::position::Position;
use crate::domain::sign_off::{Counted, SignOffPolicy};

/// What to sum.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) rules: &'s SignOffPolicy,
    pub(super) window: Window,
    /// Only what this person made.
    pub(super) by: Option<ActorDigest>,
    /// The proposal that is judged: its pending amounts do not count again.
    pub(super) except: Option<Position>,
}

/// The investment of a provider.
#[derive(Default)]
pub(super) struct Sum(Vec<(ProgrammeCode, Invested)>);

impl Sum {
    /// The amount that counts.
    pub(super) fn pence(&self) -> Pence {
        Pence::sum(self.0.iter().map(|(_, invested)| invested.received.max(invested.made)))
    }

    fn add(&mut self, root: ProgrammeCode, more: Invested) {
        let place = self.0.iter().position(|(of, _)| *of == root).unwrap_or_else(|| {
            self.0.push((root, Invested::default()));
            self.0.len().saturating_sub(1)
        });
        if let Some((_, invested)) = self.0.get_mut(place) {
            invested.received = invested.received.plus(more.received);
            invested.made = invested.made.plus(more.made);
        }
    }

    /// The part of an amount that counts for its programme.
    fn counts(&self, root: ProgrammeCode, amount: Invested) -> Pence {
        match self.0.iter().find(|(of, _)| *of == root) {
            Some((_, sums)) if sums.received > sums.made => amount.received,
            _ => amount.made,
        }
    }
}

/// The programme at the top of the tree, or the one below it where policy names the top a portfolio.
pub(super) fn root_of(
    ledger: &Ledger<'_>,
    rules: &SignOffPolicy,
    programme: ProgrammeCode,
) -> ProgrammeCode {
    let root = ledger.root_of(programme);
    if !rules.portfolios.contains(&root) {
        return root;
    }
    let mut below = programme;
    while let Some(parent) = ledger.programme(below).and_then(|programme| programme.parent)
        && parent != root
    {
        below = parent;
    }
    below
}

/// Sums what a provider has invested and would invest by what waits.
pub(super) fn sum(ledger: &Ledger<'_>, provider: BodyCode, scope: &Scope<'_>) -> Sum {
    let mut sum = Sum::default();
    for investor in ledger.investors(provider, scope.by) {
        let root = root_of(ledger, scope.rules, investor.programme);
        sum.add(root, ledger.invested(&investor, scope.window));
    }
    for (_, root, amount) in pending(ledger, provider, scope) {
        sum.add(root, amount);
    }
    sum
}

/// The amounts that wait, each with its proposal and top programme.
fn pending<'l>(
    ledger: &'l Ledger<'_>,
    provider: BodyCode,
    scope: &'l Scope<'_>,
) -> impl Iterator<Item = (Position, ProgrammeCode, Invested)> + 'l {
    let counts = ledger.pending(provider).iter().filter(|one| {
        Some(one.proposal) != scope.except
            && one.recorded >= scope.window.since
            && scope.by.is_none_or(|maker| maker == one.by)
            && !(one.received && one.proposal < scope.window.began)
    });
    counts.map(|one| {
        let amount = if one.received {
            Invested { received: one.pence, made: Pence::ZERO }
        } else {
            Invested { received: Pence::ZERO, made: one.pence }
        };
        (one.proposal, root_of(ledger, scope.rules, one.programme), amount)
    })
}

/// The entries and proposals behind a sum, except those of the last entry: the latest, and the
/// number left out.
pub(super) fn counted<'p>(
    ledger: &Ledger<'_>,
    providers: impl IntoIterator<Item = (&'p BodyCode, &'p Sum)>,
    scope: &Scope<'_>,
) -> (Vec<Counted>, u32) {
    let mut items: Vec<Counted> = Vec::new();
    for (provider, sum) in providers {
        for investor in ledger.investors(*provider, scope.by) {
            let root = root_of(ledger, scope.rules, investor.programme);
            let entries = ledger.invested_by_entry(&investor, scope.window);
            items.extend(entries.map(|(entry, amount)| {
                let pence = sum.counts(root, amount);
                Counted { entry, pending: false, pence }
            }));
        }
        items.extend(pending(ledger, *provider, scope).map(|(entry, root, amount)| {
            let pence = sum.counts(root, amount);
            Counted { entry, pending: true, pence }
        }));
    }
    items.retain(|one| one.pence.is_positive() && one.entry != ledger.position());
    items.sort_by_key(|one| (one.entry, one.pending));
    items.dedup_by(|next, kept| {
        let same = (next.entry, next.pending) == (kept.entry, kept.pending);
        if same {
            kept.pence = kept.pence.plus(next.pence);
        }
        same
    });
    latest(items)
}

/// What the last entry of a ledger invests for providers, by programme.
pub(super) fn of_entry(ledger: &Ledger<'_>, places: &[Place]) -> Vec<Investment> {
    let window = Window { since: ledger.recorded(), began: ledger.position() };
    let mut found: Vec<Investment> = Vec::new();
    let mut add = |body: BodyCode, programme: ProgrammeCode, pence: Pence, received: bool| {
        let same = |one: &&mut Investment| {
            (one.body, one.programme, one.received) == (body, programme, received)
        };
        match found.iter_mut().find(same) {
            _ if !pence.is_positive() => {}
            Some(one) => one.pence = one.pence.plus(pence),
            None => found.push(Investment { body, programme, pence, received }),
        }
    };
    for Place { provider, .. } in places {
        for investor in ledger.investors(*provider, None) {
            let entries = ledger.invested_by_entry(&investor, window);
            for (_, amount) in entries.filter(|(entry, _)| *entry == ledger.position()) {
                add(*provider, investor.programme, amount.made, false);
                add(*provider, investor.programme, amount.received, true);
            }
        }
    }
    found
}
