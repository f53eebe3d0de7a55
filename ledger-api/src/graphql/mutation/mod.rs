//! The root of all postings: one file per noun. Read `posting` first, then `input` and any noun. A
//! mutation only turns its input into a command; [`submit`](posting::submit) does the rest.

mod batch;
mod body;
mod budget;
pub(crate) mod forecast;
mod funding;
mod input;
mod offset;
mod period;
mod policy;
pub(crate) mod posting;
mod preview;
pub(crate) mod previewing;
mod programme;
mod proposal;
mod published;
mod reversal;
mod spend;
mod underspend;

use async_graphql::MergedObject;

use batch::BatchMutation;
use body::BodyMutation;
use budget::BudgetMutation;
use forecast::ForecastMutation;
use funding::FundingMutation;
use offset::OffsetMutation;
use period::PeriodMutation;
use policy::PolicyMutation;
pub(crate) use preview::AnyPosting;
use preview::PreviewMutation;
use programme::ProgrammeMutation;
use proposal::ProposalMutation;
use published::PublishedMutation;
use reversal::ReversalMutation;
use spend::SpendMutation;
use underspend::UnderspendMutation;

/// Postings. Each becomes one entry, or is refused with the rule it breaks; with `dryRun` it is
/// judged but not posted.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    FundingMutation,
    BodyMutation,
    ProgrammeMutation,
    BudgetMutation,
    SpendMutation,
    ForecastMutation,
    UnderspendMutation,
    PublishedMutation,
    PeriodMutation,
    ReversalMutation,
    BatchMutation,
    ProposalMutation,
    OffsetMutation,
    PolicyMutation,
    PreviewMutation,
);
