//! A question of the command line: a committed document, where its rows are, and their columns.

use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

use super::Door;
use super::fault::unexpected;
use super::variables::{camel_case, with};
use crate::cli::exit::CliError;
use crate::cli::output::{Cell, Rows};

/// A document and the columns of its answer.
pub(in crate::cli) struct Table {
    /// The text of a file in `cli/documents`.
    pub(in crate::cli) document: &'static str,
    /// Where the rows are in the data: a connection, which is read page by page, an array, or an
    /// object that is the only row.
    pub(in crate::cli) rows: &'static str,
    /// A list in each row that becomes a row for each of its items.
    pub(in crate::cli) each: Option<Each>,
    pub(in crate::cli) columns: &'static [Column],
}

/// A list in a row. Columns read its items by the same path.
#[derive(Clone, Copy)]
pub(in crate::cli) enum Each {
    /// A row with an empty list is left out.
    Inner(&'static str),
    /// A row with an empty list stays, with its columns of the list absent.
    Outer(&'static str),
}

/// A column: its name, where its value is, and how it is shown.
///
/// A path is names separated by dots. It begins at the row; `^` begins at the list that holds the
/// row, and `$` at the variables.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Column {
    pub(in crate::cli) name: &'static str,
    pub(in crate::cli) path: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Member,
    Money,
    Number,
    Percent,
    Decimal,
    Flag,
    List,
    Codes,
    Members,
    Computed(fn(&Value) -> Cell),
}

macro_rules! columns {
    ($($(#[doc = $doc:literal])* $name:ident $kind:ident),* $(,)?) => { $(
        $(#[doc = $doc])*
        pub(in crate::cli) const fn $name(name: &'static str, path: &'static str) -> Column {
            Column { name, path, kind: Kind::$kind }
        }
    )* };
}

columns! {
    /// Text as the answer has it.
    text Text,
    /// A member of an enum, spelt as in entries: `gpPractice`.
    member Member,
    /// Pounds and pence.
    money Money,
    /// A whole number, such as a position.
    number Number,
    /// A percentage.
    percent Percent,
    /// A decimal number.
    decimal Decimal,
    /// Yes or no.
    flag Flag,
    /// Several texts.
    list List,
    /// Several codes as one text; absent where there are none.
    codes Codes,
    /// Several members of an enum as one text, spelt as in entries; absent where there are none.
    members Members,
}

/// A column whose cell is worked out from the value at its path.
pub(in crate::cli) const fn computed(
    name: &'static str,
    path: &'static str,
    cell: fn(&Value) -> Cell,
) -> Column {
    Column { name, path, kind: Kind::Computed(cell) }
}

impl Column {
    pub(in crate::cli) fn cell(&self, row: &Row<'_>) -> Result<Cell, CliError> {
        let Some(value) = row.find(self.path) else {
            return Err(unexpected(&format!("{} is missing", self.path)));
        };
        if let Kind::Computed(cell) = self.kind {
            return Ok(cell(value));
        }
        if value.is_null() {
            return Ok(Cell::Absent);
        }
        self.shown(value).ok_or_else(|| unexpected(&format!("{} is {value}", self.path)))
    }

    fn shown(&self, value: &Value) -> Option<Cell> {
        Some(match self.kind {
            Kind::Text => Cell::Text(plain(value)?),
            Kind::Member => Cell::Text(camel_case(value.as_str()?)),
            Kind::Money => Cell::Money(pence(value)?),
            Kind::Number => Cell::Number(whole(value)?),
            Kind::Percent => Cell::Percent(plain(value)?.parse().ok()?),
            Kind::Decimal => Cell::Decimal(plain(value)?.parse().ok()?),
            Kind::Flag => Cell::Flag(value.as_bool()?),
            Kind::List => Cell::List(texts(value)?),
            Kind::Codes => joined(&texts(value)?),
            Kind::Members => {
                let names = texts(value)?;
                joined(&names.iter().map(|name| camel_case(name)).collect::<Vec<_>>())
            }
            Kind::Computed(cell) => cell(value),
        })
    }
}

/// Texts as one; absent where there are none.
fn joined(texts: &[String]) -> Cell {
    if texts.is_empty() { Cell::Absent } else { Cell::Text(texts.join(" ")) }
}

/// The text of a text or a number.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The whole number in a text or a number.
pub(in crate::cli) fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The texts of a list, of texts or of objects with one text as their only member.
fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |item: &Value| {
        let member = item.as_object().map(|members| members.values().next());
        plain(member.unwrap_or(Some(item))?)
    };
    value.as_array()?.iter().map(text).collect()
}

/// Reads an amount in pounds. A sum may have more digits than an amount that can be posted.
pub(in crate::cli) fn pence(value: &Value) -> Option<Pence> {
    let pounds: Decimal = value.as_str()?.parse().ok()?;
    let pence = pounds.checked_mul(Decimal::ONE_HUNDRED).filter(|pence| pence.fract().is_zero())?;
    pence.to_i64().map(Pence::new)
}

/// A row of an answer.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Row<'r> {
    pub(in crate::cli) node: &'r Value,
    list: &'r Value,
    variables: &'r Value,
}

impl<'r> Row<'r> {
    /// A row outside any list.
    pub(in crate::cli) const fn of(node: &'r Value) -> Self {
        Row { node, list: &Value::Null, variables: &Value::Null }
    }

