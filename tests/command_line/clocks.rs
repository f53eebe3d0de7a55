//! Posting to a folder by a clock that its last entry makes doubtful.

use std::fs;

use ledger_core::domain::calendar::Timestamp;
use ledger_core::state::Genesis;
use ledger_tests::generate::genesis;
use projections::book::{Book, DataFolder};

use super::program::Desk;

/// A desk with a book whose one entry was recorded then.
fn recorded(then: &str) -> Desk {
    let desk = Desk::bare();
    let recorded: Timestamp = then.parse().unwrap();
    let data = DataFolder::writable(&desk.path("ledger-data")).unwrap();
    let genesis = Genesis { recorded, ..genesis() };
    Book::create(data, &genesis, Box::new(move || recorded)).unwrap().close().unwrap();
    desk
}

fn post(code: &str) -> String {
    format!("programme open {code} Name --reason r --key {code}")
}

#[test]
fn a_doubted_clock_refuses_postings_until_somebody_accepts_it() {
    for (then, side) in [("2400-01-01T00:00:00Z", "before"), ("2018-01-01T00:00:00Z", "after")] {
        let desk = recorded(then);
        desk.write("rows.jsonl", "{\"key\":\"f\",\"reason\":\"r\",\"command\":{\"openProgramme\":{\"code\":\"FILE\",\"name\":\"File\"}}}\n");
        for arguments in [post("CYBER").as_str(), "post rows.jsonl"] {
            let answer = desk.run(&format!("{arguments} --format json"));
            assert_eq!((answer.code, answer.out.as_str()), (1, ""), "{answer:?}");
            let error = answer.error();
            assert_eq!(error["code"], "WRITES_OFF");
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(&format!("days {side} the last entry")), "{message}");
            assert!(message.contains("start once with --accept-clock"), "{message}");
        }
        // Questions and dry runs do not record a time.
        assert_eq!(desk.row("verify")["entries"], 1);
        desk.does(&format!("{} --dry-run", post("CYBER")));
        let answer = desk.does(&format!("{} --accept-clock --actor ada", post("CYBER")));
        assert!(answer.err.contains("The clock is accepted"), "{answer:?}");
        let notes = || fs::read_to_string(desk.path("ledger-data/book/clock")).unwrap();
        let accepted = notes();
        let note: serde_json::Value = serde_json::from_str(&accepted).unwrap();
        assert_eq!((&note["what"], &note["by"]), (&"accepted".into(), &"ada".into()));
        // Once is enough.
        assert_eq!(desk.row(&post("WIFI"))["position"], 3);
        assert_eq!(desk.row("post rows.jsonl")["position"], 4);
        let answer = desk.does(&format!("{} --accept-clock", post("APPS")));
        assert!(answer.err.contains("not needed"), "{answer:?}");
        assert_eq!(notes(), accepted);
        assert_eq!(desk.row("verify")["entries"], 5);
    }
}

#[test]
fn a_server_s_clock_is_not_accepted_from_afar() {
    let answer =
        Desk::bare().run(&format!("{} --accept-clock --server http://127.0.0.1:1", post("CYBER")));
    assert_eq!(answer.code, 2, "{answer:?}");
    assert!(answer.err.contains("serve --accept-clock"), "{answer:?}");
}
