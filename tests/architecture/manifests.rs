//! Dependencies: their direction, their use and their licences.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::codebase::{files, none, output, read, words};

/// Cargo's metadata of the workspace and its dependencies on this platform.
fn metadata() -> Value {
    let version = output("rustc", &["-vV"]).expect("rustc");
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let arguments = ["metadata", "--offline", "--format-version", "1", "--filter-platform", host];
    let text = output(&cargo, &arguments).expect("cargo metadata");
    serde_json::from_str(&text).expect("JSON")
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, member: &str) -> &'a Vec<Value> {
    value[member].as_array().expect("a list")
}

/// The workspace's packages by name, each with the names of its dependencies.
fn members(metadata: &Value) -> BTreeMap<&str, BTreeSet<&str>> {
    let own = list(metadata, "packages").iter().filter(|package| package["source"].is_null());
    own.map(|package| {
        let dependencies = list(package, "dependencies").iter();
        (text(package, "name"), dependencies.map(|dependency| text(dependency, "name")).collect())
    })
    .collect()
}

#[test]
fn dependencies_between_our_crates_run_one_way() {
    let metadata = metadata();
    let members = members(&metadata);
    let own: BTreeSet<&str> = members.keys().copied().collect();
    let table: [(&str, &[&str]); 5] = [
        ("ledger-core", &[]),
        ("projections", &["ledger-core"]),
        ("ledger-api", &["ledger-core", "projections"]),
        ("ledger-benches", &["ledger-core", "projections"]),
        ("ledger-tests", &["ledger-core", "projections", "ledger-api", "ledger-benches"]),
    ];
    assert_eq!(own, table.iter().map(|(name, _)| *name).collect(), "the workspace's crates");
    for (name, on) in table {
        let depends: BTreeSet<&str> = members[name].intersection(&own).copied().collect();
        assert_eq!(depends, on.iter().copied().collect(), "what {name} depends on");
    }
}

#[test]
fn the_core_knows_no_face_and_read_models_know_no_disk() {
    let metadata = metadata();
    let members = members(&metadata);
    let banned: [(&str, &[&str]); 2] = [
        ("ledger-core", &["async-graphql", "axum", "clap", "csv", "getrandom", "rand"]),
        ("projections", &["async-graphql", "axum", "clap", "sled", "tokio", "rustix"]),
    ];
    for (name, banned) in banned {
        let found = banned.iter().filter(|dependency| members[name].contains(**dependency));
        none(&format!("{name} depends on"), &found.map(ToString::to_string).collect::<Vec<_>>());
    }
}

#[test]
fn every_dependency_of_the_workspace_is_declared_by_a_crate_and_named_in_its_code() {
    let metadata = metadata();
    let members = members(&metadata);
    let manifest = read("Cargo.toml");
    let (_, section) = manifest.split_once("[workspace.dependencies]\n").expect("dependencies");
    let section = section.split("\n[").next().expect("a section");
    let names = section.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
    let declared: BTreeSet<&str> = members.values().flatten().copied().collect();
    let unused = names.filter(|name| !declared.contains(name)).map(str::to_owned);
    none("in the workspace's list and no crate's", &unused.collect::<Vec<_>>());

    let mut unnamed = Vec::new();
    for (member, dependencies) in &members {
        let folder = match *member {
            "ledger-tests" => "tests",
            "ledger-benches" => "tests/benches",
            own => own,
        };
        let texts: Vec<String> = files(folder, "rs").iter().map(|path| read(path)).collect();
        for dependency in dependencies {
            let word = dependency.replace('-', "_");
            if !texts.iter().any(|text| words(text).any(|found| found == word)) {
                unnamed.push(format!("{member}: {dependency}"));
            }
        }
    }
    none("declared and never named", &unnamed);
}

/// Licences whose code an MIT-licensed program may include without changing its terms.
const LICENCES: [&str; 10] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

/// Whether an SPDX expression can be satisfied with listed licences.
fn allows(expression: &str) -> bool {
    let mut depth = 0;
    let mut split = |operator: &str| -> Option<(String, String)> {
        for (at, char) in expression.char_indices() {
            depth += i32::from(char == '(') - i32::from(char == ')');
            if depth == 0 && expression[at..].starts_with(operator) {
                let (left, right) = expression.split_at(at);
                return Some((left.to_owned(), right[operator.len()..].to_owned()));
            }
        }
        None
    };
    // Old expressions write a stroke for "or".
    if let Some((left, right)) = split(" OR ").or_else(|| split("/")) {
        return allows(&left) || allows(&right);
    }
    if let Some((left, right)) = split(" AND ") {
        return allows(&left) && allows(&right);
    }
    let inner = expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.map_or_else(|| LICENCES.contains(&expression.trim()), allows)
}

#[test]
fn every_dependency_has_a_licence_compatible_with_mit() {
    for (expression, allowed) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT", true),
        ("MIT AND GPL-3.0-only", false),
        ("(MIT OR GPL-3.0-only) AND Unicode-3.0", true),
        ("(MIT AND GPL-3.0-only) OR (GPL-2.0-only AND MIT)", false),
        ("Unlicense/MIT", true),
        ("", false),
    ] {
        assert_eq!(allows(expression), allowed, "{expression}");
    }
    let metadata = metadata();
    // The resolution holds this platform's dependencies; the package list may hold more.
    let built: BTreeSet<&str> =
        list(&metadata["resolve"], "nodes").iter().map(|node| text(node, "id")).collect();
    let packages = list(&metadata, "packages").iter();
    let built = packages.filter(|package| built.contains(text(package, "id")));
    let refused = built.filter(|package| !allows(text(package, "license"))).map(|package| {
        format!(
            "{} {}: {}",
            text(package, "name"),
            text(package, "version"),
            text(package, "license")
        )
    });
    none("licences not on the list", &refused.collect::<Vec<_>>());
}
