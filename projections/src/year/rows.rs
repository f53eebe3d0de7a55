//! Serialises hash maps as rows, sorted by key, for snapshots.

use std::hash::Hash;

use hashbrown::HashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) fn serialize<K: Serialize + Ord, V: Serialize, S: Serializer>(
    table: &HashMap<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut rows: Vec<(&K, &V)> = table.iter().collect();
    rows.sort_unstable_by_key(|(key, _)| *key);
    serializer.collect_seq(rows)
}

pub(super) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<HashMap<K, V>, D::Error>
where
    K: Deserialize<'de> + Hash + Eq,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
}
