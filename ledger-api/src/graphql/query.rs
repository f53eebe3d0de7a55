//! The root of all questions.

use async_graphql::MergedObject;

use super::accuracy::AccuracyQuery;
use super::at_risk::AtRiskQuery;
use super::balance::BalanceQuery;
use super::body::BodyQuery;
use super::bridge::BridgeQuery;
use super::claim::ClaimQuery;
use super::diff::DiffQuery;
use super::entry::EntryQuery;
use super::exchanged::ExchangeQuery;
use super::flows::FlowsQuery;
use super::fund::FundQuery;
use super::ledger::LedgerQuery;
use super::line::LineQuery;
use super::node::NodeQuery;
use super::persistent::PersistentQuery;
use super::policy::PolicyQuery;
use super::programme::ProgrammeQuery;
use super::reasons::ReasonsQuery;
use super::revision::RevisionQuery;
use super::sign_off::ProposalQuery;
use super::sign_off_times::SignOffTimesQuery;
use super::switch::SwitchQuery;
use super::system::SystemQuery;
use super::total_scope::TotalScopeQuery;
use super::view::Root;
use super::what_if::WhatIfQuery;
use super::year::YearQuery;

/// Defines the root of all questions, each group of which reads from a root.
macro_rules! questions {
    ($($(#[doc = $doc:literal])* $name:ident { $($group:ident),* $(,)? })*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Default, MergedObject)]
            pub struct $name($($group),*);

            impl $name {
                /// The questions of the book, or of one that would be.
                pub(super) fn of(root: &Root) -> Self {
                    $name($($group(root.clone())),*)
                }
            }
        )*
    };
}

questions! {
    /// Questions about the book. Those that read its state can be asked as at any moment; fields of
    /// one request that name none are answered as at the same position.
    Query {
        LedgerQuery,
        YearQuery,
        ProgrammeQuery,
        BodyQuery,
        LineQuery,
        FundQuery,
        FlowsQuery,
        ExchangeQuery,
        SwitchQuery,
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
        ClaimQuery,
        TotalScopeQuery,
        NodeQuery,
        WhatIfQuery,
    }
}
