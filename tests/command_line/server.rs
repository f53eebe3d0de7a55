//! The same command on a data folder and on a server: the same answer, errors and exit code.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use super::program::{Answer, CYBER, Desk};
use super::questions::QUESTIONS;
use super::served::Served;

/// Two desks with the same book, one of them served.
struct Pair<'d> {
    folder: &'d Desk,
    server: Served<'d>,
}

impl Pair<'_> {
    /// Runs a command on both, which must answer alike; gives the folder's answer.
    fn same(&self, arguments: &str) -> Answer {
        let (here, there) = (self.folder.run(arguments), self.server.run(arguments));
        let told = |answer: &Answer| (answer.code, masked(&answer.out), masked(&answer.err));
        assert_eq!(told(&here), told(&there), "{arguments}");
        here
    }
}

/// Two postings are not recorded at the same time.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    for word in text.split_inclusive([' ', '"', ',', '\n']) {
        let moment =
            word.len() > 27 && word.get(26..27) == Some("Z") && word.get(10..11) == Some("T");
        masked.push_str(if moment { "<recorded>" } else { word });
    }
    masked
}

#[test]
fn a_question_has_the_same_answer() {
    let (folder, served) = (Desk::sample(), Desk::sample());
    let pair = Pair { folder: &folder, server: Served::on(&served) };
    for question in QUESTIONS {
        pair.same(&format!("{question} --format json"));
    }
    for question in ["export", "export --from 9 --to 12", "export --to 999"] {
        pair.same(question);
    }
}

#[test]
fn a_long_list_is_told_whole() {
    let (folder, served) = (Desk::small(), Desk::small());
    let row = |index: usize| {
        format!(
            "{{\"reason\":\"r\",\"command\":{{\"registerBody\":{{\"code\":\"B{index:04}\",\"name\":\"A body\",\"kind\":\"trust\"}}}}}}\n"
        )
    };
    let file: String = (0..1100).map(row).collect();
    for desk in [&folder, &served] {
        desk.write("bodies.jsonl", &file);
        desk.does("post bodies.jsonl");
    }
    let pair = Pair { folder: &folder, server: Served::on(&served) };
    assert_eq!(pair.same("body list --format jsonl").out.lines().count(), 1102);
    assert_eq!(pair.same("log --limit 1050 --format jsonl").out.lines().count(), 1050);
    assert_eq!(pair.same("log --from 500 --limit 1000 --by local --format csv").code, 0);
    // Each book has an id of its own, in its first entry.
    assert_eq!(pair.server.does("export --from 2").out.lines().count(), 1111);
}

