//! The bytes of stored entries stay the same: old lines are read, hashed and written unchanged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use ledger_core::canonical;
use ledger_core::domain::event::Event;
use ledger_core::domain::sign_off::SignOffPolicy;
use ledger_core::log::entry::Entry;
use ledger_core::log::merkle::Hash;
use ledger_tests::rounds;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::every_payload::{kind, kinds, written_today};
use crate::live_book::LiveBook;
use crate::stream::Stream;

/// Set to 1, appends to the fixture the entries that it lacks, for a new kind of payload. Entries
/// once written stay.
const REFRESH: &str = "LEDGER_REFRESH_FIXTURES";

/// The entries of the fixture that later rules decide otherwise, with the members that differ when
/// they are posted anew: a warning of a month to come (51), and investments counted by the programme
/// above (56, 62, 65 and 66).
const DECIDED_OTHERWISE: [(usize, &[&str]); 5] = [
    (51, &["warnings"]),
    (56, &["events"]),
    (62, &["events"]),
    (65, &["events"]),
    (66, &["events"]),
];

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn committed(name: &str, today: &str) -> String {
    let path = fixture(name);
    if std::env::var_os(REFRESH).is_some_and(|refresh| refresh == "1") {
        let kept = std::fs::read_to_string(&path).unwrap();
        let added = today.lines().skip(kept.lines().count()).map(|line| format!("{line}\n"));
        std::fs::write(&path, kept + &added.collect::<String>()).unwrap();
    }
    std::fs::read_to_string(&path).unwrap()
}

/// The leaf hash of RFC 6962, computed without the program.
fn leaf(line: &str) -> [u8; 32] {
    Sha256::new().chain_update([0]).chain_update(line).finalize().into()
}

/// Reads a line with both readers, and writes the entry again.
fn read_and_written(line: &str) -> String {
    let entry = Entry::from_line(line.as_bytes()).unwrap();
    let by_serde: Entry<'_> = serde_json::from_str(line).unwrap();
    assert_eq!(entry, by_serde, "the two readers differ on {line}");
    let mut bytes = Vec::new();
    canonical::write(&mut bytes, &entry).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The members of an entry that differ in another.
fn differing(line: &str, other: &str) -> BTreeSet<String> {
    let [line, other]: [BTreeMap<String, Value>; 2] =
        [line, other].map(|line| serde_json::from_str(line).unwrap());
    let members = line.keys().chain(other.keys());
    members.filter(|member| line.get(*member) != other.get(*member)).cloned().collect()
}

#[test]
fn the_program_writes_the_same_bytes_as_earlier_versions() {
    let today = written_today();
    let before = committed("entries-v1.jsonl", &today);
    assert_eq!(today.lines().count(), before.lines().count());
    let lines = today.lines().zip(before.lines()).zip(1..);
    let otherwise = lines.filter(|((line, as_before), _)| line != as_before);
    let otherwise = otherwise.map(|((line, as_before), at)| (at, differing(line, as_before)));
    let expected = DECIDED_OTHERWISE
        .map(|(at, members)| (at, members.iter().map(|member| (*member).to_owned()).collect()));
    assert_eq!(otherwise.collect::<Vec<_>>(), expected);
    for line in before.lines() {
        assert_eq!(read_and_written(line), line);
    }
}

#[test]
fn leaf_hashes_of_entries_once_written_never_change() {
    let lines = committed("entries-v1.jsonl", &written_today());
    let hex = |line| leaf(line).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let leaves: String = lines.lines().map(|line| hex(line) + "\n").collect();
    assert_eq!(committed("entries-v1.leaves", &leaves), leaves);
    for line in lines.lines() {
        assert_eq!(Hash::leaf(line.as_bytes()), Hash::from(leaf(line)));
    }
}

#[test]
fn a_book_from_before_sign_off_still_opens() {
    let line = std::fs::read_to_string(fixture("genesis-before-sign-off.jsonl")).unwrap();
    let expected = std::fs::read_to_string(fixture("genesis-before-sign-off.leaf")).unwrap();
    let line = line.trim_end();
    assert_eq!(Hash::leaf(line.as_bytes()).to_string(), expected.trim_end());
    let entry = Entry::from_line(line.as_bytes()).unwrap();
    let Some(Event::BookOpened(opened)) = entry.events.first() else { panic!("{line}") };
    assert_eq!(opened.policy.sign_off, SignOffPolicy::default());
}

#[test]
fn the_fixture_has_every_kind_of_payload_and_every_optional_member() {
    let lines = committed("entries-v1.jsonl", &written_today());
    let entries: Vec<_> =
        lines.lines().map(|line| Entry::from_line(line.as_bytes()).unwrap()).collect();
    let found: BTreeSet<&str> =
        entries.iter().flat_map(|entry| &entry.events).map(|event: &Event| kind(event)).collect();
    let missing: Vec<_> = kinds().into_iter().filter(|kind| !found.contains(kind)).collect();
    assert!(missing.is_empty(), "no entry with {missing:?}");
    let members = [
        "authority",
        "evidence",
        "inferred",
        "warnings",
        "parent",
        "openedOn",
        "concerns",
        "discharges",
        "transaction",
        "accountingClass",
        "phasing",
        "month",
        "fund",
        "outside",
    ];
    for member in members {
        assert!(lines.contains(&format!("\"{member}\":")), "no entry with {member}");
    }
}

#[test]
fn an_entry_read_and_written_again_has_the_same_bytes() {
    let fixture = committed("entries-v1.jsonl", &written_today());
    let streams = (500..500 + rounds(100, 12)).map(|seed| {
        let mut stream = Stream::new(seed);
        LiveBook::of_stream(&mut stream, 200).export()
    });
    let mut entries = 0;
    for lines in std::iter::once(fixture).chain(streams) {
        for line in lines.lines() {
            assert_eq!(read_and_written(line), line);
            assert!(line.starts_with("{\"position\":"));
            entries += 1;
        }
    }
    assert!(entries > 500, "only {entries} entries");
}
