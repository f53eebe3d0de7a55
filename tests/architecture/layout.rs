//! The files of the repository, and the places they name.

use std::collections::BTreeSet;

use crate::codebase::{all_rust_files, committed_files, none, read, workspace};

#[test]
fn no_committed_file_names_a_path_on_a_developer_s_machine() {
    let Some(files) = committed_files() else { return };
    let places = ["work", "root", "home", "Users"].map(|folder| format!("/{folder}/"));
    let mut found = Vec::new();
    for path in files {
        let bytes = std::fs::read(workspace().join(&path)).expect("a committed file");
        let text = String::from_utf8_lossy(&bytes);
        for (index, line) in text.lines().enumerate() {
            if places.iter().any(|place| line.contains(place)) {
                found.push(format!("{path}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    none("absolute paths", &found);
}

#[test]
fn the_top_level_holds_only_the_files_named_by_the_design() {
    let Some(files) = committed_files() else { return };
    let top: BTreeSet<&str> = files.iter().filter_map(|path| path.split('/').next()).collect();
    let fixed = ["Cargo.toml", "LICENSE", "ledger-core", "projections", "ledger-api", "tests"];
    let allowed = [
        ".ci",
        ".gitattributes",
        ".gitignore",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "Cargo.lock",
        "README.md",
        "clippy.toml",
        "docs",
        "rustfmt.toml",
        "schema.graphql",
    ];
    let missing = fixed.iter().filter(|name| !top.contains(**name));
    none("missing", &missing.map(ToString::to_string).collect::<Vec<_>>());
    let other = top.iter().filter(|name| !fixed.contains(name) && !allowed.contains(name));
    none("not in the design", &other.map(ToString::to_string).collect::<Vec<_>>());
}

#[test]
fn the_pages_a_reader_starts_from_are_there() {
    let pages = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", ".ci/run"];
    let missing = pages.iter().filter(|page| !workspace().join(page).is_file());
    none("missing", &missing.map(ToString::to_string).collect::<Vec<_>>());
}

#[test]
fn every_page_of_docs_that_code_refers_to_exists() {
    let mut found = Vec::new();
    for path in all_rust_files() {
        for line in read(&path).lines().filter(|line| line.trim_start().starts_with("//")) {
            for (at, _) in line.match_indices("docs/") {
                let named = |char: char| char.is_alphanumeric() || "/._-".contains(char);
                let page: String = line[at..].chars().take_while(|char| named(*char)).collect();
                let page = page.trim_end_matches(['.', '/']);
                if !workspace().join(page).exists() {
                    found.push(format!("{path}: {page}"));
                }
            }
        }
    }
    none("no such page", &found);
}
