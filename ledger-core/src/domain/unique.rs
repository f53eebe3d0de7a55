//! Maps that are read from text where no name comes twice: a parser would keep the last.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// Reads a map.
pub(super) fn map<'de, D, K, V>(reader: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord + Display,
    V: Deserialize<'de>,
{
    Unique::deserialize(reader).map(|read| read.0)
}

/// Reads a map of maps.
pub(super) fn maps<'de, D, K, L, V>(reader: D) -> Result<BTreeMap<K, BTreeMap<L, V>>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord + Display,
    L: Deserialize<'de> + Ord + Display,
    V: Deserialize<'de>,
{
    let read: Unique<K, Unique<L, V>> = Unique::deserialize(reader)?;
    Ok(read.0.into_iter().map(|(name, within)| (name, within.0)).collect())
}

struct Unique<K, V>(BTreeMap<K, V>);

impl<'de, K, V> Deserialize<'de> for Unique<K, V>
where
    K: Deserialize<'de> + Ord + Display,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(Members(PhantomData)).map(Unique)
    }
}

struct Members<K, V>(PhantomData<(K, V)>);

impl<'de, K, V> Visitor<'de> for Members<K, V>
where
    K: Deserialize<'de> + Ord + Display,
    V: Deserialize<'de>,
{
    type Value = BTreeMap<K, V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((name, value)) = members.next_entry::<K, V>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom(format!("{name} is given twice: give it once")));
            }
            map.insert(name, value);
        }
        Ok(map)
    }
}
