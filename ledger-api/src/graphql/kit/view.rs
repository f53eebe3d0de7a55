//! Views: the book at one moment, as one caller may read it.

use std::ops::Deref;
use std::sync::{Arc, OnceLock, RwLockReadGuard};
use std::time::Duration;

use async_graphql::{Context, Error, OneofObject, Result};
use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::event::Events;
use ledger_core::domain::position::Position;
use ledger_core::log::read::entry_at;
use ledger_core::log::store::ReadError;
use projections::scope::{Scope, Within};
use projections::what_if::WhatIf;
use projections::{Moment, ReadModels};

use crate::access::gate;
use crate::graphql::Caller;
use crate::graphql::kit::fault::{denied, fault, unanswerable};
use crate::graphql::kit::scalars;
use projections::book::Book;

/// The maximum wait for a position that is not published yet.
const WAIT: Duration = Duration::from_secs(5);

/// A moment of the book: give one of the two.
#[derive(Clone, Debug, OneofObject)]
pub(crate) enum AsAt {
    /// The book just after this entry.
    Position(scalars::LogPosition),
    /// The book as known at this time: everything recorded by then. A date means its end, UK time.
    RecordedAt(scalars::Moment),
}

impl From<AsAt> for projections::AsAt {
    fn from(as_at: AsAt) -> Self {
        match as_at {
            AsAt::Position(position) => projections::AsAt::Position(position.0),
            AsAt::RecordedAt(moment) => projections::AsAt::Recorded(moment.0.ends()),
        }
    }
}

/// The moment one request takes as now, shared by all its fields that name none.
///
/// The transport may put one behind an [`Arc`] into the request's data. If it was not
/// [taken](Now::taken) afterwards, the answer rests on fixed moments only and never changes.
#[derive(Debug, Default)]
pub struct Now(OnceLock<Moment>);

impl Now {
    /// The position taken as now; `None` if no field needed it.
    pub fn taken(&self) -> Option<Position> {
        self.0.get().map(|moment| moment.position)
    }

    fn take(&self, now: impl FnOnce() -> Moment) -> Moment {
        *self.0.get_or_init(now)
    }
}

/// What root fields read from: the book, or a what-if of it.
#[derive(Clone, Default)]
pub(crate) struct Root(Option<Arc<WhatIf>>);

impl Root {
    /// The root of a what-if.
    pub(crate) const fn of(supposed: Arc<WhatIf>) -> Self {
        Root(Some(supposed))
    }

    /// A view at the requested moment, at its own time, once the position `at_least` is published.
    pub(crate) async fn view(
        &self,
        context: &Context<'_>,
        as_at: Option<AsAt>,
        at_least: Option<scalars::LogPosition>,
    ) -> Result<View> {
        self.view_on(context, as_at, None, at_least).await
    }

    /// Like [`Root::view`], standing at the end of a day in the UK in place of the moment's own time.
    pub(crate) async fn view_on(
        &self,
        context: &Context<'_>,
        as_at: Option<AsAt>,
        on: Option<scalars::Day>,
        at_least: Option<scalars::LogPosition>,
    ) -> Result<View> {
        let mut view = match &self.0 {
            None => View::open(context, as_at, at_least).await?,
            Some(supposed) => View::supposing(context, Arc::clone(supposed), as_at)?,
        };
        if let Some(day) = on {
            view.moment.time = Timestamp::end_of_day(day.0);
        }
        Ok(view)
    }

    /// A view of the log, for fields that are refused inside a what-if.
    pub(crate) async fn view_of_log(
        &self,
        context: &Context<'_>,
        as_at: Option<AsAt>,
        on: Option<scalars::Day>,
        at_least: Option<scalars::LogPosition>,
    ) -> Result<View> {
        if self.0.is_some() {
            return Err(not_supposed());
        }
        self.view_on(context, as_at, on, at_least).await
    }
}

/// A question about the log, asked within a what-if.
pub(crate) fn not_supposed() -> Error {
    fault(
        "NOT_SUPPOSED",
        "this field reads the log as it is, not the what-if: ask for it outside whatIf",
    )
}

