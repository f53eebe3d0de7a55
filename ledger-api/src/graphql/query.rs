//! The root of all queries.

use async_graphql::MergedObject;

use crate::graphql::analysis::accuracy::AccuracyQuery;
use crate::graphql::analysis::at_risk::AtRiskQuery;
use crate::graphql::analysis::balance::BalanceQuery;
use crate::graphql::analysis::bridge::BridgeQuery;
use crate::graphql::analysis::capital_for_revenue::CapitalForRevenueQuery;
use crate::graphql::analysis::diff::DiffQuery;
use crate::graphql::analysis::exchange::ExchangeQuery;
use crate::graphql::analysis::persistent::PersistentQuery;
use crate::graphql::analysis::reasons::ReasonsQuery;
use crate::graphql::analysis::revision::RevisionQuery;
use crate::graphql::budget::line::LineQuery;
use crate::graphql::budget::planned::PlannedQuery;
use crate::graphql::budget::year::YearQuery;
use crate::graphql::flows::list::FlowsQuery;
use crate::graphql::kit::node::NodeQuery;
use crate::graphql::kit::view::Root;
use crate::graphql::log::entry::EntryQuery;
use crate::graphql::log::ledger::LedgerQuery;
use crate::graphql::published::figure::PublishedFigureQuery;
use crate::graphql::published::scope::FigureScopeQuery;
use crate::graphql::register::body::BodyQuery;
use crate::graphql::register::fund::FundQuery;
use crate::graphql::register::policy::PolicyQuery;
use crate::graphql::register::programme::ProgrammeQuery;
use crate::graphql::register::system::SystemQuery;
use crate::graphql::sign_off::queue::ProposalQuery;
use crate::graphql::sign_off::times::SignOffTimesQuery;
use crate::graphql::what_if::WhatIfQuery;

/// Defines the query root as a merge of query groups, each with the root it reads from.
macro_rules! questions {
    ($($(#[doc = $doc:literal])* $name:ident { $($group:ident),* $(,)? })*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Default, MergedObject)]
            pub struct $name($($group),*);

            impl $name {
                /// The queries on a book, or on a what-if.
                pub(crate) fn of(root: &Root) -> Self {
                    $name($($group(root.clone())),*)
                }
            }
        )*
    };
}

questions! {
    /// Queries on the book. Fields that read its state take a moment; fields of one request that
    /// name none are all answered at the same position.
    Query {
        LedgerQuery,
        YearQuery,
        PlannedQuery,
        ProgrammeQuery,
        BodyQuery,
        LineQuery,
        FundQuery,
        FlowsQuery,
        ExchangeQuery,
        CapitalForRevenueQuery,
        EntryQuery,
        PolicyQuery,
        ProposalQuery,
        SignOffTimesQuery,
        SystemQuery,
        BridgeQuery,
        DiffQuery,
        ReasonsQuery,
        PersistentQuery,
        AccuracyQuery,
        RevisionQuery,
        AtRiskQuery,
        BalanceQuery,
        PublishedFigureQuery,
        FigureScopeQuery,
        NodeQuery,
        WhatIfQuery,
    }
}
