//! Published figures: define scopes, publish figures.

use async_graphql::{Context, InputObject, Object, OneofObject, Result};
use ledger_core::domain::command::{self, Command, PoundsRange, StatedFigure};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::budget::figures::BudgetClass;
use crate::graphql::kit::scalars::{Body, Claim, Day, Fund, MoneyGbp, Programme, TotalScope, Year};
use crate::graphql::mutation::posting::{FieldError, PostingPayload, submit};
use crate::graphql::published::figure::{Bearer, Measure};

/// Define a named total.
#[derive(InputObject)]
pub(crate) struct DefineScope {
    /// The code. The definition never changes.
    code: TotalScope,
    /// The name: 1 to 200 characters.
    name: String,
    /// These programmes and those below them; all if omitted.
    #[graphql(default)]
    programmes: Vec<Programme>,
    /// These bodies and those below them; all if omitted.
    #[graphql(default)]
    bodies: Vec<Body>,
    /// These classes; all if omitted.
    #[graphql(default)]
    classes: Vec<BudgetClass>,
}

impl CommandInput for DefineScope {
    fn command(self) -> Result<Command, FieldError> {
        let DefineScope { code, name, programmes, bodies, classes } = self;
        Ok(command::DefineScope {
            code: code.0,
            name: name.parse().map_err(|error| FieldError::new("name", &error))?,
            programmes: programmes.into_iter().map(Into::into).collect(),
            bodies: bodies.into_iter().map(Into::into).collect(),
            classes: classes.into_iter().map(Into::into).collect(),
        }
        .into())
    }
}

mutation_input!(
    /// The total to define, and the posting fields.
    DefineScopeInput(DefineScope)
);

/// The bounds of a range, both included.
#[derive(InputObject)]
#[graphql(name = "FigureRangeInput")]
pub(crate) struct FigureRange {
    /// The lowest amount.
    low: MoneyGbp,
    /// The highest amount.
    high: MoneyGbp,
}

/// A figure as it was published: give exactly one.
#[derive(OneofObject)]
#[graphql(name = "StatedFigureInput")]
pub(crate) enum Stated {
    /// Exactly this amount.
    Exact(MoneyGbp),
    /// About this amount: within half a unit of its last non-zero digit.
    About(MoneyGbp),
    /// This amount or more.
    AtLeast(MoneyGbp),
    /// Between two amounts.
    Range(FigureRange),
    /// No amount; the words used instead, 1 to 500 characters.
    Unquantified(String),
}

impl Stated {
    fn figure(self) -> Result<StatedFigure, FieldError> {
        Ok(match self {
            Stated::Exact(amount) => StatedFigure::Exact(amount.0),
            Stated::About(amount) => StatedFigure::About(amount.0),
            Stated::AtLeast(amount) => StatedFigure::AtLeast(amount.0),
            Stated::Range(FigureRange { low, high }) => {
                StatedFigure::Range(PoundsRange { low: low.0, high: high.0 })
            }
            Stated::Unquantified(words) => {
                let wrong = |error| FieldError::new("figure.unquantified", &error);
                StatedFigure::Unquantified(words.parse().map_err(wrong)?)
            }
        })
    }
}

/// Record a published figure.
#[derive(InputObject)]
pub(crate) struct PublishFigure {
    /// The code of the published figure.
    code: Claim,
    /// What the figure is said to be: 1 to 200 characters.
    title: String,
    /// The named total the figure is about.
    scope: Option<TotalScope>,
    /// The fund the figure is about.
    fund: Option<Fund>,
    /// The year the figure is about.
    year: Option<Year>,
    /// The ledger's figure to compare it with; omit it where there is none.
    measure: Option<Measure>,
    /// The figure and its certainty.
    figure: Stated,
    /// The source: 1 to 500 characters.
    source: String,
    /// The date of publication.
    published_on: Day,
    /// Who is said to bear the money.
    bearer: Option<Bearer>,
    /// The published figure it supersedes.
    supersedes: Option<Claim>,
}

impl CommandInput for PublishFigure {
    fn command(self) -> Result<Command, FieldError> {
        Ok(command::PublishFigure {
            code: self.code.0,
            title: self.title.parse().map_err(|error| FieldError::new("title", &error))?,
            scope: self.scope.map(Into::into),
            fund: self.fund.map(Into::into),
            year: self.year.map(Into::into),
            measure: self.measure.map(Into::into),
            figure: self.figure.figure()?,
            source: self.source.parse().map_err(|error| FieldError::new("source", &error))?,
            published_on: self.published_on.0,
            bearer: self.bearer.map(Into::into),
            supersedes: self.supersedes.map(Into::into),
        }
        .into())
    }
}

mutation_input!(
    /// The published figure to record, and the posting fields.
    PublishFigureInput(PublishFigure)
);

#[derive(Debug, Default)]
pub(crate) struct PublishedMutation;

#[Object]
impl PublishedMutation {
    /// Define a named total: the programmes, bodies and classes it includes.
    async fn define_scope(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to define, and why.")] input: DefineScopeInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Record a published figure. It moves no money and never changes.
    async fn publish_figure(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What was published, and why it is recorded.")] input: PublishFigureInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
