//! Parsing within bounds: limits are checked before async-graphql parses or validates a document.
//!
//! The library's validation visits a fragment once for every spread.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    ExecutableDocument, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};

use super::error::DocumentError;
use super::limits::{
    INTROSPECTED_LISTS_MAX, INTROSPECTED_MAX, NESTING_MAX, SELECTIONS_MAX, TYPENAMES_MAX,
    VARIABLES_MAX,
};
use super::text;

/// The fields that list a type's members in an introspection.
const INTROSPECTED_LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// The fragments of a document, by name.
pub(crate) type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Parses a document within its limits, so that parsing and validation take bounded time.
pub(crate) fn read(query: &str) -> Result<ExecutableDocument, DocumentError> {
    text::check(query)?;
    let document =
        parse_query(query).map_err(|error| DocumentError::Syntax(Box::new(error.into())))?;
    check_selections(&document)?;
    check_names(&document)?;
    let definitions = |(_, operation): (_, &Positioned<OperationDefinition>)| {
        operation.node.variable_definitions.len()
    };
    if document.operations.iter().map(definitions).sum::<usize>() > VARIABLES_MAX {
        return Err(DocumentError::Variables);
    }
    Ok(document)
}

/// Refuses documents that select too many fields with their fragments expanded.
fn check_selections(document: &ExecutableDocument) -> Result<(), DocumentError> {
    let mut spread = Spread { fragments: &document.fragments, extents: HashMap::new() };
    let (mut total, mut introspected) = (0_usize, 0_usize);
    let mut fragments: Vec<_> = document.fragments.keys().collect();
    fragments.sort_unstable();
    for fragment in fragments {
        total = total.saturating_add(spread.fragment(fragment, 0)?.selections);
    }
    for (_, operation) in document.operations.iter() {
        let extent = spread.set(&operation.node.selection_set.node, 0)?;
        total = total.saturating_add(extent.selections);
        introspected = introspected.saturating_add(extent.introspected);
    }
    if total > SELECTIONS_MAX {
        return Err(DocumentError::Selections);
    }
    if introspected > INTROSPECTED_MAX { Err(DocumentError::Introspection) } else { Ok(()) }
}

/// The size of a selection set with its fragments expanded.
#[derive(Clone, Copy, Default)]
struct Extent {
    selections: usize,
    depth: usize,
    /// Fields and spreads within introspections.
    introspected: usize,
    /// The deepest nesting of member lists.
    lists: usize,
}

impl Extent {
    /// The extent of a field, given the extent of its selection set.
    fn within(self, field: &str) -> Result<Self, DocumentError> {
        if matches!(field, "__schema" | "__type") {
            if self.lists > INTROSPECTED_LISTS_MAX {
                return Err(DocumentError::Introspection);
            }
            return Ok(Extent { introspected: self.selections, lists: 0, ..self });
        }
        Ok(Extent { lists: self.lists + usize::from(INTROSPECTED_LISTS.contains(&field)), ..self })
    }
}

/// Measures fragments, each once.
struct Spread<'d> {
    fragments: &'d Fragments,
    /// None while it is being measured.
    extents: HashMap<&'d str, Option<Extent>>,
}

impl<'d> Spread<'d> {
    fn fragment(&mut self, name: &'d str, depth: usize) -> Result<Extent, DocumentError> {
        match self.extents.get(name) {
            // A cycle: validation reports it.
            Some(None) => return Ok(Extent::default()),
            Some(Some(extent)) => return Ok(*extent),
            None => {}
        }
        let Some(fragment) = self.fragments.get(name) else { return Ok(Extent::default()) };
        self.extents.insert(name, None);
        let extent = self.set(&fragment.node.selection_set.node, depth)?;
        self.extents.insert(name, Some(extent));
        Ok(extent)
    }