    /// Another row of the same list.
    pub(in crate::cli) const fn with_node(self, node: &'r Value) -> Self {
        Row { node, ..self }
    }

    /// The value at a path; null where there is none.
    pub(in crate::cli) fn get(&self, path: &str) -> &'r Value {
        self.find(path).unwrap_or(&Value::Null)
    }

    /// The value at a path, or none where the document does not ask for it.
    fn find(&self, path: &str) -> Option<&'r Value> {
        let (from, path) = match path.split_at_checked(1) {
            Some(("^", path)) => (self.list, path),
            Some(("$", path)) => (self.variables, path),
            _ => (self.node, path),
        };
        let mut names = path.split('.').filter(|name| !name.is_empty());
        names.try_fold(
            from,
            |value, name| {
                if value.is_null() { Some(value) } else { value.get(name) }
            },
        )
    }
}

/// The value at a path; null where there is none.
pub(in crate::cli) fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.').filter(|name| !name.is_empty()).fold(value, |value, name| &value[name])
}

/// An answer as cells, and the list that held its rows.
pub(in crate::cli) struct Answer {
    columns: Vec<&'static str>,
    pub(in crate::cli) rows: Vec<Vec<Cell>>,
    /// The last page of a connection, or the object around an array; null where there was no list.
    pub(in crate::cli) list: Value,
    /// Whether there are more rows than were asked for.
    pub(in crate::cli) more: bool,
}

impl Answer {
    /// The position it is as at.
    pub(in crate::cli) fn position(&self) -> Position {
        let stated = [&self.list["position"], &self.list["moment"]["position"]];
        Position::new(stated.into_iter().find_map(whole).unwrap_or_default())
    }

    /// The moment it is as at, in words.
    pub(in crate::cli) fn moment(&self) -> String {
        moment_of(&self.list)
    }

    /// The rows under a caption.
    pub(in crate::cli) fn rows(self, caption: String) -> Rows {
        let mut rows = Rows::new(caption, self.columns);
        self.rows.into_iter().for_each(|row| rows.push(row));
        rows
    }
}

/// The position of a list in words, with the day where its answer depends on it.
pub(in crate::cli) fn moment_of(list: &Value) -> String {
    let of = |name: &str| [&list[name], &list["moment"][name]].into_iter().find_map(Value::as_str);
    let position = of("position").unwrap_or_default();
    of("on").map_or_else(
        || format!("position {position}"),
        |day| format!("position {position} on {day}"),
    )
}

impl Table {
    /// Asks for all rows, as at one position.
    pub(in crate::cli) fn ask(
        &self,
        door: &dyn Door,
        variables: Value,
    ) -> Result<Answer, CliError> {
        self.ask_up_to(door, variables, usize::MAX)
    }

    /// Asks for the first rows, as at one position.
    pub(in crate::cli) fn ask_up_to(
        &self,
        door: &dyn Door,
        variables: Value,
        most: usize,
    ) -> Result<Answer, CliError> {
        let mut rows = Vec::new();
        let list = visit(door, self.document, self.rows, variables, &mut |row| {
            self.push_cells(&row, &mut rows)?;
            Ok(rows.len() <= most)
        })?;
        let more = rows.len() > most;
        rows.truncate(most);
        Ok(Answer { more, ..self.answer(rows, list) })
    }

