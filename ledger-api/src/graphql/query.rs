//! The root of all questions.

use async_graphql::MergedObject;

use super::body::BodyQuery;
use super::entry::EntryQuery;
use super::fund::FundQuery;
use super::ledger::LedgerQuery;
use super::line::LineQuery;
use super::node::NodeQuery;
use super::policy::PolicyQuery;
use super::programme::ProgrammeQuery;
use super::sign_off::ProposalQuery;
use super::sign_off_times::SignOffTimesQuery;
use super::system::SystemQuery;
use super::view::Root;
use super::what_if::WhatIfQuery;
use super::year::YearQuery;

/// Questions about the book. Those that read its state can be asked as at any moment; fields of one
/// request that name none are answered as at the same position.
#[derive(Default, MergedObject)]
pub struct Query(
    LedgerQuery,
    YearQuery,
    ProgrammeQuery,
    BodyQuery,
    LineQuery,
    FundQuery,
    EntryQuery,
    PolicyQuery,
    ProposalQuery,
    SignOffTimesQuery,
    SystemQuery,
    NodeQuery,
    WhatIfQuery,
);

impl Query {
    /// The questions that read from a root.
    pub(super) fn of(root: &Root) -> Self {
        Query(
            LedgerQuery(root.clone()),
            YearQuery(root.clone()),
            ProgrammeQuery(root.clone()),
            BodyQuery(root.clone()),
            LineQuery(root.clone()),
            FundQuery(root.clone()),
            EntryQuery(root.clone()),
            PolicyQuery(root.clone()),
            ProposalQuery(root.clone()),
            SignOffTimesQuery(root.clone()),
            SystemQuery(root.clone()),
            NodeQuery(root.clone()),
            WhatIfQuery(root.clone()),
        )
    }
}
