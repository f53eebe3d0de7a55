//! Underspends by the reasons given for them, and where the money went.
//!
//! Answers question 7 of `docs/questions.md`.

use std::collections::BTreeMap;

use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::event::UnderspendCause;
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use serde::{Deserialize, Serialize};

use super::BudgetQuery;
use super::years::paths;
use crate::QueryError;
use crate::measure::Measure;
use crate::scope::Within;

/// What underspends are summed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReasonsBy {
    /// Programmes, each with those below it.
    Programme,
    /// Bodies, each with those below it.
    Body,
    /// Budget classes.
    Class,
    /// The whole year.
    Year,
}

/// An underspend, split by the reasons given for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// The programme, where they are summed by that.
    pub programme: Option<ProgrammeCode>,
    /// The body, where they are summed by that.
    pub body: Option<BodyCode>,
    /// The class, where they are summed by that.
    pub class: Option<BudgetClass>,
    /// What the programme or the body was called.
    pub name: Option<String>,
    /// What was not spent.
    pub underspend: Pence,
    /// What will be spent later.
    pub slippage: Pence,
    /// What was not needed.
    pub saving: Pence,
    /// What was taken back.
    pub clawback: Pence,
    /// What was used for something else.
    pub diversion: Pence,
    /// What somebody said that nobody knows the reason of.
    pub unknown: Pence,
    /// What nobody has said anything about.
    pub unexplained: Pence,
}

impl Reasons {
    const fn of(&mut self, cause: UnderspendCause) -> &mut Pence {
        match cause {
            UnderspendCause::Slippage => &mut self.slippage,
            UnderspendCause::Saving => &mut self.saving,
            UnderspendCause::Clawback => &mut self.clawback,
            UnderspendCause::Diversion => &mut self.diversion,
            UnderspendCause::Unknown => &mut self.unknown,
        }
    }
}

/// An entry that took budget out of the lines, all of its parts on them together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outflow {
    /// The entry.
    pub position: Position,
    /// How much it took.
    pub amount: Pence,
}

impl Within<'_> {
    /// The underspends of the lines that a query wants, summed: programmes and bodies in order of
    /// their trees.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn underspends_by_reason(
        &self,
        query: &BudgetQuery,
        by: ReasonsBy,
    ) -> Result<Vec<Reasons>, QueryError> {
        let mut sums: BTreeMap<Place, Reasons> = BTreeMap::new();
        for told in self.underspends(query)? {
            let LineKey { programme, body, class, .. } = told.line;
            let places: Vec<Place> = match by {
                ReasonsBy::Programme => {
                    let paths = self.paths(programme, query.programme).into_iter();
                    paths.map(|path| Place { programmes: path, ..Place::default() }).collect()
                }
                ReasonsBy::Body => {
                    let path = self.models.register.body_path(body, query.moment.position);
                    let paths = paths(path.collect(), query.body).into_iter();
                    paths.map(|path| Place { bodies: path, ..Place::default() }).collect()
                }
                ReasonsBy::Class => vec![Place { class: Some(class), ..Place::default() }],
                ReasonsBy::Year => vec![Place::default()],
            };
            for place in places {
                let sum = sums.entry(place).or_default();
                sum.underspend = sum.underspend.plus(told.underspend);
                sum.unexplained = sum.unexplained.plus(told.unexplained);
                for explained in &told.explained {
                    let of = sum.of(explained.cause);
                    *of = of.plus(explained.pence);
                }
            }
        }
        let register = &self.models.register;
        let rows = sums.into_iter().map(|(place, sum)| {
            let (programme, body) =
                (place.programmes.last().copied(), place.bodies.last().copied());
            let called = programme.and_then(|code| self.name(code, query.moment));
            let body_name = || {
                let body = register.body(body?, query.moment.position)?;
                Some(body.name.to_string())
            };
            let name = called.or_else(body_name);
            Reasons { programme, body, class: place.class, name, ..sum }
        });
        Ok(rows.collect())
    }

    /// The entries after one that took budget out of the lines that a query wants, in order of
    /// position: at most so many. What only moves among the lines takes nothing out.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn outflows(
        &self,
        query: &BudgetQuery,
        after: Position,
        count: usize,
    ) -> Result<Vec<Outflow>, QueryError> {
        let Some((year, wanted)) = self.lines(query, None)? else { return Ok(Vec::new()) };
        let range = year.deltas_up_to(after)..year.deltas_up_to(query.moment.position);
        let through = query.through.unwrap_or(ledger_core::domain::calendar::Month::M13);
        let nets = year.nets(&wanted, &[Measure::Revised], through, range);
        let outflows = nets.filter_map(|net| {
            let amount = Pence::new(net.measures.get(Measure::Revised)).negated();
            amount.is_positive().then_some(Outflow { position: net.position, amount })
        });
        Ok(outflows.take(count).collect())
    }

    /// Which lines a query wants, of those that may be read.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn wants(
        &self,
        query: &BudgetQuery,
    ) -> Result<impl Fn(&LineKey) -> bool + use<'_>, QueryError> {
        self.check(query)?;
        self.models.check_codes(query)?;
        let (wanted, year, scope) = (self.models.wanted(query), query.year, self.scope);
        Ok(move |line: &LineKey| line.year == year && wanted.has(line) && scope.admits(line))
    }
}

/// What a sum is of: the path from the top of the tree, or a class.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    programmes: Vec<ProgrammeCode>,
    bodies: Vec<BodyCode>,
    class: Option<BudgetClass>,
}
