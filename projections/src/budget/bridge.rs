//! The bridge from original to revised, forecast and outturn, entry by entry.
//!
//! Answers the question: original > revised > forecast > outturn: which entry caused each step?

use ledger_core::domain::calendar::Month;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;

use super::BudgetQuery;
use crate::QueryError;
use crate::figures::Figures;
use crate::measure::{Measure, Measures};
use crate::scope::Within;
use crate::year::{Net, Selection, Table, Year};

/// A stage of the bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Original to revised: movements since the baseline was struck; all of them without a
    /// baseline.
    Revised,
    /// The reported forecast, from none: statements that changed it.
    Forecast,
    /// The outturn, from 0.00: spend.
    Outturn,
}

impl Stage {
    /// The measures whose changes are steps.
    const fn measures(self) -> &'static [Measure] {
        match self {
            Stage::Revised => &[Measure::Revised],
            Stage::Forecast => &[Measure::Forecast, Measure::ForecastLines],
            Stage::Outturn => &[Measure::Actual],
        }
    }

    /// The running figure; None without a forecast, which differs from 0.00.
    fn running(self, measures: &Measures) -> Option<Pence> {
        let figure = |measure| Some(Pence::new(measures.get(measure)));
        match self {
            Stage::Revised => figure(Measure::Revised),
            Stage::Forecast if measures.get(Measure::ForecastLines) == 0 => None,
            Stage::Forecast => figure(Measure::Forecast),
            Stage::Outturn => figure(Measure::Actual),
        }
    }

    /// A step's amount; None where the entry's changes cancel out. A line's first forecast is a
    /// step even at 0.00.
    fn amount(self, net: &Net) -> Option<Pence> {
        let amount = match self {
            Stage::Revised => net.measures.get(Measure::Revised),
            Stage::Forecast => net.measures.get(Measure::Forecast),
            Stage::Outturn => net.measures.get(Measure::Actual),
        };
        let stated = net.measures.get(Measure::ForecastLines) != 0;
        (amount != 0 || stated).then_some(Pence::new(amount))
    }
}

/// The totals of each stage, in pence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bridge {
    /// The entry that struck the original baseline, if any.
    pub struck_by: Option<Position>,
    /// Minus the part of the original budget effective after the query's month, which the revised
    /// figure leaves out.
    pub effective_later: Pence,
    /// Movements since the baseline was struck; all of them without a baseline.
    pub movements: Pence,
    /// The figures of the lines.
    pub figures: Figures,
}

impl Bridge {
    /// Forecast less revised; None unless every line with budget has a forecast.
    pub fn to_forecast(&self) -> Option<Pence> {
        self.figures.forecast.whole().map(|forecast| forecast.minus(self.figures.revised))
    }

    /// Outturn or spend so far less forecast, or less revised where not every line with budget has a
    /// forecast.
    pub fn to_outturn(&self) -> Pence {
        let Figures { forecast, revised, .. } = self.figures;
        self.figures.spent().minus(forecast.whole().unwrap_or(revised))
    }
}

/// The spend of a month, summed over its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthSpend {
    /// The effective month.
    pub month: Month,
    /// The number of entries.
    pub entries: usize,
    /// The entry, where there is one only.
    pub only: Option<Position>,
    /// The spend.
    pub amount: Pence,
    /// The spend of the months before.
    pub before: Pence,
    /// The spend up to the month.
    pub after: Pence,
}

/// The net change one entry made to a stage's running figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The entry.
    pub position: Position,
    /// The change.
    pub amount: Pence,
    /// The figure before the entry; None without a forecast.
    pub before: Option<Pence>,
    /// The figure after the entry.
    pub after: Option<Pence>,
}

