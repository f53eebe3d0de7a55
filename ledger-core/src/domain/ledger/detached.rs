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
            turnover: self.turnover,
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
            proposals: self.proposals.onto(base.map(|base| &base.proposals)),
            pending: self.pending.onto(base.map(|base| &base.pending)),
            delegations: self.delegations.onto(base.map(|base| &base.delegations)),
            investments: self.investments.onto(base.map(|base| &base.investments)),
            forecast_lines: self.forecast_lines.onto(base.map(|base| &base.forecast_lines)),
            providers: self.providers.onto(base.map(|base| &base.providers)),
            offsets: self.offsets.onto(base.map(|base| &base.offsets)),
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
