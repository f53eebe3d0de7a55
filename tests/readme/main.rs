//! Every example of README.md and docs/sign-off.md runs and prints its stated output.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing helper fails its test"
)]

#[path = "../server/process.rs"]
#[expect(dead_code, reason = "this suite uses a part of it")]
mod process;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use ledger_tests::{python_with_gql, skipped};
use process::Server;

/// A command of the page with its stated output.
struct Example {
    command: String,
    output: Vec<String>,
}

/// The examples of a page, in order: lines after `$ ` in blocks of the language `console`.
fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside {
            if let Some(command) = line.strip_prefix("$ ") {
                examples.push(Example { command: command.to_owned(), output: Vec::new() });
                continue;
            }
            let Example { command, output } = examples.last_mut().unwrap();
            if is_continued(command) {
                command.push('\n');
                command.push_str(line);
            } else {
                output.push(line.to_owned());
            }
        }
    }
    examples
}

/// Whether a command continues on the next line: a quote is open, or the line ends with a
/// backslash.
fn is_continued(command: &str) -> bool {
    command.ends_with('\\') || !command.matches('\'').count().is_multiple_of(2)
}

/// A line without times, roots and paths, which differ from run to run.
fn stable_part(line: &str) -> String {
    let mut words = Vec::new();
    for word in line.split_inclusive([' ', '"', ',']) {
        let bare = word.trim_end_matches([' ', '"', ',']);
        let is_time = bare.len() == 27 && bare.ends_with('Z') && bare.contains('T');
        let is_hash = bare.len() == 64 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        let stable_part = if is_time {
            "TIME"
        } else if is_hash {
            "HASH"
        } else {
            bare
        };
        words.push(word.replace(bare, stable_part));
    }
    words.concat().trim_end().to_owned()
}

#[test]
fn every_example_of_the_readme_prints_what_it_says() {
    runs(include_str!("../../README.md"), 9);
}

#[test]
fn every_example_of_sign_off_prints_what_it_says() {
    runs(include_str!("../../docs/sign-off.md"), 6);
}

/// Runs the examples of a page, at least so many, beside a server of the demo.
fn runs(page: &str, least: usize) {
    let server = Server::demo(&[]);
    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("bin");
    std::fs::create_dir(&programs).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_ledger-under-test"));
    std::os::unix::fs::symlink(program, programs.join("budget-ledger")).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut exported: BTreeMap<String, String> = BTreeMap::new();
    let mut ran = 0;
    for Example { command, output } in examples(page) {
        // The two commands that set the folder up have run already.
        let command = match command.as_str() {
            set_up if set_up.starts_with("cargo ") => continue,
            command => command.replace("127.0.0.1:8080", &server.address.to_string()),
        };
        if let Some((name, value)) =
            command.strip_prefix("export ").and_then(|set| set.split_once('='))
        {
            exported.insert(name.to_owned(), value.to_owned());
            continue;
        }
        let mut needed = ["curl", "jq"].into_iter().filter(|needed| command.contains(needed));
        if let Some(absent) = needed.find(|needed| !is_installed(needed)) {
            skipped(&format!("{absent} is not installed: {command}"));
            continue;
        }
        let done = Command::new("sh")
            .args(["-c", &format!("{{ {command}\n}} 2>&1")])
            .current_dir(folder.path())
            .env("PATH", &path)
            .env("LEDGER_URL", server.url("/graphql"))
            .envs(&exported)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        let said: Vec<String> = said.trim_end().lines().map(stable_part).collect();
        let expected: Vec<String> = output.iter().map(|line| stable_part(line)).collect();
        assert_eq!(said, expected, "$ {command}");
        ran += 1;
    }
    assert!(ran >= least, "{ran} examples were run");
}

fn is_installed(command: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {command}")]).output().unwrap();
    found.status.success()
}

#[test]
fn the_python_example_of_the_readme_prints_the_figures() {
    let Some(python) = python_with_gql() else { return };
    let (_, after) = include_str!("../../README.md").split_once("```python\n").unwrap();
    let (example, _) = after.split_once("```").unwrap();
    let server = Server::demo(&[]);
    let example = example.replace("127.0.0.1:8080", &server.address.to_string());
    let ran = Command::new(python).args(["-c", &example]).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(
        said.contains("Cyber security 72400000.00\n"),
        "{said}{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}
