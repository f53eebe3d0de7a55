//! Scopes of published figures: totals by name.

use async_graphql::{Context, Object, Result, SimpleObject};
use ledger_core::domain::event::ScopeDefined;
use projections::claims;

use super::Limits;
use super::figures::BudgetClass;
use super::page::{self, Page, Slice};
use super::scalars::{self, LogPosition};
use super::view::{AsAt, Root, View};

/// A total by name: which programmes, bodies and classes are in it. It stays as it was defined.
#[derive(SimpleObject)]
pub(super) struct FigureScope {
    /// Its code.
    code: scalars::TotalScope,
    /// What it is called.
    name: String,
    /// These programmes and those below them; all where there are none.
    programmes: Vec<scalars::Programme>,
    /// These bodies and those below them; all where there are none.
    bodies: Vec<scalars::Body>,
    /// These classes; all where there are none.
    classes: Vec<BudgetClass>,
    /// The entry that defined it.
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

/// The scopes of published figures.
pub(super) struct FigureScopes {
    view: View,
}

/// The scopes of published figures.
#[Object]
impl FigureScopes {
    /// The scopes, in the order they were defined.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<FigureScope>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let models = slice.view.models();
        let within = slice.view.within(&models);
        let totals = within.totals(slice.view.position()).map(FigureScope::from);
        Ok(slice.page(totals, |total| total))
    }

    /// Whether there may be others: of a restricted programme, whoever may not know it is not told.
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
pub(super) struct TotalScopeQuery(pub(super) Root);

#[Object]
impl TotalScopeQuery {
    /// The totals by name that published figures are about.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn figure_scopes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<LogPosition>,
    ) -> Result<FigureScopes> {
        Ok(FigureScopes { view: self.0.view(context, as_at, at_least_position).await? })
    }
}
