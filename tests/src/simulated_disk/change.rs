//! Changes to a simulated disk, and their survival of a power cut.

use std::collections::BTreeMap;

use crate::generate::Random;

const SECTOR: usize = 512;

/// A change to a file.
pub(super) enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { length: usize },
}

/// A change to the names of a folder.
pub(super) enum NameChange {
    Add(String, usize),
    Rename(String, String, usize),
    Remove(String),
}

pub(super) fn apply_name(names: &mut BTreeMap<String, usize>, change: &NameChange) {
    match change {
        NameChange::Add(name, file) => drop(names.insert(name.clone(), *file)),
        NameChange::Rename(from, to, file) => {
            names.remove(from);
            names.insert(to.clone(), *file);
        }
        NameChange::Remove(name) => drop(names.remove(name)),
    }
}

pub(super) fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, bytes: written } => put(bytes, *offset, written),
        Change::Truncate { length } => bytes.truncate(*length),
    }
}

fn put(bytes: &mut Vec<u8>, offset: usize, written: &[u8]) {
    let until = offset + written.len();
    if bytes.len() < until {
        bytes.resize(until, 0);
    }
    if let Some(place) = bytes.get_mut(offset..until) {
        place.copy_from_slice(written);
    }
}

/// Applies to the medium what a power cut leaves of a change.
pub(super) fn survive(kept: &mut Vec<u8>, change: Change, random: &mut Random) {
    let Change::Write { offset, bytes } = change else {
        if random.below(2) == 0 {
            apply(kept, &change);
        }
        return;
    };
    let until = offset + bytes.len();
    match random.below(5) {
        0 => {}
        1 => put(kept, offset, &bytes),
        2 => {
            let length = random.below(bytes.len() as u64 + 1) as usize;
            put(kept, offset, bytes.get(..length).unwrap_or_default());
        }
        odds => {
            let mut at = offset;
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let length = (SECTOR - at % SECTOR).min(rest.len());
                let (sector, after) = rest.split_at(length);
                if random.below(8) < odds * 2 - 1 {
                    put(kept, at, sector);
                }
                at += length;
                rest = after;
            }
        }
    }
    // The new length may survive without the bytes it covers.
    if random.below(2) == 0 && kept.len() < until {
        kept.resize(until, 0);
    }
}
