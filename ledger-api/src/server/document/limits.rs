//! The limits of a document.

/// The deepest nesting of brackets, and of fragment spreads.
pub(crate) const NESTING_MAX: usize = 64;

/// The most names, values and marks of a document. The standard introspection has about 300.
pub(crate) const TOKENS_MAX: usize = 20_000;

/// The most names and values of the variables.
pub(crate) const VALUES_MAX: usize = 100_000;

/// The most fields and spreads of a document, with fragments expanded.
pub(crate) const SELECTIONS_MAX: usize = 10_000;

/// The deepest nesting of member lists in an introspection, as in graphql-js. The standard
/// introspection needs one level, and every further level multiplies the response.
pub(crate) const INTROSPECTED_LISTS_MAX: usize = 2;

/// The most fields and spreads of a document's introspections, with fragments expanded. The standard
/// introspection has about 200.
pub(crate) const INTROSPECTED_MAX: usize = 500;

/// The most variables of a document.
pub(crate) const VARIABLES_MAX: usize = 256;

/// The longest name, in bytes. An alias is repeated for every item of a list, and an unknown field is
/// compared with all known ones.
pub(crate) const NAME_BYTES_MAX: usize = 128;

/// The most names for `__typename` in one selection set. The cost of an operation does not count it.
pub(crate) const TYPENAMES_MAX: usize = 8;
