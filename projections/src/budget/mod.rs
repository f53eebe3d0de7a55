//! The question everyone asks: planned versus actual of a year, by line or rolled up.

mod at_risk;
mod balances;
mod bridge;
mod diff;
mod line;
mod reasons;
mod restated;
mod revisions;
mod underspend;
mod wanted;
mod years;

use std::collections::BTreeMap;

pub use at_risk::AtRisk;
pub use balances::Balance;
pub use bridge::{Bridge, Stage, Step};
pub use diff::{DiffEntry, DiffRow, FigureChanges};
use hashbrown::HashMap;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{BodyCode, ProgrammeCode, RingFence};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::position::Position;
use line::LineContext;
pub use reasons::{Outflow, Reasons, ReasonsBy};
pub use restated::Restated;
pub use revisions::{Revision, RevisionsQuery};
use serde::{Deserialize, Serialize};
pub use underspend::Underspend;
pub(crate) use wanted::Wanted;
pub use years::{Accuracy, Direction, Outturn, Pattern, YearsQuery};

use crate::figures::{Figures, Status};
use crate::scope::Scope;
use crate::year::{Adjustment, Contribution, Table};
use crate::{Moment, QueryError, ReadModels};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct BudgetQuery {
    /// The financial year.
    pub year: FinancialYear,
    /// Only this programme and those below it.
    pub programme: Option<ProgrammeCode>,
    /// Only this body and those below it.
    pub body: Option<BodyCode>,
    /// Only this class.
    pub class: Option<BudgetClass>,
    /// As known when.
    pub moment: Moment,
    /// Of what was effective up to this month; of all of it where absent.
    pub through: Option<Month>,
    /// Summed into what; a row for each line where absent.
    pub rollup: Option<Rollup>,
}

/// What lines are summed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rollup {
    /// Programmes, each with those below it.
    Programme,
    /// Bodies, each with those below it.
    Body,
    /// Budget classes.
    Class,
    /// Ring-fences, and what is not fenced.
    RingFence,
    /// The whole year.
    Year,
    /// The whole year through each of its months.
    Month,
}

/// A line, or a sum of lines. What differs among the lines of a sum is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetRow {
    /// The financial year.
    pub year: FinancialYear,
    /// The programme.
    pub programme: Option<ProgrammeCode>,
    /// What the programme, or in a sum by body the body, was called.
    pub name: Option<String>,
    /// The body.
    pub body: Option<BodyCode>,
    /// The class.
    pub class: Option<BudgetClass>,
    /// The ring-fence.
    pub ring_fence: Option<RingFence>,
    /// In a sum by month: through which.
    pub through: Option<Month>,
    /// The figures; none where a programme was asked for that has no line in the year, which is
    /// not the same as figures of 0.00.
    pub figures: Option<Figures>,
    /// What deserves attention.
    pub status: Option<Status>,
    /// The position all of it is as at.
    pub position: Position,
}

/// What the lines of a sum have in common, so far.
#[derive(Clone, Copy)]
struct Sum {
    figures: Figures,
    programme: Option<ProgrammeCode>,
    body: Option<BodyCode>,
    class: Option<BudgetClass>,
    ring_fence: Option<RingFence>,
}

impl Sum {
    fn of(line: &LineKey, figures: Figures) -> Self {
        Sum {
            figures,
            programme: Some(line.programme),
            body: Some(line.body),
            class: Some(line.class),
            ring_fence: line.ring_fence,
        }
    }

    fn add(&mut self, other: &Sum) {
        fn common<T: PartialEq + Copy>(a: Option<T>, b: Option<T>) -> Option<T> {
            if a == b { a } else { None }
        }
        self.figures = self.figures.plus(&other.figures);
        self.programme = common(self.programme, other.programme);
        self.body = common(self.body, other.body);
        self.class = common(self.class, other.class);
        self.ring_fence = common(self.ring_fence, other.ring_fence);
    }
}

/// Adds to the sum under a key.
fn add_to<K: std::hash::Hash + Eq>(sums: &mut HashMap<K, Sum>, key: K, sum: &Sum) {
    sums.entry(key).and_modify(|known| known.add(sum)).or_insert(*sum);
}

