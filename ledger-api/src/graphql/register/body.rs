//! Bodies: organisations that hold budget.

use async_graphql::{Context, Enum, ID, Object, Result};
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::event;
use projections::budget::Rollup;
use projections::register;

use crate::graphql::Limits;
use crate::graphql::budget::figures::{BudgetClass, Figures};
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars;
use crate::graphql::kit::view::{AsAt, Root, View};

/// The kind of an organisation.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "event::BodyKind")]
pub(crate) enum BodyKind {
    /// The department at the top.
    Department,
    /// An arm's-length body such as NHS England.
    NationalBody,
    /// An NHS England region.
    Region,
    /// An integrated care board.
    Icb,
    /// An NHS trust or foundation trust.
    Trust,
    /// A clinical commissioning group or sub-ICB location.
    Ccg,
    /// A general practice.
    GpPractice,
}

/// An organisation. Bodies form a tree with the department at the top.
pub(crate) struct Body {
    pub(crate) view: View,
    pub(crate) code: BodyCode,
}

impl Body {
    /// Finds a body; `None` where it was not registered then.
    pub(crate) fn find(view: &View, code: BodyCode) -> Option<Self> {
        view.models().register.body(code, view.position())?;
        Some(Body { view: view.clone(), code })
    }

    fn list(view: &View, wanted: impl Fn(&register::Body) -> bool) -> Vec<BodyCode> {
        let models = view.models();
        let all = models.register.bodies(view.position());
        all.filter(|(_, body)| wanted(body)).map(|(code, _)| code).collect()
    }

    fn read<T>(&self, what: impl FnOnce(&register::Body) -> T) -> Option<T> {
        let models = self.view.models();
        models.register.body(self.code, self.view.position()).map(what)
    }

    fn last_day(&self) -> Option<chrono::NaiveDate> {
        let at = self.view.position();
        self.read(|body| body.closed_on.as_ref()?.at(at).copied()).flatten()
    }
}

/// An organisation. Bodies form a tree with the department at the top.
#[Object]
impl Body {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        ID(format!("Body:{}", self.code))
    }

    /// The ODS code.
    async fn code(&self) -> scalars::Body {
        self.code.into()
    }

    /// The name.
    async fn name(&self) -> String {
        self.read(|body| body.name.to_string()).unwrap_or_default()
    }

    /// The kind of organisation.
    async fn kind(&self) -> BodyKind {
        self.read(|body| body.kind).unwrap_or(event::BodyKind::Department).into()
    }

    /// The body directly above; null at the top.
    async fn parent(&self) -> Option<Body> {
        Body::find(&self.view, self.read(|body| body.parent)??)
    }

    /// The bodies directly below, in order of code.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn children(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<Body>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let children = Self::list(&slice.view, |body| body.parent == Some(self.code));
        Ok(slice.page(children, |code| Body { view: slice.view.clone(), code }))
    }

    /// The first day; null where unknown.
    async fn opened_on(&self) -> Option<scalars::Day> {
        self.read(|body| body.opened_on).flatten().map(Into::into)
    }

    /// The last day; null while the body exists.
    async fn closed_on(&self) -> Option<scalars::Day> {
        self.last_day().map(Into::into)
    }

    /// The body it was merged into, whose figures include its own; null where it was not merged.
    async fn successor(&self) -> Option<Body> {
        let at = self.view.position();
        Body::find(&self.view, self.read(|body| body.merged_into(at))??)
    }

    /// The bodies merged into this one, in order of code. They keep their own figures, which also
    /// count here.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn predecessors(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<Body>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let at = slice.view.position();
        let merged = Self::list(&slice.view, |body| body.merged_into(at) == Some(self.code));
        Ok(slice.page(merged, |code| Body { view: slice.view.clone(), code }))
    }

    /// The figures of a year, including bodies below it and bodies merged into it; null, not 0.00,
    /// where none has a line in the year.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn figures(
        &self,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Only this class.")] class: Option<BudgetClass>,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
    ) -> Result<Option<Figures>> {
        let body = Some(self.code.into());
        let filter = crate::graphql::budget::planned::LineFilter { programme: None, body, class };
        let through = through.map(Into::into);
        let rows = crate::graphql::budget::planned::rows(
            &self.view,
            year.0,
            &filter,
            through,
            Some(Rollup::Body),
        )?;
        let own = rows.iter().find(|row| row.body == Some(self.code));
        Ok(own.and_then(Figures::of_row))
    }

    /// Whether the caller may read only part of the book: the figures cover that part.
    async fn partial(&self) -> bool {
        self.view.is_partial()
    }

    /// The position the answer was read at.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }
}

#[derive(Default)]
pub(crate) struct BodyQuery(pub(crate) Root);

#[Object]
impl BodyQuery {
    /// A body; null where it was not registered at the moment.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn body(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The ODS code.")] code: scalars::Body,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<Body>> {
        let view = self.0.view_on(context, as_at, on, at_least_position).await?;
        Ok(Body::find(&view, code.0))
    }

    /// The bodies, in order of code.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn bodies(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only bodies of this kind.")] kind: Option<BodyKind>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Page<Body>> {
        let view = self.0.view_on(context, as_at, on, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let kind = kind.map(event::BodyKind::from);
        let all = Body::list(&slice.view, |body| kind.is_none_or(|kind| body.kind == kind));
        Ok(slice.page(all, |code| Body { view: slice.view.clone(), code }))
    }
}
