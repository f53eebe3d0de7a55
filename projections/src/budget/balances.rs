//! Uncancelled balances by year and class: budget that is neither spent nor promised.
//!
//! Answers question 2 of `docs/questions.md` for programmes; funds tell what is unallocated.

use std::collections::BTreeMap;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::line::BudgetClass;

use super::YearsQuery;
use crate::QueryError;
use crate::figures::Figures;
use crate::scope::Within;

/// The figures of a year's lines of one class: what is available of them is the uncancelled balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The year.
    pub year: FinancialYear,
    /// The class.
    pub class: BudgetClass,
    /// The figures.
    pub figures: Figures,
}

impl Within<'_> {
    /// The balances of the lines that a query wants, by year and class.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn balances(&self, query: &YearsQuery) -> Result<Vec<Balance>, QueryError> {
        let mut balances = Vec::new();
        for year in self.years(query)? {
            let mut sums: BTreeMap<BudgetClass, Figures> = BTreeMap::new();
            for (line, figures) in self.line_figures(&query.of(year.year())) {
                let sum = sums.entry(line.class);
                sum.and_modify(|sum| *sum = sum.plus(&figures)).or_insert(figures);
            }
            let of_year = sums.into_iter().map(|(class, figures)| Balance {
                year: year.year(),
                class,
                figures,
            });
            balances.extend(of_year);
        }
        Ok(balances)
    }
}
