//! A posted file, posted again after a change: what it posts, and what it tells, on a folder and
//! through a server.

use std::thread;

use serde_json::{Value, json};

use super::program::{Answer, CYBER, Desk, WIFI};
use super::served::Served;

/// A desk with the small book, served or not.
struct Place<'d> {
    desk: &'d Desk,
    server: Option<Served<'d>>,
}

impl Place<'_> {
    fn run(&self, arguments: &str) -> Answer {
        match &self.server {
            Some(server) => server.run(arguments),
            None => self.desk.run(arguments),
        }
    }

    /// Posts a file, which must be accepted, and gives the counts of rows posted and known.
    fn posts(&self, text: &str, flags: &str) -> (u64, u64) {
        self.desk.write("month.csv", text);
        let answer = self.run(&format!("post month.csv --format json{flags}"));
        assert_eq!(answer.code, 0, "{text}: {answer:?}");
        let rows: Vec<Value> = serde_json::from_str(&answer.out).expect("rows");
        let count = |name: &str| rows[0][name].as_u64().expect("a count");
        (count("posted"), count("replayed"))
    }

    /// Posts a file, which must be stopped as a changed one: its new rows and the entries it lacks.
    fn stops(&self, text: &str, flags: &str) -> (Vec<u64>, Vec<u64>) {
        self.desk.write("month.csv", text);
        let before = self.run("export").out;
        let answer = self.run(&format!("post month.csv --format json{flags}"));
        assert_eq!(self.run("export").out, before, "nothing is posted");
        assert_eq!(answer.code, 5, "{text}: {answer:?}");
        let error = answer.error();
        assert_eq!(error["code"], "FILE_CHANGED", "{answer:?}");
        let numbers = |list: &Value, name: &str| -> Vec<u64> {
            let rows = list.as_array().into_iter().flatten();
            rows.filter_map(|row| row[name].as_u64()).collect()
        };
        assert!(error["gone"][0]["events"].as_str().expect("a text").contains('£'), "{error}");
        let table = self.run(&format!("post month.csv{flags}"));
        assert!(table.err.contains("gone from the file: entry "), "{table:?}");
        assert!(table.err.contains("(--changed)"), "{table:?}");
        (numbers(&error["rows"], "row"), numbers(&error["gone"], "entry"))
    }

    fn actual(&self) -> String {
        let answer = self.run("budget --year 2017-18 --rollup year --format json");
        let rows: Vec<Value> = serde_json::from_str(&answer.out).expect("rows");
        rows[0]["actual"].as_str().expect("an amount").to_owned()
    }
}

