//! Tables of the ledger's state, which fork without copying.

use std::hash::Hash;

use hashbrown::HashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A map. A fork reads its base's rows and writes its own.
///
/// Batches, previews and what-if all decide and apply on a fork, which is then dropped.
#[derive(Debug)]
pub(crate) struct Table<'b, K, V> {
    base: Option<&'b Table<'b, K, V>>,
    own: HashMap<K, V>,
}

impl<K, V> Default for Table<'_, K, V> {
    fn default() -> Self {
        Table { base: None, own: HashMap::new() }
    }
}

impl<K: Hash + Eq, V> From<Vec<(K, V)>> for Table<'_, K, V> {
    fn from(rows: Vec<(K, V)>) -> Self {
        Table { base: None, own: rows.into_iter().collect() }
    }
}

impl<'b, K: Hash + Ord + Clone, V: Clone> Table<'b, K, V> {
    /// A table with this one's rows. Changes to it leave this one as it is.
    pub(crate) fn fork(&'b self) -> Table<'b, K, V> {
        Table { base: Some(self), own: HashMap::new() }
    }

    /// The rows of its own, on another base.
    pub(crate) fn onto<'c>(self, base: Option<&'c Table<'c, K, V>>) -> Table<'c, K, V> {
        Table { base, own: self.own }
    }

    /// The row of a key.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.own.get(key).or_else(|| self.base.and_then(|base| base.get(key)))
    }

    /// Whether a key has a row.
    pub(crate) fn contains(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// The row of a key, for changing. A fork copies it first.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        if let Some(base) = self.base
            && !self.own.contains_key(key)
        {
            self.own.insert(key.clone(), base.get(key)?.clone());
        }
        self.own.get_mut(key)
    }

    /// The row of a key, for changing; made by `new` where absent.
    pub(crate) fn get_or_insert_with(&mut self, key: &K, new: impl FnOnce() -> V) -> &mut V {
        let base = self.base;
        self.own
            .entry_ref(key)
            .or_insert_with(|| base.and_then(|base| base.get(key)).cloned().unwrap_or_else(new))
    }

    /// Sets the row of a key.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.own.insert(key, value);
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        let Some(base) = self.base else { return self.own.len() };
        let new = self.own.keys().filter(|key| !base.contains(key)).count();
        base.len().saturating_add(new)
    }

    /// Every row, in no order.
    pub(crate) fn rows(&self) -> Box<dyn Iterator<Item = (&K, &V)> + '_> {
        let base = self.base.into_iter().flat_map(Table::rows);
        let unchanged = base.filter(|(key, _)| !self.own.contains_key(*key));
        Box::new(self.own.iter().chain(unchanged))
    }

    /// Every key, sorted. The order of a hash map must never reach an event.
    pub(crate) fn sorted_keys(&self) -> Vec<K> {
        let mut keys: Vec<K> = self.own.keys().cloned().collect();
        if let Some(base) = self.base {
            keys.extend(base.sorted_keys());
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// Writes the rows in key order, so that snapshots of one state are equal.
impl<K: Hash + Ord + Clone + Serialize, V: Clone + Serialize> Serialize for Table<'_, K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_seq(self.sorted_keys().iter().filter_map(|key| Some((key, self.get(key)?))))
    }
}

impl<'de, K, V> Deserialize<'de> for Table<'_, K, V>
where
    K: Hash + Eq + Deserialize<'de>,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_sees_its_base_and_never_changes_it() {
        let mut base = Table::default();
        base.insert(1, "one");
        base.insert(2, "two");
        let mut fork = base.fork();
        *fork.get_mut(&2).expect("in the base") = "deux";
        *fork.get_or_insert_with(&1, || "new") = "un";
        fork.get_or_insert_with(&3, || "trois");
        assert_eq!(fork.get_mut(&4), None);
        let rows = |table: &Table<'_, i32, &'static str>| {
            table.sorted_keys().iter().filter_map(|key| table.get(key).copied()).collect::<Vec<_>>()
        };
        assert_eq!(rows(&fork), ["un", "deux", "trois"]);
        let mut unsorted: Vec<_> = fork.rows().map(|(_, value)| *value).collect();
        unsorted.sort_unstable();
        assert_eq!(unsorted, ["deux", "trois", "un"]);
        assert_eq!(rows(&fork.fork()), ["un", "deux", "trois"]);
        assert_eq!(rows(&base), ["one", "two"]);
    }

    #[test]
    fn a_table_reads_back_what_it_writes() {
        let mut table = Table::default();
        table.insert(2, "two".to_owned());
        table.insert(1, "one".to_owned());
        let text = serde_json::to_string(&table).expect("writes");
        assert_eq!(text, r#"[[1,"one"],[2,"two"]]"#);
        let back: Table<'_, i32, String> = serde_json::from_str(&text).expect("reads");
        assert_eq!(back.sorted_keys(), [1, 2]);
    }
}
