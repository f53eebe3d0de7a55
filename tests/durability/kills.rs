//! `kill -9` of a real writer on a real folder, at random moments.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ledger_api::clock::system_clock;
use ledger_core::domain::position::Position;
use ledger_tests::generate::{Random, actor};
use ledger_tests::little_book::numbered;
use ledger_tests::rounds;
use projections::book::{Book, DataFolder};
use tempfile::TempDir;

use crate::index::{IndexDamage, check_index, damage};
use crate::simulated_run::{Answers, check};

/// The number of kills of one book.
const KILLS_A_BOOK: u64 = 10;

/// Starts the writer and kills it, some time after its start or after it reported the book open.
/// Adds its output to the answers.
fn post_until_killed(folder: &Path, answers: &mut Answers, random: &mut Random) {
    let mut writer = Command::new(env!("CARGO_BIN_EXE_posts-until-killed"))
        .arg(folder)
        .arg(answers.next.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(writer.stdout.take().unwrap());
    let (opened, is_open) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut said = Vec::new();
        let mut line = String::new();
        // A line without its newline was cut by the kill and does not count.
        while out.read_line(&mut line).unwrap() > 0 && line.ends_with('\n') {
            if line == "open\n" {
                opened.send(()).unwrap();
            }
            said.push(std::mem::take(&mut line));
        }
        said
    });
    if random.below(5) > 0 {
        is_open.recv_timeout(Duration::from_secs(30)).expect("it opens");
    }
    thread::sleep(Duration::from_micros(random.below(120_000)));
    assert_eq!(writer.try_wait().unwrap(), None, "it posts until it is killed");
    writer.kill().unwrap();
    writer.wait().unwrap();
    for line in reader.join().unwrap() {
        let mut words = line.split_whitespace();
        let word = words.next().unwrap();
        let mut number = || words.next().unwrap().parse::<u64>().unwrap();
        match word {
            "sent" => {
                let sent = number();
                answers.next = answers.next.max(sent + 1);
                answers.in_doubt.push(sent);
            }
            "kept" => {
                let kept = number();
                answers.acknowledged.insert(kept, Position::new(number()));
                answers.in_doubt.retain(|sent| *sent != kept);
            }
            _ => {}
        }
    }
}

/// Runs the program's `verify`, which changes nothing.
fn verify(folder: &Path) {
    let verified = Command::new(env!("CARGO_BIN_EXE_ledger-under-test"))
        .args(["verify", "--data"])
        .arg(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success(), "verify: {said}");
}

/// Opens the book, compares it and its index with the answers, and repeats the postings in doubt.
fn check_after_kill(folder: &Path, answers: &mut Answers) {
    let open = || Book::open(DataFolder::writable(folder).unwrap(), system_clock(), None).unwrap();
    let book = open();
    check(&**book.store(), answers).unwrap();
    let numbers = std::mem::take(&mut answers.in_doubt);
    let postings = numbers.iter().copied().map(numbered).collect();
    for (number, outcome) in numbers.iter().zip(book.writer().post_all_blocking(&actor(), postings))
    {
        answers.acknowledged.insert(*number, outcome.unwrap().position);
    }
    check(&**book.store(), answers).unwrap();
    check_index(&book, answers);
    book.close().unwrap();
}

#[test]
fn a_kill_loses_and_doubles_no_acknowledged_entry() {
    for seed in 0..rounds(200, 10).div_ceil(KILLS_A_BOOK) {
        let mut random = Random(seed);
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("book");
        let mut answers = Answers::default();
        for _ in 0..KILLS_A_BOOK {
            post_until_killed(&path, &mut answers, &mut random);
            if answers.acknowledged.is_empty() && answers.in_doubt.is_empty() {
                // The kill may have come before the book was made.
                continue;
            }
            verify(&path);
            // Sometimes the next kill comes before any check.
            if random.below(3) > 0 {
                if random.below(2) == 0 {
                    damage(&path.join("index"), IndexDamage::any(&mut random), &mut random);
                }
                check_after_kill(&path, &mut answers);
            }
        }
        check_after_kill(&path, &mut answers);
        assert!(answers.acknowledged.len() > 100, "too few entries were acknowledged");
    }
}