/// On a folder and through a server, each on a book of its own.
fn everywhere(check: impl Fn(&Place<'_>)) {
    for served in [false, true] {
        let desk = Desk::small();
        let server = served.then(|| Served::on(&desk));
        check(&Place { desk: &desk, server });
    }
}

const HEADER: &str = "command,reason,month,line,amount";

fn spend(line: &str, amount: &str) -> String {
    format!("actual,r,M1,{line},{amount}")
}

fn file(rows: &[&str]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

#[test]
fn correcting_and_adding_rows_posts_what_is_new_alone() {
    everywhere(|place| {
        let (a, b, c) = (spend(CYBER, "1.00"), spend(WIFI, "2.00"), spend(CYBER, "4.00"));
        let refused = spend("NOPE/RRV/2017-18/revenue", "8.00");
        let corrected = spend(WIFI, "8.00");
        // Two equal rows are two payments.
        place.desk.write("month.csv", file(&[&a, &refused, &b, &a]));
        let answer = place.run("post month.csv --accept-valid");
        assert_eq!(answer.code, 3, "{answer:?}");
        assert!(answer.err.contains("row 3: there is no programme NOPE"), "{answer:?}");
        assert_eq!(place.posts(&file(&[&a, &corrected, &b, &a]), ""), (1, 3));
        assert_eq!(place.posts(&file(&[&c, &a, &corrected, &b, &a]), ""), (1, 4));
        assert_eq!(place.posts(&file(&[&a, &a, &a, &b, &c, &corrected]), ""), (1, 5));
        let last = file(&[&a, &a, &a, &b, &c, &corrected]);
        for text in [
            last.replace('\n', "\r\n"),
            last.replace('\n', "\r"),
            last.replacen('\n', "\r\n", 3),
            format!("\u{feff}{last}"),
            last.replace(",M1,", " , M1 ,").replace("\n", "\n\n"),
            last.replace(HEADER, &format!("{HEADER},evidence")).replace("00\n", "00,\n"),
        ] {
            assert_eq!(place.posts(&text, ""), (0, 6), "{text}");
        }
        assert_eq!(place.actual(), "17.00");
    });
}

#[test]
fn a_changed_version_of_a_posted_file_stops_and_says_what_is_gone_and_new() {
    everywhere(|place| {
        let (a, b, c) = (spend(CYBER, "1.00"), spend(WIFI, "2.00"), spend(CYBER, "4.00"));
        assert_eq!(place.posts(&file(&[&a, &b, &c]), ""), (3, 0));
        // Another file of the same month is none of it.
        let other = spend(WIFI, "100.00");
        assert_eq!(place.posts(&file(&[&other, &other]), ""), (2, 0));
        // A row that was posted is corrected, the last of them or the first.
        let corrected = spend(CYBER, "5.00");
        for flags in ["", " --dry-run", " --accept-valid"] {
            assert_eq!(place.stops(&file(&[&a, &b, &corrected]), flags), (vec![4], vec![15]));
        }
        assert_eq!(place.stops(&file(&[&corrected, &b, &c]), ""), (vec![2], vec![13]));
        // A row is removed.
        assert_eq!(place.stops(&file(&[&a, &c]), ""), (vec![], vec![14]));
        assert_eq!(place.actual(), "207.00");
        // It goes on when it is told to, and is the posted file then.
        let changed = file(&[&corrected, &a, &b]);
        assert_eq!(place.posts(&changed, " --changed"), (1, 2));
        assert_eq!(place.posts(&changed, ""), (0, 3));
        assert_eq!(place.posts(&file(&[&a, &b, &corrected, &spend(WIFI, "6.00")]), ""), (1, 3));
        assert_eq!(place.actual(), "218.00");
        // What cannot be posted is told before what has changed.
        let refused = file(&[&a, &b, &spend("NOPE/RRV/2017-18/revenue", "1.00")]);
        place.desk.write("month.csv", refused);
        assert_eq!(place.run("post month.csv").code, 3);
    });
}

#[test]
fn rows_with_keys_of_their_own_are_known_by_them() {
    everywhere(|place| {
        let row = |key: &str, amount: &str| format!("actual,r,M1,{CYBER},{amount},{key}");
        let file = |rows: &[String]| format!("{HEADER},key\n{}\n", rows.join("\n"));
        assert_eq!(place.posts(&file(&[row("a", "1"), row("b", "2")]), ""), (2, 0));
        assert_eq!(place.posts(&file(&[row("c", "1"), row("b", "2")]), ""), (1, 1));
        // The same key twice is told before anything is posted, whatever the rows say.
        for second in [row("d", "1"), row("d", "2")] {
            place.desk.write("twice.csv", file(&[row("d", "1"), row("e", "1"), second]));
            let before = place.run("export").out;
            let answer = place.run("post twice.csv");
            assert_eq!(answer.code, 2, "{answer:?}");
            assert!(answer.err.contains("row 2: the key d is also the key of row 4"), "{answer:?}");
            assert!(answer.err.contains("row 4: the key d is also the key of row 2"), "{answer:?}");
            assert_eq!(place.run("export").out, before);
        }
    });
}

#[test]
fn a_file_stops_where_somebody_else_took_what_it_needs() {
    let desk = Desk::small();
    let server = Served::on(&desk);
    // They take all there is, in five parts.
    let rows = format!("cut,r,M1,{CYBER},10,treasury\n").repeat(10_000);
    desk.write("cuts.csv", format!("command,reason,month,line,amount,to\n{rows}"));
    let newest = || server.does("log --limit 1 --format csv").out;
    let before = newest();
    let answer = thread::scope(|scope| {
        let posting = scope.spawn(|| server.run("post cuts.csv --format json"));
        while newest() == before {
            assert!(!posting.is_finished(), "the file was posted before anybody looked");
        }
        server.does(&format!("cut {CYBER} 5000 --month M1 --to treasury --reason mine"));
        posting.join().expect("it ends")
    });
    assert_eq!(answer.code, 5, "{answer:?}");
    let error = answer.error();
    assert_eq!(error["code"], "ROWS_LEFT", "{answer:?}");
    assert_eq!(error["rows"].as_array().map(Vec::len), Some(1), "{error}");
    assert_eq!(error["rows"][0]["code"], "BEYOND_AVAILABLE", "{error}");
    let failed = error["rows"][0]["row"].as_u64().expect("a row");
    // 95,000 pounds were left to the file, whose first row is the second.
    assert_eq!(failed, 9502, "{error}");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("the 9500 before it are posted, and 500 are left"), "{message}");
    // With the money back, the same file posts what is left.
    server.does(&format!("allocate CENTRAL {CYBER}=5000 --month M1 --reason back"));
    let answer = server.does("post cuts.csv --format json");
    let rows: Value = serde_json::from_str(&answer.out).expect("rows");
    assert_eq!(
        [&rows[0]["posted"], &rows[0]["replayed"]],
        [&json!(500), &json!(9500)],
        "{answer:?}"
    );
}
