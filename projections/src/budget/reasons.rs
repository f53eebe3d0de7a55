//! Underspends by reason, and the entries that took budget away.
//!
//! Answers the question: is an underspend slippage, saving, clawback or diversion, and where did it
//! go? [`crate::flows::destinations`] names the accounts it went to.

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

/// How underspends are summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReasonsBy {
    /// By programme, each including its descendants.
    Programme,
    /// By body, each including its descendants.
    Body,
    /// By budget class.
    Class,
    /// All lines together.
    Year,
}

/// An underspend by reason, in pence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// The programme, in a sum by programme.
    pub programme: Option<ProgrammeCode>,
    /// The body, in a sum by body.
    pub body: Option<BodyCode>,
    /// The class, in a sum by class.
    pub class: Option<BudgetClass>,
    /// The name of the programme or body.
    pub name: Option<String>,
    /// The code of the row that includes this one; None at the top of the answer.
    pub parent: Option<String>,
    /// The number of rows above it that include it.
    pub level: usize,
    /// Whether it includes other rows of the answer, or is the whole year.
    pub is_total: bool,
    /// The underspend.
    pub underspend: Pence,
    /// To be spent later.
    pub slippage: Pence,
    /// Not needed.
    pub saving: Pence,
    /// Taken back.
    pub clawback: Pence,
    /// Used for something else.
    pub diversion: Pence,
    /// UnderspendExplanation as of unknown reason.
    pub unknown: Pence,
    /// Without any explanation.
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

/// An entry that took budget out of the lines, net.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outflow {
    /// The entry.
    pub position: Position,
    /// The amount it took.
    pub amount: Pence,
}

impl Within<'_> {
    /// The underspends of a query's lines, summed. Programmes and bodies come in tree order.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn underspends_by_reason(
        &self,
        query: &BudgetQuery,
        by: ReasonsBy,
    ) -> Result<Vec<Reasons>, QueryError> {
        let mut sums: BTreeMap<SumKey, Reasons> = BTreeMap::new();
        for found in self.underspends(query)? {
            let LineKey { programme, body, class, .. } = found.line;
            let places: Vec<SumKey> = match by {
                ReasonsBy::Programme => {
                    let paths = self.paths(programme, query.programme).into_iter();
                    paths.map(|path| SumKey { programmes: path, ..SumKey::default() }).collect()
                }
                ReasonsBy::Body => {
                    let path = self.models.register.body_path(body, query.moment.position);
                    let paths = paths(path.collect(), query.body).into_iter();
                    paths.map(|path| SumKey { bodies: path, ..SumKey::default() }).collect()
                }
                ReasonsBy::Class => vec![SumKey { class: Some(class), ..SumKey::default() }],
                ReasonsBy::Year => vec![SumKey::default()],
            };
            for place in places {
                let sum = sums.entry(place).or_default();
                sum.underspend = sum.underspend.plus(found.underspend);
                sum.unexplained = sum.unexplained.plus(found.unexplained);
                for explained in &found.explained {
                    let of = sum.of(explained.cause);
                    *of = of.plus(explained.pence);
                }
            }
        }
        let register = &self.models.register;
        let (top_programme, top_body) = (query.programme, query.body);
        let rows = sums.into_iter().map(|(place, sum)| {
            let of_programme = below(&place.programmes, top_programme);
            let (parent, level) =
                of_programme.unwrap_or_else(|| below(&place.bodies, top_body).unwrap_or_default());
            let (programme, body) =
                (place.programmes.last().copied(), place.bodies.last().copied());
            let programme_name = programme.and_then(|code| self.name(code, query.moment));
            let body_name = || {
                let body = register.body(body?, query.moment.position)?;
                Some(body.name.to_string())
            };
            let name = programme_name.or_else(body_name);
            let (class, is_total) = (place.class, by == ReasonsBy::Year);
            Reasons { programme, body, class, name, parent, level, is_total, ..sum }
        });
        let mut rows: Vec<Reasons> = rows.collect();
        // Parents come first, and their first part next.
        let mut next = 0;
        for row in rows.iter_mut().rev() {
            row.is_total |= next > row.level;
            next = row.level;
        }
        Ok(rows)
    }

    /// At most `count` entries after `after` that took budget out of a query's lines, in order of
    /// position. Movements among the lines take nothing out.
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

    /// A test for whether a line belongs to a query and the scope.
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

/// The code above the last of a path from the root, and how many are above it, up to `top`; None for
/// an empty path.
fn below<C: Copy + PartialEq + ToString>(
    path: &[C],
    top: Option<C>,
) -> Option<(Option<String>, usize)> {
    let from = path.iter().position(|code| Some(*code) == top).unwrap_or(0);
    let (_, above) = path.get(from..)?.split_last()?;
    Some((above.last().map(C::to_string), above.len()))
}

/// The key of a sum: the path from the root of a tree, or a class.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct SumKey {
    programmes: Vec<ProgrammeCode>,
    bodies: Vec<BodyCode>,
    class: Option<BudgetClass>,
}
