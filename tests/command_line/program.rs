//! The program, run as a process in a temporary folder of its own, beside whose book files can lie.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex};

use serde_json::Value;
use tempfile::TempDir;

/// A folder in which the program is run, and its clock where it is set. The book, where there is one,
/// is in `ledger-data`.
pub(crate) struct Desk(TempDir, Mutex<Option<&'static str>>);

/// How a run of the program ended, and what it wrote.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The book most tests begin with: two programmes, a trust, a fund with £1m of each class, and
/// £100,000.00 of revenue on each of two lines. Its last entry is 12.
const SMALL: &str = include_str!("small.jsonl");

/// The head of the small book.
pub(crate) const SMALL_HEAD: u64 = 12;

/// The line of the small book that most postings name.
pub(crate) const CYBER: &str = "CYBER/RRV/2017-18/revenue";

/// Its other line.
pub(crate) const WIFI: &str = "WIFI/RRV/2017-18/revenue";

/// Files by name.
type Files = Vec<(OsString, Vec<u8>)>;

/// Where the book lies on a desk.
const BOOK: &str = "ledger-data/book";

/// Its one segment.
pub(crate) const SEGMENT: &str = "ledger-data/book/00000000000000000001.jsonl";

impl Desk {
    /// Without a book.
    pub(crate) fn bare() -> Self {
        Desk(TempDir::new().unwrap(), Mutex::new(None))
    }

    /// With the sample book.
    pub(crate) fn sample() -> Self {
        static MADE: LazyLock<Files> = LazyLock::new(|| {
            let desk = Desk::bare();
            desk.does("init --sample");
            desk.book()
        });
        Desk::with(&MADE)
    }

    /// With the small book.
    pub(crate) fn small() -> Self {
        static MADE: LazyLock<Files> = LazyLock::new(|| {
            let desk = Desk::bare();
            desk.does("init");
            desk.write("small.jsonl", SMALL);
            desk.does("post small.jsonl");
            desk.book()
        });
        Desk::with(&MADE)
    }

    /// The files of its book.
    fn book(&self) -> Files {
        let files = fs::read_dir(self.path(BOOK)).unwrap().map(|file| file.unwrap());
        files.map(|file| (file.file_name(), fs::read(file.path()).unwrap())).collect()
    }

    /// With such a book, whose index is yet to be made.
    fn with(files: &Files) -> Self {
        let desk = Desk::bare();
        fs::create_dir_all(desk.path(BOOK)).unwrap();
        for (name, bytes) in files {
            fs::write(desk.path(BOOK).join(name), bytes).unwrap();
        }
        desk
    }

    /// Sets the program's clock, which runs on from this time whenever it is started.
    pub(crate) fn set_clock(&self, time: &'static str) {
        *self.1.lock().unwrap() = Some(time);
    }

    /// The path of something below the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// The program with these arguments, which are separated by spaces except between single
    /// quotes. Nothing of the environment decides what it does.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ledger-under-test"));
        command.arg0("budget-ledger").args(words(arguments)).current_dir(self.0.path());
        for name in ["DATA", "SERVER", "TOKEN", "ACTOR"] {
            command.env_remove(format!("BUDGET_LEDGER_{name}"));
        }
        for name in ["NO_COLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        if let Some(time) = *self.1.lock().unwrap() {
            command.env("LEDGER_UNDER_TEST_CLOCK", time);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs the program.
    pub(crate) fn run(&self, arguments: &str) -> Answer {
        Answer::of(&mut self.command(arguments))
    }

    /// Runs the program, which must do what it is asked.
    pub(crate) fn does(&self, arguments: &str) -> Answer {
        let answer = self.run(arguments);
        assert_eq!(answer.code, 0, "{arguments}: {answer:?}");
        answer
    }

    /// Runs the program and reads the rows it answers with.
    pub(crate) fn rows(&self, arguments: &str) -> Vec<Value> {
        let answer = self.does(&format!("{arguments} --format json"));
        serde_json::from_str(&answer.out).expect(arguments)
    }

    /// Runs the program, which must answer with one row.
    pub(crate) fn row(&self, arguments: &str) -> Value {
        let mut rows = self.rows(arguments);
        assert_eq!(rows.len(), 1, "{arguments}: {rows:?}");
        rows.remove(0)
    }

    /// Every entry as it is stored.
    pub(crate) fn entries(&self) -> String {
        self.does("export").out
    }
}

impl Answer {
    /// The cells of some columns of the rows that it told as CSV.
    pub(crate) fn columns(&self, wanted: &[&str]) -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_reader(self.out.as_bytes());
        let names = reader.headers().unwrap().clone();
        let index = |name: &&str| names.iter().position(|known| known == *name).expect("a column");
        let wanted: Vec<usize> = wanted.iter().map(index).collect();
        let rows = reader.records().map(|row| {
            let row = row.unwrap();
            wanted.iter().map(|index| row[*index].to_owned()).collect()
        });
        rows.collect()
    }

    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Answer {
            code: output.status.code().expect("it ends by itself"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The error, which is JSON on the last line of stderr.
    pub(crate) fn error(&self) -> Value {
        let last = self.err.lines().last().expect("something on stderr");
        let mut report: Value = serde_json::from_str(last).expect(last);
        report.get_mut("error").expect("an error").take()
    }
}

fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().expect("one is begun").push(other),
        }
    }
    words
}

/// Where an entry's line begins and ends in a segment.
pub(crate) fn place(segment: &[u8], entry: u64) -> (usize, usize) {
    let text = std::str::from_utf8(segment).unwrap();
    let start = text.find(&format!("{{\"position\":{entry},")).unwrap();
    (start, start + text.get(start..).unwrap().find('\n').unwrap())
}

/// A member of a row as text, where it is text.
pub(crate) fn text<'r>(row: &'r Value, member: &str) -> &'r str {
    row.get(member).and_then(Value::as_str).unwrap_or("not text")
}

/// The row of a programme.
pub(crate) fn programme<'r>(rows: &'r [Value], code: &str) -> &'r Value {
    rows.iter().find(|row| text(row, "programme") == code).expect(code)
}
