//! `watch`: what happens on a server, told once and in order, whatever becomes of connections.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use super::program::{CYBER, Desk, SEGMENT, SMALL_HEAD, WIFI};
use super::served::{Served, interrupt};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program while it watches.
pub(crate) struct Watching {
    process: Child,
    told: Receiver<String>,
}

impl Watching {
    pub(crate) fn on(desk: &Desk, arguments: &str) -> Self {
        let mut process = desk.command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (tell, told) = channel();
        std::thread::spawn(move || {
            lines.map_while(Result::ok).try_for_each(|line| tell.send(line))
        });
        Watching { process, told }
    }

    fn line(&self) -> String {
        self.told.recv_timeout(PATIENCE).expect("it is told")
    }

    pub(crate) fn row(&self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).expect(&line)
    }

    /// Ends it as Ctrl-C does; gives the lines that were left.
    pub(crate) fn stop(mut self) -> Vec<String> {
        interrupt(&self.process, "INT");
        assert_eq!(self.process.wait().unwrap().code(), Some(0));
        self.told.iter().collect()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn spend(server: &Served<'_>, line: &str, pounds: u64) {
    server.does(&format!("actual {line} {pounds} --month M1 --reason 'spent {pounds}'"));
}

#[test]
fn each_entry_is_told_once_across_restarts() {
    let desk = Desk::small();
    let server = Served::on(&desk);
    let address = server.address.clone();
    let watch = server.asking(&format!("watch entries --after {} --format jsonl", SMALL_HEAD - 2));
    let watching = Watching::on(&desk, &watch);
    let mut told = vec![watching.row(), watching.row()];
    let mut server = Some(server);
    for round in 0..3 {
        for pounds in 1..=3 {
            spend(server.as_ref().unwrap(), CYBER, round * 10 + pounds);
        }
        told.push(watching.row());
        server.take().unwrap().stop();
        // Posted while nobody serves, so while nobody could be told.
        desk.does(&format!("actual {CYBER} 5 --month M1 --reason 'posted on the folder'"));
        server = Some(Served::at(&desk, &address));
    }
    let head = SMALL_HEAD + 12;
    while told.last().unwrap()["position"] != head {
        told.push(watching.row());
    }
    assert_eq!(watching.stop(), [""; 0]);
    let positions: Vec<u64> = told.iter().map(|row| row["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, (SMALL_HEAD - 1..=head).collect::<Vec<_>>());
    // The rows are those of the log.
    let log = desk.rows(&format!("log --reverse --from {}", SMALL_HEAD - 1));
    assert_eq!(told, log);
}

#[test]
fn only_wanted_entries_are_told_in_words_or_rows() {
    let desk = Desk::small();
    let server = Served::on(&desk);
    let all = Watching::on(&desk, &server.asking("watch entries --after 12"));
    let some = server.asking("watch entries --programme WIFI --format jsonl --after 0");
    let some = Watching::on(&desk, &some);
    assert_eq!(some.row()["position"], SMALL_HEAD - 1);
    spend(&server, CYBER, 1);
    spend(&server, WIFI, 2);
    assert_eq!(some.row()["reason"], "spent 2");
    let first = all.line();
    assert!(first.starts_with("13  ") && first.ends_with("  local  spent 1"), "{first}");
    let second = all.line();
    assert!(second.starts_with("    ") && second.contains(CYBER), "{second}");
    all.stop();
    some.stop();
}

#[test]
fn figures_are_told_at_once_and_whenever_they_change() {
    let desk = Desk::small();
    let server = Served::on(&desk);
    let address = server.address.clone();
    let arguments = "budget --year 2017-18 --rollup programme";
    let watching =
        Watching::on(&desk, &server.asking(&format!("watch {arguments} --format jsonl")));
    let state = || -> Vec<Value> { (0..3).map(|_| watching.row()).collect() };
    assert_eq!(state(), desk.rows(arguments));
    spend(&server, CYBER, 7);
    assert_eq!(state(), desk.rows(arguments));
    server.stop();
    let server = Served::at(&desk, &address);
    // What was told is not told again.
    spend(&server, WIFI, 8);
    let last = state();
    assert_eq!(last, desk.rows(arguments));
    assert_eq!(last[0]["position"], SMALL_HEAD + 2);
    assert_eq!(watching.stop(), [""; 0]);
}

/// What was seen is gone: to wait for its number to come again would pass over other entries.
#[test]
fn a_book_that_lost_what_was_seen_ends_the_watch() {
    let desk = Desk::small();
    let backup = fs::read(desk.path(SEGMENT)).unwrap();
    let server = Served::on(&desk);
    let address = server.address.clone();
    let watch = format!("watch entries --after {} --format jsonl", SMALL_HEAD - 1);
    let mut watching = Watching::on(&desk, &server.asking(&watch));
    assert_eq!(watching.row()["position"], SMALL_HEAD);
    spend(&server, CYBER, 1);
    assert_eq!(watching.row()["position"], SMALL_HEAD + 1);
    server.stop();
    fs::remove_dir_all(desk.path("ledger-data")).unwrap();
    fs::create_dir_all(desk.path("ledger-data/book")).unwrap();
    fs::write(desk.path(SEGMENT), backup).unwrap();
    let _server = Served::at(&desk, &address);
    let ended = (0..300).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        watching.process.try_wait().unwrap()
    });
    assert_eq!(ended.and_then(|status| status.code()), Some(2));
}

#[test]
fn what_cannot_be_watched_is_told() {
    let desk = Desk::small();
    for (arguments, code) in [
        ("watch entries", 2),
        ("watch budget --year 2017-18 --data ledger-data", 2),
        ("watch entries --server http://127.0.0.1:1", 1),
        ("watch entries --format csv --server http://127.0.0.1:1", 2),
    ] {
        assert_eq!(desk.run(arguments).code, code, "{arguments}");
    }
    let server = Served::on(&desk);
    let unknown = server.run("watch budget --year 2017-18 --programme NOPE");
    assert_eq!(unknown.code, 2, "{unknown:?}");
    let beyond = server.run(&format!("watch entries --after {}", SMALL_HEAD + 1));
    assert_eq!(beyond.code, 2, "{beyond:?}");
    let message = format!("there is no entry {}: the last one is {SMALL_HEAD}", SMALL_HEAD + 1);
    assert!(beyond.err.contains(&message), "{beyond:?}");
    let signed = server.run("watch entries --token t");
    assert_eq!(signed.code, 4, "{signed:?}");
}