/// Every verb that posts, in an order in which all of them are accepted.
const POSTINGS: &[&str] = &[
    "fund establish CYBERFUND Cyber --parent CENTRAL",
    "settle CENTRAL --class revenue --from 2017-18 --to 2019-20 --new £1.2m --reannounced 50k",
    "earmark CENTRAL --class revenue CYBERFUND=250,000",
    "allocate CYBERFUND CYBER/RRV/2017-18/revenue=10k WIFI/RRV/2017-18/revenue=5 --month M2",
    "allocate CENTRAL CYBER/RRV/2017-18/unsplit=900 --class unsplit --month M1",
    "split CYBER/RRV/2017-18/unsplit --capital 300 --revenue 600 --month M2 --evidence 'A letter'",
    "cut CYBER/RRV/2017-18/revenue 100 --month M3 --to CYBERFUND",
    "cut CYBER/RRV/2017-18/revenue 100 --month M3 --to treasury",
    "cut CYBER/RRV/2017-18/capital 100 --month M3 --to CENTRAL",
    "reallocate --from CYBER/RRV/2017-18/revenue=50 --to WIFI/RRV/2017-18/revenue=50 --month M4",
    "exchange CYBER/RRV/2017-18/revenue 20 --month M5 --authority 'The Treasury'",
    "commit CYBER/RRV/2017-18/revenue 500 --month M5 --reference PO-1",
    "release PO-1 100 --month M6",
    "accrue CYBER/RRV/2017-18/revenue 150 --month M6 --reference ACC-1 --discharges PO-1",
    "actual CYBER/RRV/2017-18/revenue 150 --month M7 --discharges ACC-1 --transaction T-1",
    "actual WIFI/RRV/2017-18/revenue 200000 --month M7 --accounting-class capital",
    "actual WIFI/RRV/2017-18/revenue -500 --month M7",
    "forecast CYBER/RRV/2017-18/revenue 100,000 --month M7",
    "forecast CYBER/RRV/2017-18/revenue 100,000 --month M7 --internal",
    "explain CYBER/RRV/2017-18/revenue 10 --cause slippage",
    "profile CYBER/RRV/2017-18/revenue 1,1,1,1,1,1,1,1,1,1,1,3",
    "baseline 2017-18 mid-year",
    "reverse 28",
    "programme open APPS Apps --parent TECH",
    "programme rename APPS 'Apps for patients'",
    "programme close APPS",
    "body register R1K Another --kind gp-practice --opened-on 2004-07-01",
    "body register RNJ 'A third' --kind national-body",
    "body close RNJ --on 2012-03-31",
    "body merge R1K --into RRV --on 2018-03-31",
    "cancel WIFI --to programme:SUSPENSE --month M8",
    "close 2017-18 M1",
    "reopen 2017-18 M1 --authority 'The director'",
    "close 2017-18 M1 --hard",
    "commit CYBER/RRV/2017-18/revenue 1 --month M5 --reference PO-2 --draft",
    "submit 47@1",
    "withdraw 47",
    "commit CYBER/RRV/2017-18/revenue 1 --month M5 --reference PO-3 --propose",
];

#[test]
fn every_posting_is_tried_posted_and_repeated_alike() {
    let (folder, served) = (Desk::small(), Desk::small());
    let pair = Pair { folder: &folder, server: Served::on(&served) };
    let mut refused = Vec::new();
    for (index, posting) in POSTINGS.iter().enumerate() {
        let posting = format!("{posting} --reason 'as asked' --key k{index}");
        let tried = pair.same(&format!("{posting} --dry-run"));
        let first = pair.same(&format!("{posting} --format json"));
        let again = pair.same(&posting);
        if [tried.code, first.code, again.code] != [0, 0, 0] {
            refused.push(first.err);
        }
    }
    assert_eq!(refused, [""; 0]);
    for question in ["budget --year 2017-18", "funds", "show behind --year 2017-18", "body list"] {
        pair.same(&format!("{question} --format json"));
    }
    // What the server posted is what the folder has, but for the book's id and the times.
    let entries = |desk: &Desk| masked(&desk.does("export --from 13").out);
    let (here, there) = (entries(&folder), entries(&served));
    assert_eq!(here, there);
}

#[test]
fn refusals_say_the_same_and_end_the_same() {
    let (folder, served) = (Desk::small(), Desk::small());
    let pair = Pair { folder: &folder, server: Served::on(&served) };
    for (arguments, code) in [
        (format!("cut {CYBER} 100000.01 --month M1 --reason r"), 3),
        (format!("cut {CYBER} 100000.01 --month M1 --reason r --dry-run"), 3),
        (format!("commit {CYBER} 0 --month M1 --reference R --reason r"), 3),
        (format!("actual {CYBER} 1 --month M1 --reason r --expect {CYBER}@3"), 5),
        (format!("actual {CYBER} 1 --month M1 --reason r --expect {CYBER}@10"), 0),
        (format!("actual {CYBER} 1 --month M1 --reason r --key one"), 0),
        (format!("actual {CYBER} 2 --month M1 --reason r --key one"), 5),
        (format!("actual {CYBER} 1 --month M1 --reason r --key one --dry-run"), 0),
        ("reverse 999 --reason r".to_owned(), 3),
        ("actual NOT-A-LINE 1 --month M1 --reason r".to_owned(), 2),
    ] {
        for format in ["table", "json"] {
            let arguments = format!("{arguments} --format {format}");
            // An expected version holds once.
            if code != 0 || format == "table" {
                assert_eq!(pair.same(&arguments).code, code, "{arguments}");
            }
        }
    }
}

