//! Fund balances, as at any position: settled, earmarked, allocated and unallocated.
//!
//! Answers the questions:
//!
//! - How much of a fund is new money?
//! - What is the uncancelled balance of a fund, by year and class?

use std::collections::BTreeMap;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::FundCode;
use ledger_core::domain::event::{Event, with_undone};
use ledger_core::domain::ledger::PotBalance;
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::{Account, Leg, Outside, Pot};
use ledger_core::domain::position::Position;
use ledger_core::projection::{Posted, Projection};
use serde::{Deserialize, Serialize};

use crate::growing::Growing;
use crate::scope::Within;

/// A running sum, one value for each change. Found by bisection.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Series(Growing<(Position, Pence)>);

impl Series {
    fn add(&mut self, at: Position, pence: Pence) {
        let sum = self.0.last().map_or(Pence::ZERO, |(_, sum)| sum).plus(pence);
        self.0.push((at, sum));
    }

    fn at(&self, at: Position) -> Pence {
        let last = self.changes_until(at).checked_sub(1);
        last.map_or(Pence::ZERO, |index| self.0.at(index).1)
    }

    fn changes_until(&self, at: Position) -> usize {
        self.0.partition_point(0..self.0.len(), |(position, _)| position <= at)
    }

    fn until(&self, at: Position) -> Self {
        Series(self.0.first(self.changes_until(at)))
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct PotSeries {
    new_money: Series,
    reannounced: Series,
    earmarked: Series,
    allocated: Series,
    cancelled: Series,
    entries: Growing<Position>,
    /// In order.
    settled_for: Vec<Settled>,
}

/// A settlement's years, and whether it undoes an earlier one.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Settled {
    at: Position,
    years: (FinancialYear, FinancialYear),
    undone: bool,
}

impl PotSeries {
    fn entries_until(&self, at: Position) -> usize {
        self.entries.partition_point(0..self.entries.len(), |position| position <= at)
    }

    fn until(&self, at: Position) -> Self {
        PotSeries {
            new_money: self.new_money.until(at),
            reannounced: self.reannounced.until(at),
            earmarked: self.earmarked.until(at),
            allocated: self.allocated.until(at),
            cancelled: self.cancelled.until(at),
            entries: self.entries.first(self.entries_until(at)),
            settled_for: self.settled_for.iter().take_while(|one| one.at <= at).copied().collect(),
        }
    }
}

/// A fund's own money in one class, in pence. Its child funds count apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FundBalance {
    /// Settled from the Treasury.
    pub new_money: Pence,
    /// Settled from existing budgets.
    pub reannounced: Pence,
    /// Received from the funds above, less what went to funds below.
    pub earmarked: Pence,
    /// Moved to lines, less what came back from cuts and cancelled programmes.
    pub allocated: Pence,
    /// Given up to the Treasury when the fund was cancelled.
    pub cancelled: Pence,
}

impl FundBalance {
    /// New and re-announced money together.
    pub fn settled(&self) -> Pence {
        self.new_money.plus(self.reannounced)
    }

    /// The money left to allocate.
    pub fn unallocated(&self) -> Pence {
        self.settled().plus(self.earmarked).minus(self.allocated).minus(self.cancelled)
    }

    /// Adds another balance.
    #[must_use]
    pub fn plus(&self, other: &FundBalance) -> FundBalance {
        FundBalance {
            new_money: self.new_money.plus(other.new_money),
            reannounced: self.reannounced.plus(other.reannounced),
            earmarked: self.earmarked.plus(other.earmarked),
            allocated: self.allocated.plus(other.allocated),
            cancelled: self.cancelled.plus(other.cancelled),
        }
    }
}

/// The balance of some funds in one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassBalance {
    /// The class.
    pub class: BudgetClass,
    /// The first and last year that its money may be allocated to; None where none was settled.
    pub years: Option<(FinancialYear, FinancialYear)>,
    /// The balance.
    pub balance: FundBalance,
}

/// The balances of every fund and class.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct FundBalances {
    #[serde(with = "rows")]
    pots: BTreeMap<Pot, PotSeries>,
}

impl FundBalances {
    /// A copy as at a position.
    pub(crate) fn until(&self, at: Position) -> Self {
        let pots = self.pots.iter().map(|(pot, series)| (*pot, series.until(at)));
        FundBalances { pots: pots.filter(|(_, series)| series.entries.len() > 0).collect() }
    }

