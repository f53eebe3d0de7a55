//! Commitments open at the end of a year: what is committed but not drawn down.

use async_graphql::{ComplexObject, Context, Object, Result, SimpleObject};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use projections::budget::{AtRisk, BudgetQuery, Commitment, open_commitments};

use crate::graphql::Limits;
use crate::graphql::budget::planned::{LineFilter, query};
use crate::graphql::kit::as_of::AsOf;
use crate::graphql::kit::fault::unanswerable;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, LogPosition, MoneyGbp};
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::kit::work::{Stopped, Work};
use crate::graphql::log::entry::Entry;

/// The commitments of a year that are open at the end of a month.
pub(crate) struct CommitmentsAtRisk {
    pub(crate) view: View,
    pub(crate) year: FinancialYear,
    pub(crate) filter: LineFilter,
    pub(crate) through: Month,
}

impl CommitmentsAtRisk {
    fn query(&self, view: &View) -> BudgetQuery {
        query(self.year, &self.filter, view.moment, Some(self.through), None)
    }

    fn lines(&self, view: &View) -> Result<Vec<AtRisk>> {
        let lines = view.within(&view.models()).at_risk(&self.query(view));
        lines.map_err(|error| unanswerable(&error))
    }
}

/// The low bits of a place in the list count the commitments of the line; the high bits number the
/// line.
const OWN_BITS: u32 = 32;

/// A commitment with its line and its place in the list.
struct PlacedCommitment {
    place: u64,
    line: LineKey,
    commitment: Commitment,
}

/// Up to `count` open commitments after the place `read`. The lock on the read models is released
/// between lines, since each line reads the log.
fn list_from(
    view: &View,
    lines: &[AtRisk],
    through: Month,
    work: &Work,
    read: u64,
    count: usize,
) -> Result<Vec<PlacedCommitment>, Stopped> {
    let mut found = Vec::new();
    let begins = read >> OWN_BITS;
    let own = read & ((1 << OWN_BITS) - 1);
    for (number, AtRisk { line, .. }) in (0_u64..).zip(lines) {
        if number < begins {
            continue;
        }
        let entries = view.within(&view.models()).committing(line, view.position(), through);
        for _ in &entries {
            work.look_through()?;
        }
        let open = open_commitments(|entry| view.events_of(entry), line, &entries, through)?;
        for (place, commitment) in (1_u64..).zip(open) {
            if number > begins || place > own {
                let place = (number << OWN_BITS) | place;
                found.push(PlacedCommitment { place, line: *line, commitment });
            }
        }
        if found.len() >= count {
            break;
        }
    }
    found.truncate(count);
    Ok(found)
}

/// The commitments of a year that are open at the end of a month: neither drawn down nor released.
#[Object]
impl CommitmentsAtRisk {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.year.into()
    }

    /// The month at whose end the commitments are open.
    async fn through(&self) -> scalars::YearMonth {
        self.through.into()
    }

    /// The total of the open commitments.
    async fn open(&self) -> Result<MoneyGbp> {
        let lines = self.lines(&self.view)?;
        Ok(Pence::sum(lines.iter().map(|line| line.open)).into())
    }

    /// The open commitments, in order of line and then of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<CommitmentAtRisk>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let (lines, view, through) = (self.lines(&slice.view)?, slice.view.clone(), self.through);
        let (read, count) = (slice.read, slice.fetch_count());
        let found = move |work: &Work| list_from(&view, &lines, through, work, read, count);
        let found = Work::of(context).scan(found).await??;
        let commitment = |found| CommitmentAtRisk::new(&slice.view, found);
        Ok(slice.page_from(found, |found| found.place, commitment))
    }

    /// What it was read from.
    #[graphql(flatten)]
    async fn as_of(&self) -> AsOf {
        AsOf::new(&self.view)
    }
}

/// A commitment that is neither drawn down nor released.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct CommitmentAtRisk {
    #[graphql(skip)]
    view: View,
    /// The line the money was committed on.
    line: scalars::Line,
    /// The reference of the commitment.
    reference: scalars::Ref,
    /// The amount committed.
    made: MoneyGbp,
    /// The amount still open.
    open: MoneyGbp,
    /// The position of the entry that made the commitment.
    made_by: LogPosition,
}

impl CommitmentAtRisk {
    fn new(view: &View, found: PlacedCommitment) -> Self {
        CommitmentAtRisk {
            view: view.clone(),
            line: found.line.into(),
            made: found.commitment.made.into(),
            open: found.commitment.open.into(),
            made_by: found.commitment.made_by.into(),
            reference: found.commitment.reference.into(),
        }
    }
}

#[ComplexObject]
impl CommitmentAtRisk {
    /// When that entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.models().times.recorded(self.made_by.0).map(Into::into)
    }

    /// The entry that made the commitment: who posted it, when and why. Null where the entry also
    /// concerns lines the caller may not read.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.made_by.0).await
    }
}

#[derive(Default)]
pub(crate) struct AtRiskQuery(pub(crate) Root);

#[Object]
impl AtRiskQuery {
    /// The commitments not drawn down at the end of a year, whose budget lapses with the year.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn commitments_at_risk(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(
            desc = "The month at whose end commitments are open; M12, so 31 March, if omitted."
        )]
        through: Option<scalars::YearMonth>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<CommitmentsAtRisk> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let through = through.map_or(Month::M12, Into::into);
        Ok(CommitmentsAtRisk { view, year: year.0, filter: filter.unwrap_or_default(), through })
    }
}
