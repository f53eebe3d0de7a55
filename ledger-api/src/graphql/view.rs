//! The book as at one moment: what every answer is read from.

use std::ops::Deref;
use std::sync::{Arc, OnceLock, RwLockReadGuard};
use std::time::Duration;

use async_graphql::{Context, OneofObject, Result};
use ledger_core::domain::event::Events;
use ledger_core::domain::position::Position;
use ledger_core::log::read::entry_at;
use ledger_core::log::store::ReadError;
use projections::scope::{Scope, Within};
use projections::what_if::WhatIf;
use projections::{Moment, ReadModels};

use super::Caller;
use super::fault::{denied, fault, unanswerable};
use super::scalars;
use crate::access::gate;
use crate::book::Book;

/// How long a read waits for a position that has not been published yet.
const WAIT: Duration = Duration::from_secs(5);

/// As at which moment: give one of the two.
#[derive(Clone, Debug, OneofObject)]
pub(super) enum AsAt {
    /// As it stood after this entry.
    Position(scalars::LogPosition),
    /// As known at this time: everything recorded by then.
    RecordedAt(scalars::Moment),
}

impl AsAt {
    /// The last entry of the moment.
    pub(super) fn position(self, models: &ReadModels) -> Position {
        match self {
            AsAt::Position(position) => position.0,
            AsAt::RecordedAt(moment) => models.times.position_at(moment.0),
        }
    }
}

impl From<AsAt> for projections::AsAt {
    fn from(as_at: AsAt) -> Self {
        match as_at {
            AsAt::Position(position) => projections::AsAt::Position(position.0),
            AsAt::RecordedAt(moment) => projections::AsAt::Recorded(moment.0),
        }
    }
}

/// What one request takes as now: every field of it that names no moment is answered as at the
/// same position.
///
/// The transport may put one behind an [`Arc`] into a request's data and ask afterwards whether it
/// was [taken](Now::taken): where it was not, the answer rests on fixed positions alone and never
/// changes.
#[derive(Debug, Default)]
pub struct Now(OnceLock<Position>);

impl Now {
    /// The position that was taken as now, if anything in the request needed one.
    pub fn taken(&self) -> Option<Position> {
        self.0.get().copied()
    }

    fn take(&self, head: Position) -> Position {
        *self.0.get_or_init(|| head)
    }
}

/// What the fields of a root read from: the book, or what it would be if something else had been
/// posted.
#[derive(Clone, Default)]
pub(super) struct Root(Option<Arc<WhatIf>>);

impl Root {
    /// The root of what would be.
    pub(super) const fn of(supposed: Arc<WhatIf>) -> Self {
        Root(Some(supposed))
    }

    /// What is as at the moment a field asks for, once a position is published.
    pub(super) async fn view(
        &self,
        context: &Context<'_>,
        as_at: Option<AsAt>,
        at_least: Option<scalars::LogPosition>,
    ) -> Result<View> {
        match &self.0 {
            None => View::open(context, as_at, at_least).await,
            Some(supposed) => View::supposing(context, Arc::clone(supposed), as_at),
        }
    }

    /// A view of what has happened, for fields that tell of nothing else.
    pub(super) async fn view_of_log(
        &self,
        context: &Context<'_>,
        as_at: Option<AsAt>,
        at_least: Option<scalars::LogPosition>,
    ) -> Result<View> {
        if self.0.is_some() {
            return Err(fault(
                "NOT_SUPPOSED",
                "this tells of what has happened, not of what would be: ask for it outside the what-if",
            ));
        }
        self.view(context, as_at, at_least).await
    }
}

