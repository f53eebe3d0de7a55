//! How long sign-off takes: by month, step and tier, and by approver.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use projections::sign_off_times;

use super::Limits;
use super::page::{self, Page, Slice};
use super::proposal::Tier;
use super::scalars::{self, LogPosition};
use super::view::{AsAt, Root, View};

/// What signatures are counted by, beside their month, step and tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "sign_off_times::By")]
pub(super) enum SignOffTimesBy {
    /// Nothing else.
    Step,
    /// Who signed.
    Approver,
}

/// How long sign-off took, of the signatures of one month, step and tier, and of one approver where
/// they are told apart.
#[derive(SimpleObject)]
pub(super) struct SignOffTime {
    /// The financial year of the signatures.
    year: scalars::Year,
    /// Their month.
    month: scalars::YearMonth,
    /// The step of the proposal that they signed, from 1.
    step: u32,
    /// Their tier.
    tier: Tier,
    /// Who signed, under a delegation too, by opaque id; null where approvers are not told apart.
    approver: Option<String>,
    /// How many there were.
    signatures: u64,
    /// How long their steps waited together, in hours with one decimal.
    total_hours: scalars::Number,
    /// How long each waited on average.
    average_hours: scalars::Number,
    /// How long the longest waited.
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

/// How long sign-off took, of every signature given by then.
pub(super) struct SignOffTimes {
    view: View,
    by: SignOffTimesBy,
}

/// How long sign-off took, of every signature given by then, those of superseded versions too. A
/// step waits from when its proposal was submitted, or from the signature before, to its own.
#[Object]
impl SignOffTimes {
    /// The last entry that counts.
    async fn position(&self) -> LogPosition {
        self.view.position().into()
    }

    /// Whether only a part of the proposals count: those that the caller may read.
    async fn partial(&self) -> bool {
        self.view.is_partial()
    }

    /// The times, in order of month, step, tier and approver. Totals may be summed, averages not.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<SignOffTime>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let times = {
            let (models, view) = (slice.view.models(), &slice.view);
            models.proposals.sign_off_times(self.by.into(), view.position(), &view.scope)
        };
        Ok(slice.page(times, SignOffTime::from))
    }
}

#[derive(Default)]
pub(super) struct SignOffTimesQuery(pub(super) Root);

#[Object]
impl SignOffTimesQuery {
    /// How long sign-off took, by the month of the signature, the step and the tier.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn sign_off_times(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What else to count by.", default_with = "SignOffTimesBy::Step")]
        by: SignOffTimesBy,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<SignOffTimes> {
        Ok(SignOffTimes { view: self.0.view(context, as_at, at_least_position).await?, by })
    }
}
