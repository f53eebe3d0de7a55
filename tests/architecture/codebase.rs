//! The codebase as text, and the functions that check rules on it.

use std::path::{Path, PathBuf};
use std::process::Command;

use ledger_tests::skipped;

pub(crate) const PRODUCTION: [&str; 3] = ["ledger-core", "projections", "ledger-api"];

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").to_owned()
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(workspace().join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let run = Command::new(program).args(arguments).current_dir(workspace()).output().ok()?;
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    run.status.success().then_some(text)
}

/// The files under a folder with this ending, by their path from the workspace.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![workspace().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                let path = path.strip_prefix(workspace()).expect("inside").to_owned();
                found.push(path.into_os_string().into_string().expect("UTF-8"));
            }
        }
    }
    found.sort();
    found
}

pub(crate) fn production_files() -> Vec<String> {
    let files: Vec<String> =
        PRODUCTION.iter().flat_map(|name| files(&format!("{name}/src"), "rs")).collect();
    assert!(files.len() > 100, "{} files", files.len());
    files
}

pub(crate) fn all_rust_files() -> Vec<String> {
    let mut all = production_files();
    all.extend(files("tests", "rs"));
    all
}

/// A file without the tests at its end.
pub(crate) fn without_tests(text: &str) -> &str {
    text.find("\n#[cfg(test)]\n").map_or(text, |tests| &text[..tests])
}

/// The code of a file without tests, comments and quoted text; each line with its number.
pub(crate) fn code(text: &str) -> Vec<(usize, String)> {
    let line = |(index, line): (usize, &str)| (index + 1, without_quotes_and_comment(line));
    without_tests(text).lines().enumerate().map(line).collect()
}

pub(crate) fn without_quotes_and_comment(line: &str) -> String {
    let (mut code, mut quoted, mut escaped, mut last) = (String::new(), false, false, ' ');
    for char in line.chars() {
        if quoted {
            quoted = escaped || char != '"';
            escaped = !escaped && char == '\\';
            if quoted {
                continue;
            }
        } else if char == '"' && last != '\'' {
            quoted = true;
        } else if char == '/' && last == '/' {
            code.pop();
            break;
        }
        code.push(char);
        last = char;
    }
    code
}

pub(crate) fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|char: char| !char.is_alphanumeric() && char != '_').filter(|word| !word.is_empty())
}

/// Fails with every finding, one a line.
pub(crate) fn none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

/// The files under version control; None without git.
pub(crate) fn committed_files() -> Option<Vec<String>> {
    let listed = output("git", &["ls-files"]);
    if listed.is_none() {
        skipped("no git to list the committed files");
    }
    // A file being moved is listed but absent.
    let present = |path: &&str| workspace().join(path).is_file();
    Some(listed?.lines().filter(present).map(str::to_owned).collect())
}