/// Read models, for as long as they are looked at.
pub(super) enum Models<'v> {
    /// Those of the book. To be let go of before anything is waited for.
    Book(RwLockReadGuard<'v, ReadModels>),
    /// Those of a book that would be.
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

/// The book as at one moment.
#[derive(Clone)]
pub(super) struct View {
    pub(super) book: Arc<Book>,
    /// What would be, if that is looked at in place of what is.
    pub(super) supposed: Option<Arc<WhatIf>>,
    pub(super) moment: Moment,
    /// Whether the caller named the moment: what is answered then never changes.
    pub(super) fixed: bool,
    /// What of the book the caller may read.
    pub(super) scope: Arc<Scope>,
}

impl View {
    /// The book as at the moment a root field asks for, once a position is published.
    async fn open(
        context: &Context<'_>,
        as_at: Option<AsAt>,
        at_least: Option<scalars::LogPosition>,
    ) -> Result<Self> {
        let book = Arc::clone(context.data::<Arc<Book>>()?);
        let reader = Reader::of(context)?;
        let at_least = at_least.map_or(Position::START, Position::from);
        wait_for(&book, at_least).await?;
        let now = context.data_opt::<Arc<Now>>();
        let (moment, fixed, scope) = {
            let models = book.models();
            let scope = reader.scope(&models);
            let head = models.times.head();
            let take = || now.map_or(head, |now| now.take(head)).max(at_least);
            match as_at.map(projections::AsAt::from) {
                None | Some(projections::AsAt::Now) => {
                    (models.moment(projections::AsAt::Position(take())), false, scope)
                }
                Some(as_at) => {
                    let asked = models.moment(as_at);
                    // A time that is not past yet takes in what is still to come, and so does a
                    // position that there is not yet.
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

    /// What would be, as at the moment a field asks for.
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

    /// The book as it stands, to a reader.
    pub(super) fn now(book: &Arc<Book>, reader: &Reader) -> Self {
        let book = Arc::clone(book);
        let (moment, scope) = {
            let models = book.models();
            let position = models.times.head();
            let time = models.times.recorded(position).unwrap_or_default();
            (Moment { position, time }, reader.scope(&models))
        };
        View { book, supposed: None, moment, fixed: false, scope }
    }

    /// The same book as at the position of a cursor: a later page is read as at the first.
    pub(super) fn turned_to(&self, position: Position) -> Result<Self> {
        if position == self.moment.position {
            return Ok(self.clone());
        }
        if self.fixed || position > self.models().times.head() {
            let message = format!(
                "the cursor belongs to position {position}, and {} is asked for: leave out asAt, or start at the first page",
                self.moment.position
            );
            return Err(fault("BAD_CURSOR", message));
        }
        let time = self.models().times.recorded(position).unwrap_or_default();
        Ok(View { moment: Moment { position, time }, ..self.clone() })
    }

    /// The moment that is meant as an earlier one: see [`WhatIf::moment_before`].
    pub(super) fn moment_before(&self, as_at: AsAt) -> Result<Moment> {
        let moment = match &self.supposed {
            None => self.models().moment(as_at.into()),
            Some(supposed) => supposed.moment_before(as_at.into()),
        };
        moment.map_err(|error| unanswerable(&error))
    }

    /// The last entry of an earlier moment, from the first on where none is named.
    pub(super) fn position_before(&self, as_at: Option<AsAt>) -> Result<Position> {
        match as_at {
            None => Ok(Position::START),
            Some(AsAt::Position(position)) => Ok(position.0),
            Some(recorded) => Ok(self.moment_before(recorded)?.position),
        }
    }

    /// The read models. To be let go of before anything is waited for.
    pub(super) fn models(&self) -> Models<'_> {
        match &self.supposed {
            None => Models::Book(self.book.models()),
            Some(supposed) => Models::Supposed(supposed.models()),
        }
    }

    /// The events of an entry, or of what would be one.
    pub(super) fn events_of(&self, entry: Position) -> Result<Option<Events>, ReadError> {
        let supposed = self.supposed.as_ref().and_then(|supposed| supposed.decision(entry));
        if let Some(decision) = supposed {
            return Ok(Some(decision.events.clone()));
        }
        Ok(entry_at(&**self.book.store(), entry)?.map(|entry| entry.events))
    }

    /// The last entry of the log that counts: what would follow it is not in the log.
    pub(super) fn last_in_log(&self) -> Position {
        let parts_at = self.supposed.as_ref().map(|supposed| supposed.from().position);
        parts_at.map_or(self.position(), |parts_at| parts_at.min(self.position()))
    }

    /// The read models, as far as the caller may read them.
    pub(super) fn within<'m>(&'m self, models: &'m ReadModels) -> Within<'m> {
        models.within(&self.scope)
    }

    /// Whether sums are of a part of the book only.
    pub(super) fn is_partial(&self) -> bool {
        !self.scope.is_everything()
    }

    /// The last entry that counts.
    pub(super) const fn position(&self) -> Position {
        self.moment.position
    }

    /// When that entry was recorded; none before the first.
    pub(super) fn recorded_at(&self) -> Option<scalars::Moment> {
        self.models().times.recorded(self.position()).map(Into::into)
    }
}

/// Who reads; nobody in particular where there is no transport, which then reads everything.
#[derive(Clone)]
pub(super) struct Reader(Option<Caller>);

impl Reader {
    /// Whoever asks, where they may read at all: the gate of all questions.
    pub(super) fn of(context: &Context<'_>) -> Result<Self> {
        let caller = context.data_opt::<Caller>().cloned();
        if let Some(caller) = &caller {
            gate::may_read(&caller.principal).map_err(|refusal| denied(&refusal))?;
        }
        Ok(Reader(caller))
    }

    /// What of the book they may read as it stands.
    pub(super) fn scope(&self, models: &ReadModels) -> Arc<Scope> {
        let scope = self.0.as_ref().map(|caller| caller.principal.scope(models));
        Arc::new(scope.unwrap_or_default())
    }
}

/// Waits until a position is published, for a while.
pub(super) async fn wait_for(book: &Book, position: Position) -> Result<()> {
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
