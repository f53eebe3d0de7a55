//! Published figures, compared with the ledger at publication and now.

use async_graphql::{ComplexObject, Context, Enum, Object, Result, SimpleObject};
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::claim::{self, Figure};
use ledger_core::domain::event::FigurePublished;
use projections::claims::{self, ClaimsQuery, ComparedClaim};

use crate::graphql::Limits;
use crate::graphql::kit::as_of::AsOf;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, LogPosition, MoneyGbp};
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::log::entry::Entry;

/// The ledger's figure that a published figure is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "claim::FigureMeasure", name = "PublishedMeasure")]
pub(crate) enum Measure {
    /// The original budget of a scope in a year.
    Original,
    /// The revised budget of a scope in a year.
    Revised,
    /// The reported forecast of a scope in a year.
    Forecast,
    /// The spend of a scope in a year.
    Actual,
    /// The revised budget of a scope less its outturn once the year is hard-closed, otherwise less
    /// its forecast.
    Underspend,
    /// The total settled on a fund.
    Settled,
    /// The new money settled on a fund.
    NewMoney,
}

/// Who is said to bear the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "claim::Bearer")]
pub(crate) enum Bearer {
    /// National bodies.
    National,
    /// Local bodies.
    Local,
}

/// The certainty of a published figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum Certainty {
    /// Exactly this amount.
    Exact,
    /// About this amount: within half a unit of its last non-zero digit.
    About,
    /// This amount or more.
    AtLeast,
    /// Between two amounts.
    Range,
    /// No amount was stated. It does not mean zero.
    Unquantified,
}

impl From<&Figure> for Certainty {
    fn from(figure: &Figure) -> Self {
        match figure {
            Figure::Exact(_) => Certainty::Exact,
            Figure::About(_) => Certainty::About,
            Figure::AtLeast(_) => Certainty::AtLeast,
            Figure::Range(_) => Certainty::Range,
            Figure::Unquantified(_) => Certainty::Unquantified,
        }
    }
}

/// Another scope whose figure agrees with the published one.
#[derive(SimpleObject)]
pub(crate) struct ScopeExplanation {
    /// The scope.
    scope: scalars::TotalScope,
    /// The ledger's figure for the scope.
    ledger: MoneyGbp,
}

/// A published figure compared with the ledger at one moment.
#[derive(SimpleObject)]
pub(crate) struct HeldFigure {
    /// The position of the last entry counted.
    position: LogPosition,
    /// The ledger's figure; null, not 0.00, where it has none.
    ledger: Option<MoneyGbp>,
    /// The published amount, of a range the nearest, less the ledger's. Null where either has no
    /// amount.
    difference: Option<MoneyGbp>,
    /// Whether the two agree; null where either has no amount.
    agrees: Option<bool>,
    /// Other scopes whose figure for the same year and measure agrees, which may explain the
    /// difference.
    explained_by: Vec<ScopeExplanation>,
    /// The difference that no other scope explains; null where either has no amount.
    unexplained: Option<MoneyGbp>,
}

impl From<claims::ClaimComparison> for HeldFigure {
    fn from(held: claims::ClaimComparison) -> Self {
        let claims::ClaimComparison {
            position,
            ledger,
            difference,
            agrees,
            explained_by,
            unexplained,
        } = held;
        let explained_by = explained_by
            .into_iter()
            .map(|one| ScopeExplanation { scope: one.scope.into(), ledger: one.ledger.into() });
        HeldFigure {
            position: position.into(),
            ledger: ledger.map(Into::into),
            difference: difference.map(Into::into),
            agrees,
            explained_by: explained_by.collect(),
            unexplained: unexplained.map(Into::into),
        }
    }
}

