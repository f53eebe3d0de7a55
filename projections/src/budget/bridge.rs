//! The bridge from original to revised to forecast to outturn, and the entry behind each step.
//!
//! Answers question 5 of `docs/questions.md`.

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

/// A part of the way from the original budget to the outturn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// From the original budget to the revised one: movements since the baseline was struck, or all
    /// of them where none was.
    Revised,
    /// From no forecast to the one that stands: statements that changed the reported level.
    Forecast,
    /// From nothing spent to the outturn.
    Outturn,
}

impl Stage {
    /// The measures its steps change.
    const fn measures(self) -> &'static [Measure] {
        match self {
            Stage::Revised => &[Measure::Revised],
            Stage::Forecast => &[Measure::Forecast, Measure::ForecastLines],
            Stage::Outturn => &[Measure::Actual],
        }
    }

    /// The running figure; none where nobody has stated a forecast, which is not 0.00.
    fn running(self, measures: &Measures) -> Option<Pence> {
        let figure = |measure| Some(Pence::new(measures.get(measure)));
        match self {
            Stage::Revised => figure(Measure::Revised),
            Stage::Forecast if measures.get(Measure::ForecastLines) == 0 => None,
            Stage::Forecast => figure(Measure::Forecast),
            Stage::Outturn => figure(Measure::Actual),
        }
    }

    /// The amount of a step; none where the entry's parts cancel each other out, which is no step.
    /// The first forecast of a line is one even where it is of 0.00.
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

/// The totals of the stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bridge {
    /// The entry that struck the original baseline; none where none was struck.
    pub struck_by: Option<Position>,
    /// What of the original budget is effective only after the month that is asked through, the
    /// other way: taken off again, since the revised figure does not hold it either.
    pub effective_later: Pence,
    /// The movements since the strike, or all of them where there was none.
    pub movements: Pence,
    /// Original, revised, forecast and actual, with what is known about them.
    pub figures: Figures,
}

impl Bridge {
    /// What lies between the revised budget and the forecast; none where there is no forecast.
    pub fn to_forecast(&self) -> Option<Pence> {
        self.figures.forecast.map(|forecast| forecast.minus(self.figures.revised))
    }

    /// What lies between the forecast, or the revised budget where there is none, and the spend.
    pub fn to_outturn(&self) -> Pence {
        self.figures.actual.minus(self.figures.forecast.unwrap_or(self.figures.revised))
    }
}

/// What one entry did to the running figure of a stage: all of its parts on the lines together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The entry.
    pub position: Position,
    /// By how much.
    pub amount: Pence,
    /// The running figure before it; none where no forecast stood.
    pub before: Option<Pence>,
    /// The running figure after it.
    pub after: Option<Pence>,
}

impl Within<'_> {
    /// The bridge of the lines that a query wants, or of one of them; none where there was none of
    /// them then.
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
        let lines = self.line_figures(query).into_iter();
        let figures = lines.filter(|(key, _)| line.is_none_or(|line| line == key));
        let Some(figures) = figures.map(|(_, of)| of).reduce(|sum, of| sum.plus(&of)) else {
            return Ok(None);
        };
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

    /// The steps of a stage after an entry, in order of position: at most so many. An entry whose
    /// parts on the lines cancel each other out, such as a reallocation inside the programme, is no
    /// step. The running figures are told as at the entry before the first, so none of the steps
    /// before have to be gone through.
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

    /// The year a query is about, and its lines that are wanted and may be read.
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