/// A borrow of the read models.
pub(crate) enum Models<'v> {
    /// The book's, under the read lock. Drop it before awaiting.
    Book(RwLockReadGuard<'v, ReadModels>),
    /// Those of a what-if.
    Supposed(&'v ReadModels),
}

impl Deref for Models<'_> {
    type Target = ReadModels;

    fn deref(&self) -> &ReadModels {
        match self {
            Models::Book(models) => models,
            Models::Supposed(models) => models,
        }
    }
}

/// The book at one moment, as one caller may read it.
#[derive(Clone)]
pub(crate) struct View {
    pub(crate) book: Arc<Book>,
    /// The what-if that is read in place of the book.
    pub(crate) supposed: Option<Arc<WhatIf>>,
    pub(crate) moment: Moment,
    /// Whether the moment is fixed by the query and past, so that the answer never changes.
    pub(crate) fixed: bool,
    /// The part of the book the caller may read.
    pub(crate) scope: Arc<Scope>,
}

impl View {
    /// Opens the book at the requested moment, once the position `at_least` is published.
    async fn open(
        context: &Context<'_>,
        as_at: Option<AsAt>,
        at_least: Option<scalars::LogPosition>,
    ) -> Result<Self> {
        // A request of many fields gives way to others, and can be stopped in between.
        tokio::task::coop::consume_budget().await;
        let book = Arc::clone(context.data::<Arc<Book>>()?);
        let reader = Reader::of(context)?;
        let at_least = at_least.map_or(Position::START, Position::from);
        wait_for(&book, at_least).await?;
        let now = context.data_opt::<Arc<Now>>();
        let (moment, fixed, scope) = {
            let models = book.models();
            let scope = reader.scope(&models);
            let head = models.times.head();
            let take = || {
                let here = || models.now(book.now());
                let taken = now.map_or_else(here, |now| now.take(here));
                if taken.position < at_least { here() } else { taken }
            };
            match as_at.map(projections::AsAt::from) {
                None | Some(projections::AsAt::Now) => (Ok(take()), false, scope),
                Some(as_at) => {
                    let asked = models.moment(as_at);
                    // A moment at or after the head can still gain entries, so its answer is not
                    // fixed.
                    let settled = match asked {
                        Ok(moment) => {
                            moment.position < head || as_at == projections::AsAt::Position(head)
                        }
                        Err(_) => false,
                    };
                    if !settled {
                        take();
                    }
                    (asked, settled, scope)
                }
            }
        };
        let moment = moment.map_err(|error| unanswerable(&error))?;
        Ok(View { book, supposed: None, moment, fixed, scope })
    }

    /// Opens a what-if at the requested moment.
    fn supposing(
        context: &Context<'_>,
        supposed: Arc<WhatIf>,
        as_at: Option<AsAt>,
    ) -> Result<Self> {
        let book = Arc::clone(context.data::<Arc<Book>>()?);
        let scope = Reader::of(context)?.scope(supposed.models());
        let fixed = as_at.is_some();
        let moment = match as_at {
            None => supposed.moment(),
            Some(as_at) => {
                let moment = supposed.models().moment(as_at.into());
                moment.map_err(|error| unanswerable(&error))?
            }
        };
        Ok(View { book, supposed: Some(supposed), moment, fixed, scope })
    }

    /// The newest state of the book, for a reader.
    pub(crate) fn now(book: &Arc<Book>, reader: &Reader) -> Self {
        let book = Arc::clone(book);
        let (moment, scope) = {
            let models = book.models();
            (models.now(book.now()), reader.scope(&models))
        };
        View { book, supposed: None, moment, fixed: false, scope }
    }

    /// The same book at the moment of a cursor, so that all pages agree.
    pub(crate) fn at_moment(&self, moment: Moment) -> Result<Self> {
        let position = moment.position;
        if position == self.moment.position && (self.fixed || moment == self.moment) {
            return Ok(self.clone());
        }
        if self.fixed || position > self.models().times.head() {
            let message = format!(
                "the cursor is of position {position}, but the query reads position {}: leave out asAt, or start again at the first page",
                self.moment.position
            );
            return Err(fault("BAD_CURSOR", message));
        }
        Ok(View { moment, ..self.clone() })
    }

