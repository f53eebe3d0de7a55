//! Pages of lists, as Relay connections. A cursor fixes the moment the list was read at, so that the
//! list stays the same from page to page while entries arrive and time passes.

use std::borrow::Cow;

use async_graphql::connection::PageInfo;
use async_graphql::{OutputType, Result, SimpleObject, TypeName};
use ledger_core::domain::calendar::Timestamp;
use projections::Moment;

use crate::graphql::Limits;
use crate::graphql::kit::fault::fault;
use crate::graphql::kit::list::List;
use crate::graphql::kit::scalars::{Day, LogPosition};
use crate::graphql::kit::view::View;

/// An item of a page, with its cursor.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub(crate) struct Edge<T: OutputType> {
    /// The cursor of the item: give it as `after` to read what follows.
    pub(crate) cursor: String,
    /// The item.
    pub(crate) node: T,
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// A page of a list, read at one moment. Its cursors fix that moment for the next pages.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub(crate) struct Page<T: OutputType> {
    /// The items of the page, each with its cursor.
    pub(crate) edges: List<Edge<T>>,
    /// Whether there are more items, and the cursors to read them.
    pub(crate) page_info: PageInfo,
    /// The position the list was read at.
    pub(crate) position: LogPosition,
    /// The day the list stands at, in UK time.
    pub(crate) on: Day,
}

impl<T: OutputType> TypeName for Page<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// A cursor: the moment the list was read at, and the place of the last item read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) moment: Moment,
    pub(crate) read: u64,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Moment { position, time } = self.moment;
        write!(f, "{position}.{}.{}", self.read, time.micros())
    }
}

impl std::str::FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (position, rest) = text.split_once('.').ok_or(())?;
        let (read, micros) = rest.split_once('.').ok_or(())?;
        let time = Timestamp::from_micros(micros.parse().map_err(|_| ())?);
        let moment = Moment { position: position.parse().map_err(|_| ())?, time };
        let cursor = Cursor { moment, read: read.parse().map_err(|_| ())? };
        if cursor.to_string() == text { Ok(cursor) } else { Err(()) }
    }
}

/// The part of a list that a page covers.
pub(crate) struct Slice {
    /// The book at the moment of the cursor, or of the query where there is no cursor.
    pub(crate) view: View,
    /// The place of the last item of the page before; 0 on the first page.
    pub(crate) read: u64,
    /// The maximum number of items.
    pub(crate) first: usize,
}

impl Slice {
    /// Checks the arguments of a list.
    pub(crate) fn new(
        view: &View,
        limits: &Limits,
        first: i32,
        after: Option<&str>,
    ) -> Result<Self> {
        let first = usize::try_from(first).ok().filter(|first| (1..=limits.page).contains(first));
        let Some(first) = first else {
            let message = format!("first must be 1 to {}", limits.page);
            return Err(fault("BAD_PAGE", message));
        };
        let Some(text) = after else { return Ok(Slice { view: view.clone(), read: 0, first }) };
        let Ok(cursor) = text.parse::<Cursor>() else {
            let message = format!("\"{text}\" is not a cursor: use one that a page has given");
            return Err(fault("BAD_CURSOR", message));
        };
        Ok(Slice { view: view.at_moment(cursor.moment)?, read: cursor.read, first })
    }

    pub(crate) fn cursor(&self, read: u64) -> String {
        Cursor { moment: self.view.moment, read }.to_string()
    }

    /// Cuts a page from a list of all items.
    pub(crate) fn page<I, T: OutputType>(
        &self,
        items: impl IntoIterator<Item = I>,
        node: impl Fn(I) -> T,
    ) -> Page<T> {
        let skipped = usize::try_from(self.read).unwrap_or(usize::MAX);
        let mut read = self.read;
        let place = |_: &I| {
            read = read.saturating_add(1);
            read
        };
        self.page_from(items.into_iter().skip(skipped), place, node)
    }

    /// Makes a page of items that start where the page before ended; [`Slice::fetch_count`] items
    /// are enough. `place` gives the cursor place of each item, in order.
    pub(crate) fn page_from<I, T: OutputType>(
        &self,
        items: impl IntoIterator<Item = I>,
        mut place: impl FnMut(&I) -> u64,
        node: impl Fn(I) -> T,
    ) -> Page<T> {
        let mut items = items.into_iter();
        let edges = items.by_ref().take(self.first).map(|item| {
            let cursor = self.cursor(place(&item));
            Edge { cursor, node: node(item) }
        });
        let edges: Vec<_> = edges.collect();
        let more = items.next().is_some();
        let end = edges.last().map(|edge| edge.cursor.clone());
        self.finish(edges, more, end)
    }

    /// The number of items to fetch: those of the page, and one more to see whether there are
    /// further pages.
    pub(crate) const fn fetch_count(&self) -> usize {
        self.first.saturating_add(1)
    }

    /// Makes a page of finished edges.
    pub(crate) fn finish<T: OutputType>(
        &self,
        edges: Vec<Edge<T>>,
        has_next_page: bool,
        end_cursor: Option<String>,
    ) -> Page<T> {
        let start_cursor = edges.first().map(|edge| edge.cursor.clone());
        let has_previous_page = self.read > 0;
        let page_info = PageInfo { has_previous_page, has_next_page, start_cursor, end_cursor };
        let (position, on) = (self.view.position().into(), self.view.day());
        Page { edges: edges.into(), page_info, position, on }
    }
}

/// The maximum cost of one field, far above any limit. The library adds costs unchecked; this keeps
/// the sum from overflowing.
const COST_MAX: usize = 1 << 40;

/// The cost of reading figures or entries, on top of the fields returned.
const READ: usize = 20;

/// The cost of a list: its fields once per item requested.
pub(crate) fn list(first: i32, child: usize) -> usize {
    let first = usize::try_from(first).unwrap_or(0).max(1);
    one(times(first, child.max(1)))
}

/// The cost of a field that reads one object.
pub(crate) fn one(child: usize) -> usize {
    READ.saturating_add(child).min(COST_MAX)
}

/// The cost of a field that returns `count` objects already read.
pub(crate) fn times(count: usize, child: usize) -> usize {
    count.saturating_mul(child).min(COST_MAX)
}

#[cfg(test)]
mod tests {
    use ledger_core::domain::position::Position;

    use super::*;

    #[test]
    fn a_cursor_reads_back_and_no_other_text_is_one() {
        let time = Timestamp::from_micros(-5);
        let cursor = Cursor { moment: Moment { position: Position::new(42), time }, read: 7 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "42", "42.7", ".7.1", "042.7.1", "42.+7.1", "42.7.", "42.7.1.2", "x.y.z"] {
            assert_eq!(text.parse::<Cursor>(), Err(()), "{text}");
        }
    }
}
