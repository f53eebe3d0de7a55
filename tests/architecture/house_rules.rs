//! House rules about source files.

use crate::codebase::{
    PRODUCTION, all_rust_files, code, none, production_files, read, without_tests, words,
};

#[test]
fn files_stay_under_400_lines_without_their_tests() {
    let long = all_rust_files().into_iter().filter_map(|path| {
        let lines = without_tests(&read(&path)).lines().count();
        (lines >= 400).then(|| format!("{path} has {lines}"))
    });
    none("too long, split by noun", &long.collect::<Vec<_>>());
}

#[test]
fn unit_tests_stand_at_the_end_of_their_file() {
    let found = production_files().into_iter().filter(|path| {
        let text = read(path);
        let tests = text.find("#[cfg(test)]").map(|at| text[at..].lines().skip(1));
        tests.is_some_and(|mut lines| {
            lines.next() != Some("mod tests {")
                || lines.position(|line| line == "}").is_none()
                || lines.next().is_some()
        })
    });
    none("code after tests escapes these rules", &found.collect::<Vec<_>>());
}

#[test]
fn every_file_begins_with_its_purpose() {
    let found = all_rust_files().into_iter().filter(|path| {
        let text = read(path);
        !text.lines().next().is_some_and(|line| line.len() > 12 && line.starts_with("//! "))
    });
    none("no module comment", &found.collect::<Vec<_>>());
}

#[test]
fn nothing_is_unsafe_and_every_crate_takes_the_workspace_s_lints() {
    let mut found = Vec::new();
    for path in all_rust_files() {
        let lines = code(&read(&path)).into_iter();
        let hits = lines.filter(|(_, line)| words(line).any(|word| word == "unsafe"));
        found.extend(hits.map(|(number, line)| format!("{path}:{number}: {line}")));
    }
    none("unsafe code", &found);
    let manifest = read("Cargo.toml");
    assert!(manifest.contains("unsafe_code = \"forbid\""), "the workspace forbids unsafe code");
    for member in PRODUCTION.into_iter().chain(["tests", "tests/benches"]) {
        let manifest = read(&format!("{member}/Cargo.toml"));
        assert!(manifest.contains("[lints]\nworkspace = true"), "{member} takes the lints");
    }
}

/// Whether a line may panic. A method of our own called `expect` takes more than a message.
fn gives_up(line: &str) -> bool {
    let message = |rest: &str| {
        let arguments = rest.split(')').next().unwrap_or_default();
        arguments.starts_with(['"', '&']) || !arguments.contains(',')
    };
    let expects =
        line.match_indices(".expect(").any(|(at, call)| message(&line[at + call.len()..]));
    let ends =
        [".unwrap()", ".unwrap_err()", "panic!(", "unreachable!(", "todo!(", "unimplemented!("];
    expects || ends.iter().any(|end| line.contains(end))
}

#[test]
fn production_code_never_gives_up() {
    let mut found = Vec::new();
    for path in production_files() {
        let lines = code(&read(&path)).into_iter().filter(|(_, line)| gives_up(line));
        found.extend(lines.map(|(number, line)| format!("{path}:{number}: {}", line.trim())));
    }
    none("return an error instead", &found);
}
