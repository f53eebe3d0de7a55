//! The access log's trails survive kills, are shared by processes, and are checked by `verify`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ledger_api::access::log::Recorder;
use ledger_api::access::log::record::{AccessEvent, Record};
use ledger_api::access::log::trail::{Trail, TrailError, TrailWriter};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::log::segments::Disk;
use ledger_tests::simulated_disk::{Faults, SimulatedDisk};
use serde_json::Value;

use crate::desk::{Desk, bearer};
use crate::process::{PATIENCE, Server, program};

const QUESTION: &str = r#"{"query":"{ledger{head}}"}"#;

/// The file with the records of a trail.
fn file(desk: &Desk, trail: &str) -> PathBuf {
    desk.path().join("access").join(trail).join("00000000000000000001.jsonl")
}

/// The number of refusals that a server has recorded one by one.
fn refusals(desk: &Desk) -> usize {
    let text = fs::read_to_string(file(desk, "server")).unwrap_or_default();
    text.matches("\"denied\"").count()
}

/// Makes a server deny a question and waits for its record. Each is another one: equal refusals are
/// counted together.
fn refuse(desk: &Desk, server: &Server, viewer: &str) {
    let before = refusals(desk);
    let mutation = format!(
        "mutation A{before} {{ registerBody(input: {{ code: \\\"AAA\\\", name: \\\"A\\\", kind: TRUST, reason: \\\"A test\\\", idempotencyKey: \\\"k\\\" }}) {{ position }} }}"
    );
    let body = format!("{{\"query\":\"{mutation}\"}}");
    let answer = server.post(&body, &[("authorization", &bearer(viewer))]);
    assert_eq!(answer.status, 403, "{answer:?}");
    let until = Instant::now() + PATIENCE;
    while refusals(desk) == before {
        assert!(Instant::now() < until, "the refusal was not recorded");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_flood_of_bad_tokens_takes_two_records_and_few_lines() {
    let desk = Desk::new();
    let mut server = desk.serve();
    let flood = 300;
    for _ in 0..flood {
        let answer = server.post(QUESTION, &[("authorization", "Bearer blk_nobody")]);
        assert_eq!(answer.code(), "UNKNOWN_KEY");
    }
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let lines = server.log().iter().filter(|line| line.contains("answered")).count();
    assert!((1..=40).contains(&lines), "{lines} lines");
    let ned = desk.key("ned", "--role auditor");
    let log = desk.access_log(&ned.token);
    let refused: Vec<&str> = log
        .iter()
        .filter(|(what, _)| what == "signInRefused")
        .map(|(_, particulars)| particulars.as_str())
        .collect();
    // An interval may end within the flood.
    let first = refused.first().copied();
    assert_eq!(first, Some("UNKNOWN_KEY"), "{refused:?}");
    let counted = |said: &&str| {
        said.strip_prefix("UNKNOWN_KEY, ")?.strip_suffix(" more times")?.parse::<usize>().ok()
    };
    let more: usize = refused.iter().filter_map(counted).sum();
    let written = refused.iter().filter(|said| **said == "UNKNOWN_KEY").count();
    assert_eq!(written + more, flood, "{refused:?}");
    assert!(refused.len() <= 4, "{refused:?}");
}

#[test]
fn a_server_that_is_short_of_room_records_nothing_and_goes_on() {
    let desk = Desk::new();
    let data = desk.path().to_str().unwrap();
    // More than any disk has.
    let room = (1_u64 << 40).to_string();
    let mut server = Server::start(program(&[
        "serve",
        "--data",
        data,
        "--listen",
        "127.0.0.1:0",
        "--room",
        &room,
    ]));
    let answer = server.post(QUESTION, &[("authorization", "Bearer blk_nobody")]);
    assert_eq!(answer.code(), "UNKNOWN_KEY");
    assert_eq!(server.post(QUESTION, &[("authorization", &bearer(&desk.bob))]).status, 200);
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let said = server.log().join("\n");
    assert!(said.contains("MiB are free, which are kept for the book"), "{said}");
    let recorded = fs::read_to_string(file(&desk, "server")).unwrap_or_default();
    assert!(!recorded.contains("\"at\""), "{recorded}");
}

/// The exit code and the message of a server that does not start.
fn refused_server(desk: &Desk) -> (Option<i32>, String) {
    let data = desk.path().to_str().unwrap();
    let mut command = program(&["serve", "--data", data, "--listen", "127.0.0.1:0"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_killed_server_leaves_every_recorded_event() {
    let desk = Desk::new();
    let ned = desk.key("ned", "--role auditor");
    let val = desk.key("val", "--role viewer");
    // Enough batches to fill space ahead of the records.
    let rounds = 20;
    for kill in 1..=2 {
        let mut server = desk.serve();
        for _ in 0..rounds {
            refuse(&desk, &server, &val.token);
        }
        if kill == 2 {
            // One more record, which the kill may cut.
            server.post(QUESTION, &[("authorization", &bearer(&ned.token))]);
        }
        server.signal("KILL");
        server.wait();
        assert!(
            file(&desk, "server").metadata().unwrap().len() > 256 << 10,
            "no space was filled ahead"
        );
        let log = desk.access_log(&ned.token);
        let recorded = log.iter().filter(|(what, _)| what == "denied").count();
        assert_eq!(recorded, kill * rounds, "after {kill} kills");
        desk.does("verify", &ned.token);
    }
    let mut server = desk.serve();
    refuse(&desk, &server, &val.token);
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0), "{:?}", server.log());
    assert!(file(&desk, "server").metadata().unwrap().len() < 32 << 10, "the fill was not removed");
    desk.does("verify", &ned.token);
    assert_eq!(refusals(&desk), 2 * rounds + 1);
}

#[test]
fn a_trail_cut_at_its_end_is_found() {
    let desk = Desk::new();
    let val = desk.key("val", "--role viewer");
    let mut server = desk.serve();
    refuse(&desk, &server, &val.token);
    refuse(&desk, &server, &val.token);
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0), "{:?}", server.log());
    desk.does("verify", &desk.bob);
    for trail in ["server", "keys"] {
        let path = file(&desk, trail);
        let whole = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = whole.split_inclusive('\n').collect();
        fs::write(&path, lines[..lines.len() - 2].concat()).unwrap();
        let output = desk.run("verify --format json", &desk.bob);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(6), "{said}");
        assert!(said.contains("ACCESS_LOG_DAMAGED"), "{said}");
        assert!(said.contains(&format!("access/{trail} is damaged at record ")), "{said}");
        fs::write(&path, whole).unwrap();
    }
    desk.does("verify", &desk.bob);
    // Damage before the last clean stop does not stop a server: `verify` finds it.
    let path = file(&desk, "server");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replacen("mutation A0", "mutation B0", 1)).unwrap();
    let mut server = desk.serve();
    refuse(&desk, &server, &val.token);
    server.signal("KILL");
    server.wait();
    let (exit, code) = desk.refuses("verify", &desk.bob);
    assert_eq!((exit, code.as_str()), (6, "ACCESS_LOG_DAMAGED"));
    // Damage after the last clean stop does: a server adds nothing to a damaged trail.
    let mut changed = fs::read_to_string(&path).unwrap();
    let last = changed.rfind("mutation A").unwrap();
    changed.replace_range(last..last + 10, "mutation B");
    fs::write(&path, changed).unwrap();
    let (code, said) = refused_server(&desk);
    assert_eq!(code, Some(6), "{said}");
    assert!(said.contains("00000000000000000001.jsonl is damaged at record 2: "), "{said}");
}

