//! Rows of planned versus actual: lines summed by what they share, or up a tree.

use std::collections::BTreeMap;
use std::fmt::Display;

use hashbrown::HashMap;
use ledger_core::domain::code::{BodyCode, ProgrammeCode, RingFence};
use ledger_core::domain::line::{BudgetClass, LineKey};

use super::{BudgetQuery, BudgetRow, Own};
use crate::ReadModels;
use crate::figures::{Figures, Status};

/// Lines summed so far, and the attributes they share.
#[derive(Clone, Copy)]
pub(super) struct Sum {
    figures: Figures,
    programme: Option<ProgrammeCode>,
    body: Option<BodyCode>,
    class: Option<BudgetClass>,
    ring_fence: Option<RingFence>,
}

impl Sum {
    pub(super) fn of(line: &LineKey, figures: Figures) -> Self {
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
        self.figures.add(&other.figures);
        self.programme = common(self.programme, other.programme);
        self.body = common(self.body, other.body);
        self.class = common(self.class, other.class);
        self.ring_fence = common(self.ring_fence, other.ring_fence);
    }
}

/// Adds to the sum of a key.
fn add_to<K: std::hash::Hash + Eq>(sums: &mut HashMap<K, Sum>, key: K, sum: &Sum) {
    sums.entry(key).and_modify(|known| known.add(sum)).or_insert(*sum);
}

impl ReadModels {
    pub(super) fn row(&self, query: &BudgetQuery, sum: &Sum) -> BudgetRow {
        let position = query.moment.position;
        let (figures, status) = self.with_status(query, sum.figures);
        let name = sum.programme.and_then(|code| self.register.programme_name(code, position));
        BudgetRow {
            year: query.year,
            programme: sum.programme,
            name: name.map(str::to_owned),
            body: sum.body,
            class: sum.class,
            ring_fence: sum.ring_fence,
            through: None,
            parent: None,
            level: 0,
            is_total: false,
            figures: Some(figures),
            status: Some(status),
            own: Own::Whole,
            position,
        }
    }

    fn with_status(&self, query: &BudgetQuery, figures: Figures) -> (Figures, Status) {
        (figures, figures.status(self.underspending_share(query.moment)))
    }

    pub(super) fn by<K: Ord>(
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

    pub(super) fn by_programme(
        &self,
        query: &BudgetQuery,
        lines: &[(LineKey, Figures)],
    ) -> Vec<BudgetRow> {
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

    pub(super) fn by_body(
        &self,
        query: &BudgetQuery,
        lines: &[(LineKey, Figures)],
    ) -> Vec<BudgetRow> {
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

    /// Sums of codes and their ancestors up to `top`, in tree order, parents first.
    fn rolled_up<C: Copy + Display + Eq + Ord + std::hash::Hash, P: Iterator<Item = C>>(
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
        let mut rows: Vec<(Vec<C>, BudgetRow)> = Vec::with_capacity(sums.len());
        for (code, sum) in &sums {
            let mut from_top: Vec<C> = path(*code).collect();
            let end = from_top.iter().position(|above| top == Some(*above));
            from_top.truncate(end.map_or(from_top.len(), |end| end + 1));
            let row = BudgetRow {
                parent: from_top.get(1).map(C::to_string),
                level: from_top.len() - 1,
                own: match own.get(code) {
                    None => Own::Nothing,
                    Some(own) if own.figures == sum.figures => Own::Whole,
                    Some(own) => Own::Part(Box::new(self.with_status(query, own.figures))),
                },
                ..self.row(query, sum)
            };
            from_top.reverse();
            rows.push((from_top, row));
        }
        rows.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        // Parents come first, and their first part next.
        for index in 1..rows.len() {
            let [(_, above), (_, row)] = &mut rows[index - 1..=index] else { continue };
            above.is_total = row.level > above.level;
        }
        rows.into_iter().filter_map(|(path, row)| Some((*path.last()?, row))).collect()
    }

    /// A row without figures, for a programme without a line in the year.
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
            parent: None,
            level: 0,
            is_total: false,
            figures: None,
            status: None,
            own: Own::Nothing,
            position,
        }
    }
}
