//! The JSON of variables: no object gives a name twice, and the number of values is bounded.

use std::cell::Cell;
use std::fmt;

use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Value, Variables};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::limits::VALUES_MAX;

/// The variables of a query string.
pub(super) struct Given(pub(super) Variables);

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        read(json).map(Given)
    }
}

/// Reads variables from a JSON object or null.
pub(super) fn read<'de, D: Deserializer<'de>>(json: D) -> Result<Variables, D::Error> {
    let left = Cell::new(VALUES_MAX);
    match (Json { left: &left }).deserialize(json)? {
        value @ Value::Object(_) => Ok(Variables::from_value(value)),
        Value::Null => Ok(Variables::default()),
        Value::Number(_)
        | Value::String(_)
        | Value::Boolean(_)
        | Value::Binary(_)
        | Value::Enum(_)
        | Value::List(_) => Err(D::Error::custom("the variables must be one JSON object")),
    }
}

/// Reads any JSON value, while some number of values is left.
#[derive(Clone, Copy)]
struct Json<'l> {
    left: &'l Cell<usize>,
}

impl Json<'_> {
    /// Counts a name or value.
    fn count<E: Error>(self) -> Result<(), E> {
        let too_many = || E::custom(format!("there are more than {VALUES_MAX} names and values"));
        self.left.set(self.left.get().checked_sub(1).ok_or_else(too_many)?);
        Ok(())
    }

    fn one<E: Error>(self, value: Value) -> Result<Value, E> {
        self.count().map(|()| value)
    }
}

impl<'de> DeserializeSeed<'de> for Json<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Json<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.one(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        self.one(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        self.deserialize(json)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.one(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.one(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.one(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.one(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.one(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        self.one(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.count()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.count()?;
        let mut object = IndexMap::new();
        while let Some(name) = members.next_key::<String>()? {
            self.count()?;
            let value = members.next_value_seed(self)?;
            let name = Name::new(name);
            if object.contains_key(&name) {
                let message = format!("the field {name} is given twice in one object");
                return Err(A::Error::custom(message));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::GraphQlRequest;
    use super::*;

    fn taken(variables: &str) -> Result<Variables, String> {
        let body = format!("{{\"query\":\"{{a}}\",\"variables\":{variables}}}");
        let request = GraphQlRequest::from_body(body.as_bytes());
        request.map(|request| request.variables).map_err(|error| error.to_string())
    }

    #[test]
    fn a_field_is_given_once_in_an_object_at_any_depth() {
        for (variables, repeated) in [
            (r#"{"a":1,"a":2}"#, true),
            (r#"{"a":{"b":1,"b":1}}"#, true),
            (r#"{"a":[{"b":1},{"c":[{"d":{},"d":null}]}]}"#, true),
            ("{\"a\":1,\"\\u0061\":2}", true),
            (r#"{"a":{"b":1},"b":{"b":1}}"#, false),
            (r#"{"a":[{"b":1},{"b":1}]}"#, false),
            (r#"{"a":1,"A":2}"#, false),
        ] {
            let refused = taken(variables).err();
            assert_eq!(refused.is_some(), repeated, "{variables}");
            assert!(refused.is_none_or(|error| error.contains("given twice")), "{variables}");
        }
    }

    #[test]
    fn every_value_is_read_as_it_is() {
        let json = r#"{"a":[null,true,-1,18446744073709551615,1.5,"é",{"b":[]}]}"#;
        let variables = taken(json).unwrap().into_value();
        assert_eq!(variables.into_json().unwrap().to_string(), json);
        assert_eq!(taken("null").unwrap(), Variables::default());
    }

    #[test]
    fn variables_have_a_bounded_number_of_values() {
        let list = |count: usize| format!("{{\"a\":[{}1]}}", "1,".repeat(count - 1));
        // The object, the name and the list count too.
        assert!(taken(&list(VALUES_MAX - 3)).is_ok());
        assert!(taken(&list(VALUES_MAX - 2)).unwrap_err().contains("more than 100000"));
        assert!(taken(&format!("{{\"a\":[{}{{}}]}}", "{},".repeat(VALUES_MAX))).is_err());
    }
}
