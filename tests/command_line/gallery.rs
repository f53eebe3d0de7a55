//! The gallery of errors: what somebody did wrong, and what the program answers, word for word.
//!
//! Each file of `tests/gallery` is one mistake. Its lines are:
//!
//! - `# TEXT`: what is wrong;
//! - `> NAME`: a file, whose text follows up to an empty line; `<<N TEXT>>` stands for N times
//!   TEXT, and a file `cut short` has no line break at its end;
//! - `! no book`, `! another writer`, `! damage at entry N`: how the data folder is;
//! - `% ARGUMENTS`: something done before, which works;
//! - `$ ARGUMENTS`: the mistake. The rest is what is written to stderr, and the exit code.
//!
//! With `LEDGER_BLESS=1` the answers are written anew: read the difference before you keep it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use ledger_api::clock::system_clock;
use projections::book::{Book, DataFolder};

use super::program::{Desk, SEGMENT, place};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("gallery");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|case| case.unwrap().path()).collect();
    cases.sort();
    cases
}

/// One mistake: all that stands before its answer, and the answer.
struct Case {
    told: String,
    answer: String,
}

fn unfold(line: &str) -> String {
    let Some((before, rest)) = line.split_once("<<") else { return line.to_owned() };
    let (inside, after) = rest.split_once(">>").expect("closed");
    let (count, text) = inside.split_once(' ').expect("a count and a text");
    format!("{before}{}{}", text.repeat(count.parse().unwrap()), unfold(after))
}

fn damage(desk: &Desk, entry: &str) {
    let segment = desk.path(SEGMENT);
    let mut bytes = fs::read(&segment).unwrap();
    let (start, end) = place(&bytes, entry.parse().unwrap());
    *bytes.get_mut(start.midpoint(end)).unwrap() ^= 1;
    fs::write(&segment, bytes).unwrap();
}

/// Does what a case tells, and gives its text with the answer as it is.
fn done(name: &str, text: &str) -> Case {
    let desk =
        if text.lines().any(|line| line == "! no book") { Desk::bare() } else { Desk::small() };
    let mut told = String::new();
    let mut writer = None;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        writeln!(told, "{line}").unwrap();
        if let Some(file) = line.strip_prefix("> ") {
            let text = lines.by_ref().take_while(|line| !line.is_empty());
            let text: Vec<&str> = text.collect();
            writeln!(told, "{}\n", text.join("\n")).unwrap();
            let text: Vec<String> = text.into_iter().map(unfold).collect();
            let (file, end) = file.strip_suffix(" cut short").map_or((file, "\n"), |f| (f, ""));
            desk.write(file, text.join("\n") + end);
        } else if let Some(entry) = line.strip_prefix("! damage at entry ") {
            damage(&desk, entry);
        } else if line == "! another writer" {
            let folder = DataFolder::writable(&desk.path("ledger-data")).unwrap();
            writer = Some(Book::open(folder, system_clock(), None).unwrap());
        } else if let Some(arguments) = line.strip_prefix("% ") {
            desk.does(arguments);
        } else if let Some(arguments) = line.strip_prefix("$ ") {
            let answer = mistake(&desk, name, arguments);
            drop(writer);
            return Case { told, answer };
        }
    }
    unreachable!("{name} has no mistake in it")
}

fn mistake(desk: &Desk, name: &str, arguments: &str) -> String {
    let stored = || fs::read(desk.path(SEGMENT)).ok();
    let before = stored();
    let answer = desk.run(arguments);
    assert_ne!(answer.code, 0, "{name}: {answer:?}");
    // A file that could be read is answered with how many of its rows were refused.
    assert!(answer.out.is_empty() || arguments.starts_with("post "), "{name}: {answer:?}");
    // The same as JSON.
    let json = desk.run(&format!("{arguments} --format json"));
    let error = json.error();
    assert_eq!(error["exitCode"], answer.code, "{name}");
    let message = error["message"].as_str().expect("a message");
    // A usage line repeats the arguments, which differ.
    let first = format!("error: {}\n", message.lines().next().unwrap_or_default());
    assert!(answer.err.contains(&first), "{name}: {message}");
    let rows = answer.err.lines().filter(|line| line.starts_with("row ")).count();
    assert_eq!(error["rows"].as_array().map_or(0, Vec::len), rows, "{name}");
    assert!(stored() == before, "{name} changed the book");
    format!("{}exit code {}\n", answer.err, answer.code)
}

/// The cases that are answered otherwise than they say.
fn differing(cases: &[PathBuf]) -> Vec<String> {
    let bless = std::env::var_os("LEDGER_BLESS").is_some_and(|bless| bless == "1");
    let mut differ = Vec::new();
    for path in cases {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(path).unwrap();
        let Case { told, answer } = done(&name, &text);
        let is = format!("{told}{answer}");
        if bless {
            fs::write(path, is).unwrap();
        } else if is != text {
            differ.push(format!("{name} is answered\n{answer}"));
        }
    }
    differ
}

#[test]
fn every_mistake_is_answered_with_what_why_and_what_next_and_changes_nothing() {
    let cases = cases();
    assert!(cases.len() > 60, "the gallery is not where it should be");
    let (some, others) = cases.split_at(cases.len() / 2);
    let differ = thread::scope(|scope| {
        let halves = [some, others].map(|half| scope.spawn(|| differing(half)));
        halves.map(|half| half.join().expect("each case is answered")).concat()
    });
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