    /// An answer of rows that were read, and their list.
    pub(in crate::cli) fn answer(&self, rows: Vec<Vec<Cell>>, list: Value) -> Answer {
        Answer { columns: self.names(), rows, list, more: false }
    }

    pub(in crate::cli) fn names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|column| column.name).collect()
    }

    /// The cells of a row, or of each item of its list.
    pub(in crate::cli) fn push_cells(
        &self,
        row: &Row<'_>,
        rows: &mut Vec<Vec<Cell>>,
    ) -> Result<(), CliError> {
        let mut push = |row: &Row<'_>| -> Result<(), CliError> {
            rows.push(
                self.columns.iter().map(|column| column.cell(row)).collect::<Result<_, _>>()?,
            );
            Ok(())
        };
        let (path, outer) = match self.each {
            None => return push(row),
            Some(Each::Inner(path)) => (path, false),
            Some(Each::Outer(path)) => (path, true),
        };
        let mut node = row.node.clone();
        let items: Vec<Value> = serde_json::from_value(node[path].take()).unwrap_or_default();
        if items.is_empty() && outer {
            push(&Row { node: &node, ..*row })?;
        }
        for item in items {
            node[path] = item;
            push(&Row { node: &node, ..*row })?;
        }
        Ok(())
    }
}

/// Refuses a day for a question whose answer no day changes.
pub(in crate::cli) fn check_day(document: &str, variables: &Value) -> Result<(), CliError> {
    if variables["on"].is_null() || document.contains("$on") {
        return Ok(());
    }
    Err(CliError::usage("this answer is the same on every day: leave --on out"))
}

/// Visits the rows of a document's list until `visit` gives false. A connection is read page by page,
/// as at the position of its first page. Gives the list without its rows.
pub(in crate::cli) fn visit(
    door: &dyn Door,
    document: &str,
    rows: &str,
    mut variables: Value,
    visit: &mut dyn FnMut(Row<'_>) -> Result<bool, CliError>,
) -> Result<Value, CliError> {
    check_day(document, &variables)?;
    let pages = document.contains("$first");
    if pages {
        variables = with(variables, serde_json::json!({ "first": door.page() }));
    }
    loop {
        let data = door.ask(document, &variables)?;
        let (holder, name) = rows.rsplit_once('.').unwrap_or(("", rows));
        let mut holder = at(&data, holder).clone();
        if holder.is_null() {
            return Ok(holder);
        }
        let Some(list) = holder.get_mut(name) else {
            return Err(unexpected(&format!("{rows} is missing")));
        };
        let mut list = list.take();
        if list.is_null() {
            return Ok(list);
        }
        let items = if pages { list["edges"].take() } else { list.take() };
        let list = if pages { with(holder, list) } else { holder };
        let items = if items.is_object() && !pages { vec![items].into() } else { items };
        let Value::Array(items) = items else {
            return Err(unexpected(&format!("{rows} is not a list")));
        };
        for item in &items {
            let node = if pages { &item["node"] } else { item };
            if !visit(Row { node, list: &list, variables: &variables })? {
                return Ok(list);
            }
        }
        let info = &list["pageInfo"];
        if !pages || info["hasNextPage"] != true {
            return Ok(list);
        }
        variables = with(variables, serde_json::json!({ "after": info["endCursor"] }));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sum_may_have_more_digits_than_an_amount() {
        let cases =
            [("-0.05", -5), ("12.5", 1250), ("12345678901234567.89", 1_234_567_890_123_456_789)];
        for (text, expected) in cases {
            assert_eq!(pence(&json!(text)), Some(Pence::new(expected)), "{text}");
        }
        for text in ["1.005", "x", "99999999999999999999"] {
            assert_eq!(pence(&json!(text)), None, "{text}");
        }
    }

    #[test]
    fn a_path_begins_at_the_row_the_list_or_the_variables() {
        let (node, list) = (json!({ "a": { "b": 1 } }), json!({ "position": "7" }));
        let row = Row { node: &node, list: &list, variables: &json!({ "year": "2016-17" }) };
        let found = ["a.b", "^position", "$year", "a.c.d"].map(|path| row.get(path).clone());
        assert_eq!(found, [json!(1), json!("7"), json!("2016-17"), Value::Null]);
    }
}
