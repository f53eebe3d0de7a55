//! Budget and spend of a year. Start with `year`, then `line`, the unit of every figure, and
//! `figures`. `planned` compares plan and spend by line or group, a `row` for each, and
//! `contribution` lists the entries behind a figure. `adjustment`, `restatement` and `underspend` explain late changes and
//! unspent money.

pub(crate) mod adjustment;
pub(crate) mod contribution;
pub(crate) mod figures;
pub(crate) mod line;
pub(crate) mod planned;
pub(crate) mod restatement;
pub(crate) mod row;
pub(crate) mod underspend;
pub(crate) mod year;
