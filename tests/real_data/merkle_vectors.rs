//! The tree over entries, checked with the vectors of transparency-dev/merkle.

use std::path::Path;

use ledger_core::log::merkle::{Frontier, Hash};
use ledger_tests::generate::parsed;
use ledger_tests::real_data;
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
struct EightLeaves {
    leaf_inputs_hex: Vec<String>,
    root_hash_hex_by_size: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    file: String,
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    file: String,
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    want_err: bool,
}

fn read<T: DeserializeOwned>(folder: &Path, name: &str) -> T {
    let text = std::fs::read_to_string(folder.join("merkle").join(name)).expect(name);
    serde_json::from_str(&text).expect(name)
}

impl EightLeaves {
    fn read(folder: &Path) -> Self {
        read(folder, "rfc6962_8leaf.json")
    }

    fn leaves(&self) -> Vec<Hash> {
        self.leaf_inputs_hex.iter().map(|hex| Hash::leaf(&bytes_of_hex(hex))).collect()
    }

    /// The published roots of each size, from 0 leaves up.
    fn roots(&self) -> Vec<Hash> {
        self.root_hash_hex_by_size.iter().map(|hex| parsed(hex)).collect()
    }
}

fn bytes_of_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().map(|digit| digit.to_digit(16).expect(hex)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect(hex)).collect()
}

/// The hash in a base64 text; None where that is not 32 bytes, as in some of the bad vectors.
fn hash_of_base64(text: &str) -> Option<Hash> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut bytes) = (0_u32, 0_u32, Vec::new());
    for digit in text.trim_end_matches('=').bytes() {
        let value = DIGITS.iter().position(|known| *known == digit).expect(text);
        bits = (bits << 6) | u32::try_from(value).expect("below 64");
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    <[u8; 32]>::try_from(bytes).ok().map(Hash::from)
}

/// The root an audit path leads to, by RFC 9162 section 2.1.3.2, with this crate's hashes.
fn root_of_path(index: u64, size: u64, leaf: Hash, path: &[Hash]) -> Option<Hash> {
    let (mut node, mut last) = (index, size.checked_sub(1)?);
    if index > last {
        return None;
    }
    let mut root = leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            root = Hash::node(sibling, &root);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            root = Hash::node(&root, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(root)
}

impl Inclusion {
    fn holds(&self) -> bool {
        let path = self.proof.iter().flatten().map(|node| hash_of_base64(node));
        let Some(path) = path.collect::<Option<Vec<Hash>>>() else { return false };
        let Some(leaf) = hash_of_base64(&self.leaf_hash) else { return false };
        let root = root_of_path(self.leaf_idx, self.tree_size, leaf, &path);
        root.is_some() && root == hash_of_base64(&self.root)
    }
}

#[test]
fn the_tree_has_the_published_root_at_every_size() {
    let Some(folder) = real_data() else { return };
    let published = EightLeaves::read(&folder);
    let (leaves, roots) = (published.leaves(), published.roots());
    assert_eq!((leaves.len(), roots.len()), (8, 9));
    let mut one_by_one = Frontier::default();
    for (size, root) in roots.iter().enumerate() {
        assert_eq!(one_by_one.root(), *root, "{size} leaves, one by one");
        let mut at_once = Frontier::default();
        at_once.extend(&leaves[..size]);
        assert_eq!(at_once.root(), *root, "{size} leaves at once");
        if let Some(leaf) = leaves.get(size) {
            one_by_one.push(*leaf);
        }
    }
}

#[test]
fn audit_paths_over_our_hashes_hold_exactly_where_the_vectors_say() {
    let Some(folder) = real_data() else { return };
    let vectors: Vec<Inclusion> = read(&folder, "inclusion.json");
    assert_eq!(vectors.len(), 98);
    for vector in &vectors {
        assert_eq!(vector.holds(), !vector.want_err, "{}", vector.file);
    }
}

#[test]
fn roots_of_consistent_trees_are_roots_the_tree_had_at_those_sizes() {
    let Some(folder) = real_data() else { return };
    let leaves = EightLeaves::read(&folder).leaves();
    let vectors: Vec<Consistency> = read(&folder, "consistency.json");
    let mut compared = 0;
    for vector in vectors.iter().filter(|vector| !vector.want_err && vector.size2 > 1) {
        for (size, root) in [(vector.size1, &vector.root1), (vector.size2, &vector.root2)] {
            let mut tree = Frontier::default();
            tree.extend(&leaves[..usize::try_from(size).expect("a small size")]);
            assert_eq!(Some(tree.root()), hash_of_base64(root), "{} at {size}", vector.file);
            compared += 1;
        }
    }
    assert_eq!(compared, 8, "four pairs of sizes");
}
