//! Budget that one person has moved out of one fund or programme within the policy's window.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::domain::actor::ActorDigest;
use crate::domain::calendar::Timestamp;
use crate::domain::money::Pence;
use crate::domain::movement::{Account, Leg};
use crate::domain::sign_off::{Counted, MoneySource};

/// The movements of one person out of one source, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Outflow(VecDeque<(Timestamp, Counted)>);

impl Ledger<'_> {
    /// What each fund or programme loses by some legs, in order of first appearance. A programme
    /// counts with all below it, at every level of its tree: what moves within it does not leave
    /// it, and its parts share its limit.
    pub(in crate::domain) fn losses(&self, legs: &[Leg]) -> Vec<(MoneySource, Pence)> {
        let mut nets: Vec<(MoneySource, Pence)> = Vec::new();
        let mut add = |source, pence: Pence| match nets.iter_mut().find(|(of, _)| *of == source) {
            Some((_, net)) => *net = net.plus(pence),
            None => nets.push((source, pence)),
        };
        for leg in legs {
            match leg.account {
                Account::Fund(pot) => add(MoneySource::Fund(pot.fund), leg.pence),
                Account::Line(line) => {
                    for programme in self.programme_path(line.programme) {
                        add(MoneySource::Programme(programme), leg.pence);
                    }
                }
                Account::Outside(_) => {}
            }
        }
        nets.retain(|(_, net)| net.is_negative());
        nets.into_iter().map(|(source, net)| (source, net.negated())).collect()
    }

    /// What a person has moved out of a source since a moment.
    pub(in crate::domain) fn moved_out(
        &self,
        by: ActorDigest,
        source: MoneySource,
        since: Timestamp,
    ) -> impl Iterator<Item = Counted> {
        let moved = self.outflows.get(&(by, source)).into_iter().flat_map(|outflow| &outflow.0);
        moved.filter(move |(recorded, _)| *recorded >= since).map(|(_, counted)| *counted)
    }

    /// Records a movement, where the policy in force limits what one person moves.
    pub(super) fn record_outflow(&mut self, legs: &[Leg]) {
        let Some((_, policy)) = self.policy(self.recorded) else { return };
        let Some(limit) = policy.sign_off.movements else { return };
        let since = self.recorded.minus_days(limit.window_days);
        let (by, entry, recorded) = (self.by, self.position, self.recorded);
        for (source, pence) in self.losses(legs) {
            let Outflow(moved) = self.outflows.get_or_insert_with(&(by, source), Outflow::default);
            while moved.front().is_some_and(|(earliest, _)| *earliest < since) {
                moved.pop_front();
            }
            moved.push_back((recorded, Counted { entry, pending: false, pence }));
        }
    }
}
