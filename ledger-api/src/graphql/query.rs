//! The root of all questions.

use async_graphql::MergedObject;

use super::body::BodyQuery;
use super::entry::EntryQuery;
use super::exchanged::ExchangeQuery;
use super::flows::FlowsQuery;
use super::fund::FundQuery;
use super::ledger::LedgerQuery;
use super::line::LineQuery;
use super::node::NodeQuery;
use super::policy::PolicyQuery;
use super::programme::ProgrammeQuery;
use super::sign_off::ProposalQuery;
use super::sign_off_times::SignOffTimesQuery;
use super::switch::SwitchQuery;
use super::system::SystemQuery;
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
    FlowsQuery,
    ExchangeQuery,
    SwitchQuery,
    EntryQuery,
    PolicyQuery,
    ProposalQuery,
    SignOffTimesQuery,
    SystemQuery,
    NodeQuery,
);
