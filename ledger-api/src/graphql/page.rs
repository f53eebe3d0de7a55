//! Pages of lists: Relay connections whose cursors pin the position they were read at, so that a
//! list stays the same from page to page while entries arrive.

use std::borrow::Cow;

use async_graphql::connection::PageInfo;
use async_graphql::{OutputType, Result, SimpleObject, TypeName};
use ledger_core::domain::position::Position;

use super::Limits;
use super::fault::fault;
use super::scalars::LogPosition;
use super::view::View;

/// An item of a page, with its place in the list.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub(super) struct Edge<T: OutputType> {
    /// The place of the item: give it as `after` for what follows it.
    pub(super) cursor: String,
    /// The item itself.
    pub(super) node: T,
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// A page of a list, read as at one position. Its cursors pin that position.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub(super) struct Page<T: OutputType> {
    /// The items of the page, each with its cursor.
    pub(super) edges: Vec<Edge<T>>,
    /// Whether there is more, and how to ask for it.
    pub(super) page_info: PageInfo,
    /// The position the whole list is read as at.
    pub(super) position: LogPosition,
}

impl<T: OutputType> TypeName for Page<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// A place in a list: the position the list was read at, and how far it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) position: Position,
    pub(super) read: u64,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.position, self.read)
    }
}

impl std::str::FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (position, read) = text.split_once('.').ok_or(())?;
        let position = position.parse().map_err(|_| ())?;
        let cursor = Cursor { position, read: read.parse().map_err(|_| ())? };
        if cursor.to_string() == text { Ok(cursor) } else { Err(()) }
    }
}

/// What of a list is asked for.
pub(super) struct Slice {
    /// The book as at the position of the cursor, or as at that of the question.
    pub(super) view: View,
    /// How far the list was read before.
    pub(super) read: u64,
    /// How many items the page may hold.
    pub(super) first: usize,
}

impl Slice {
    /// Reads the arguments of a list.
    pub(super) fn new(
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
        Ok(Slice { view: view.turned_to(cursor.position)?, read: cursor.read, first })
    }

    pub(super) fn cursor(&self, read: u64) -> String {
        Cursor { position: self.view.position(), read }.to_string()
    }

    /// The page of a list that can be made whole: items before it are skipped, items after it left
    /// out.
    pub(super) fn page<I, T: OutputType>(
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
        self.read_on(items.into_iter().skip(skipped), place, node)
    }

    /// The page of a list that was read on from where the page before ended: of what is read more than
    /// [`Slice::wanted`] nothing is needed. `place` tells how far the list is read with an item, and
    /// is asked once for each in order.
    pub(super) fn read_on<I, T: OutputType>(
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

    /// How many items to read: those of the page, and one that tells whether there are more.
    pub(super) const fn wanted(&self) -> usize {
        self.first.saturating_add(1)
    }

    /// A page of edges that are there already.
    pub(super) fn finish<T: OutputType>(
        &self,
        edges: Vec<Edge<T>>,
        has_next_page: bool,
        end_cursor: Option<String>,
    ) -> Page<T> {
        let start_cursor = edges.first().map(|edge| edge.cursor.clone());
        let has_previous_page = self.read > 0;
        let page_info = PageInfo { has_previous_page, has_next_page, start_cursor, end_cursor };
        Page { edges, page_info, position: self.view.position().into() }
    }
}

/// The most that one field is said to cost. The library adds up costs without a check: this keeps
/// any sum it can make far from overflowing, and is far beyond any limit.
const COST_MAX: usize = 1 << 40;

/// What reading figures or entries costs beside the fields of the answer.
const READ: usize = 20;

/// What a list costs: its fields for each item asked for.
pub(super) fn list(first: i32, child: usize) -> usize {
    let first = usize::try_from(first).unwrap_or(0).max(1);
    one(times(first, child.max(1)))
}

/// What a field costs that reads one thing.
pub(super) fn one(child: usize) -> usize {
    READ.saturating_add(child).min(COST_MAX)
}

/// What a field costs that gives its own fields several times over.
pub(super) fn times(count: usize, child: usize) -> usize {
    count.saturating_mul(child).min(COST_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_no_other_text_is_one() {
        let cursor = Cursor { position: Position::new(42), read: 7 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "42", "42.", ".7", "042.7", "42.+7", "42.7.1", "x.y"] {
            assert_eq!(text.parse::<Cursor>(), Err(()), "{text}");
        }
    }
}