impl ReadModels {
    /// Planned versus actual of a year.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn budget(&self, query: &BudgetQuery) -> Result<Vec<BudgetRow>, QueryError> {
        self.budget_in(query, Scope::everything())
    }

    /// The same, of the lines of a scope.
    pub(crate) fn budget_in(
        &self,
        query: &BudgetQuery,
        scope: &Scope,
    ) -> Result<Vec<BudgetRow>, QueryError> {
        self.check_codes(query)?;
        if query.rollup == Some(Rollup::Month) {
            return Ok(self.by_month(query, scope));
        }
        let lines = self.within(scope).line_figures(query);
        let rows = match query.rollup {
            None => {
                let mut lines = lines;
                lines.sort_unstable_by_key(|(line, _)| *line);
                let sums = lines.iter().map(|(line, figures)| Sum::of(line, *figures));
                sums.map(|sum| self.row(query, &sum)).collect()
            }
            Some(Rollup::Programme) => self.by_programme(query, &lines),
            Some(Rollup::Body) => self.by_body(query, &lines),
            Some(Rollup::Class) => self.by(query, &lines, |line| line.class),
            Some(Rollup::RingFence) => self.by(query, &lines, |line| line.ring_fence),
            Some(Rollup::Year | Rollup::Month) => self.by(query, &lines, |_| ()),
        };
        Ok(rows)
    }

    /// The entries behind a figure of [`ReadModels::budget`], in order of position.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn behind(&self, query: &BudgetQuery) -> Result<Vec<Contribution>, QueryError> {
        self.check_codes(query)?;
        let Some(year) = self.planned.year(query.year) else { return Ok(Vec::new()) };
        let (at, through) = (query.moment.position, query.through.unwrap_or(Month::M13));
        let wanted = self.wanted(query);
        let mut behind: Vec<Contribution> = year
            .lines()
            .iter()
            .enumerate()
            .filter(|(_, line)| wanted.has(&line.key))
            .flat_map(|(number, _)| year.behind(number, at, through))
            .collect();
        // Each line gives its last entry first.
        behind.reverse();
        behind.sort_by_key(|contribution| (contribution.position, contribution.line));
        Ok(behind)
    }

    /// The figures of every line that the query wants.
    pub fn line_figures(&self, query: &BudgetQuery) -> Vec<(LineKey, Figures)> {
        let Some(year) = self.planned.year(query.year) else { return Vec::new() };
        let (at, through) = (query.moment.position, query.through.unwrap_or(Month::M13));
        let mut table = Table::default();
        year.line_table(at, through, &mut table);
        let wanted = self.wanted(query);
        let context = LineContext::new(year, query.moment, query.through);
        let lines = year.lines().iter().enumerate();
        lines
            .filter(|(_, line)| line.opened <= at && wanted.has(&line.key))
            .map(|(number, line)| {
                let figures = Figures::of_line(&table.measures(number));
                (line.key, context.complete(number, figures))
            })
            .collect()
    }

    /// The figures of one line; none where it was not open then.
    pub fn line(&self, line: &LineKey, moment: Moment, through: Option<Month>) -> Option<Figures> {
        let year = self.planned.year(line.year)?;
        let number = year.find(line)?;
        if year.lines()[number].opened > moment.position {
            return None;
        }
        let month = through.unwrap_or(Month::M13);
        let figures = Figures::of_line(&year.line_measures(number, moment.position, month));
        Some(LineContext::new(year, moment, through).complete(number, figures))
    }

    fn row(&self, query: &BudgetQuery, sum: &Sum) -> BudgetRow {
        let position = query.moment.position;
        let share = self.underspending_share(query.moment);
        let name = sum.programme.and_then(|code| self.register.programme_name(code, position));
        BudgetRow {
            year: query.year,
            programme: sum.programme,
            name: name.map(str::to_owned),
            body: sum.body,
            class: sum.class,
            ring_fence: sum.ring_fence,
            through: None,
            figures: Some(sum.figures),
            status: Some(sum.figures.status(share)),
            position,
        }
    }

    fn by<K: Ord>(
        &self,
        query: &BudgetQuery,
        lines: &[(LineKey, Figures)],
        key: impl Fn(&LineKey) -> K,
    ) -> Vec<BudgetRow> {
        let mut sums: BTreeMap<K, Sum> = BTreeMap::new();
        for (line, figures) in lines {
            let sum = Sum::of(line, *figures);
            sums.entry(key(line)).and_modify(|known| known.add(&sum)).or_insert(sum);
        }
        sums.values().map(|sum| self.row(query, sum)).collect()
    }

    fn by_programme(&self, query: &BudgetQuery, lines: &[(LineKey, Figures)]) -> Vec<BudgetRow> {
        let mut own = HashMap::new();
        for (line, figures) in lines {
            add_to(&mut own, line.programme, &Sum::of(line, *figures));
        }
        let path = |code| self.register.programme_path(code);
        let mut rows = self.rolled_up(query, &own, path, query.programme);
        for (code, row) in &mut rows {
            let name = self.register.programme_name(*code, query.moment.position);
            (row.programme, row.name) = (Some(*code), name.map(str::to_owned));
        }
        if let (Some(programme), true) = (query.programme, rows.is_empty()) {
            rows.push((programme, self.empty_row(query, programme)));
        }
        rows.into_iter().map(|(_, row)| row).collect()
    }

    fn by_body(&self, query: &BudgetQuery, lines: &[(LineKey, Figures)]) -> Vec<BudgetRow> {
        let mut own = HashMap::new();
        for (line, figures) in lines {
            add_to(&mut own, line.body, &Sum::of(line, *figures));
        }
        let path = |code| self.register.body_path(code, query.moment.position);
        let mut rows = self.rolled_up(query, &own, path, query.body);
        for (code, row) in &mut rows {
            let body = self.register.body(*code, query.moment.position);
            (row.body, row.name) = (Some(*code), body.map(|body| body.name.to_string()));
        }
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Sums of codes and of those above them, up to `top`; a tree in order, parents first.
    fn rolled_up<C: Copy + Eq + Ord + std::hash::Hash, P: Iterator<Item = C>>(
        &self,
        query: &BudgetQuery,
        own: &HashMap<C, Sum>,
        path: impl Fn(C) -> P,
        top: Option<C>,
    ) -> Vec<(C, BudgetRow)> {
        let mut codes: Vec<C> = own.keys().copied().collect();
        codes.sort_unstable();
        let mut sums = HashMap::new();
        for code in codes {
            for above in path(code) {
                add_to(&mut sums, above, &own[&code]);
                if top == Some(above) {
                    break;
                }
            }
        }
        let mut rows: Vec<(C, BudgetRow)> =
            sums.iter().map(|(code, sum)| (*code, self.row(query, sum))).collect();
        rows.sort_by_cached_key(|(code, _)| {
            let mut from_top: Vec<C> = path(*code).collect();
            from_top.reverse();
            from_top
        });
        rows
    }

    /// A programme that has no line in the year: nothing is known, which is not zero.
    fn empty_row(&self, query: &BudgetQuery, programme: ProgrammeCode) -> BudgetRow {
        let position = query.moment.position;
        BudgetRow {
            year: query.year,
            programme: Some(programme),
            name: self.register.programme_name(programme, position).map(str::to_owned),
            body: query.body,
            class: query.class,
            ring_fence: None,
            through: None,
            figures: None,
            status: None,
            position,
        }
    }

    fn by_month(&self, query: &BudgetQuery, scope: &Scope) -> Vec<BudgetRow> {
        let last = query.through.unwrap_or(Month::M13);
        let months = Month::all().take_while(|month| *month <= last);
        let of_month = |month| {
            let through = BudgetQuery { through: Some(month), ..*query };
            let lines = self.within(scope).line_figures(&through);
            let rows = self.by(&through, &lines, |_| ());
            rows.into_iter().map(move |row| BudgetRow { through: Some(month), ..row })
        };
        months.flat_map(of_month).collect()
    }
}

impl ReadModels {
    /// The prior-period adjustments that concern a year's lines.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn adjustments(&self, query: &BudgetQuery) -> Result<Vec<Adjustment>, QueryError> {
        self.check_codes(query)?;
        let Some(year) = self.planned.year(query.year) else { return Ok(Vec::new()) };
        let wanted = self.wanted(query);
        let all = year.adjustments(query.moment.position);
        Ok(all.filter(|adjustment| wanted.has(&adjustment.posted_on)).copied().collect())
    }
}
