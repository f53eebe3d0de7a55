//! The ledger as at a position, rebuilt from the read models: the state a what-if judges commands
//! on.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::command::Subjects;
use ledger_core::domain::event::{Destination, Series};
use ledger_core::domain::ledger::{
    Body, Fund, Ledger, Line, Obligation, Payer, PotBalance, Programme, ProgrammeStatus, Rows,
    StatedForecast,
};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::Reference;

use crate::ReadModels;
use crate::measure::{Measure, Measures};
use crate::register::{self, Register};
use crate::year::{Table, Year};

impl ReadModels {
    /// The ledger as at the last entry, limited to the lines of `grounds` and the given commitments
    /// and accruals. `forecasts` are all of some lines; of others it has the ones in force. It has no
    /// proposals, no investments of the past and no regimes that have ended.
    pub(crate) fn ledger(
        &self,
        grounds: &Subjects,
        obligations: Vec<(Reference, Obligation)>,
        forecasts: Vec<(LineKey, StatedForecast)>,
    ) -> Ledger<'static> {
        let at = self.times.head();
        let recorded = self.times.recorded(at).unwrap_or_default();
        let mut rows = Rows {
            position: at,
            recorded,
            department: self.precedents.department,
            obligations,
            funds: self.register.funds(at).map(|(c, f)| (c, Fund { parent: f.parent })).collect(),
            programmes: programmes(&self.register, at),
            switches: self.switches.stored().collect(),
            reversed: self.precedents.reversed().collect(),
            scopes: self.claims.totals(at).map(|total| total.definition.code).collect(),
            claims: self.claims.with_successors(at).collect(),
            ..Rows::default()
        };
        rows.bodies.extend(self.register.bodies(at).map(|(code, body)| {
            let register::Body { kind, parent, opened_on, closed_on, successor, .. } = body;
            let closed_on = closed_on.as_ref().and_then(|closed| closed.at(at)).copied();
            let (kind, parent) = (*kind, *parent);
            let (opened_on, successor) = (*opened_on, successor.filter(|_| closed_on.is_some()));
            (code, Body { kind, parent, opened_on, closed_on, successor })
        }));
        rows.policies.extend(
            self.policies_recorded(at)
                .map(|adopted| (adopted.recorded_by, adopted.effective, adopted.policy.clone())),
        );
        rows.pots.extend(self.funds.pots().map(|pot| {
            let unallocated = self.funds.at(pot, at).unallocated();
            let mut state = PotBalance { unallocated, settled_for: Vec::new() };
            for (years, undone) in self.funds.settled_for(pot) {
                state.record_settlement(years, undone);
            }
            (pot, state)
        }));
        rows.exchanges = self.precedents.exchanged();
        for year in self.planned.years() {
            rows.baselines.extend(year.strikes().map(|(name, at)| ((year.year(), name), Some(at))));
            rows.periods.push((year.year(), year.periods()));
            let whole = |years: &BTreeSet<FinancialYear>| years.contains(&year.year());
            if grounds.years.as_ref().is_none_or(whole) {
                lines_of(year, at, &mut rows);
            } else {
                let lines = grounds.lines.iter().filter(|line| line.year == year.year());
                let numbers = lines.filter_map(|line| year.find(line));
                rows.lines.extend(numbers.map(|number| {
                    line_of(year, at, number, &year.line_measures(number, at, Month::M13))
                }));
            }
        }
        let whole: BTreeSet<LineKey> = forecasts.iter().map(|(line, _)| *line).collect();
        rows.forecasts.retain(|(line, _)| !whole.contains(line));
        rows.forecasts.extend(forecasts);
        rows.into_ledger()
    }

    /// The entries that stated a forecast of a line, or withdrew one, in order.
    pub(crate) fn entries_stating(&self, line: &LineKey) -> BTreeSet<Position> {
        let Some(year) = self.planned.year(line.year) else { return BTreeSet::new() };
        let Some(number) = year.find(line) else { return BTreeSet::new() };
        let levels = [Measure::Forecast, Measure::Internal];
        let contributions = year.contributions(number, self.times.head(), Month::M13);
        let stating = contributions.filter(|one| levels.contains(&one.measure));
        stating.map(|one| one.position).collect()
    }
}

fn programmes(register: &Register, at: Position) -> Vec<(ProgrammeCode, Programme)> {
    let row = |(code, programme): (_, &register::Programme)| {
        let to = programme.destination.as_ref().and_then(|to| to.at(at)).copied();
        let status = match programme.status.at(at)? {
            register::ProgrammeStatus::Open => ProgrammeStatus::Open,
            register::ProgrammeStatus::Closing => {
                ProgrammeStatus::Closing(to.unwrap_or(Destination::Treasury))
            }
            register::ProgrammeStatus::Closed => ProgrammeStatus::Closed,
        };
        Some((code, Programme { parent: programme.parent, status }))
    };
    register.programmes(at).filter_map(row).collect()
}

/// A line's balances, from its measures.
fn line_of(year: &Year, at: Position, number: usize, measures: &Measures) -> (LineKey, Line) {
    let pence = |measure| Pence::new(measures.get(measure));
    let payers = year.statements().payers(number, at);
    let balances = Line {
        revised: pence(Measure::Revised),
        committed: pence(Measure::Committed),
        accrued: pence(Measure::Accrued),
        actual: pence(Measure::Actual),
        prior: year.statements().prior_of(number, at),
        version: year.version(number, at),
        payer: payers.fold(Payer::None, Payer::and),
    };
    (year.lines()[number].key, balances)
}

/// The balances, forecasts and explained underspends of a year's lines.
fn lines_of(year: &Year, at: Position, rows: &mut Rows) {
    let mut table = Table::default();
    year.line_table(at, Month::M13, &mut table);
    for (number, line) in year.lines().iter().enumerate() {
        let measures = table.measures(number);
        rows.lines.push(line_of(year, at, number, &measures));
        for (series, level) in
            [(Series::Reported, Measure::Forecast), (Series::Internal, Measure::Internal)]
        {
            let (entry, pence) = (Position::START, Pence::new(measures.get(level)));
            rows.forecasts.extend(
                year.forecast_month(number, series)
                    .map(|month| (line.key, StatedForecast { entry, month, series, pence })),
            );
        }
    }
    let mut sums: BTreeMap<u32, Pence> = BTreeMap::new();
    for explained in year.statements().explained(at) {
        let sum = sums.entry(explained.line).or_default();
        *sum = sum.plus(explained.pence);
    }
    let key = |line: u32| year.lines().get(line as usize).map(|line| line.key);
    rows.explained.extend(sums.into_iter().filter_map(|(line, sum)| Some((key(line)?, sum))));
}
