//! The command line reads a book only through committed documents.

use std::collections::BTreeSet;

use crate::codebase::{code, files, none, production_files, read, without_tests, words, workspace};

const READ: &str = "ledger-api/src/cli/read";

const DOCUMENTS: &str = "ledger-api/src/cli/documents";

/// The types allowed in a question's arguments: moments and groupings, no read model.
const ARGUMENTS: [&str; 5] = ["AsAt", "Direction", "Grouping", "ReasonsBy", "Rollup"];

/// The modules in the paths of those types.
const MODULES: [&str; 2] = ["budget", "flows"];

/// Types that read a book's figures or entries.
const READERS: [&str; 8] =
    ["Book", "DataFolder", "ReadModels", "Scope", "Store", "Within", "Writer", "entry_at"];

/// The names after `projections::` on a line, a group's one by one.
fn imported(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, path) in line.match_indices("projections::") {
        let rest = &line[at + path.len()..];
        let rest = rest.split([';', '(', ')', '<', '>']).next().unwrap_or_default();
        found.extend(words(rest).map(str::to_owned));
    }
    found
}

#[test]
fn questions_read_a_book_through_documents_alone() {
    let mut found = Vec::new();
    let questions = files(READ, "rs");
    assert!(questions.len() > 15, "{} files", questions.len());
    for path in &questions {
        for (number, line) in code(&read(path)) {
            let names = imported(&line).into_iter();
            let strange = names.filter(|name| {
                !ARGUMENTS.contains(&name.as_str()) && !MODULES.contains(&name.as_str())
            });
            found.extend(strange.map(|name| format!("{path}:{number}: projections' {name}")));
            let readers = words(&line).filter(|word| READERS.contains(word));
            found.extend(readers.map(|word| format!("{path}:{number}: {word}")));
            for module in ["ledger_core::log", "ledger_core::writer", "crate::graphql"] {
                if line.contains(module) {
                    found.push(format!("{path}:{number}: {module}"));
                }
            }
        }
    }
    none("a question of the command line reads the book by itself", &found);
}

#[test]
fn there_is_one_door_and_no_second_source() {
    let cli = production_files().into_iter().filter(|path| path.starts_with("ledger-api/src/cli/"));
    let mut found = Vec::new();
    let mut doors = BTreeSet::new();
    for path in cli {
        if path.starts_with("ledger-api/src/cli/source") {
            found.push(path.clone());
        }
        for (number, line) in code(&read(&path)) {
            if words(&line).any(|word| word == "Source") && line.contains("trait") {
                found.push(format!("{path}:{number}: {}", line.trim()));
            }
            if let Some((_, door)) = line.split_once("impl Door for ") {
                doors.insert(words(door).next().unwrap_or_default().to_owned());
            }
        }
    }
    none("another way to ask", &found);
    // A folder, a server, and either as it would be.
    assert_eq!(doors, ["Folder", "Server", "WhatIf"].map(str::to_owned).into());
}

#[test]
fn every_document_is_asked_and_every_table_has_one() {
    let (mut asked, mut found) = (BTreeSet::new(), Vec::new());
    for path in production_files() {
        let text = read(&path);
        let text = without_tests(&text);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut constants = BTreeSet::new();
        for (at, start) in text.match_indices("include_str!(\"") {
            let named = text[at + start.len()..].split('"').next().unwrap_or_default();
            if !named.ends_with(".graphql") {
                continue;
            }
            let place = workspace().join(folder).join(named);
            let Ok(place) = place.canonicalize() else {
                found.push(format!("{path}: {named} is not there"));
                continue;
            };
            let name = place.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            asked.insert(format!("{DOCUMENTS}/{name}"));
            let before = text[..at].rsplit('\n').next().unwrap_or_default();
            constants.extend(before.split_once("const ").and_then(|(_, of)| words(of).next()));
        }
        // The type itself is defined where tables are read.
        for (at, start) in text.match_indices(" document: ") {
            let value = text[at + start.len()..].trim_start();
            let inline = value.starts_with("include_str!(\"");
            let constant = words(value).next().is_some_and(|name| constants.contains(name));
            let passed = value.starts_with('&') || !path.starts_with("ledger-api/src/cli/");
            if !inline && !constant && !passed {
                let line = text[..at].lines().count();
                found.push(format!("{path}:{line}: a table without a committed document"));
            }
        }
    }
    none("documents are committed files", &found);
    let committed: BTreeSet<String> = files(DOCUMENTS, "graphql").into_iter().collect();
    let unasked: Vec<String> = committed.difference(&asked).cloned().collect();
    none("no verb asks", &unasked);
    assert!(committed.len() > 30, "{} documents", committed.len());
}
