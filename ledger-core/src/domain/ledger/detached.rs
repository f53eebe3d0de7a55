//! Forks that are kept without their base, while the base goes on.

use super::Ledger;

/// The rows that a fork has changed.
#[derive(Debug)]
pub struct Detached(Ledger<'static>);

impl Ledger<'_> {
    /// The rows this fork has changed, without its base.
    pub fn detach(self) -> Detached {
        Detached(self.onto(None))
    }

    /// The same rows on another base.
    fn onto<'c>(self, base: Option<&'c Ledger<'c>>) -> Ledger<'c> {
        Ledger {
            book: self.book,
            department: self.department,
            policies: self.policies,
            position: self.position,
            recorded: self.recorded,
            by: self.by,
            treasury: self.treasury,
            existing_budgets: self.existing_budgets,
            funds: self.funds.onto(base.map(|base| &base.funds)),
            pots: self.pots.onto(base.map(|base| &base.pots)),
            programmes: self.programmes.onto(base.map(|base| &base.programmes)),
            bodies: self.bodies.onto(base.map(|base| &base.bodies)),
            lines: self.lines.onto(base.map(|base| &base.lines)),
            obligations: self.obligations.onto(base.map(|base| &base.obligations)),
            forecasts: self.forecasts.onto(base.map(|base| &base.forecasts)),
            exchanges: self.exchanges.onto(base.map(|base| &base.exchanges)),
            explained: self.explained.onto(base.map(|base| &base.explained)),
            baselines: self.baselines.onto(base.map(|base| &base.baselines)),
            periods: self.periods.onto(base.map(|base| &base.periods)),
            switched: self.switched.onto(base.map(|base| &base.switched)),
            switches: self.switches.onto(base.map(|base| &base.switches)),
            reversed: self.reversed.onto(base.map(|base| &base.reversed)),
            payments: self.payments.onto(base.map(|base| &base.payments)),
            outflows: self.outflows.onto(base.map(|base| &base.outflows)),
            proposals: self.proposals.onto(base.map(|base| &base.proposals)),
            delegations: self.delegations.onto(base.map(|base| &base.delegations)),
            places: self.places.onto(base.map(|base| &base.places)),
            providers: self.providers.onto(base.map(|base| &base.providers)),
            systems: self.systems.onto(base.map(|base| &base.systems)),
            changed: self.changed,
            investments: self.investments.onto(base.map(|base| &base.investments)),
            investors: self.investors.onto(base.map(|base| &base.investors)),
            unsigned: self.unsigned.onto(base.map(|base| &base.unsigned)),
            pending: self.pending.onto(base.map(|base| &base.pending)),
            waiting: self.waiting.onto(base.map(|base| &base.waiting)),
            scopes: self.scopes.onto(base.map(|base| &base.scopes)),
            claims: self.claims.onto(base.map(|base| &base.claims)),
        }
    }
}

impl Detached {
    /// The fork again, on its base as it is now. Rows changed in the fork stay as the fork left them.
    pub fn attach<'b>(self, base: &'b Ledger<'b>) -> Ledger<'b> {
        self.0.onto(Some(base))
    }
}