/// A published figure. It is never edited, and figures may contradict each other.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct PublishedFigure {
    #[graphql(skip)]
    view: View,
    /// The code.
    code: scalars::Claim,
    /// What the figure is said to be.
    title: String,
    /// The named total the figure is about.
    scope: Option<scalars::TotalScope>,
    /// The fund the figure is about.
    fund: Option<scalars::Fund>,
    /// The year the figure is about.
    year: Option<scalars::Year>,
    /// The ledger's figure it is compared with; null where there is none.
    measure: Option<Measure>,
    /// The certainty.
    certainty: Certainty,
    /// The amount stated; null for a range and where none was stated.
    amount: Option<MoneyGbp>,
    /// The lowest amount consistent with the figure; null where none was stated.
    low: Option<MoneyGbp>,
    /// The highest amount consistent with the figure; null where there is none.
    high: Option<MoneyGbp>,
    /// The words used instead of an amount.
    words: Option<String>,
    /// The source.
    source: String,
    /// The date of publication.
    published_on: scalars::Day,
    /// Who is said to bear the money.
    bearer: Option<Bearer>,
    /// The published figure it supersedes.
    supersedes: Option<scalars::Claim>,
    /// The published figure that supersedes it.
    superseded_by: Option<scalars::Claim>,
    /// The position of the entry that recorded the figure.
    recorded_by: LogPosition,
    /// When that entry was recorded.
    recorded_at: Option<scalars::Moment>,
    /// The comparison at the end of the day of publication, or at the moment of the query if
    /// earlier.
    at_publication: HeldFigure,
    /// The comparison at the moment of the query.
    now: HeldFigure,
}

#[ComplexObject]
impl PublishedFigure {
    /// The entry that recorded the figure: who posted it, when and why. Null where the entry also
    /// concerns lines the caller may not read.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.recorded_by.0).await
    }
}

impl PublishedFigure {
    fn new(view: &View, held: ComparedClaim) -> Self {
        let ComparedClaim { claim, recorded, superseded_by, at_publication, now } = held;
        let FigurePublished { code, title, scope, fund, year, measure, .. } = claim.published;
        let FigurePublished { figure, source, published_on, bearer, supersedes, .. } =
            claim.published;
        let bounds = figure.bounds();
        let (amount, words) = match &figure {
            Figure::Exact(pence) | Figure::About(pence) | Figure::AtLeast(pence) => {
                (Some(*pence), None)
            }
            Figure::Range(_) => (None, None),
            Figure::Unquantified(words) => (None, Some(words.to_string())),
        };
        PublishedFigure {
            view: view.clone(),
            code: code.into(),
            title: title.to_string(),
            scope: scope.map(Into::into),
            fund: fund.map(Into::into),
            year: year.map(Into::into),
            measure: measure.map(Into::into),
            certainty: Certainty::from(&figure),
            amount: amount.map(Into::into),
            low: bounds.map(|(low, _)| low.into()),
            high: bounds.and_then(|(_, high)| high).map(Into::into),
            words,
            source: source.to_string(),
            published_on: published_on.into(),
            bearer: bearer.map(Into::into),
            supersedes: supersedes.map(Into::into),
            superseded_by: superseded_by.map(Into::into),
            recorded_by: claim.recorded_by.into(),
            recorded_at: recorded.map(Into::into),
            at_publication: at_publication.into(),
            now: now.into(),
        }
    }
}

/// The published figures of a book.
pub(crate) struct PublishedFigures {
    pub(crate) view: View,
    pub(crate) year: Option<FinancialYear>,
}

/// The published figures of a book, each compared with the ledger.
#[Object]
impl PublishedFigures {
    /// The published figures, in the order they were recorded.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<PublishedFigure>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = ClaimsQuery { year: self.year, moment: slice.view.moment };
        let held = {
            let models = slice.view.models();
            let within = slice.view.within(&models);
            let skipped = usize::try_from(slice.read).unwrap_or(usize::MAX);
            let claims = within.published(&query).into_iter().skip(skipped);
            let claims: Vec<_> = claims.take(slice.fetch_count()).collect();
            within.compare_claims(&claims, query.moment)
        };
        let mut read = slice.read;
        let place = |_: &ComparedClaim| {
            read = read.saturating_add(1);
            read
        };
        Ok(slice.page_from(held, place, |held| PublishedFigure::new(&slice.view, held)))
    }

    /// What it was read from.
    #[graphql(flatten)]
    async fn as_of(&self) -> AsOf {
        AsOf::new(&self.view)
    }
}

#[derive(Default)]
pub(crate) struct PublishedFigureQuery(pub(crate) Root);

#[Object]
impl PublishedFigureQuery {
    /// The published figures the caller may read, each compared with the ledger at publication and
    /// at the moment of the query, with the difference and the scopes that explain it.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn published_figures(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only figures about this financial year.")] year: Option<scalars::Year>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<PublishedFigures> {
        let view = self.0.view_on(context, as_at, on, at_least_position).await?;
        Ok(PublishedFigures { view, year: year.map(Into::into) })
    }
}
