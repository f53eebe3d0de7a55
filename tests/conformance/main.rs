//! Clients by other authors, run against a server. See README.md in this folder.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing helper fails its test"
)]

#[path = "../server/process.rs"]
#[expect(dead_code, reason = "this suite uses a part of it")]
mod process;

use std::path::Path;
use std::process::Command;

use ledger_tests::{python_with_gql, skipped};
use process::Server;

fn here() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/conformance"))
}

/// Runs a client and fails with its output.
fn passes(command: &mut Command) {
    let server = Server::demo(&[]);
    let ran =
        command.current_dir(here()).env("LEDGER_URL", server.url("/graphql")).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    let failed = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}\n{failed}");
}

#[test]
fn javascript_clients_query_post_and_subscribe() {
    if !here().join("node_modules").is_dir() {
        skipped("the JavaScript clients are not installed: run `npm ci` in tests/conformance");
        return;
    }
    passes(Command::new("npm").arg("test"));
}

#[test]
fn the_python_client_queries_posts_and_subscribes() {
    let Some(python) = python_with_gql() else { return };
    passes(Command::new(python).arg("python_gql.py"));
}
