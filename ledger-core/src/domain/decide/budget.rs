//! Budget between lines: cuts, reallocations, splits and exchanges.

use super::case::{Case, positive};
use super::movements::changes_nothing;
use super::{Breach, Event, Rejection};
use crate::domain::calendar::Month;
use crate::domain::code::ProgrammeCode;
use crate::domain::command::{Cut, ExchangeBudget, LineAmount, Reallocate, ReturnTo, SplitLine};
use crate::domain::ledger::Payer;
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::money::Pence;
use crate::domain::movement::{Leg, Legs, Movement, Outside, Pot};

impl Case<'_> {
    pub(super) fn cut(&mut self, command: &Cut) -> Result<(), Rejection> {
        let Cut { line, amount, month, to, concerns } = *command;
        positive(amount)?;
        self.open_line(&line)?;
        let to = match to {
            Some(to) => to,
            None => self.only_payer(line)?,
        };
        let gets = match to {
            ReturnTo::Treasury => Leg::outside(Outside::Treasury, amount),
            ReturnTo::Fund(fund) => {
                self.known_fund(fund)?;
                Leg::fund(Pot { fund, class: line.class }, amount)
            }
        };
        let legs = smallvec::smallvec![Leg::line(line, amount.negated()), gets];
        let movement = self.movement(month, concerns, legs)?;
        // --- nothing below can fail
        self.emit(Event::Cut(movement));
        Ok(())
    }

    fn only_payer(&self, line: LineKey) -> Result<ReturnTo, Rejection> {
        match self.ledger.line(&line).map(|line| line.payer).unwrap_or_default() {
            Payer::One(fund) => Ok(ReturnTo::Fund(fund)),
            Payer::Several => Err(Rejection::ReturnUnclear { line, payers: "several funds" }),
            Payer::None => Err(Rejection::ReturnUnclear { line, payers: "no fund" }),
        }
    }

    pub(super) fn reallocate(&mut self, command: &Reallocate) -> Result<(), Rejection> {
        let Reallocate { month, from, to, concerns } = command;
        if from.is_empty() || to.is_empty() {
            return Err(Rejection::NoLegs);
        }
        for part in from.iter().chain(to) {
            positive(part.amount)?;
        }
        let sum = |parts: &[LineAmount]| Pence::sum(parts.iter().map(|part| part.amount));
        let (taken, given) = (sum(from), sum(to));
        if taken != given {
            return Err(Rejection::Unbalanced { from: taken, to: given });
        }
        let gives = from.iter().map(|part| Leg::line(part.line, part.amount.negated()));
        let gets = to.iter().map(|part| Leg::line(part.line, part.amount));
        let legs: Legs = gives.chain(gets).collect();
        if changes_nothing(&legs) {
            return Err(Rejection::Zero);
        }
        let movement = self.movement(*month, *concerns, legs)?;
        // --- nothing below can fail
        self.emit(Event::Reallocated(movement));
        Ok(())
    }

    /// Splits an unsplit line. A split is a reclassification: class rules and caps do not apply.
    pub(super) fn split_line(&mut self, command: &SplitLine) -> Result<(), Rejection> {
        let SplitLine { line, capital, revenue, month } = *command;
        if !self.context.has_evidence {
            return Err(Rejection::EvidenceRequired);
        }
        if line.class != BudgetClass::Unsplit {
            return Err(Rejection::NotUnsplit { line });
        }
        for pence in [capital, revenue] {
            if pence.is_negative() {
                return Err(Rejection::NotPositive { pence });
            }
        }
        let sum = capital.plus(revenue);
        positive(sum)?;
        self.open_line(&line)?;
        self.open_programme_of(&line)?;
        self.body_exists(&line, month)?;
        self.open_budget_month(line.year, month)?;
        let parts = [(BudgetClass::Capital, capital), (BudgetClass::Revenue, revenue)];
        let mut legs: Legs = smallvec::smallvec![Leg::line(line, sum.negated())];
        legs.extend(
            parts
                .into_iter()
                .filter(|(_, pence)| !pence.is_zero())
                .map(|(class, pence)| Leg::line(LineKey { class, ..line }, pence)),
        );
        self.balance_rules(&legs)?;
        // --- nothing below can fail
        self.emit(Event::LineSplit(Movement { month, concerns: None, legs }));
        Ok(())
    }

    /// Exchanges budget into the next year's holding line. The Treasury controls exchange by
    /// department, year and class: the limit is a share of the class's budget of the year, before
    /// any exchange in or out.
    pub(super) fn exchange_budget(&mut self, command: &ExchangeBudget) -> Result<(), Rejection> {
        let ExchangeBudget { line, amount, month } = *command;
        positive(amount)?;
        self.open_line(&line)?;
        self.open_programme_of(&line)?;
        self.open_budget_month(line.year, month)?;
        self.open_budget_month(line.year.next(), Month::M1)?;
        let LineKey { year, class, .. } = line;
        let used = self.ledger.exchanged(year, class);
        let arrived = self.ledger.exchanged(year.before(), class);
        let budget = self.ledger.class_budget(year, class).plus(used).minus(arrived);
        let limit = budget.share(self.policy.budget_exchange.share(class));
        if used.plus(amount) > limit {
            let since = self.ledger.policy_since(self.context.recorded);
            let breach = Breach::BudgetExchange { line, pence: amount, limit, used, since };
            self.enforce(self.policy.budget_exchange.severity, breach)?;
        }
        let holding = LineKey {
            programme: ProgrammeCode::EXCHANGE,
            body: self.ledger.department().unwrap_or(line.body),
            year: line.year.next(),
            ..line
        };
        let legs: Legs =
            smallvec::smallvec![Leg::line(line, amount.negated()), Leg::line(holding, amount)];
        self.balance_rules(&legs)?;
        // --- nothing below can fail
        self.emit(Event::BudgetExchanged(Movement { month, concerns: None, legs }));
        Ok(())
    }
}
