//! Published figures: what somebody stated, held against the ledger as it stood then and stands.

use async_graphql::{ComplexObject, Context, Enum, Object, Result, SimpleObject};
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::claim::{self, Figure};
use ledger_core::domain::event::FigurePublished;
use projections::claims::{self, ClaimsQuery, HeldClaim};

use super::Limits;
use super::entry::Entry;
use super::page::{self, Page, Slice};
use super::scalars::{self, LogPosition, MoneyGbp};
use super::view::{AsAt, Root, View};

/// Which figure of the ledger a published figure can be held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "claim::ClaimMeasure", name = "PublishedMeasure")]
pub(super) enum Measure {
    /// The budget of a scope in a year when its original baseline was struck.
    Original,
    /// The budget of a scope in a year.
    Revised,
    /// The reported forecast of a scope in a year.
    Forecast,
    /// The spend of a scope in a year.
    Actual,
    /// The budget of a scope less its outturn once the year is closed for good, else less its
    /// forecast.
    Underspend,
    /// All that was settled on a fund.
    Settled,
    /// What of it is new money.
    NewMoney,
}

/// Who is said to bear the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "claim::Bearer")]
pub(super) enum Bearer {
    /// National bodies.
    National,
    /// Local bodies.
    Local,
}

/// How surely a figure was stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(super) enum Certainty {
    /// Exactly so much.
    Exact,
    /// About so much: within half a unit of its last digit that is not zero.
    About,
    /// So much or more.
    AtLeast,
    /// Between two amounts.
    Range,
    /// No amount was stated, which is not zero.
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

/// Another scope whose figure agrees with what was published.
#[derive(SimpleObject)]
pub(super) struct ScopeExplanation {
    /// The scope.
    scope: scalars::TotalScope,
    /// Its figure.
    ledger: MoneyGbp,
}

/// A published figure beside the ledger's own, at one moment.
#[derive(SimpleObject)]
pub(super) struct HeldFigure {
    /// The last entry that counts.
    position: LogPosition,
    /// The ledger's figure; null where it has none such, which is not 0.00.
    ledger: Option<MoneyGbp>,
    /// What was published less the ledger's; of a range, its nearest amount. Null where either
    /// states no amount.
    difference: Option<MoneyGbp>,
    /// Whether the ledger's figure is one that was published; null where either states no amount.
    agrees: Option<bool>,
    /// The other scopes whose figure for the same year and measure is: they explain a difference.
    explained_by: Vec<ScopeExplanation>,
    /// How far the nearest amount that was published is from the ledger's, where no other scope
    /// explains it; null where either states no amount.
    unexplained: Option<MoneyGbp>,
}

impl From<claims::Held> for HeldFigure {
    fn from(held: claims::Held) -> Self {
        let claims::Held { position, ledger, difference, agrees, explained_by, unexplained } = held;
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

/// A figure that somebody published. It is never edited; figures may contradict each other.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct PublishedFigure {
    #[graphql(skip)]
    view: View,
    /// Its code.
    code: scalars::Claim,
    /// What it says the figure is.
    title: String,
    /// The total it is about.
    scope: Option<scalars::TotalScope>,
    /// The fund it is about.
    fund: Option<scalars::Fund>,
    /// The year it is about.
    year: Option<scalars::Year>,
    /// The figure of the ledger it is held against; null where the ledger has none such.
    measure: Option<Measure>,
    /// How surely it was stated.
    certainty: Certainty,
    /// The amount stated; null of a range, and where none was stated.
    amount: Option<MoneyGbp>,
    /// The lowest amount it admits; null where none was stated.
    low: Option<MoneyGbp>,
    /// The highest amount it admits; null where there is no highest.
    high: Option<MoneyGbp>,
    /// What was said in the place of an amount.
    words: Option<String>,
    /// Where it was published.
    source: String,
    /// When it was published.
    published_on: scalars::Day,
    /// Who is said to bear it.
    bearer: Option<Bearer>,
    /// The published figure whose place it takes.
    supersedes: Option<scalars::Claim>,
    /// The published figure that has taken its place.
    superseded_by: Option<scalars::Claim>,
    /// The entry that recorded it.
    recorded_by: LogPosition,
    /// When that entry was recorded.
    recorded_at: Option<scalars::Moment>,
    /// Against the ledger at the end of the day it was published, or at the moment that is asked as
    /// at where that is earlier.
    at_publication: HeldFigure,
    /// Against the ledger at the moment that is asked as at.
    now: HeldFigure,
}

#[ComplexObject]
impl PublishedFigure {
    /// The entry that recorded it: who posted it, when and why. Null where it concerns what the
    /// caller may not read as well.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.recorded_by.0).await
    }
}

impl PublishedFigure {
    fn new(view: &View, held: HeldClaim) -> Self {
        let HeldClaim { claim, recorded, superseded_by, at_publication, now } = held;
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
pub(super) struct PublishedFigures {
    pub(super) view: View,
    pub(super) year: Option<FinancialYear>,
}

/// The published figures of a book, each held against the ledger.
#[Object]
impl PublishedFigures {
    /// The published figures, in the order they were recorded.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<PublishedFigure>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = ClaimsQuery { year: self.year, moment: slice.view.moment };
        let held = {
            let models = slice.view.models();
            let within = slice.view.within(&models);
            let skipped = usize::try_from(slice.read).unwrap_or(usize::MAX);
            let claims = within.published(&query).into_iter().skip(skipped);
            let claims: Vec<_> = claims.take(slice.wanted()).collect();
            within.hold(&claims, query.moment)
        };
        let mut read = slice.read;
        let place = |_: &HeldClaim| {
            read = read.saturating_add(1);
            read
        };
        Ok(slice.read_on(held, place, |held| PublishedFigure::new(&slice.view, held)))
    }

    /// Whether the ledger's figures are those of a part of the book: of what the caller may read.
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

#[derive(Default)]
pub(super) struct ClaimQuery(pub(super) Root);

#[Object]
impl ClaimQuery {
    /// Figures that somebody published, as far as the caller may know of them: for each, what the
    /// ledger said when it was published and says as at the moment, the difference, and which scope
    /// explains it.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn published_figures(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only those about this financial year.")] year: Option<scalars::Year>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<PublishedFigures> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(PublishedFigures { view, year: year.map(Into::into) })
    }
}
