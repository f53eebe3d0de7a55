//! Followers that lose their connection again and again while postings go on.

use std::thread;

use ledger_tests::generate::Random;
use ledger_tests::{demo_head, rounds};
use serde_json::{Value, json};

use crate::process::Server;

const ENTRIES: &str =
    "subscription Entries($after: AsAt!) { entries(after: $after) { position recordedAt } }";

/// What a follower goes on from.
#[derive(Clone, Copy)]
enum By {
    /// The position of the last entry it saw.
    Position,
    /// The time of the last entry but one. Entries of one block share their time, so it begins a
    /// little early and passes over what it has seen.
    Time,
}

/// Follows entries, dropping its socket at random so many times, until it has seen as many as
/// are posted.
fn follow(server: &Server, by: By, drops: u64, postings: u64) -> Vec<u64> {
    let mut random = Random(drops + postings);
    let mut seen: Vec<u64> = Vec::new();
    let mut times: Vec<Value> = Vec::new();
    let mut connections = 0;
    while (seen.len() as u64) < postings {
        let last = seen.last().copied().unwrap_or(demo_head());
        let after = match (by, times.len().checked_sub(2)) {
            (By::Time, Some(before)) => json!({ "recordedAt": times[before] }),
            (By::Time, None) | (By::Position, _) => json!({ "position": last.to_string() }),
        };
        let mut socket = server.begun();
        socket.subscribe("1", ENTRIES, &json!({ "after": after }));
        connections += 1;
        let left = postings - seen.len() as u64;
        let until =
            if connections > drops { left } else { 1 + random.below(postings / drops).min(left) };
        let enough = seen.len() + usize::try_from(until.min(left)).unwrap();
        while seen.len() < enough {
            let message = socket.hear();
            let entry = &message["payload"]["data"]["entries"];
            let text = entry["position"].as_str().unwrap_or_else(|| panic!("{message}"));
            let position = text.parse().unwrap();
            if matches!(by, By::Position) || position > last {
                seen.push(position);
                times.push(entry["recordedAt"].clone());
            }
        }
        // Without a word: the server finds out by itself.
        drop(socket);
    }
    assert!(connections > drops, "{connections} connections");
    seen
}

#[test]
fn who_drops_at_random_and_resumes_sees_each_entry_once_and_in_order() {
    let (drops, postings) = (rounds(50, 10), rounds(10_000, 400));
    let server = Server::demo(&[]);
    let expected: Vec<u64> = (demo_head() + 1..=demo_head() + postings).collect();
    thread::scope(|scope| {
        let follow = |by| follow(&server, by, drops, postings);
        let followers = [By::Position, By::Time].map(|by| scope.spawn(move || follow(by)));
        for number in 0..postings {
            server.register(&format!("T{number}"));
        }
        for follower in followers {
            assert!(follower.join().unwrap() == expected, "an entry was missed or told twice");
        }
    });
}