impl Within<'_> {
    /// The bridge of a query's lines, or of one of them; None where there are none.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn bridge(
        &self,
        query: &BudgetQuery,
        line: Option<&LineKey>,
    ) -> Result<Option<Bridge>, QueryError> {
        let Some((year, wanted)) = self.lines(query, line)? else { return Ok(None) };
        let lines = self.line_figures(query);
        let wanted_lines = lines.iter().filter(|(key, _)| line.is_none_or(|line| line == key));
        let Some(figures) = Figures::sum(wanted_lines.map(|(_, of)| of)) else { return Ok(None) };
        let through = query.through.unwrap_or(Month::M13);
        let struck = year.struck(query.moment.position);
        let mut opening = Pence::ZERO;
        if let Some((_, deltas)) = struck {
            let mut table = Table::default();
            year.line_table_before(deltas, through, &mut table);
            opening = Pence::new(wanted.sum(&table, Measure::Revised));
        }
        Ok(Some(Bridge {
            struck_by: struck.map(|(position, _)| position),
            effective_later: opening.minus(figures.original.unwrap_or_default()),
            movements: figures.revised.minus(opening),
            figures,
        }))
    }

    /// At most `count` steps of a stage after an entry, in order of position. An entry whose
    /// changes on the lines cancel out is no step.
    ///
    /// The running figure starts from a table as at `after`, so earlier steps are not read.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn bridge_steps(
        &self,
        query: &BudgetQuery,
        line: Option<&LineKey>,
        stage: Stage,
        after: Position,
        count: usize,
    ) -> Result<Vec<Step>, QueryError> {
        let Some((year, wanted)) = self.lines(query, line)? else { return Ok(Vec::new()) };
        let (at, through) = (query.moment.position, query.through.unwrap_or(Month::M13));
        let begins = match stage {
            Stage::Revised => year.struck(at).map_or(0, |(_, deltas)| deltas),
            Stage::Forecast | Stage::Outturn => 0,
        };
        let from = begins.max(year.deltas_up_to(after));
        let mut running = Measures::default();
        if from > 0 {
            let mut table = Table::default();
            year.line_table_before(from, through, &mut table);
            for measure in stage.measures() {
                running.add(*measure, wanted.sum(&table, *measure));
            }
        }
        let range = from..year.deltas_up_to(at);
        let nets = year.nets(&wanted, stage.measures(), through, range);
        let steps = nets.filter_map(|net| {
            let before = stage.running(&running);
            for measure in stage.measures() {
                running.add(*measure, net.measures.get(*measure));
            }
            let amount = stage.amount(&net)?;
            let (position, after) = (net.position, stage.running(&running));
            Some(Step { position, amount, before, after })
        });
        Ok(steps.take(count).collect())
    }

    /// The months with spend of a query's lines, or of one of them, in order.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn spend_by_month(
        &self,
        query: &BudgetQuery,
        line: Option<&LineKey>,
    ) -> Result<Vec<MonthSpend>, QueryError> {
        let Some((year, wanted)) = self.lines(query, line)? else { return Ok(Vec::new()) };
        let through = query.through.unwrap_or(Month::M13);
        let mut after = Pence::ZERO;
        let months = year.month_nets(&wanted, Measure::Actual, query.moment.position);
        let months = Month::all().zip(months).take_while(|(month, _)| *month <= through);
        let months = months.filter(|(_, net)| net.entries > 0).map(|(month, net)| {
            let (before, amount) = (after, Pence::new(net.amount));
            after = before.plus(amount);
            let only = net.last.filter(|_| net.entries == 1);
            MonthSpend { month, entries: net.entries, only, amount, before, after }
        });
        Ok(months.collect())
    }

    /// The year of a query, and its lines within the scope.
    pub(super) fn lines(
        &self,
        query: &BudgetQuery,
        line: Option<&LineKey>,
    ) -> Result<Option<(&Year, Selection)>, QueryError> {
        self.check(query)?;
        self.models.check_codes(query)?;
        let Some(year) = self.models.planned.year(query.year) else { return Ok(None) };
        Ok(Some((year, self.models.selection(year, query, line, self.scope))))
    }
}
