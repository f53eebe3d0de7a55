//! The root of all postings: one file per noun. A mutation only turns its input into a command;
//! what happens with it is [`submit`](super::posting::submit)'s.

mod batch;
mod body;
mod budget;
mod claim;
pub(super) mod forecast;
mod funding;
mod input;
mod offset;
mod period;
mod policy;
mod preview;
mod programme;
mod proposal;
mod reversal;
mod spend;
mod underspend;

use async_graphql::MergedObject;

use batch::BatchMutation;
use body::BodyMutation;
use budget::BudgetMutation;
use claim::ClaimMutation;
use forecast::ForecastMutation;
use funding::FundingMutation;
use offset::OffsetMutation;
use period::PeriodMutation;
use policy::PolicyMutation;
pub(super) use preview::AnyPosting;
use preview::PreviewMutation;
use programme::ProgrammeMutation;
use proposal::ProposalMutation;
use reversal::ReversalMutation;
use spend::SpendMutation;
use underspend::UnderspendMutation;

/// Postings. Each is one entry, or refused with the rule it breaks; with `dryRun` it is judged and
/// not posted.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    FundingMutation,
    BodyMutation,
    ProgrammeMutation,
    BudgetMutation,
    SpendMutation,
    ForecastMutation,
    UnderspendMutation,
    ClaimMutation,
    PeriodMutation,
    ReversalMutation,
    BatchMutation,
    ProposalMutation,
    OffsetMutation,
    PolicyMutation,
    PreviewMutation,
);