    /// Resolves the earlier of two moments: see [`WhatIf::moment_before`].
    pub(crate) fn moment_before(&self, as_at: AsAt) -> Result<Moment> {
        let moment = match &self.supposed {
            None => self.models().moment(as_at.into()),
            Some(supposed) => supposed.moment_before(as_at.into()),
        };
        moment.map_err(|error| unanswerable(&error))
    }

    /// The position of an earlier moment; the start of the log where none is named.
    pub(crate) fn position_before(&self, as_at: Option<AsAt>) -> Result<Position> {
        match as_at {
            None => Ok(Position::START),
            Some(moment) => Ok(self.moment_before(moment)?.position),
        }
    }

    /// The read models. Drop the borrow before awaiting.
    pub(crate) fn models(&self) -> Models<'_> {
        match &self.supposed {
            None => Models::Book(self.book.models()),
            Some(supposed) => Models::Supposed(supposed.models()),
        }
    }

    /// The events of an entry, posted or of the what-if.
    pub(crate) fn events_of(&self, entry: Position) -> Result<Option<Events>, ReadError> {
        let supposed = self.supposed.as_ref().and_then(|supposed| supposed.decision(entry));
        if let Some(decision) = supposed {
            return Ok(Some(decision.events.clone()));
        }
        Ok(entry_at(&**self.book.store(), entry)?.map(|entry| entry.events))
    }

    /// The last position of the view that is in the log; later ones are of the what-if.
    pub(crate) fn last_in_log(&self) -> Position {
        let parts_at = self.supposed.as_ref().map(|supposed| supposed.from().position);
        parts_at.map_or(self.position(), |parts_at| parts_at.min(self.position()))
    }

    /// The read models within the caller's scope.
    pub(crate) fn within<'m>(&'m self, models: &'m ReadModels) -> Within<'m> {
        models.within(&self.scope)
    }

    /// Whether the caller may read only part of the book.
    pub(crate) fn is_partial(&self) -> bool {
        !self.scope.is_everything()
    }

    /// The position of the last entry counted.
    pub(crate) const fn position(&self) -> Position {
        self.moment.position
    }

    /// The last month of the plan to date of a year, where a month is named, or else none.
    pub(crate) fn month(
        &self,
        year: FinancialYear,
        named: Option<Month>,
    ) -> Option<scalars::YearMonth> {
        named.or_else(|| self.moment.month_of(year)).map(Into::into)
    }

    /// The day it stands at, in UK local time.
    pub(crate) fn day(&self) -> scalars::Day {
        self.moment.time.day().into()
    }

    /// When that entry was recorded; `None` before the first entry.
    pub(crate) fn recorded_at(&self) -> Option<scalars::Moment> {
        self.models().times.recorded(self.position()).map(Into::into)
    }
}

/// The reading caller; without one, as inside the process, everything is readable.
#[derive(Clone)]
pub(crate) struct Reader(Option<Caller>);

impl Reader {
    /// The caller of a request. Refuses a caller without the right to read.
    pub(crate) fn of(context: &Context<'_>) -> Result<Self> {
        let caller = context.data_opt::<Caller>().cloned();
        if let Some(caller) = &caller {
            gate::may_read(&caller.principal).map_err(|refusal| denied(&refusal))?;
        }
        Ok(Reader(caller))
    }

    /// The part of the book the caller may read now.
    pub(crate) fn scope(&self, models: &ReadModels) -> Arc<Scope> {
        let scope = self.0.as_ref().map(|caller| caller.principal.scope(models));
        Arc::new(scope.unwrap_or_default())
    }
}

/// Waits until a position is published, up to [`WAIT`].
pub(crate) async fn wait_for(book: &Book, position: Position) -> Result<()> {
    let mut published = book.writer().published();
    if *published.borrow() >= position {
        return Ok(());
    }
    let reached = published.wait_for(|head| *head >= position);
    if matches!(tokio::time::timeout(WAIT, reached).await, Ok(Ok(_))) {
        return Ok(());
    }
    let head = book.models().times.head();
    let message =
        format!("entry {position} is not published yet, the last one is {head}: ask again");
    Err(fault("NOT_YET_PUBLISHED", message))
}
