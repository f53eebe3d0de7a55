//! Flags, environment and file, and what is refused before anything is served.

use std::process::Output;

use tempfile::TempDir;

use super::process::{Server, program};

/// The sample book in a folder of its own.
pub(crate) fn sample() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let made = program(&["init", "--sample", "--data", data]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    folder
}

fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = program(arguments).output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn the_codes_a_server_that_cannot_start_ends_with() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().to_str().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "lisen = '127.0.0.1:1'").unwrap();
    let file = file.to_str().unwrap();
    let cases: [(&[&str], i32, &str); 6] = [
        (&["serve", "--demo", "--listen", "0.0.0.0:8080"], 2, "has no sign-in of its own"),
        (&["serve", "--demo", "--listen", "localhost"], 2, "invalid socket address"),
        (&["serve", "--data", empty], 2, "there is no book"),
        (&["serve", "--demo", "--config", file], 2, "unknown field `lisen`"),
        (&["serve", "--demo", "--config", "/nonexistent"], 2, "cannot be read"),
        (&["serve", "--demo", "--log", "loud"], 2, "invalid value"),
    ];
    for (arguments, code, says) in cases {
        let (status, text) = refused(arguments);
        assert_eq!(status, Some(code), "{arguments:?} {text}");
        assert!(text.contains(says), "{arguments:?} {text}");
    }
    let server = Server::demo(&[]);
    let taken = server.address.to_string();
    let (status, text) = refused(&["serve", "--demo", "--listen", &taken]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("choose another address with --listen"), "{text}");
}

#[test]
fn a_book_is_served_by_one_server() {
    let folder = sample();
    let _server = Server::on(folder.path(), &[]);
    let data = folder.path().to_str().unwrap();
    let (status, text) =
        refused(&["serve", "--data", data, "--listen", "127.0.0.1:0", "--without-sign-in"]);
    assert_eq!(status, Some(5), "{text}");
    assert!(text.contains("another process is writing"), "{text}");
}

#[test]
fn a_damaged_book_is_not_served() {
    let folder = sample();
    let book = folder.path().join("book");
    let segment = std::fs::read_dir(&book)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .unwrap();
    let text = std::fs::read_to_string(&segment).unwrap();
    std::fs::write(&segment, text.replacen("8700000", "8700001", 1)).unwrap();
    let data = folder.path().to_str().unwrap();
    let (status, text) =
        refused(&["serve", "--data", data, "--listen", "127.0.0.1:0", "--without-sign-in"]);
    assert_eq!(status, Some(6), "{text}");
    assert!(text.contains("damaged at entry"), "{text}");
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "actor = 'from-file'\npage = 7\ngraphiql = true\n").unwrap();
    let actor = |server: &Server| {
        let at = server.register("AAA");
        let query = format!("{{ entry(position: \"{at}\") {{ actor }} }}");
        server.ask(&query, &serde_json::json!({}))["entry"]["actor"].clone()
    };
    let start = |environment: Option<&str>, flag: &[&str]| {
        let file = file.to_str().unwrap();
        let book = sample();
        let data = book.path().to_str().unwrap();
        let config = ["serve", "--without-sign-in", "--listen", "127.0.0.1:0", "--config", file];
        let mut command = program(&[&config[..], &["--data", data], flag].concat());
        command.envs(environment.map(|actor| ("BUDGET_LEDGER_ACTOR", actor)));
        (Server::start(command), book)
    };
    let (server, _book) = start(None, &[]);
    assert_eq!(actor(&server), "from-file");
    assert_eq!(server.get("/graphiql").status, 200);
    let long = "{ bodies(first: 8) { position } }";
    let answer = server.post(&serde_json::json!({ "query": long }).to_string(), &[]);
    assert!(answer.json().get("errors").is_some(), "a page has at most 7: {answer:?}");
    let (server, _book) = start(Some("from-environment"), &[]);
    assert_eq!(actor(&server), "from-environment");
    let (server, _book) = start(Some("from-environment"), &["--actor", "from-flag"]);
    assert_eq!(actor(&server), "from-flag");
    let book = sample();
    assert_eq!(actor(&Server::on(book.path(), &[])), "local");
}