#[test]
fn a_second_server_on_a_folder_is_refused() {
    let desk = Desk::new();
    let server = desk.serve();
    let (code, said) = refused_server(&desk);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("access/server"), "{said}");
    assert_eq!(server.get("/health").status, 200);
}

#[test]
fn concurrent_changes_of_keys_lose_nothing() {
    let desk = Desk::new();
    let server = desk.serve();
    let people: Vec<String> = (0..8).map(|number| format!("person-{number}")).collect();
    let make = |person: &str| {
        let made = desk.pending(person, "--role viewer");
        desk.does(&format!("keys confirm {}", made.id), &desk.bob);
        made.token
    };
    let made: Vec<String> = thread::scope(|scope| {
        let make = &make;
        let making: Vec<_> =
            people.iter().map(|person| scope.spawn(move || make(person))).collect();
        // A sign-in meanwhile never reports a file changed by hand.
        for _ in 0..10 {
            desk.does("funds", &desk.bob);
        }
        making.into_iter().map(|made| made.join().unwrap()).collect()
    });
    let keys = desk.does("keys list --format json", &desk.ada);
    let standing = |key: &Value| {
        let text = |name: &str| key[name].as_str().unwrap().to_owned();
        (text("actor"), text("standing"))
    };
    let listed: BTreeSet<_> = keys.as_array().unwrap().iter().map(standing).collect();
    let valid = |person: &str| (person.to_owned(), "valid".to_owned());
    let expected = people.iter().map(|person| valid(person)).chain(["ada", "bob"].map(valid));
    assert_eq!(listed, expected.collect());
    for token in &made {
        desk.does("funds", token);
    }
    let until = Instant::now() + PATIENCE;
    let signed_in = bearer(made.last().unwrap());
    while server.post(QUESTION, &[("authorization", &signed_in)]).status != 200 {
        assert!(Instant::now() < until, "the server does not see the keys");
        thread::sleep(Duration::from_millis(50));
    }
    let ned = desk.key("ned", "--role auditor");
    let log = desk.access_log(&ned.token);
    let count = |what: &str| log.iter().filter(|(name, _)| name == what).count();
    assert_eq!((count("keyMade"), count("keyConfirmed")), (9, 9));
    let refused =
        log.iter().filter(|(what, said)| what == "signInRefused" && said != "UNKNOWN_KEY");
    assert_eq!(refused.count(), 0, "{log:?}");
}

