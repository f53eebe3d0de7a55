//! A data folder with keys, and the people who hold them.

use std::fmt::Display;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Server, program};

/// A data folder with the sample book and the first two keys: Ada administers, Bob approves for the
/// department.
pub(crate) struct Desk {
    folder: TempDir,
    pub(crate) ada: String,
    pub(crate) bob: String,
}

/// A new key.
pub(crate) struct NewKey {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Desk::after::<&str>(&[])
    }

    /// A desk whose book one person kept until the keys: that person posts these alone.
    pub(crate) fn after<T: Display>(postings: &[T]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk { folder, ada: String::new(), bob: String::new() };
        desk.does("init --sample", "");
        for posting in postings {
            desk.does(&format!("{posting} --reason test"), "");
        }
        let made = desk.does("keys init --administrator ada --approver bob --format json", "");
        let token = |row: usize| made[row]["token"].as_str().unwrap().to_owned();
        let (ada, bob) = (token(0), token(1));
        Desk { ada, bob, ..desk }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a verb on the folder, signed in by `token` unless it is empty.
    pub(crate) fn run(&self, arguments: &str, token: &str) -> Output {
        let mut command = program(&arguments.split(' ').collect::<Vec<_>>());
        command.env("BUDGET_LEDGER_DATA", self.path());
        if !token.is_empty() {
            command.env("BUDGET_LEDGER_TOKEN", token);
        }
        command.output().unwrap()
    }

    /// Runs a verb that must succeed and returns its JSON output.
    pub(crate) fn does(&self, arguments: &str, token: &str) -> Value {
        let output = self.run(arguments, token);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments}: {said}");
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    /// Runs a verb that must be refused and returns the exit code and the error's code.
    pub(crate) fn refuses(&self, arguments: &str, token: &str) -> (i32, String) {
        let output = self.run(&format!("{arguments} --format json"), token);
        let last = String::from_utf8_lossy(&output.stderr);
        let last = last.trim_end().lines().last().unwrap_or_default();
        let said: Value =
            serde_json::from_str(last).unwrap_or_else(|_| panic!("{arguments}: {output:?}"));
        let code = said["error"]["code"].as_str().unwrap().to_owned();
        (output.status.code().unwrap(), code)
    }

    /// The last entry.
    pub(crate) fn head(&self) -> u64 {
        let rows = self.does("policy show --format json", &self.bob);
        rows[0]["position"].as_u64().unwrap()
    }

    /// A key that Ada made and nobody has confirmed yet.
    pub(crate) fn pending(&self, person: &str, grants: &str) -> NewKey {
        let made =
            self.does(&format!("keys create --for {person} {grants} --format json"), &self.ada);
        let text = |name: &str| made[0][name].as_str().unwrap().to_owned();
        NewKey { id: text("id"), token: text("token") }
    }

    /// A key that Ada made and Bob confirmed.
    pub(crate) fn key(&self, person: &str, grants: &str) -> NewKey {
        let made = self.pending(person, grants);
        self.does(&format!("keys confirm {}", made.id), &self.bob);
        made
    }

    /// A server on the folder.
    pub(crate) fn serve(&self) -> Server {
        let data = self.path().to_str().unwrap();
        Server::start(program(&["serve", "--data", data, "--listen", "127.0.0.1:0"]))
    }

    /// The events of the access log, each as a name with its particulars.
    pub(crate) fn access_log(&self, auditor: &str) -> Vec<(String, String)> {
        let rows = self.does("access-log --format json", auditor);
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let event = |row| (text(row, "what"), text(row, "particulars"));
        rows.as_array().unwrap().iter().map(event).collect()
    }
}

/// What an event of the access log says, without the number of times it is counted, and that number.
pub(crate) fn counted(particulars: &str) -> (&str, usize) {
    let more = particulars.strip_suffix(" more times").and_then(|said| said.rsplit_once(", "));
    more.map_or((particulars, 1), |(said, times)| (said, times.parse().unwrap()))
}

/// An `authorization` header.
pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}