    fn set(&mut self, set: &'d SelectionSet, depth: usize) -> Result<Extent, DocumentError> {
        let mut extent = Extent::default();
        if depth > NESTING_MAX {
            return Err(DocumentError::Nesting);
        }
        for selection in &set.items {
            let below = match &selection.node {
                Selection::Field(field) => {
                    let below = self.set(&field.node.selection_set.node, depth + 1)?;
                    below.within(&field.node.name.node)?
                }
                Selection::InlineFragment(inline) => {
                    self.set(&inline.node.selection_set.node, depth + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, depth + 1)?
                }
            };
            extent.selections = extent.selections.saturating_add(below.selections + 1);
            extent.depth = extent.depth.max(below.depth + 1);
            extent.introspected = extent.introspected.saturating_add(below.introspected);
            extent.lists = extent.lists.max(below.lists);
            if extent.selections > SELECTIONS_MAX {
                return Err(DocumentError::Selections);
            }
        }
        if extent.depth > NESTING_MAX { Err(DocumentError::Nesting) } else { Ok(extent) }
    }
}

/// Refuses names that make a response far longer than its cost.
fn check_names(document: &ExecutableDocument) -> Result<(), DocumentError> {
    let operations = document.operations.iter().map(|(_, it)| &it.node.selection_set.node);
    let fragments = document.fragments.values().map(|it| &it.node.selection_set.node);
    let mut waiting: Vec<&SelectionSet> = operations.chain(fragments).collect();
    while let Some(set) = waiting.pop() {
        let mut typenames = HashSet::new();
        gather_typenames(set, &document.fragments, &mut HashSet::new(), &mut typenames);
        if typenames.len() > TYPENAMES_MAX {
            return Err(DocumentError::Typenames);
        }
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => waiting.push(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => {
                    waiting.push(&inline.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    Ok(())
}

/// Collects a selection set's names for `__typename`, with fragments expanded.
fn gather_typenames<'d>(
    set: &'d SelectionSet,
    fragments: &'d Fragments,
    spread: &mut HashSet<&'d str>,
    typenames: &mut HashSet<&'d str>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) if field.node.name.node == "__typename" => {
                typenames.insert(field.node.response_key().node.as_str());
            }
            Selection::Field(_) => {}
            Selection::InlineFragment(inline) => {
                gather_typenames(&inline.node.selection_set.node, fragments, spread, typenames);
            }
            Selection::FragmentSpread(other) => {
                let name = other.node.fragment_name.node.as_str();
                if let Some(fragment) = fragments.get(name).filter(|_| spread.insert(name)) {
                    let set = &fragment.node.selection_set.node;
                    gather_typenames(set, fragments, spread, typenames);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_over_a_limit_are_refused() {
        let fan = |width: usize, length: usize| {
            let mut text = "{ ...F0 }".to_owned();
            for index in 0..length {
                let spread = format!(" ...F{}", index + 1).repeat(width);
                text += &format!(" fragment F{index} on Query {{ a {spread} }}");
            }
            text
        };
        let wide = |count: usize| format!("{{ {} }}", "a ".repeat(count));
        let variables: String = (0..300).map(|index| format!("$v{index}: Int ")).collect();
        let cases = [
            ("{ a ".repeat(65), "TOO_COMPLEX"),
            ("{ a ".repeat(500_000), "TOO_COMPLEX"),
            (format!("{{ a(b: {}", "[".repeat(500_000)), "TOO_COMPLEX"),
            (format!("query($a: {}", "[".repeat(500_000)), "TOO_COMPLEX"),
            (fan(2, 32), "TOO_COMPLEX"),
            (fan(1, 20_000), "TOO_COMPLEX"),
            (wide(10_001), "TOO_COMPLEX"),
            (format!("query({variables}) {{ a }}"), "TOO_COMPLEX"),
            ("{ a ".repeat(20), "GRAPHQL_PARSE_FAILED"),
        ];
        for (query, code) in cases {
            let start: String = query.chars().take(40).collect();
            assert_eq!(read(&query).map(drop).map_err(|error| error.code()), Err(code), "{start}");
        }
    }

    #[test]
    fn one_introspection_is_allowed_and_a_larger_one_is_refused() {
        let types = |lists: usize, within: &str| {
            let (open, close) = ("fields { type { ".repeat(lists), "} }".repeat(lists));
            format!("__schema {{ types {{ {open} {within} {close} }} }}")
        };
        let names = |count| "name ".repeat(count);
        let asked = |text: &str| read(text).map(drop).map_err(|error| error.code());
        for (query, answer) in [
            (format!("{{ {} }}", types(2, "name")), Ok(())),
            (format!("{{ {} }}", types(3, "name")), Err("TOO_COMPLEX")),
            (format!("{{ {} }}", types(1, &names(490))), Ok(())),
            (format!("{{ {} }}", types(1, &names(500))), Err("TOO_COMPLEX")),
            (format!("{{ {0} {0} }}", types(1, &names(300))), Err("TOO_COMPLEX")),
            ("{ ...A } fragment A on Query { __type(name: \"A\") { ...B } } fragment B on __Type { fields { type { ...C } } } fragment C on __Type { fields { type { fields { name } } } }".to_owned(), Err("TOO_COMPLEX")),
            (format!("{{ {} }}", types(2, "name").replace("__schema", "ledger")), Ok(())),
            (format!("{{ {} }}", types(3, "name").replace("__schema", "ledger")), Ok(())),
        ] {
            assert_eq!(asked(&query), answer, "{query}");
        }
    }

    #[test]
    fn names_that_lengthen_a_response_are_refused() {
        let typenames = |from: usize, to: usize| -> String {
            (from..to).map(|index| format!("a{index}: __typename ")).collect()
        };
        let refused = Err("TOO_COMPLEX");
        let cases = [
            (format!("{{ a {{ {} }} }}", typenames(0, 8)), Ok(())),
            (format!("{{ a {{ {} }} }}", typenames(0, 9)), refused),
            (format!("{{ a {{ {} ... {{ {} }} }} }}", typenames(0, 5), typenames(5, 9)), refused),
            (
                format!(
                    "{{ a {{ ...F ...G }} }} fragment F on A {{ {} }} fragment G on A {{ {} ...F }}",
                    typenames(0, 5),
                    typenames(5, 9)
                ),
                refused,
            ),
            // Clients add __typename to every set and fragment; in the response they are one.
            (format!("{{ a {{ {} }} }}", "__typename ... { __typename b } ".repeat(100)), Ok(())),
            ("{ ...F } fragment F on Query { a: __typename ...F }".to_owned(), Ok(())),
            (format!("{{ {}: a }}", "x".repeat(128)), Ok(())),
            (format!("{{ {}: a }}", "x".repeat(129)), refused),
            (format!("{{ a }} fragment F on A {{ {}: b }}", "x".repeat(129)), refused),
            (format!("{{ {} }}", "x".repeat(129)), refused),
            (format!("{{ a(b: \"{}\") }}", "x".repeat(1000)), Ok(())),
        ];
        for (query, expected) in cases {
            let start: String = query.chars().take(60).collect();
            assert_eq!(read(&query).map(drop).map_err(|error| error.code()), expected, "{start}");
        }
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_nest() {
        let brackets = "[".repeat(100);
        let queries = [
            format!("{{ a(b: \"{brackets}\") }}"),
            format!("{{ a(b: \"\\\"{brackets}\") }}"),
            format!("{{ a(b: \"\"\"\"{brackets}\\\"\"\"{brackets}\"\"\") }}"),
            format!("{{ a # {brackets}\n }}"),
            format!("{{ a(b: \"\", c: \"{brackets}\") }}"),
        ];
        for query in queries {
            assert!(read(&query).is_ok(), "{query}");
        }
    }
}
