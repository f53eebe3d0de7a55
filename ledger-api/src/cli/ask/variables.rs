//! Variables of documents: enum members in capitals, moments, and objects joined.

use projections::AsAt;
use serde::Serialize;
use serde_json::{Value, json};

/// A member of a GraphQL enum, from a value that serialises as its name.
pub(in crate::cli) fn member(value: impl Serialize) -> Value {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => Value::String(capitals(&name)),
        Ok(other) => other,
        Err(_) => Value::Null,
    }
}

/// A moment, as the input type `AsAt` takes it.
pub(in crate::cli) fn as_at(moment: AsAt) -> Value {
    match moment {
        AsAt::Now => Value::Null,
        AsAt::Position(position) => json!({ "position": position.to_string() }),
        AsAt::Recorded(time) => json!({ "recordedAt": time.to_string() }),
    }
}

/// The text of a value; null without one.
pub(in crate::cli) fn text(value: Option<impl ToString>) -> Value {
    value.map(|value| value.to_string()).into()
}

/// The members of both objects.
pub(in crate::cli) fn with(mut variables: Value, more: Value) -> Value {
    if let (Value::Object(variables), Value::Object(more)) = (&mut variables, more) {
        variables.extend(more);
    }
    variables
}

/// `gpPractice` as `GP_PRACTICE`.
fn capitals(name: &str) -> String {
    let mut capitals = String::with_capacity(name.len() + 4);
    for char in name.chars() {
        if char.is_ascii_uppercase() {
            capitals.push('_');
        }
        capitals.push(char.to_ascii_uppercase());
    }
    capitals
}

/// `GP_PRACTICE` as `gpPractice`.
pub(in crate::cli) fn camel_case(name: &str) -> String {
    let mut words = name.split('_').map(str::to_ascii_lowercase);
    let mut camel = words.next().unwrap_or_default();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_members_go_both_ways() {
        for (ours, schema) in [("trust", "TRUST"), ("gpPractice", "GP_PRACTICE")] {
            assert_eq!((capitals(ours), camel_case(schema)), (schema.to_owned(), ours.to_owned()));
        }
    }
}
