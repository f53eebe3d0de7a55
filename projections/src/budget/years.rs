//! Questions across years: persistent variances, and the accuracy of forecasts.
//!
//! Answers the questions:
//!
//! - Which programmes underspent three years running?
//! - How accurate were M6 forecasts against outturn?

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

/// A query across years.
#[derive(Clone, Copy, Debug)]
pub struct YearsQuery {
    /// The first year; None for the book's first.
    pub from: Option<FinancialYear>,
    /// The last year; None for the book's last.
    pub to: Option<FinancialYear>,
    /// Only this programme and those below it.
    pub programme: Option<ProgrammeCode>,
    /// Only this body and those below it.
    pub body: Option<BodyCode>,
    /// Only this class.
    pub class: Option<BudgetClass>,
    /// The moment the answer is as at.
    pub moment: Moment,
}

impl YearsQuery {
    /// The query for one of the years.
    pub const fn of(&self, year: FinancialYear) -> BudgetQuery {
        let &YearsQuery { programme, body, class, moment, .. } = self;
        BudgetQuery { year, programme, body, class, moment, through: None, rollup: None }
    }
}

/// The direction of an outturn from its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// Less spent than budgeted.
    Underspent,
    /// More spent than budgeted.
    Overspent,
}

/// A programme's hard-closed year, in pence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outturn {
    /// The year.
    pub year: FinancialYear,
    /// The revised budget.
    pub revised: Pence,
    /// The outturn.
    pub outturn: Pence,
}

impl Outturn {
    /// Revised less outturn; negative for an overspend.
    pub const fn underspend(&self) -> Pence {
        self.revised.minus(self.outturn)
    }

    /// The underspend as a percentage of the budget, to one decimal, half up; None where the budget
    /// is 0.00 or less.
    pub fn percent(&self) -> Option<Decimal> {
        percent(self.underspend(), self.revised)
    }
}

/// A persistent variance: consecutive years of a programme that all varied in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersistentVariance {
    /// The programme, including its descendants.
    pub programme: ProgrammeCode,
    /// The programme's name.
    pub name: Option<String>,
    /// The years, consecutive.
    pub years: Vec<Outturn>,
}

impl PersistentVariance {
    /// The underspends summed; negative for overspends.
    pub fn underspend(&self) -> Pence {
        Pence::sum(self.years.iter().map(Outturn::underspend))
    }
}

/// A programme's forecast as at a month of a hard-closed year, and the outturn, in pence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accuracy {
    /// The year.
    pub year: FinancialYear,
    /// The programme, including its descendants.
    pub programme: ProgrammeCode,
    /// The programme's name.
    pub name: Option<String>,
    /// The last month whose forecasts count.
    pub month: Month,
    /// The forecast that as_at_month.
    pub forecast: Pence,
    /// The outturn of the lines forecast.
    pub outturn: Pence,
    /// The outturn of the lines not forecast by then.
    pub unforecast: Pence,
}

impl Accuracy {
    /// Outturn less forecast.
    pub const fn difference(&self) -> Pence {
        self.outturn.minus(self.forecast)
    }

    /// The difference as a percentage of the forecast, to one decimal, half up; None where the
    /// forecast is 0.00 or less.
    pub fn percent(&self) -> Option<Decimal> {
        percent(self.difference(), self.forecast)
    }
}

/// The sums of a programme's lines as at a month.
#[derive(Clone, Copy, Default)]
struct Sums {
    lines: i64,
    forecast: Pence,
    outturn: Pence,
    unforecast: Pence,
}

