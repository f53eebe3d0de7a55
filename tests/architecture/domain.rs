//! The imports allowed in the domain.

use crate::codebase::{code, files, none, read, words};

/// The standard library modules that the domain may use.
const PURE: [&str; 17] = [
    "array",
    "borrow",
    "cmp",
    "collections",
    "convert",
    "error",
    "fmt",
    "hash",
    "iter",
    "marker",
    "mem",
    "num",
    "ops",
    "slice",
    "str",
    "string",
    "sync",
];

/// Names that reach the outside world in other ways.
const WORLD: [&str; 12] = [
    "File",
    "Instant",
    "OpenOptions",
    "SystemTime",
    "async",
    "await",
    "getrandom",
    "rand",
    "rustix",
    "sled",
    "tokio",
    "thread_local",
];

#[test]
fn the_domain_is_pure_and_imports_nothing_of_the_log() {
    let mut found = Vec::new();
    let domain = files("ledger-core/src/domain", "rs");
    assert!(domain.len() > 25, "{} files", domain.len());
    for path in domain {
        for (number, line) in code(&read(&path)) {
            let mut report = |what: &str| found.push(format!("{path}:{number}: {what}"));
            // A standard library path must name an allowed module and must not be grouped, so that
            // this test can read it.
            for (index, _) in line.match_indices("std::") {
                let module = words(&line[index + 5..]).next().unwrap_or_default();
                if line[index + 5..].starts_with('{') || !PURE.contains(&module) {
                    report(&line[index..]);
                }
            }
            for (index, _) in line.match_indices("crate::") {
                let module = words(&line[index + 7..]).next().unwrap_or_default();
                if !["domain", "canonical"].contains(&module) {
                    report(&line[index..]);
                }
            }
            if line.contains("::now(") {
                report("the time now");
            }
            words(&line).filter(|word| WORLD.contains(word)).for_each(&mut report);
        }
    }
    none("not for the domain", &found);
}
