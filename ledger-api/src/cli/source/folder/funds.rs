//! The balances of a folder's funds.

use std::collections::BTreeMap;

use ledger_core::domain::code::FundCode;
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::movement::Pot;
use ledger_core::domain::position::Position;
use projections::ReadModels;
use projections::funds::FundBalance;

use crate::cli::source::answer::FundRow;

/// The balances of every fund and class, each with those below it.
pub(super) fn funds(models: &ReadModels, at: Position) -> Vec<FundRow> {
    // Each fund's own balance, and those of the funds below it.
    let mut balances: BTreeMap<(FundCode, BudgetClass), FundBalance> = BTreeMap::new();
    for (code, _) in models.register.funds(at) {
        for class in models.funds.classes(code, at) {
            let own = models.funds.at(Pot { fund: code, class }, at);
            for above in models.register.fund_path(code) {
                let sum = balances.entry((above, class)).or_default();
                *sum = sum.plus(&own);
            }
        }
    }
    let rows = models.register.funds(at).flat_map(|(code, fund)| {
        let of = |class| Some((class, *balances.get(&(code, class))?));
        let mut told: Vec<_> = BudgetClass::ALL.into_iter().filter_map(of).map(Some).collect();
        if told.is_empty() {
            told.push(None);
        }
        told.into_iter().map(move |balance| FundRow {
            code,
            name: fund.name.to_string(),
            parent: fund.parent,
            balance,
        })
    });
    rows.collect()
}
