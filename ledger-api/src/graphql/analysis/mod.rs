//! Analyses across lines and years, each a root field. Start with `bridge` (original to outturn)
//! and `diff` (two moments). `revision` and `accuracy` follow forecasts; `reasons` and `persistent`
//! explain underspends; `balance` and `at_risk` show budget not spent or drawn down; `exchange`
//! and `capital_for_revenue` show budget that changed year or class.

pub(crate) mod accuracy;
pub(crate) mod at_risk;
pub(crate) mod balance;
pub(crate) mod bridge;
pub(crate) mod capital_for_revenue;
pub(crate) mod diff;
pub(crate) mod exchange;
pub(crate) mod persistent;
pub(crate) mod reasons;
pub(crate) mod revision;