    /// A fund's balance in one class as at a position.
    pub(crate) fn at(&self, pot: Pot, at: Position) -> FundBalance {
        self.pots.get(&pot).map_or_else(FundBalance::default, |series| FundBalance {
            new_money: series.new_money.at(at),
            reannounced: series.reannounced.at(at),
            earmarked: series.earmarked.at(at),
            allocated: series.allocated.at(at),
            cancelled: series.cancelled.at(at),
        })
    }

    /// The funds and classes with any money so far.
    pub(crate) fn pots(&self) -> impl Iterator<Item = Pot> {
        self.pots.keys().copied()
    }

    /// The years of a fund's settlements in one class, in order, each with whether it undoes one.
    pub(crate) fn settled_for(
        &self,
        pot: Pot,
    ) -> impl Iterator<Item = ((FinancialYear, FinancialYear), bool)> {
        let settled = self.pots.get(&pot).map_or(&[][..], |pot| &pot.settled_for);
        settled.iter().map(|one| (one.years, one.undone))
    }

    /// The years of each settlement of a fund in one class that stands as at a position.
    fn spans(&self, pot: Pot, at: Position) -> Vec<(FinancialYear, FinancialYear)> {
        let mut state = PotBalance::default();
        let settled = self.pots.get(&pot).map_or(&[][..], |pot| &pot.settled_for);
        for one in settled.iter().take_while(|one| one.at <= at) {
            state.record_settlement(one.years, one.undone);
        }
        state.settled_for
    }

    /// The classes in which a fund has had money.
    pub(crate) fn classes(&self, fund: FundCode, at: Position) -> Vec<BudgetClass> {
        let pots = BudgetClass::ALL.map(|class| Pot { fund, class });
        let used = |pot: &Pot| self.entries(*pot, at).next().is_some();
        pots.into_iter().filter(used).map(|pot| pot.class).collect()
    }

    fn entries(&self, pot: Pot, at: Position) -> impl Iterator<Item = Position> {
        let pot = self.pots.get(&pot).into_iter();
        pot.flat_map(move |series| series.entries.range(0..series.entries_until(at)))
    }

    /// Bytes of memory that grow with the number of entries.
    pub(crate) fn memory(&self) -> usize {
        let of = |pot: &PotSeries| {
            let PotSeries { new_money, reannounced, earmarked, allocated, cancelled, .. } = pot;
            let sums = [new_money, reannounced, earmarked, allocated, cancelled];
            sums.map(|series| series.0.memory()).iter().sum::<usize>() + pot.entries.memory()
        };
        self.pots.values().map(of).sum()
    }

    fn change(&mut self, at: Position, legs: &[Leg], add: impl Fn(&mut PotSeries, Pence)) {
        for leg in legs {
            if let Account::Fund(pot) = leg.account {
                let pot = self.pots.entry(pot).or_default();
                note(&mut pot.entries, at);
                add(pot, leg.pence);
            }
        }
    }
}

/// A fund's balance sums over all lines, so it takes the whole book, or a role that names the fund.
impl<'m> Within<'m> {
    /// A fund's balance in one class; None unless the scope includes it.
    pub fn fund_balance(&self, pot: Pot, at: Position) -> Option<FundBalance> {
        self.scope.admits_fund(pot.fund).then(|| self.models.funds.at(pot, at))
    }

    /// The entries behind a fund's balance in one class, in order; empty unless the scope is the
    /// whole book.
    pub fn fund_entries(&self, pot: Pot, at: Position) -> impl Iterator<Item = Position> + use<'m> {
        let funds = self.scope.is_everything().then_some(&self.models.funds);
        funds.into_iter().flat_map(move |funds| funds.entries(pot, at))
    }

    /// The balances of the chosen funds, summed by class, without classes none of them had money
    /// in. Funds out of the scope are left out.
    pub fn fund_sums(&self, at: Position, chosen: impl Fn(FundCode) -> bool) -> Vec<ClassBalance> {
        let funds = &self.models.funds;
        let codes = self.models.register.funds(at).map(|(code, _)| code);
        let wanted = |code: &FundCode| self.scope.admits_fund(*code) && chosen(*code);
        let codes: Vec<FundCode> = codes.filter(wanted).collect();
        let of_class = |class| {
            let used = |code: &&FundCode| funds.classes(**code, at).contains(&class);
            let pots = codes.iter().filter(used).map(|fund| Pot { fund: *fund, class });
            let balances = pots.map(|pot| funds.at(pot, at));
            let balance = balances.reduce(|sum, balance| sum.plus(&balance))?;
            Some(ClassBalance { class, years: self.settled_years(&codes, class, at), balance })
        };
        BudgetClass::ALL.into_iter().filter_map(of_class).collect()
    }
}

