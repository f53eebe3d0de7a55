//! Data folders: one writer at a time, what can be deleted, and what is damage.

use std::fs;
use std::path::Path;

use ledger_api::clock::system_clock;
use ledger_core::log::segments::{Folder, SegmentsStore};
use ledger_core::state::State;
use projections::ReadModels;
use projections::book::{Book, DataFolder, take_snapshot};

use super::program::{Answer, CYBER, Desk, SEGMENT, SMALL_HEAD, WIFI, place};

/// What a person reads of the book, whichever way it is opened.
fn readings(desk: &Desk) -> Vec<String> {
    ["budget --year 2017-18", "funds", "log", "verify", "programme list", "export"]
        .map(|question| desk.does(question).out)
        .into()
}

/// Fails without having changed the book.
fn refused(desk: &Desk, arguments: &str, exit: i32, code: &str) -> Answer {
    let before = fs::read(desk.path(SEGMENT)).unwrap();
    let answer = desk.run(&format!("{arguments} --format json"));
    assert_eq!(answer.code, exit, "{arguments}: {answer:?}");
    assert_eq!(answer.error()["code"], code, "{arguments}");
    assert_eq!(answer.out, "", "{arguments}");
    assert!(fs::read(desk.path(SEGMENT)).unwrap() == before, "{arguments} changed the book");
    answer
}

fn post(key: &str) -> String {
    format!("actual {CYBER} 5 --month M1 --reason r --key {key}")
}

#[test]
fn a_second_writer_is_refused_while_reads_go_on() {
    let desk = Desk::small();
    let folder = DataFolder::writable(&desk.path("ledger-data")).unwrap();
    let book = Book::open(folder, system_clock(), None).unwrap();
    desk.write("more.jsonl", "");
    for writing in [post("k").as_str(), "post more.jsonl", "close 2017-18 M1 --reason r"] {
        let answer = refused(&desk, writing, 5, "CLAIMED");
        assert!(answer.err.contains("another process is writing to this book"), "{answer:?}");
    }
    let actor = "another".parse().unwrap();
    for position in SMALL_HEAD + 1..SMALL_HEAD + 4 {
        let line = format!(
            r#"{{"key":"w{position}","reason":"r","command":{{"recordActual":{{"line":"{WIFI}","month":"M1","amount":"1.00"}}}}}}"#
        );
        let posting = serde_json::from_str(&line).unwrap();
        book.writer().post_all_blocking(&actor, vec![posting]).pop().unwrap().unwrap();
        // Each is seen as soon as it is acknowledged.
        assert_eq!(desk.row("verify")["entries"], position);
        assert_eq!(desk.row("replay")["entries"], position);
        assert_eq!(desk.rows("log").len() as u64, position);
    }
    assert_eq!(desk.row("budget --year 2017-18 --programme WIFI")["actual"], "3.00");
    book.close().unwrap();
    assert_eq!(desk.row(&post("k"))["position"], SMALL_HEAD + 4);
}

#[test]
fn of_programs_that_post_at_once_each_posts_or_is_refused() {
    let desk = Desk::small();
    let mut posted = 0;
    for round in 0..ledger_tests::rounds(20, 4) {
        let start = |who: u8| {
            let mut command = desk.command(&post(&format!("{round}-{who}")));
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
            command.spawn().unwrap()
        };
        let children = [0, 1, 2].map(start);
        for mut child in children {
            match child.wait().unwrap().code() {
                Some(0) => posted += 1,
                other => assert_eq!(other, Some(5), "neither posted nor refused"),
            }
        }
    }
    assert!(posted > 0);
    assert_eq!(desk.row("verify")["entries"], SMALL_HEAD + posted);
}

#[test]
fn deleting_the_index_loses_nothing() {
    let desk = Desk::small();
    desk.does(&format!("commit {CYBER} 5 --month M1 --reference PO-1 --reason r --key k"));
    let before = readings(&desk);
    let index = desk.path("ledger-data/index");
    fs::remove_dir_all(&index).unwrap();
    assert_eq!(readings(&desk), before);
    assert!(!index.exists(), "reads made an index");
    // Keys and references are still known, and it is made again.
    let again =
        desk.row(&format!("commit {CYBER} 5 --month M1 --reference PO-1 --reason r --key k"));
    assert_eq!(again["replayed"], true);
    let taken = format!("commit {CYBER} 5 --month M1 --reference PO-1 --reason r");
    refused(&desk, &taken, 3, "REFERENCE_TAKEN");
    assert!(index.is_dir());
    assert_eq!(readings(&desk), before);
    // One that sled cannot open is made again too.
    fs::remove_dir_all(&index).unwrap();
    fs::create_dir(&index).unwrap();
    fs::write(index.join("db"), "not an index".repeat(100)).unwrap();
    fs::write(index.join("conf"), "not a setting").unwrap();
    assert_eq!(desk.row(&post("k2"))["position"], SMALL_HEAD + 2);
}

