//! How long sign-off takes: by month, step and tier, and by approver.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use projections::sign_off_times;

use crate::graphql::Limits;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, LogPosition};
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::sign_off::proposal::Tier;

/// How signatures are grouped, besides by month, step and tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "sign_off_times::By")]
pub(crate) enum SignOffTimesBy {
    /// No further grouping.
    Step,
    /// By approver.
    Approver,
}

/// How long sign-off took, for the signatures of one month, step and tier, and of one approver
/// where grouped by approver.
#[derive(SimpleObject)]
pub(crate) struct SignOffTime {
    /// The financial year of the signatures.
    year: scalars::Year,
    /// Their month.
    month: scalars::YearMonth,
    /// The step of the proposal that they signed, from 1.
    step: u32,
    /// Their tier.
    tier: Tier,
    /// The approver, by opaque id, also under a delegation; null where not grouped by approver.
    approver: Option<String>,
    /// The number of signatures.
    signatures: u64,
    /// The total waiting time of their steps, in hours to one decimal.
    total_hours: scalars::Number,
    /// The average waiting time, in hours.
    average_hours: scalars::Number,
    /// The longest waiting time, in hours.
    longest_hours: scalars::Number,
}

impl From<sign_off_times::SignOffTime> for SignOffTime {
    fn from(time: sign_off_times::SignOffTime) -> Self {
        SignOffTime {
            year: time.year.into(),
            month: time.month.into(),
            step: time.step,
            tier: time.tier.into(),
            approver: time.approver.as_ref().map(ToString::to_string),
            signatures: time.signatures,
            total_hours: time.total_hours().into(),
            average_hours: time.average_hours().into(),
            longest_hours: time.longest_hours().into(),
        }
    }
}

/// How long sign-off took, over all signatures.
pub(crate) struct SignOffTimes {
    view: View,
    by: SignOffTimesBy,
}

/// How long sign-off took, over all signatures, including those of superseded versions. A step
/// waits from submission, or from the signature before, until its own signature.
#[Object]
impl SignOffTimes {
    /// The position of the last entry counted.
    async fn position(&self) -> LogPosition {
        self.view.position().into()
    }

    /// Whether the caller may read only part of the proposals: only those are counted.
    async fn partial(&self) -> bool {
        self.view.is_partial()
    }

    /// The times, in order of month, step, tier and approver. Totals can be added up, averages
    /// cannot.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<SignOffTime>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let times = {
            let (models, view) = (slice.view.models(), &slice.view);
            view.within(&models).sign_off_times(self.by.into(), view.position())
        };
        Ok(slice.page(times, SignOffTime::from))
    }
}

#[derive(Default)]
pub(crate) struct SignOffTimesQuery(pub(crate) Root);

#[Object]
impl SignOffTimesQuery {
    /// How long sign-off took, by the month of the signature, the step and the tier.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn sign_off_times(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How else to group.", default_with = "SignOffTimesBy::Step")]
        by: SignOffTimesBy,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<SignOffTimes> {
        Ok(SignOffTimes { view: self.0.view(context, as_at, at_least_position).await?, by })
    }
}
