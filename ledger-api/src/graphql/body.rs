//! Bodies: the organisations whose money it is.

use async_graphql::{Context, Enum, ID, Object, Result};
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::event;
use projections::budget::Rollup;
use projections::register;

use super::Limits;
use super::figures::{BudgetClass, Figures};
use super::page::{self, Page, Slice};
use super::scalars;
use super::view::{AsAt, Root, View};

/// What sort of organisation a body is.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "event::BodyKind")]
pub(super) enum BodyKind {
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

/// An organisation. Bodies form a tree, from the department down.
pub(super) struct Body {
    pub(super) view: View,
    pub(super) code: BodyCode,
}

impl Body {
    /// A body as at a view; none where none was registered then.
    pub(super) fn find(view: &View, code: BodyCode) -> Option<Self> {
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

/// An organisation. Bodies form a tree, from the department down.
#[Object]
impl Body {
    /// The global id.
    pub(super) async fn id(&self) -> ID {
        ID(format!("Body:{}", self.code))
    }

    /// The ODS code.
    async fn code(&self) -> scalars::Body {
        self.code.into()
    }

    /// What it is called.
    async fn name(&self) -> String {
        self.read(|body| body.name.to_string()).unwrap_or_default()
    }

    /// What sort of organisation it is.
    async fn kind(&self) -> BodyKind {
        self.read(|body| body.kind).unwrap_or(event::BodyKind::Department).into()
    }

    /// The body above it; null at the top.
    async fn parent(&self) -> Option<Body> {
        Body::find(&self.view, self.read(|body| body.parent)??)
    }

    /// The bodies directly below it, by code.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn children(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<Body>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let children = Self::list(&slice.view, |body| body.parent == Some(self.code));
        Ok(slice.page(children, |code| Body { view: slice.view.clone(), code }))
    }

    /// Its first day; null where unknown.
    async fn opened_on(&self) -> Option<scalars::Day> {
        self.read(|body| body.opened_on).flatten().map(Into::into)
    }

    /// Its last day; null while it exists.
    async fn closed_on(&self) -> Option<scalars::Day> {
        self.last_day().map(Into::into)
    }

    /// The body it was merged into, with whose figures its own count since; null where it was not.
    async fn successor(&self) -> Option<Body> {
        let at = self.view.position();
        Body::find(&self.view, self.read(|body| body.merged_into(at))??)
    }

    /// The bodies that were merged into it, by code: they keep their own figures, and count with its.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn predecessors(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<Body>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let at = slice.view.position();
        let merged = Self::list(&slice.view, |body| body.merged_into(at) == Some(self.code));
        Ok(slice.page(merged, |code| Body { view: slice.view.clone(), code }))
    }

    /// Its figures of a year, with those of the bodies below it and of those merged into it; null
    /// where none of them has a line in the year, which is not 0.00.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn figures(
        &self,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Only this class.")] class: Option<BudgetClass>,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
    ) -> Result<Option<Figures>> {
        let body = Some(self.code.into());
        let filter = super::planned::LineFilter { programme: None, body, class };
        let through = through.map(Into::into);
        let rows = super::planned::rows(&self.view, year.0, &filter, through, Some(Rollup::Body))?;
        let own = rows.iter().find(|row| row.body == Some(self.code));
        Ok(own.and_then(Figures::of_row))
    }

    /// Whether its figures are those of a part of the book: of what the caller may read.
    async fn partial(&self) -> bool {
        self.view.is_partial()
    }

    /// The position it is told as at.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }
}

#[derive(Default)]
pub(super) struct BodyQuery(pub(super) Root);

#[Object]
impl BodyQuery {
    /// A body; null where none of this code was registered then.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn body(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its ODS code.")] code: scalars::Body,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<Body>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(Body::find(&view, code.0))
    }

    /// The bodies, by code.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn bodies(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
        #[graphql(desc = "Only those of this sort.")] kind: Option<BodyKind>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Page<Body>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let kind = kind.map(event::BodyKind::from);
        let all = Body::list(&slice.view, |body| kind.is_none_or(|kind| body.kind == kind));
        Ok(slice.page(all, |code| Body { view: slice.view.clone(), code }))
    }
}
