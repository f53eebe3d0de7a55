//! Uncancelled balances by year and class: budget neither spent nor promised.
//!
//! Answers the question: what is the uncancelled balance of a programme, by year and class?
//! [`crate::funds`] answers it for funds.

use std::collections::BTreeMap;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::line::BudgetClass;

use super::YearsQuery;
use crate::QueryError;
use crate::figures::Figures;
use crate::scope::Within;

/// The figures of one year and class. The uncancelled balance is what they have available.
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
    /// The balances of a query's lines, by year and class.
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
                sum.and_modify(|sum| sum.add(&figures)).or_insert(figures);
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