#[test]
fn a_program_that_cannot_claim_the_trail_is_refused() {
    let desk = Desk::new();
    let held = Trail::of_cli(desk.path()).claim().unwrap();
    assert_eq!(desk.refuses("funds", &desk.bob), (5, "CLAIMED".to_owned()));
    drop(held);
    desk.does("funds", &desk.bob);
}

fn numbered(count: u64) -> Record {
    Record::anonymous(
        Timestamp::from_micros(i64::try_from(count).unwrap()),
        AccessEvent::Missed { count },
    )
}

/// A trail on a disk with injected faults. Its name only appears in messages.
fn trail_on(disk: &SimulatedDisk) -> Result<TrailWriter, TrailError> {
    TrailWriter::on(Arc::new(disk.clone()), &Trail::of_server(&PathBuf::from("simulated")))
}

#[test]
fn acknowledged_records_of_a_trail_survive_faults_and_power_cuts() {
    for seed in 0..40 {
        let disk = SimulatedDisk::new(seed);
        let mut writer = trail_on(&disk).unwrap();
        let (mut kept, mut failed) = (BTreeSet::new(), 0);
        for number in 1..60 {
            let due = Some(seed % 5);
            if number % 20 == 7 {
                let faults = match seed % 3 {
                    0 => Faults { failing_sync_after: due, ..Faults::default() },
                    1 => Faults { failing_write_after: due, ..Faults::default() },
                    _ => Faults { full_after: due, ..Faults::default() },
                };
                disk.set_faults(faults);
            }
            if number % 20 == 17 {
                // Space is available again.
                disk.set_faults(Faults::default());
            }
            match writer.append(&[numbered(number)]) {
                Ok(()) => drop(kept.insert(number)),
                Err(_) => failed += 1,
            }
        }
        disk.cut_power();
        drop(writer);
        disk.power_up();
        let mut writer = trail_on(&disk).unwrap();
        let records = writer.records().unwrap();
        let expected: Vec<Record> = kept.iter().map(|number| numbered(*number)).collect();
        assert_eq!(records, expected, "seed {seed}");
        assert!(kept.len() > 20 && (failed > 0 || seed % 3 < 2), "seed {seed}: {failed} failed");
    }
}

#[test]
fn records_a_server_could_not_write_are_counted_in_the_log() {
    let disk = SimulatedDisk::new(1);
    let full = Faults { full_after: Some(0), ..Faults::default() };
    // The disk is full from the start, even for setting a torn block aside.
    let mut killed = trail_on(&disk).unwrap();
    killed.append(&[numbered(0)]).unwrap();
    drop(killed);
    let file = disk.open("00000000000000000001.jsonl").unwrap();
    file.write_at(b"{\"position\":2,\"at\":\"1970", file.length().unwrap()).unwrap();
    disk.set_faults(full.clone());
    let recorder = Recorder::on(trail_on(&disk).unwrap()).unwrap();
    let batch = Duration::from_millis(400);
    let record_all = |numbers: std::ops::Range<u64>| {
        for number in numbers {
            recorder.record(numbered(number));
            thread::sleep(batch);
        }
    };
    record_all(1..3);
    disk.set_faults(Faults::default());
    record_all(3..4);
    disk.set_faults(full);
    record_all(4..7);
    disk.set_faults(Faults::default());
    drop(recorder);
    let records = trail_on(&disk).unwrap().records().unwrap();
    let missed = |at: &Record, count| Record { at: at.at, ..numbered(count) };
    let [zero, first, two, three] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!(zero, &numbered(0));
    assert_eq!((first, two), (&numbered(3), &missed(first, 2)));
    assert_eq!(three, &missed(three, 3), "no record came after the gap");
    assert!(disk.names().contains(&"head".to_owned()), "it did not stop cleanly");
}
