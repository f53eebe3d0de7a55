//! Published figures: define scopes, publish figures.

use async_graphql::{Context, InputObject, Object, OneofObject, Result};
use ledger_core::domain::command::{self, Command, PoundsRange, StatedFigure};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::claim::{Bearer, Measure};
use crate::graphql::figures::BudgetClass;
use crate::graphql::posting::{Malformed, PostingPayload, submit};
use crate::graphql::scalars::{Body, Claim, Day, Fund, MoneyGbp, Programme, TotalScope, Year};

/// Define a total by name.
#[derive(InputObject)]
pub(super) struct DefineScope {
    /// Its code, which stays as it is defined.
    code: TotalScope,
    /// What it is called: 1 to 200 characters.
    name: String,
    /// These programmes and those below them; all where left out.
    #[graphql(default)]
    programmes: Vec<Programme>,
    /// These bodies and those below them; all where left out.
    #[graphql(default)]
    bodies: Vec<Body>,
    /// These classes; all where left out.
    #[graphql(default)]
    classes: Vec<BudgetClass>,
}

impl CommandInput for DefineScope {
    fn command(self) -> Result<Command, Malformed> {
        let DefineScope { code, name, programmes, bodies, classes } = self;
        Ok(command::DefineScope {
            code: code.0,
            name: name.parse().map_err(|error| Malformed::new("name", &error))?,
            programmes: programmes.into_iter().map(Into::into).collect(),
            bodies: bodies.into_iter().map(Into::into).collect(),
            classes: classes.into_iter().map(Into::into).collect(),
        }
        .into())
    }
}

mutation_input!(
    /// A total to define, and what the posting says about itself.
    DefineScopeInput(DefineScope)
);

/// The amounts that a range lies between, both of them in it.
#[derive(InputObject)]
#[graphql(name = "FigureRangeInput")]
pub(super) struct FigureRange {
    /// The lowest.
    low: MoneyGbp,
    /// The highest.
    high: MoneyGbp,
}

/// A figure as it was published: give one.
#[derive(OneofObject)]
#[graphql(name = "StatedFigureInput")]
pub(super) enum Stated {
    /// Exactly so much.
    Exact(MoneyGbp),
    /// About so much: within half a unit of its last digit that is not zero.
    About(MoneyGbp),
    /// So much or more.
    AtLeast(MoneyGbp),
    /// Between two amounts.
    Range(FigureRange),
    /// No amount: what was said in its place, 1 to 500 characters.
    Unquantified(String),
}

impl Stated {
    fn figure(self) -> Result<StatedFigure, Malformed> {
        Ok(match self {
            Stated::Exact(amount) => StatedFigure::Exact(amount.0),
            Stated::About(amount) => StatedFigure::About(amount.0),
            Stated::AtLeast(amount) => StatedFigure::AtLeast(amount.0),
            Stated::Range(FigureRange { low, high }) => {
                StatedFigure::Range(PoundsRange { low: low.0, high: high.0 })
            }
            Stated::Unquantified(words) => {
                let wrong = |error| Malformed::new("figure.unquantified", &error);
                StatedFigure::Unquantified(words.parse().map_err(wrong)?)
            }
        })
    }
}

/// Record a figure that somebody published.
#[derive(InputObject)]
pub(super) struct PublishFigure {
    /// The code of the published figure.
    code: Claim,
    /// What it says the figure is: 1 to 200 characters.
    title: String,
    /// The total it is about.
    scope: Option<TotalScope>,
    /// The fund it is about.
    fund: Option<Fund>,
    /// The year it is about.
    year: Option<Year>,
    /// The figure of the ledger it can be held against; left out where there is none such.
    measure: Option<Measure>,
    /// The figure, and how surely it was stated.
    figure: Stated,
    /// Where it was published: 1 to 500 characters.
    source: String,
    /// When it was published.
    published_on: Day,
    /// Who is said to bear it.
    bearer: Option<Bearer>,
    /// The published figure whose place it takes.
    supersedes: Option<Claim>,
}

impl CommandInput for PublishFigure {
    fn command(self) -> Result<Command, Malformed> {
        Ok(command::PublishFigure {
            code: self.code.0,
            title: self.title.parse().map_err(|error| Malformed::new("title", &error))?,
            scope: self.scope.map(Into::into),
            fund: self.fund.map(Into::into),
            year: self.year.map(Into::into),
            measure: self.measure.map(Into::into),
            figure: self.figure.figure()?,
            source: self.source.parse().map_err(|error| Malformed::new("source", &error))?,
            published_on: self.published_on.0,
            bearer: self.bearer.map(Into::into),
            supersedes: self.supersedes.map(Into::into),
        }
        .into())
    }
}

mutation_input!(
    /// A figure to publish, and what the posting says about itself.
    PublishFigureInput(PublishFigure)
);

#[derive(Debug, Default)]
pub(super) struct ClaimMutation;

#[Object]
impl ClaimMutation {
    /// Define a total by name: which programmes, bodies and classes are in it.
    async fn define_scope(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to define, and why.")] input: DefineScopeInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Record a figure that somebody published. It moves no money, and stays as it is.
    async fn publish_figure(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What was published, and why it is recorded.")] input: PublishFigureInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
