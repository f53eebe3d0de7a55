//! Funding: settlements, earmarks for funds below, cancellations, and allocations to lines.

use super::case::{Case, positive};
use super::movements::within_limit;
use super::{Event, Rejection};
use crate::domain::code::FundCode;
use crate::domain::command::{Allocate, CancelFund, Earmark, ReturnTo, SettleFunding};
use crate::domain::event::{Earmarked, FundCancelled, FundingSettled};
use crate::domain::line::BudgetClass;
use crate::domain::money::Pence;
use crate::domain::movement::{Leg, Legs, Outside, Pot};
use crate::domain::rejection::PlanRejection;

impl Case<'_> {
    pub(super) fn settle_funding(&mut self, command: &SettleFunding) -> Result<(), Rejection> {
        let SettleFunding { fund, class, from, to, new_money, reannounced } = *command;
        self.known_fund(fund)?;
        if from > to {
            return Err(Rejection::YearsReversed { from, to });
        }
        for pence in [new_money, reannounced] {
            if pence.is_negative() {
                return Err(Rejection::NotPositive { pence });
            }
        }
        let settled = new_money.plus(reannounced);
        if settled.is_zero() {
            return Err(Rejection::Zero);
        }
        let pot = Pot { fund, class };
        within_limit(settled)?;
        let parts = [(Outside::Treasury, new_money), (Outside::ExistingBudgets, reannounced)];
        let mut legs: Legs = parts
            .into_iter()
            .filter(|(_, pence)| !pence.is_zero())
            .map(|(outside, pence)| Leg::outside(outside, pence.negated()))
            .collect();
        legs.push(Leg::fund(pot, settled));
        self.balance_rules(&legs)?;
        // --- nothing below can fail
        self.emit(Event::FundingSettled(FundingSettled { fund, class, from, to, legs }));
        Ok(())
    }

    pub(super) fn earmark(&mut self, command: &Earmark) -> Result<(), Rejection> {
        let Earmark { fund, class, to } = command;
        self.known_fund(*fund)?;
        if to.is_empty() {
            return Err(Rejection::NoLegs);
        }
        for part in to {
            self.known_fund(part.fund)?;
            if self.parent_of(part.fund) != Some(*fund) {
                return Err(Rejection::NotChildFund { parent: *fund, child: part.fund });
            }
            positive(part.amount)?;
        }
        let sum = Pence::sum(to.iter().map(|part| part.amount));
        let pot = |fund| Pot { fund, class: *class };
        let mut legs: Legs = smallvec::smallvec![Leg::fund(pot(*fund), sum.negated())];
        legs.extend(to.iter().map(|part| Leg::fund(pot(part.fund), part.amount)));
        self.balance_rules(&legs)?;
        // --- nothing below can fail
        self.emit(Event::Earmarked(Earmarked { legs }));
        Ok(())
    }

    /// Gives up what a fund and those below it have unallocated.
    pub(super) fn cancel_fund(&mut self, command: &CancelFund) -> Result<(), Rejection> {
        let CancelFund { fund, class, to } = *command;
        self.known_fund(fund)?;
        if let ReturnTo::Fund(to) = to {
            self.known_fund(to)?;
            if to == fund || !self.is_below(fund, to) {
                return Err(PlanRejection::NotAboveFund { fund, to }.into());
            }
        }
        let classes =
            BudgetClass::ALL.into_iter().filter(|one| class.is_none_or(|class| class == *one));
        let mut legs = Legs::new();
        let mut funds = self.ledger.fund_codes();
        funds.retain(|code| self.is_below(*code, fund));
        for class in classes {
            let pots = funds.iter().map(|fund| Pot { fund: *fund, class });
            let free = pots.map(|pot| (pot, self.ledger.unallocated(pot)));
            let free: Vec<_> = free.filter(|(_, pence)| pence.is_positive()).collect();
            let sum = Pence::sum(free.iter().map(|(_, pence)| *pence));
            if sum.is_zero() {
                continue;
            }
            legs.extend(free.into_iter().map(|(pot, pence)| Leg::fund(pot, pence.negated())));
            legs.push(match to {
                ReturnTo::Treasury => Leg::outside(Outside::Treasury, sum),
                ReturnTo::Fund(fund) => Leg::fund(Pot { fund, class }, sum),
            });
        }
        if legs.is_empty() {
            return Err(PlanRejection::NothingUnallocated { fund }.into());
        }
        self.balance_rules(&legs)?;
        // --- nothing below can fail
        self.emit(Event::FundCancelled(FundCancelled { fund, legs }));
        Ok(())
    }

    /// Whether a fund is another, or below it.
    fn is_below(&self, fund: FundCode, above: FundCode) -> bool {
        std::iter::successors(Some(fund), |code| self.parent_of(*code)).any(|code| code == above)
    }

    pub(super) fn allocate(&mut self, command: &Allocate) -> Result<(), Rejection> {
        let Allocate { fund, class, month, to, concerns } = command;
        self.known_fund(*fund)?;
        for part in to {
            if part.amount.is_negative() {
                return Err(Rejection::NotPositive { pence: part.amount });
            }
            let pot = Pot { fund: *fund, class: class.unwrap_or(part.line.class) };
            if part.amount.is_positive() && !self.ledger.is_settled_for(pot, part.line.year) {
                let (fund, class, year) = (pot.fund, pot.class, part.line.year);
                return Err(Rejection::YearNotSettled { fund, class, year });
            }
        }
        let mut legs = Legs::new();
        for part in to {
            let pot = Pot { fund: *fund, class: class.unwrap_or(part.line.class) };
            // An allocation of £0.00 opens the line and takes nothing from the fund.
            if !part.amount.is_zero() {
                legs.push(Leg::fund(pot, part.amount.negated()));
            }
            legs.push(Leg::line(part.line, part.amount));
        }
        let movement = self.movement(*month, *concerns, legs)?;
        // --- nothing below can fail
        self.emit(Event::Allocated(movement));
        Ok(())
    }
}
