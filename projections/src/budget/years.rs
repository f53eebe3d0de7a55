//! Questions over several years: which programmes keep underspending, and how good forecasts were.
//!
//! Answers questions 11 and 18 of `docs/questions.md`.

use std::collections::BTreeMap;

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::money::Pence;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::BudgetQuery;
use crate::figures::percent;
use crate::measure::Measure;
use crate::scope::Within;
use crate::year::{Table, Year};
use crate::{Moment, QueryError};

/// What is asked of several years.
#[derive(Clone, Copy, Debug)]
pub struct YearsQuery {
    /// The first year that counts; the first there is where absent.
    pub from: Option<FinancialYear>,
    /// The last year that counts; the last there is where absent.
    pub to: Option<FinancialYear>,
    /// Only this programme and those below it.
    pub programme: Option<ProgrammeCode>,
    /// Only this body and those below it.
    pub body: Option<BodyCode>,
    /// Only this class.
    pub class: Option<BudgetClass>,
    /// As known when.
    pub moment: Moment,
}

impl YearsQuery {
    /// The question about one of the years.
    pub const fn of(&self, year: FinancialYear) -> BudgetQuery {
        let &YearsQuery { programme, body, class, moment, .. } = self;
        BudgetQuery { year, programme, body, class, moment, through: None, rollup: None }
    }
}

/// Which way outturns were off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// Less was spent than budgeted.
    Underspent,
    /// More was.
    Overspent,
}

/// A programme's year that was closed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outturn {
    /// The year.
    pub year: FinancialYear,
    /// The budget.
    pub revised: Pence,
    /// The spend.
    pub outturn: Pence,
}

impl Outturn {
    /// What was not spent; negative where more was.
    pub const fn underspend(&self) -> Pence {
        self.revised.minus(self.outturn)
    }

    /// That as a percentage of the budget, to one decimal, half up; none where there was none.
    pub fn percent(&self) -> Option<Decimal> {
        percent(self.underspend(), self.revised)
    }
}

/// A programme that was off the same way in several years running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The programme, with those below it.
    pub programme: ProgrammeCode,
    /// What it was called.
    pub name: Option<String>,
    /// The years, one after the other.
    pub years: Vec<Outturn>,
}

impl Pattern {
    /// What was not spent in all of them; negative where more was.
    pub fn underspend(&self) -> Pence {
        Pence::sum(self.years.iter().map(Outturn::underspend))
    }
}

/// A programme's forecast as it stood at a month of a closed year, against what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accuracy {
    /// The year.
    pub year: FinancialYear,
    /// The programme, with those below it.
    pub programme: ProgrammeCode,
    /// What it was called.
    pub name: Option<String>,
    /// The month up to which forecasts count.
    pub month: Month,
    /// The forecast that stood.
    pub forecast: Pence,
    /// What was spent on the lines that it was of.
    pub outturn: Pence,
    /// What was spent on lines of the programme that nobody had forecast by then.
    pub unforecast: Pence,
}

impl Accuracy {
    /// By how much more was spent than forecast; negative where less was.
    pub const fn difference(&self) -> Pence {
        self.outturn.minus(self.forecast)
    }

    /// That as a percentage of the forecast, to one decimal, half up; none where that was not above
    /// 0.00.
    pub fn percent(&self) -> Option<Decimal> {
        percent(self.difference(), self.forecast)
    }
}

/// What a programme's lines come to at a month.
#[derive(Clone, Copy, Default)]
struct Stood {
    lines: i64,
    forecast: Pence,
    outturn: Pence,
    unforecast: Pence,
}