/// Rows that rest on those before them; two of them are refused.
const RESTING: &str = r#"{"key":"a","reason":"r","command":{"commit":{"line":"CYBER/RRV/2017-18/revenue","month":"M1","amount":"10.00","reference":"N-1"}}}
{"key":"b","reason":"r","command":{"releaseCommitment":{"reference":"N-1","month":"M1","amount":"10.01"}}}
{"key":"c","reason":"r","command":{"releaseCommitment":{"reference":"N-1","month":"M1","amount":"10.00"}}}
{"key":"d","reason":"r","command":{"releaseCommitment":{"reference":"N-1","month":"M1"}}}
{"key":"e","reason":"r","command":{"propose":{"command":{"commit":{"line":"CYBER/RRV/2017-18/revenue","month":"M1","amount":"1.00","reference":"N-2"}}}}}
{"key":"f","reason":"r","command":{"batch":[{"openProgramme":{"code":"NEW","name":"New"}},{"renameProgramme":{"code":"NEW","name":"Newer"}}]}}
{"key":"g","reason":"r","command":{"closeProgramme":{"code":"NEW"}}}
"#;

/// So many rows of spend.
fn spent(count: usize) -> String {
    format!("actual,r,M1,{CYBER},2\n").repeat(count)
}

#[test]
fn a_file_is_posted_and_posted_again() {
    let (folder, served) = (Desk::small(), Desk::small());
    let pair = Pair { folder: &folder, server: Served::on(&served) };
    let rows = format!(
        "command,reason,month,line,amount\nactual,r,M1,{CYBER},1\nactual,r,M2,{CYBER},200000\ncut,r,M1,{CYBER},999999\nactual,r,M3,{CYBER},3\n"
    );
    for desk in [&folder, &served] {
        desk.write("rows.csv", &rows);
        desk.write("bad.csv", format!("{rows}actual,r,M99,{CYBER},3\n"));
        desk.write("resting.jsonl", RESTING);
        desk.write("many.csv", format!("command,reason,month,line,amount\n{}", spent(1001)));
        desk.write("one.csv", format!("command,reason,month,line,amount\nactual,r,M1,{CYBER},7\n"));
    }
    for (arguments, code) in [
        ("post bad.csv", 2),
        ("post one.csv --dry-run", 0),
        ("post rows.csv", 3),
        ("post rows.csv --format json", 3),
        ("post rows.csv --accept-valid", 3),
        ("post rows.csv --accept-valid --format json", 3),
        ("post bad.csv --accept-valid", 2),
        ("post one.csv", 0),
        ("post one.csv --dry-run", 0),
    ] {
        assert_eq!(pair.same(arguments).code, code, "{arguments}");
    }
    let head = pair.same("log --format csv").out;
    for arguments in [
        "post rows.csv --dry-run",
        "post resting.jsonl --dry-run",
        "post resting.jsonl --dry-run --format json",
        "post bad.csv --dry-run",
    ] {
        let tried = pair.same(arguments);
        assert_eq!(tried.code, if arguments.contains("bad") { 2 } else { 3 }, "{tried:?}");
    }
    let tried = pair.same("post resting.jsonl --dry-run --format csv");
    assert!(tried.out.contains("\n5,0,2,"), "{tried:?}");
    assert!(tried.err.contains("row 2: ") && tried.err.contains("row 4: "), "{tried:?}");
    assert_eq!(pair.same("log --format csv").out, head, "nothing is posted");
    let many = pair.same("post many.csv --dry-run --format csv");
    assert!(many.code == 0 && many.out.contains("\n1001,0,0,"), "{many:?}");
}

