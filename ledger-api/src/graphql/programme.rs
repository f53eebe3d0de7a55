//! Programmes: what money is planned for.

use async_graphql::{Context, Enum, ID, Object, Result};
use ledger_core::domain::code::ProgrammeCode;
use projections::budget::Rollup;
use projections::register;

use super::Limits;
use super::figures::{BudgetClass, Figures};
use super::page::{self, Page, Slice};
use super::scalars;
use super::view::{AsAt, Root, View};

/// What a programme takes.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "register::ProgrammeStatus")]
pub(super) enum ProgrammeStatus {
    /// Every posting.
    Open,
    /// It is cancelled: only what winds it down.
    Closing,
    /// Nothing.
    Closed,
}

/// What money is planned for. Programmes form a tree.
pub(super) struct Programme {
    pub(super) view: View,
    pub(super) code: ProgrammeCode,
}

impl Programme {
    /// A programme as at a view; none where there was none then.
    pub(super) fn find(view: &View, code: ProgrammeCode) -> Option<Self> {
        view.models().register.programme(code, view.position())?;
        if !view.scope.knows(code) {
            return None;
        }
        Some(Programme { view: view.clone(), code })
    }

    /// The programmes there were, of those that a test lets through.
    fn list(view: &View, wanted: impl Fn(&register::Programme) -> bool) -> Vec<ProgrammeCode> {
        let models = view.models();
        let all = models.register.programmes(view.position());
        let known = all.filter(|(code, _)| view.scope.knows(*code));
        known.filter(|(_, programme)| wanted(programme)).map(|(code, _)| code).collect()
    }

    fn parent_code(&self) -> Option<ProgrammeCode> {
        self.view.models().register.programme(self.code, self.view.position())?.parent
    }
}

/// What money is planned for. Programmes form a tree.
#[Object]
impl Programme {
    /// The global id.
    pub(super) async fn id(&self) -> ID {
        ID(format!("Programme:{}", self.code))
    }

    /// The code, which never changes.
    async fn code(&self) -> scalars::Programme {
        self.code.into()
    }

    /// What it was called then.
    async fn name(&self) -> String {
        let models = self.view.models();
        let name = models.register.programme_name(self.code, self.view.position());
        name.unwrap_or_default().to_owned()
    }

    /// What it took then.
    async fn status(&self) -> ProgrammeStatus {
        let models = self.view.models();
        let at = self.view.position();
        let programme = models.register.programme(self.code, at);
        let status = programme.and_then(|programme| programme.status.at(at).copied());
        status.unwrap_or(register::ProgrammeStatus::Open).into()
    }

    /// The programme it is part of; null at the top.
    async fn parent(&self) -> Option<Programme> {
        Programme::find(&self.view, self.parent_code()?)
    }

    /// The programmes directly below it, by code.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn children(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<Programme>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let children = Self::list(&slice.view, |programme| programme.parent == Some(self.code));
        Ok(slice.page(children, |code| Programme { view: slice.view.clone(), code }))
    }

    /// Its figures of a year, with those of the programmes below it; null where it has no line in
    /// the year, which is not 0.00.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn figures(
        &self,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Only this class.")] class: Option<BudgetClass>,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
    ) -> Result<Option<Figures>> {
        let filter =
            super::planned::LineFilter { programme: Some(self.code.into()), body: None, class };
        let through = through.map(Into::into);
        let rollup = Some(Rollup::Programme);
        let rows = super::planned::rows(&self.view, year.0, &filter, through, rollup)?;
        let own = rows.iter().find(|row| row.programme == Some(self.code));
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
pub(super) struct ProgrammeQuery(pub(super) Root);

#[Object]
impl ProgrammeQuery {
    /// A programme; null where there was none of this code then.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn programme(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its code.")] code: scalars::Programme,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<Programme>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(Programme::find(&view, code.0))
    }

    /// The programmes, by code.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn programmes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Page<Programme>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let all = Programme::list(&slice.view, |_| true);
        Ok(slice.page(all, |code| Programme { view: slice.view.clone(), code }))
    }
}