/// Leaves a snapshot, as a clean stop of a long book does.
fn snapshot(data: &Path) {
    let store = SegmentsStore::read_only(DataFolder::read_only(data).book).unwrap();
    let (mut state, mut models) = (State::default(), ReadModels::default());
    state.catch_up(&store, &mut models, None).unwrap();
    take_snapshot(&Folder::writable(&data.join("snapshots")).unwrap(), &state, &models).unwrap();
}

#[test]
fn deleting_or_spoiling_the_snapshots_loses_nothing() {
    let desk = Desk::small();
    let data = desk.path("ledger-data");
    snapshot(&data);
    desk.does(&post("k"));
    assert_eq!(desk.row("replay")["liveFrom"], SMALL_HEAD);
    let before = readings(&desk);
    let kept: Vec<_> =
        fs::read_dir(data.join("snapshots")).unwrap().map(|f| f.unwrap().path()).collect();
    assert!(!kept.is_empty());
    for file in kept {
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&file, bytes).unwrap();
    }
    assert_eq!(desk.row("replay")["liveFrom"], 0);
    assert_eq!(readings(&desk), before);
    fs::remove_dir_all(data.join("snapshots")).unwrap();
    assert_eq!(readings(&desk), before);
    assert_eq!(desk.row(&post("k"))["replayed"], true);
    assert_eq!(desk.row(&post("k2"))["position"], SMALL_HEAD + 2);
}

/// A start from a snapshot reads only later entries. Whatever is read of the others is checked.
#[test]
fn an_entry_changed_behind_a_snapshot_is_not_shown_exported_or_reversed() {
    let desk = Desk::small();
    snapshot(&desk.path("ledger-data"));
    let exported = desk.does("export").out;
    let segment = desk.path(SEGMENT);
    let good = fs::read(&segment).unwrap();
    for entry in [2, 5, SMALL_HEAD] {
        let (start, end) = place(&good, entry);
        for at in [start + 13, start.midpoint(end), end - 1] {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            fs::write(&segment, bytes).unwrap();
            let named = format!("the book is damaged at entry {entry}");
            for arguments in [format!("show entry {entry}"), "log".to_owned()] {
                let answer = refused(&desk, &arguments, 6, "DAMAGED");
                assert!(answer.err.contains(&named), "byte {at}, {arguments}: {answer:?}");
            }
            let answer = refused(&desk, &format!("reverse {entry} --reason r"), 6, "DAMAGED");
            assert!(answer.err.contains(&named), "byte {at}: {answer:?}");
            let answer = desk.run("export");
            assert_eq!(answer.code, 6, "{answer:?}");
            assert!(answer.err.contains(&named), "{answer:?}");
            let before = usize::try_from(entry).unwrap() - 1;
            let whole: String = exported.split_inclusive('\n').take(before).collect();
            assert_eq!(answer.out, whole, "the entries before it");
            desk.does("show entry 1");
        }
    }
}

#[test]
fn a_book_older_than_its_snapshots_gets_one_answer_with_the_cure() {
    let desk = Desk::small();
    let data = desk.path("ledger-data");
    let copy = desk.path("copy");
    fs::create_dir(&copy).unwrap();
    for file in fs::read_dir(data.join("book")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.join(file.file_name())).unwrap();
    }
    desk.does(&post("k"));
    snapshot(&data);
    fs::remove_dir_all(data.join("book")).unwrap();
    fs::rename(&copy, data.join("book")).unwrap();
    let asked = ["budget --year 2017-18", "funds", "show entry 2", "log", "verify", "replay"];
    let asked = asked.into_iter().chain(["export", "queue"]);
    let served = "serve --without-sign-in --listen 127.0.0.1:0";
    let mut answers = Vec::new();
    for arguments in asked.chain([post("k2").as_str(), served]) {
        let answer = desk.run(arguments);
        assert_eq!((answer.code, answer.out.as_str()), (6, ""), "{arguments}: {answer:?}");
        let last = answer.err.lines().last().unwrap_or_default().to_owned();
        answers.push(last);
    }
    let said = format!(
        "error: the book is damaged at entry {}: the log ends with entry {SMALL_HEAD}, and a snapshot knows entries up to {}",
        SMALL_HEAD + 1,
        SMALL_HEAD + 1
    );
    for answer in answers {
        assert!(answer.starts_with(&said), "{answer}");
        assert!(answer.contains("delete the folder snapshots"), "{answer}");
        assert!(answer.ends_with("restore it from a copy"), "{answer}");
    }
    fs::remove_dir_all(data.join("snapshots")).unwrap();
    assert_eq!(desk.row("verify")["entries"], SMALL_HEAD);
    assert_eq!(desk.row(&post("k2"))["position"], SMALL_HEAD + 1);
}

