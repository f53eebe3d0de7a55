//! The clock of a server: doubted at a start, and when it is set while the server runs.

use std::fs;
use std::path::Path;
use std::process::Command;

use ledger_core::domain::calendar::Timestamp;
use ledger_tests::generate::genesis;
use ledger_tests::skipped;
use projections::book::{Book, DataFolder};
use serde_json::json;
use tempfile::TempDir;

use super::process::{REGISTER, Server, registration};
use super::settings::sample;

/// A book whose one entry was recorded then.
fn recorded(then: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let recorded: Timestamp = then.parse().unwrap();
    let data = DataFolder::writable(folder.path()).unwrap();
    let genesis = ledger_core::state::Genesis { recorded, ..genesis() };
    Book::create(data, &genesis, Box::new(move || recorded)).unwrap().close().unwrap();
    folder
}

fn refused(server: &Server) -> String {
    let body = json!({ "query": REGISTER, "variables": registration("LATE") }).to_string();
    let answer = server.post(&body, &[]);
    assert_eq!(answer.code(), "WRITES_OFF", "{answer:?}");
    answer.json()["errors"][0]["message"].as_str().unwrap().to_owned()
}

fn notes(data: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(data.join("book/clock")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_clock_far_from_the_last_entry_takes_postings_once_it_is_accepted() {
    for (then, side) in [("2400-01-01T00:00:00Z", "before"), ("2018-01-01T00:00:00Z", "after")] {
        let folder = recorded(then);
        let server = Server::starting(Server::command_on(folder.path(), &[]));
        server.log_line("ERROR");
        let message = refused(&server);
        let said = format!("days {side} the last entry");
        assert!(message.contains(&said) && message.contains("--accept-clock"), "{message}");
        assert_eq!(server.get("/health").json()["status"], "writesOff");
        let head = server.ask("{ ledger { head } }", &json!({}));
        assert_eq!(head["ledger"]["head"], "1", "reads go on");
        drop(server);
        let server = Server::on(folder.path(), &["--accept-clock"]);
        assert!(server.log_line("the clock is accepted").contains("WARN"));
        assert_eq!(server.register("AAA"), 2);
        drop(server);
        let accepted = notes(folder.path());
        assert_eq!((accepted.len(), &accepted[0]["what"]), (1, &json!("accepted")));
        assert!(accepted[0]["by"].as_str().unwrap().starts_with("user "), "{accepted:?}");
        assert_eq!(Server::on(folder.path(), &[]).register("BBB"), 3);
        assert_eq!(notes(folder.path()), accepted);
    }
}

/// Adds to the time of day the seconds in the file that `CLOCK_OFFSET` names.
const OFFSET_CLOCK: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *time) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, time);
    FILE *file = clock == CLOCK_REALTIME ? fopen(getenv("CLOCK_OFFSET"), "r") : NULL;
    long seconds = 0;
    if (file && fscanf(file, "%ld", &seconds) == 1) time->tv_sec += seconds;
    if (file) fclose(file);
    return result;
}
"#;

#[test]
fn a_clock_that_is_set_under_a_server_turns_writes_off_until_it_is_accepted() {
    let tools = tempfile::tempdir().unwrap();
    let (source, library) = (tools.path().join("clock.c"), tools.path().join("clock.so"));
    let offset = tools.path().join("offset");
    fs::write(&source, OFFSET_CLOCK).unwrap();
    let mut build = Command::new("cc");
    build.args(["-shared", "-fPIC", "-o"]).args([&library, &source]);
    if !build.status().is_ok_and(|status| status.success()) {
        return skipped("no C compiler to make a clock that can be set");
    }
    for (seconds, says) in [(3_660, "ahead by 60 minutes"), (-600, "back by 10 minutes")] {
        let folder = sample();
        let start = |arguments: &[&str]| {
            let mut command = Server::command_on(folder.path(), arguments);
            command.env("LD_PRELOAD", &library).env("CLOCK_OFFSET", &offset);
            Server::starting(command)
        };
        fs::write(&offset, "0").unwrap();
        let server = start(&[]);
        let first = server.register("AAA");
        // Set by less than a minute, as when clocks are kept in step.
        fs::write(&offset, "30").unwrap();
        assert_eq!(server.register("BBB"), first + 1);
        fs::write(&offset, seconds.to_string()).unwrap();
        assert!(refused(&server).contains(says));
        assert!(server.log_line("ERROR").contains(says));
        drop(server);
        assert!(refused(&start(&[])).contains("nobody has accepted it since"));
        let server = start(&["--accept-clock"]);
        assert_eq!(server.register("AAA"), first, "the key is known");
        assert_eq!(
            server.register("CCC"),
            first + 2,
            "nothing was posted by the clock that jumped"
        );
        drop(server);
        let what: Vec<_> = notes(folder.path()).iter().map(|note| note["what"].clone()).collect();
        assert_eq!(what, ["accepted", "jumped", "accepted"]);
    }
}