impl Within<'_> {
    /// The programmes that were off one way in so many years running or more, each run with its
    /// years; programmes in order of the tree. Only years that are closed for good have an outturn;
    /// a year without one, or in which the programme had no line, ends a run.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn patterns(
        &self,
        query: &YearsQuery,
        direction: Direction,
        running: usize,
    ) -> Result<Vec<Pattern>, QueryError> {
        let mut by_programme: BTreeMap<Vec<ProgrammeCode>, Vec<Outturn>> = BTreeMap::new();
        for year in self.closed_years(query)? {
            let lines = query.of(year.year());
            let mut sums: BTreeMap<ProgrammeCode, (Pence, Pence)> = BTreeMap::new();
            for (line, figures) in self.line_figures(&lines) {
                let sum = sums.entry(line.programme).or_default();
                *sum = (sum.0.plus(figures.revised), sum.1.plus(figures.actual));
            }
            let mut rolled: BTreeMap<Vec<ProgrammeCode>, (Pence, Pence)> = BTreeMap::new();
            for (programme, (revised, actual)) in sums {
                for path in self.paths(programme, query.programme) {
                    let sum = rolled.entry(path).or_default();
                    *sum = (sum.0.plus(revised), sum.1.plus(actual));
                }
            }
            for (path, (revised, outturn)) in rolled {
                let of_year = Outturn { year: year.year(), revised, outturn };
                by_programme.entry(path).or_default().push(of_year);
            }
        }
        let off = |year: &Outturn| match direction {
            Direction::Underspent => year.underspend().is_positive(),
            Direction::Overspent => year.underspend().is_negative(),
        };
        let mut patterns = Vec::new();
        for (path, years) in by_programme {
            let Some(programme) = path.last().copied() else { continue };
            let mut run: Vec<Outturn> = Vec::new();
            // A year that is not off ends the last run, too.
            let ended = years.into_iter().map(Some).chain([None]);
            for year in ended {
                let goes_on = year.as_ref().is_some_and(|year| {
                    off(year) && run.last().is_none_or(|last| last.year.next() == year.year)
                });
                if !goes_on {
                    let years = std::mem::take(&mut run);
                    if !years.is_empty() && years.len() >= running {
                        let name = self.name(programme, query.moment);
                        patterns.push(Pattern { programme, name, years });
                    }
                }
                run.extend(year.filter(off));
            }
        }
        Ok(patterns)
    }

    /// The forecasts that stood at a month, or at each from M1 to M12, of the years that are closed
    /// for good, against their outturns: by year, programme in order of the tree, and month. Like
    /// is compared with like: the outturn is that of the lines that had a forecast.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn accuracy(
        &self,
        query: &YearsQuery,
        month: Option<Month>,
    ) -> Result<Vec<Accuracy>, QueryError> {
        let at = query.moment.position;
        let months: Vec<Month> = match month {
            Some(month) => vec![month],
            None => Month::all().take_while(|month| *month <= Month::M12).collect(),
        };
        let mut rows = Vec::new();
        for year in self.closed_years(query)? {
            let of_year = query.of(year.year());
            let wanted = self.models.selection(year, &of_year, None, self.scope);
            let (mut outturn, mut stood) = (Table::default(), Table::default());
            year.line_table(at, Month::M13, &mut outturn);
            let mut sums: BTreeMap<(Vec<ProgrammeCode>, Month), Stood> = BTreeMap::new();
            for month in &months {
                year.line_table(at, *month, &mut stood);
                let mut own: BTreeMap<ProgrammeCode, Stood> = BTreeMap::new();
                for number in wanted.lines() {
                    let Some(line) = year.lines().get(number) else { continue };
                    let figure = |table: &Table, measure| {
                        table.plane(measure).get(number).copied().unwrap_or(0)
                    };
                    let of_line = figure(&stood, Measure::ForecastLines);
                    let spent = Pence::new(figure(&outturn, Measure::Actual));
                    let sum = own.entry(line.key.programme).or_default();
                    if of_line > 0 {
                        sum.lines += of_line;
                        let forecast = Pence::new(figure(&stood, Measure::Forecast));
                        sum.forecast = sum.forecast.plus(forecast);
                        sum.outturn = sum.outturn.plus(spent);
                    } else {
                        sum.unforecast = sum.unforecast.plus(spent);
                    }
                }
                for (programme, one) in own {
                    for path in self.paths(programme, query.programme) {
                        let sum = sums.entry((path, *month)).or_default();
                        sum.lines += one.lines;
                        sum.forecast = sum.forecast.plus(one.forecast);
                        sum.outturn = sum.outturn.plus(one.outturn);
                        sum.unforecast = sum.unforecast.plus(one.unforecast);
                    }
                }
            }
            rows.extend(sums.into_iter().filter(|(_, sum)| sum.lines > 0).filter_map(
                |((path, month), Stood { forecast, outturn, unforecast, .. })| {
                    let programme = path.last().copied()?;
                    let (year, name) = (year.year(), self.name(programme, query.moment));
                    Some(Accuracy { year, programme, name, month, forecast, outturn, unforecast })
                },
            ));
        }
        Ok(rows)
    }

    /// The years of a question that are closed for good, in order.
    fn closed_years(
        &self,
        query: &YearsQuery,
    ) -> Result<impl Iterator<Item = &Year> + use<'_>, QueryError> {
        let at = query.moment.position;
        Ok(self.years(query)?.filter(move |year| year.is_hard_closed(at)))
    }

    /// The years of a question, in order.
    pub(super) fn years(
        &self,
        query: &YearsQuery,
    ) -> Result<impl Iterator<Item = &Year> + use<'_>, QueryError> {
        let &YearsQuery { from, to, programme, body, moment, .. } = query;
        self.check_programme(programme)?;
        self.models.check_known(programme, body, moment.position)?;
        Ok(self.models.planned.years().filter(move |year| {
            from.is_none_or(|from| year.year() >= from) && to.is_none_or(|to| year.year() <= to)
        }))
    }

    /// A programme and those above it up to one, each as its path from the top of the tree.
    pub(super) fn paths(
        &self,
        programme: ProgrammeCode,
        up_to: Option<ProgrammeCode>,
    ) -> Vec<Vec<ProgrammeCode>> {
        paths(self.models.register.programme_path(programme).collect(), up_to)
    }

    /// What a programme was called.
    pub(super) fn name(&self, programme: ProgrammeCode, moment: Moment) -> Option<String> {
        let name = self.models.register.programme_name(programme, moment.position);
        name.map(str::to_owned)
    }
}

/// Of a path from a code to the top of its tree: the code and those above it up to one, each as its
/// own path from the top.
pub(super) fn paths<C: Copy + PartialEq>(mut path: Vec<C>, up_to: Option<C>) -> Vec<Vec<C>> {
    let end = path.iter().position(|code| Some(*code) == up_to);
    let wanted = end.map_or(path.len(), |end| end.saturating_add(1));
    path.reverse();
    let mut paths = Vec::with_capacity(wanted);
    while paths.len() < wanted && !path.is_empty() {
        paths.push(path.clone());
        path.pop();
    }
    paths
}
