//! Programmes: what money is planned for.

use async_graphql::{Context, Enum, ID, Object, Result};
use ledger_core::domain::code::ProgrammeCode;
use projections::budget::Rollup;
use projections::register;

use crate::graphql::Limits;
use crate::graphql::budget::figures::{BudgetClass, Figures};
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars;
use crate::graphql::kit::view::{AsAt, Root, View};

/// What a programme accepts.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "register::ProgrammeStatus")]
pub(crate) enum ProgrammeStatus {
    /// Open: every posting.
    Open,
    /// Cancelled: only payments and releases of its commitments.
    Closing,
    /// Closed: no postings.
    Closed,
}

/// A programme: what money is planned for. Programmes form a tree.
pub(crate) struct Programme {
    pub(crate) view: View,
    pub(crate) code: ProgrammeCode,
}

impl Programme {
    /// Finds a programme; `None` where there was none then.
    pub(crate) fn find(view: &View, code: ProgrammeCode) -> Option<Self> {
        view.models().register.programme(code, view.position())?;
        if !view.scope.knows(code) {
            return None;
        }
        Some(Programme { view: view.clone(), code })
    }

    /// The programmes for which `wanted` is true, in order of code.
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

/// A programme: what money is planned for. Programmes form a tree.
#[Object]
impl Programme {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        ID(format!("Programme:{}", self.code))
    }

    /// The code, which never changes.
    async fn code(&self) -> scalars::Programme {
        self.code.into()
    }

    /// The name at the moment.
    async fn name(&self) -> String {
        let models = self.view.models();
        let name = models.register.programme_name(self.code, self.view.position());
        name.unwrap_or_default().to_owned()
    }

    /// The status at the moment.
    async fn status(&self) -> ProgrammeStatus {
        let models = self.view.models();
        let at = self.view.position();
        let programme = models.register.programme(self.code, at);
        let status = programme.and_then(|programme| programme.status.at(at).copied());
        status.unwrap_or(register::ProgrammeStatus::Open).into()
    }

    /// The programme directly above; null at the top.
    async fn parent(&self) -> Option<Programme> {
        Programme::find(&self.view, self.parent_code()?)
    }

    /// The programmes directly below, in order of code.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn children(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<Programme>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let children = Self::list(&slice.view, |programme| programme.parent == Some(self.code));
        Ok(slice.page(children, |code| Programme { view: slice.view.clone(), code }))
    }

    /// The figures of a year, including the programmes below it; null, not 0.00, where there is no
    /// line in the year.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn figures(
        &self,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Only this class.")] class: Option<BudgetClass>,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
    ) -> Result<Option<Figures>> {
        let filter = crate::graphql::budget::planned::LineFilter {
            programme: Some(self.code.into()),
            body: None,
            class,
        };
        let through = through.map(Into::into);
        let rollup = Some(Rollup::Programme);
        let rows =
            crate::graphql::budget::planned::rows(&self.view, year.0, &filter, through, rollup)?;
        let own = rows.iter().find(|row| row.programme == Some(self.code));
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
pub(crate) struct ProgrammeQuery(pub(crate) Root);

#[Object]
impl ProgrammeQuery {
    /// A programme; null where it did not exist at the moment.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn programme(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The code.")] code: scalars::Programme,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<Programme>> {
        let view = self.0.view_on(context, as_at, on, at_least_position).await?;
        Ok(Programme::find(&view, code.0))
    }

    /// The programmes, in order of code.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn programmes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(
            desc = "The day to stand at, in UK time: its month, and the policy and delegations in force; the moment's own if omitted."
        )]
        on: Option<scalars::Day>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Page<Programme>> {
        let view = self.0.view_on(context, as_at, on, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let all = Programme::list(&slice.view, |_| true);
        Ok(slice.page(all, |code| Programme { view: slice.view.clone(), code }))
    }
}
