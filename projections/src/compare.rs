//! Compares live read models with ones rebuilt from the log, as at a position. Verification uses
//! it.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::position::Position;

use crate::flows::FlowQuery;
use crate::measure::Measure;
use crate::scope::Scope;
use crate::year::{Table, Year};
use crate::{Moment, ReadModels};

/// The result of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The number of figures compared.
    pub figures: u64,
    /// The number of lines compared.
    pub lines: u64,
    /// The number of years compared.
    pub years: u64,
    /// A description of each difference.
    pub differences: Vec<String>,
}

/// Compares every figure, and every list, as at a position.
pub fn compare(live: &ReadModels, rebuilt: &ReadModels, at: Position) -> Comparison {
    let mut comparison = Comparison::default();
    for year in live.planned.years() {
        match rebuilt.planned.year(year.year()) {
            Some(other) => comparison.year(year, other, at),
            // A year opened after the position has no line to compare.
            None => comparison.check(year.lines().iter().all(|line| line.opened > at), || {
                format!("{}, which the log does not have by then", year.year())
            }),
        }
    }
    for year in rebuilt.planned.years() {
        let known = live.planned.year(year.year()).is_some();
        comparison.check(known, || format!("{}, which the read models lack", year.year()));
    }
    for (fund, _) in rebuilt.register.funds(at) {
        for class in ledger_core::domain::line::BudgetClass::ALL {
            let pot = ledger_core::domain::movement::Pot { fund, class };
            let same = live.funds.at(pot, at) == rebuilt.funds.at(pot, at);
            comparison.check(same, || format!("the balance of {pot}"));
        }
    }
    let names = |models: &ReadModels| {
        let programmes = models.register.programmes(at);
        let named =
            programmes.map(|(code, p)| (code, p.name.at(at).cloned(), p.status.at(at).copied()));
        named.collect::<Vec<_>>()
    };
    comparison.check(names(live) == names(rebuilt), || "the register of programmes".to_owned());
    let same = live.proposals.all(at).eq(rebuilt.proposals.all(at));
    comparison.check(same, || "the proposals".to_owned());
    let same = live.proposals.delegations(at).eq(rebuilt.proposals.delegations(at));
    comparison.check(same, || "the delegations".to_owned());
    let same = live.policies_recorded(at).eq(rebuilt.policies_recorded(at));
    comparison.check(same, || "the policies".to_owned());
    let same = live.claims.totals(at).eq(rebuilt.claims.totals(at));
    comparison.check(same, || "the scopes of published figures".to_owned());
    let same = live.claims.published(at).eq(rebuilt.claims.published(at));
    comparison.check(same, || "the published figures".to_owned());
    for year in rebuilt.planned.years() {
        let year = year.year();
        let all = Scope::everything();
        let (ours, theirs) = (live.within(all), rebuilt.within(all));
        let same = ours.systems(year, at) == theirs.systems(year, at);
        comparison.check(same, || format!("the systems of {year}"));
        let moment = |models: &ReadModels| {
            let time = models.times.recorded(at).unwrap_or_default();
            Moment { position: at, time }
        };
        let query = FlowQuery::of_year(year, moment(live));
        let of_other = FlowQuery::of_year(year, moment(rebuilt));
        let same = ours.flows(&query) == theirs.flows(&of_other);
        comparison.check(same, || format!("who paid for whom in {year}"));
        let same = ours.origins(&query) == theirs.origins(&of_other);
        comparison.check(same, || format!("the origins of the money of {year}"));
        let same = ours.exchanges(year, at) == theirs.exchanges(year, at);
        comparison.check(same, || format!("what was deferred from {year}"));
        let same = ours.switches(year, at) == theirs.switches(year, at);
        comparison.check(same, || format!("the switches of {year}"));
    }
    let same = live.times.recorded(at) == rebuilt.times.recorded(at);
    comparison.check(same, || format!("when entry {at} was recorded"));
    comparison
}

impl Comparison {
    fn check(&mut self, same: bool, what: impl FnOnce() -> String) {
        self.figures += 1;
        if !same {
            self.differences.push(what());
        }
    }

    fn year(&mut self, live: &Year, rebuilt: &Year, at: Position) {
        self.years += 1;
        let (mut ours, mut theirs) = (Table::default(), Table::default());
        for month in Month::all() {
            live.line_table(at, month, &mut ours);
            rebuilt.line_table(at, month, &mut theirs);
            for (number, line) in live.lines().iter().enumerate() {
                let measures = ours.measures(number);
                let other = if number < theirs.cells() {
                    theirs.measures(number)
                } else {
                    crate::measure::Measures::default()
                };
                for measure in Measure::ALL {
                    let same = measures.get(measure) == other.get(measure);
                    self.check(same, || format!("{measure:?} of {} through {month}", line.key));
                }
                // Reading one line uses another path than reading the table.
                let alone = live.line_measures(number, at, month);
                self.check(alone == measures, || {
                    format!("{} read alone through {month}", line.key)
                });
            }
        }
        for (number, line) in live.lines().iter().enumerate().filter(|(_, l)| l.opened <= at) {
            self.lines += 1;
            let same = rebuilt.find(&line.key) == Some(number)
                && live.original(number, at) == rebuilt.original(number, at);
            self.check(same, || format!("the original budget of {}", line.key));
        }
        let closed = live.is_hard_closed(at) == rebuilt.is_hard_closed(at);
        self.check(closed, || format!("whether {} is closed", live.year()));
        let (mut cells, mut sums) = (Table::default(), Table::default());
        live.table(at, Month::M13, &mut cells);
        rebuilt.table(at, Month::M13, &mut sums);
        for (number, cell) in rebuilt.cells().iter().enumerate() {
            let same = cells.measures(number) == sums.measures(number);
            self.check(same, || format!("the sum of {} {}", cell.programme, cell.class));
        }
    }
}
