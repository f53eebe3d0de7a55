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
use super::system::SystemQuery;
use super::total_scope::TotalScopeQuery;
use super::year::YearQuery;

/// Questions about the book. Those that read its state can be asked as at any moment; fields of one
/// request that name none are answered as at the same position.
#[derive(Debug, Default, MergedObject)]
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
);