impl Within<'_> {
    /// The first and last year that money of these funds may be allocated to: the years settled on
    /// them, and on the funds above that earmark for them.
    fn settled_years(
        &self,
        funds: &[FundCode],
        class: BudgetClass,
        at: Position,
    ) -> Option<(FinancialYear, FinancialYear)> {
        let with_above = funds.iter().flat_map(|fund| self.models.register.fund_path(*fund));
        let spans = with_above.flat_map(|fund| self.models.funds.spans(Pot { fund, class }, at));
        spans.reduce(|(from, to), (first, last)| (from.min(first), to.max(last)))
    }
}

fn note(entries: &mut Growing<Position>, at: Position) {
    if entries.last() != Some(at) {
        entries.push(at);
    }
}

impl Projection for FundBalances {
    fn apply(&mut self, entry: &Posted<'_>) {
        let at = entry.position;
        for (event, undone) in with_undone(entry.events) {
            match event {
                Event::FundingSettled(settled) => {
                    let pot = Pot { fund: settled.fund, class: settled.class };
                    let series = self.pots.entry(pot).or_default();
                    note(&mut series.entries, at);
                    let years = (settled.from, settled.to);
                    let undone = undone.is_some();
                    series.settled_for.push(Settled { at, years, undone });
                    for leg in &settled.legs {
                        let came = leg.pence.negated();
                        match leg.account {
                            Account::Outside(Outside::Treasury) => series.new_money.add(at, came),
                            Account::Outside(Outside::ExistingBudgets) => {
                                series.reannounced.add(at, came);
                            }
                            Account::Fund(_) | Account::Line(_) => {}
                        }
                    }
                }
                Event::Earmarked(earmarked) => {
                    self.change(at, &earmarked.legs, |pot, pence| pot.earmarked.add(at, pence));
                }
                Event::FundCancelled(cancelled) => {
                    let outside = |leg: &Leg| matches!(leg.account, Account::Outside(_));
                    // Legs come class by class, all with one destination.
                    if cancelled.legs.iter().any(outside) {
                        let add = |pot: &mut PotSeries, pence: Pence| {
                            pot.cancelled.add(at, pence.negated());
                        };
                        self.change(at, &cancelled.legs, add);
                    } else {
                        self.change(at, &cancelled.legs, |pot, pence| pot.earmarked.add(at, pence));
                    }
                }
                Event::Allocated(movement)
                | Event::Cut(movement)
                | Event::Reallocated(movement)
                | Event::Withdrawn(movement)
                | Event::LineSplit(movement)
                | Event::BudgetExchanged(movement) => {
                    // The leg is the fund's: negative where lines get money.
                    let add = |pot: &mut PotSeries, pence: Pence| {
                        pot.allocated.add(at, pence.negated());
                    };
                    self.change(at, &movement.legs, add);
                }
                Event::BookOpened(_)
                | Event::BodyRegistered(_)
                | Event::BodyClosed(_)
                | Event::BodiesMerged(_)
                | Event::ProgrammeOpened(_)
                | Event::ProgrammeRenamed(_)
                | Event::ProgrammeClosed(_)
                | Event::ProgrammeCancelled(_)
                | Event::ProgrammeReinstated(_)
                | Event::FundEstablished(_)
                | Event::Committed(_)
                | Event::CommitmentReleased(_)
                | Event::Accrued(_)
                | Event::AccrualReleased(_)
                | Event::ActualRecorded(_)
                | Event::ForecastRevised(_)
                | Event::ForecastWithdrawn(_)
                | Event::UnderspendExplained(_)
                | Event::ProfileSet(_)
                | Event::BaselineStruck(_)
                | Event::BaselineWithdrawn(_)
                | Event::PeriodClosed(_)
                | Event::PeriodReopened(_)
                | Event::Reversed(_)
                | Event::PolicyAdopted(_)
                | Event::Proposal(_)
                | Event::Delegation(_)
                | Event::OffsetLinked(_)
                | Event::ScopeDefined(_)
                | Event::FigurePublished(_) => {}
            }
        }
    }
}

/// A snapshot stores rows, since a JSON key cannot be a pair.
mod rows {
    use super::{BTreeMap, Pot, PotSeries};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        pots: &BTreeMap<Pot, PotSeries>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(pots)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Pot, PotSeries>, D::Error> {
        Ok(Vec::<(Pot, PotSeries)>::deserialize(deserializer)?.into_iter().collect())
    }
}