impl Within<'_> {
    /// The persistent variances of at least `running` years, programmes in tree order. Only
    /// hard-closed years count. A run ends at a year without an outturn or without a line of the
    /// programme.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn persistent_variances(
        &self,
        query: &YearsQuery,
        direction: Direction,
        running: usize,
    ) -> Result<Vec<PersistentVariance>, QueryError> {
        let mut by_programme: BTreeMap<Vec<ProgrammeCode>, Vec<Outturn>> = BTreeMap::new();
        for year in self.closed_years(query)? {
            let lines = query.of(year.year());
            let mut sums: BTreeMap<ProgrammeCode, (Pence, Pence)> = BTreeMap::new();
            for (line, figures) in self.line_figures(&lines) {
                let sum = sums.entry(line.programme).or_default();
                *sum = (sum.0.plus(figures.revised), sum.1.plus(figures.spent()));
            }
            let mut rolled_up: BTreeMap<Vec<ProgrammeCode>, (Pence, Pence)> = BTreeMap::new();
            for (programme, (revised, actual)) in sums {
                for path in self.paths(programme, query.programme) {
                    let sum = rolled_up.entry(path).or_default();
                    *sum = (sum.0.plus(revised), sum.1.plus(actual));
                }
            }
            for (path, (revised, outturn)) in rolled_up {
                let of_year = Outturn { year: year.year(), revised, outturn };
                by_programme.entry(path).or_default().push(of_year);
            }
        }
        let varies = |year: &Outturn| match direction {
            Direction::Underspent => year.underspend().is_positive(),
            Direction::Overspent => year.underspend().is_negative(),
        };
        let mut persistent_variances = Vec::new();
        for (path, years) in by_programme {
            let Some(programme) = path.last().copied() else { continue };
            let mut run: Vec<Outturn> = Vec::new();
            // The end of the list, and a year in another direction, end a run.
            let ended = years.into_iter().map(Some).chain([None]);
            for year in ended {
                let continues = year.as_ref().is_some_and(|year| {
                    varies(year) && run.last().is_none_or(|last| last.year.next() == year.year)
                });
                if !continues {
                    let years = std::mem::take(&mut run);
                    if !years.is_empty() && years.len() >= running {
                        let name = self.name(programme, query.moment);
                        persistent_variances.push(PersistentVariance { programme, name, years });
                    }
                }
                run.extend(year.filter(varies));
            }
        }
        Ok(persistent_variances)
    }

    /// Forecasts as at a month, or each of M1 to M12, against outturn: by year, programme in tree
    /// order, and month. Only lines with a forecast count in the outturn.
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
            let mut as_at_month = Table::default();
            let mut sums: BTreeMap<(Vec<ProgrammeCode>, Month), Sums> = BTreeMap::new();
            for month in &months {
                year.line_table(at, *month, &mut as_at_month);
                let mut own: BTreeMap<ProgrammeCode, Sums> = BTreeMap::new();
                for number in wanted.lines() {
                    let Some(line) = year.lines().get(number) else { continue };
                    let figure =
                        |measure| as_at_month.plane(measure).get(number).copied().unwrap_or(0);
                    let of_line = figure(Measure::ForecastLines);
                    let spent = year.outturn(number, at).unwrap_or_default();
                    let sum = own.entry(line.key.programme).or_default();
                    if of_line > 0 {
                        sum.lines += of_line;
                        let forecast = Pence::new(figure(Measure::Forecast));
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
                |((path, month), Sums { forecast, outturn, unforecast, .. })| {
                    let programme = path.last().copied()?;
                    let (year, name) = (year.year(), self.name(programme, query.moment));
                    Some(Accuracy { year, programme, name, month, forecast, outturn, unforecast })
                },
            ));
        }
        Ok(rows)
    }

    /// The hard-closed years of a query, in order.
    fn closed_years(
        &self,
        query: &YearsQuery,
    ) -> Result<impl Iterator<Item = &Year> + use<'_>, QueryError> {
        let at = query.moment.position;
        Ok(self.years(query)?.filter(move |year| year.is_hard_closed(at)))
    }

    /// The years of a query, in order.
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

    /// A programme and its ancestors up to one, each as its path from the root.
    pub(super) fn paths(
        &self,
        programme: ProgrammeCode,
        up_to: Option<ProgrammeCode>,
    ) -> Vec<Vec<ProgrammeCode>> {
        paths(self.models.register.programme_path(programme).collect(), up_to)
    }

    /// A programme's name.
    pub(super) fn name(&self, programme: ProgrammeCode, moment: Moment) -> Option<String> {
        let name = self.models.register.programme_name(programme, moment.position);
        name.map(str::to_owned)
    }
}

/// Splits a path from a code to its root: the code and its ancestors up to one, each as its path
/// from the root.
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
