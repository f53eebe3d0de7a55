//! Commitments open at the end of a year: what is committed but not drawn down.

use async_graphql::{Context, Object, Result};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::log::store::ReadError;
use projections::budget::{AtRisk, BudgetQuery};

use super::Limits;
use super::entry::Entry;
use super::fault::{interrupted, unanswerable, unreadable};
use super::page::{self, Page, Slice};
use super::planned::{LineFilter, query};
use super::scalars::{self, LogPosition, MoneyGbp};
use super::view::{AsAt, Root, View};
use crate::at_risk::{Commitment, open_commitments};

/// The commitments of a year that are open at the end of a month.
pub(super) struct CommitmentsAtRisk {
    pub(super) view: View,
    pub(super) year: FinancialYear,
    pub(super) filter: LineFilter,
    pub(super) through: Month,
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

/// How far a list was read: the line, and how many of its own commitments.
const OWN_BITS: u32 = 32;

/// A commitment and its line, with its place in the list.
struct Found {
    place: u64,
    line: LineKey,
    commitment: Commitment,
}

/// The first commitments of some lines from a place on. The read models are let go of between
/// lines, since the log is read for each.
fn first_from(
    view: &View,
    lines: &[AtRisk],
    through: Month,
    read: u64,
    count: usize,
) -> Result<Vec<Found>, ReadError> {
    let mut found = Vec::new();
    let begins = read >> OWN_BITS;
    let own = read & ((1 << OWN_BITS) - 1);
    for (number, AtRisk { line, .. }) in (0_u64..).zip(lines) {
        if number < begins {
            continue;
        }
        let entries = view.within(&view.models()).committing(line, view.position(), through);
        let open = open_commitments(|entry| view.events_of(entry), line, &entries, through)?;
        for (place, commitment) in (1_u64..).zip(open) {
            if number > begins || place > own {
                let place = (number << OWN_BITS) | place;
                found.push(Found { place, line: *line, commitment });
            }
        }
        if found.len() >= count {
            break;
        }
    }
    found.truncate(count);
    Ok(found)
}

/// The commitments of a year that are open at the end of a month: committed and neither drawn down
/// nor released.
#[Object]
impl CommitmentsAtRisk {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.year.into()
    }

    /// The month at whose end they are open.
    async fn through(&self) -> scalars::YearMonth {
        self.through.into()
    }

    /// All of them together.
    async fn open(&self) -> Result<MoneyGbp> {
        let lines = self.lines(&self.view)?;
        Ok(Pence::sum(lines.iter().map(|line| line.open)).into())
    }

    /// The commitments by line, and of a line in the order in which they were made.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<CommitmentAtRisk>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let (lines, view, through) = (self.lines(&slice.view)?, slice.view.clone(), self.through);
        let (read, count) = (slice.read, slice.wanted());
        let found = move || first_from(&view, &lines, through, read, count);
        let found = tokio::task::spawn_blocking(found).await;
        let found = found.map_err(|error| interrupted(&error))?;
        let found = found.map_err(|error| unreadable(&error))?;
        let commitment = |found| CommitmentAtRisk { view: slice.view.clone(), found };
        Ok(slice.read_on(found, |found| found.place, commitment))
    }

    /// Whether these are of a part of the book: of what the caller may read.
    async fn partial(&self) -> bool {
        self.view.is_partial()
    }

    /// The last entry that counts.
    async fn position(&self) -> LogPosition {
        self.view.position().into()
    }

    /// When that entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.recorded_at()
    }
}

/// A commitment that is neither drawn down nor released.
pub(super) struct CommitmentAtRisk {
    view: View,
    found: Found,
}

/// A commitment that is neither drawn down nor released.
#[Object]
impl CommitmentAtRisk {
    /// The line that carries it.
    async fn line(&self) -> scalars::Line {
        self.found.line.into()
    }

    /// Its own reference.
    async fn reference(&self) -> scalars::Ref {
        self.found.commitment.reference.clone().into()
    }

    /// How much was committed.
    async fn made(&self) -> MoneyGbp {
        self.found.commitment.made.into()
    }

    /// What of it is open.
    async fn open(&self) -> MoneyGbp {
        self.found.commitment.open.into()
    }

    /// The position of the entry that made it.
    async fn made_by(&self) -> LogPosition {
        self.found.commitment.made_by.into()
    }

    /// When that entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.models().times.recorded(self.found.commitment.made_by).map(Into::into)
    }

    /// The entry that made it: who posted it, when and why. Null where it concerns what the caller
    /// may not read as well.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.found.commitment.made_by).await
    }
}

#[derive(Default)]
pub(super) struct AtRiskQuery(pub(super) Root);

#[Object]
impl AtRiskQuery {
    /// What is committed but not drawn down at the end of a year, and lost with it unless it is.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn commitments_at_risk(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "At the end of which month; of M12, 31 March, where left out.")]
        through: Option<scalars::YearMonth>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<CommitmentsAtRisk> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let through = through.map_or(Month::M12, Into::into);
        Ok(CommitmentsAtRisk { view, year: year.0, filter: filter.unwrap_or_default(), through })
    }
}
