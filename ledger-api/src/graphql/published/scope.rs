//! Named totals, the scopes of published figures.

use async_graphql::{Context, Object, Result, SimpleObject};
use ledger_core::domain::event::ScopeDefined;
use projections::claims;

use crate::graphql::Limits;
use crate::graphql::budget::figures::BudgetClass;
use crate::graphql::kit::as_of::AsOf;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, LogPosition};
use crate::graphql::kit::view::{AsAt, Root, View};

/// A named total: the programmes, bodies and classes it includes. Its definition never changes.
#[derive(SimpleObject)]
pub(crate) struct FigureScope {
    /// The code.
    code: scalars::TotalScope,
    /// The name.
    name: String,
    /// These programmes and those below them; all where empty.
    programmes: Vec<scalars::Programme>,
    /// These bodies and those below them; all where empty.
    bodies: Vec<scalars::Body>,
    /// These classes; all where empty.
    classes: Vec<BudgetClass>,
    /// The position of the entry that defined the total.
    defined_by: LogPosition,
}

impl From<&claims::TotalScope> for FigureScope {
    fn from(total: &claims::TotalScope) -> Self {
        let ScopeDefined { code, name, programmes, bodies, classes } = &total.definition;
        FigureScope {
            code: (*code).into(),
            name: name.to_string(),
            programmes: programmes.iter().map(|code| (*code).into()).collect(),
            bodies: bodies.iter().map(|code| (*code).into()).collect(),
            classes: classes.iter().map(|class| (*class).into()).collect(),
            defined_by: total.defined_by.into(),
        }
    }
}

/// The named totals of published figures.
pub(crate) struct FigureScopes {
    view: View,
}

/// The named totals of published figures. Totals of a restricted programme are hidden from callers
/// who may not read it.
#[Object]
impl FigureScopes {
    /// The named totals, in the order they were defined.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<FigureScope>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let models = slice.view.models();
        let within = slice.view.within(&models);
        let totals = within.totals(slice.view.position()).map(FigureScope::from);
        Ok(slice.page(totals, |total| total))
    }

    /// What it was read from.
    #[graphql(flatten)]
    async fn as_of(&self) -> AsOf {
        AsOf::new(&self.view)
    }
}

#[derive(Default)]
pub(crate) struct FigureScopeQuery(pub(crate) Root);

#[Object]
impl FigureScopeQuery {
    /// The named totals that published figures refer to.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn figure_scopes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<FigureScopes> {
        Ok(FigureScopes { view: self.0.view(context, as_at, at_least_position).await? })
    }
}