#[test]
fn flags_win_over_the_environment_and_nothing_is_guessed() {
    let desk = Desk::small();
    let server = Served::on(&desk);
    let url = format!("http://{}", server.address);
    let run = |arguments: &str, variables: &[(&str, &str)]| {
        let mut command = desk.command(arguments);
        variables.iter().for_each(|(name, value)| {
            command.env(format!("BUDGET_LEDGER_{name}"), value);
        });
        Answer::of(&mut command)
    };
    let here = ("SERVER", url.as_str());
    for (arguments, variables, code) in [
        ("funds", &[here][..], 0),
        ("funds --data nowhere", &[here], 2),
        ("funds --data ledger-data", &[here], 0),
        ("funds --server http://127.0.0.1:1", &[here], 1),
        ("funds", &[here, ("DATA", "ledger-data")], 2),
        ("funds --data ledger-data", &[here, ("DATA", "nowhere")], 0),
        ("funds", &[here, ("TOKEN", "secret")], 4),
        // These work on a folder alone, and know no server.
        ("verify", &[here], 0),
        ("verify --data ledger-data", &[here], 0),
        ("verify --data nowhere", &[here], 2),
        ("replay", &[here], 0),
        ("init", &[here], 5),
    ] {
        let answer = run(arguments, variables);
        assert_eq!(answer.code, code, "{arguments} {variables:?}: {answer:?}");
        assert!(!answer.err.contains("secret"), "{answer:?}");
    }
    let both = run(&server.asking("funds --data ledger-data"), &[]);
    assert!(
        both.code == 2 && both.err.contains("both a data folder and a server are named"),
        "{both:?}"
    );
    let post = format!("actual {CYBER} 1 --month M1 --reason r --actor someone");
    let named = server.run(&post);
    assert!(named.code == 2 && named.err.contains("tells by itself who posts"), "{named:?}");
    for verb in ["verify", "replay", "init"] {
        let answer = server.run(verb);
        assert!(answer.code == 2 && answer.err.contains("--server"), "{answer:?}");
    }
}

/// A server that is none: it answers anything with the same, or with nothing at all.
fn impostor(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _read = stream.read(&mut [0; 65536]).unwrap();
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    format!("http://{address}")
}

#[test]
fn what_is_no_ledger_or_not_there_is_told_apart() {
    let desk = Desk::bare();
    let post = format!("actual {CYBER} 1 --month M1 --reason r --key mine");
    for (answer, exit, code) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", 1, "NOT_A_LEDGER"),
        ("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n", 1, "NOT_A_LEDGER"),
        ("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", 4, "UNAUTHENTICATED"),
        ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", 1, "UNREACHABLE"),
        ("", 1, "UNREACHABLE"),
    ] {
        let url = impostor(answer);
        for arguments in ["funds", &post] {
            let told = desk.run(&format!("{arguments} --server {url} --format json"));
            assert_eq!(
                (told.code, &told.error()["code"]),
                (exit, &code.into()),
                "{answer}: {told:?}"
            );
        }
    }
    // A server that is lost after a posting was sent may have posted it.
    let url = impostor_that_loses_postings();
    let told = desk.run(&format!("{post} --server {url} --format json"));
    assert_eq!((told.code, &told.error()["code"]), (1, &"OUTCOME_UNKNOWN".into()), "{told:?}");
    assert!(told.err.contains("--key mine"), "{told:?}");
}

/// It tells where its book ends, and is gone once a posting has come.
fn impostor_that_loses_postings() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let body = r#"{"data":{"ledger":{"book":"00","head":"9"}}}"#;
    let head = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let _read = stream.read(&mut [0; 65536]).unwrap();
            // The end of the book is asked for first, on a connection of its own.
            if number == 0 {
                drop(stream.write_all(head.as_bytes()));
            }
        }
    });
    format!("http://{address}")
}