#[test]
fn a_damaged_book_names_the_first_bad_entry_and_does_not_start() {
    let desk = Desk::small();
    let segment = desk.path(SEGMENT);
    let good = fs::read(&segment).unwrap();
    for entry in [1, 5, SMALL_HEAD] {
        let (start, end) = place(&good, entry);
        for at in [start + 3, start + (end - start) / 2, end - 1] {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            fs::write(&segment, bytes).unwrap();
            let questions = ["budget --year 2017-18", "show entry 2", "log", "queue"];
            for arguments in questions.into_iter().chain(["verify", "replay", &post("k")]) {
                let answer = refused(&desk, arguments, 6, "DAMAGED");
                let named = format!("the book is damaged at entry {entry}");
                assert!(answer.err.contains(&named), "byte {at}, {arguments}: {answer:?}");
            }
        }
    }
    fs::write(&segment, &good).unwrap();
    assert_eq!(desk.row(&post("k"))["position"], SMALL_HEAD + 1);
}

#[test]
fn a_book_that_lost_its_end_after_a_clean_stop_is_damaged() {
    let desk = Desk::small();
    let segment = desk.path(SEGMENT);
    desk.does(&post("k"));
    let last = SMALL_HEAD + 1;
    let good = fs::read(&segment).unwrap();
    let (start, _) = place(&good, last);
    for length in [start, start + 10, good.len() - 10] {
        fs::write(&segment, &good[..length]).unwrap();
        for arguments in ["budget --year 2017-18", &post("k2")] {
            let answer = refused(&desk, arguments, 6, "DAMAGED");
            assert!(answer.err.contains(&format!("at entry {last}")), "{answer:?}");
        }
    }
}

#[test]
fn a_block_that_was_never_acknowledged_is_set_aside_with_a_note() {
    let desk = Desk::small();
    let segment = desk.path(SEGMENT);
    let before = readings(&desk);
    let mut bytes = fs::read(&segment).unwrap();
    // What a power cut leaves: the first sectors of a block, on fill that was written ahead.
    bytes.extend(b"{\"position\":13,\"v\":1,\"reason\":\"");
    bytes.resize(bytes.len().next_multiple_of(512) + 512, b'x');
    bytes.resize(bytes.len() + 8192, b'\n');
    fs::write(&segment, bytes).unwrap();
    assert_eq!(readings(&desk), before);
    let answer = desk.does(&post("k"));
    assert!(answer.err.contains("never acknowledged, from entry 13 on"), "{answer:?}");
    assert_eq!(desk.row("verify")["entries"], SMALL_HEAD + 1);
}

#[test]
fn a_folder_without_a_book_is_a_usage_error_and_stays_as_it_is() {
    let desk = Desk::bare();
    for arguments in ["budget --year 2017-18", "log", "export --format jsonl", "verify", &post("k")]
    {
        let answer = desk.run(arguments);
        assert_eq!(answer.code, 2, "{arguments}: {answer:?}");
        assert!(answer.err.contains("budget-ledger init --data ledger-data"), "{answer:?}");
    }
    assert!(!desk.path("ledger-data").exists());
}

/// A link to itself cannot be read by any user, not even by root.
#[test]
fn a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one() {
    let desk = Desk::bare();
    std::os::unix::fs::symlink("ledger-data", desk.path("ledger-data")).unwrap();
    for arguments in ["budget --year 2017-18", "log", "verify", "replay", &post("k")] {
        let answer = desk.run(arguments);
        assert_eq!(answer.code, 1, "{arguments}: {answer:?}");
        assert!(answer.err.contains("ledger-data cannot be read: "), "{answer:?}");
        assert!(!answer.err.contains("init"), "{answer:?}");
    }
}

#[test]
fn a_book_is_never_begun_over_another() {
    let desk = Desk::small();
    for arguments in ["init", "init --sample"] {
        refused(&desk, arguments, 5, "BOOK_EXISTS");
    }
    assert_eq!(desk.row("verify")["entries"], SMALL_HEAD);
}
