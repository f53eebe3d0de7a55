//! GraphiQL: in a demonstration only, from this host only, with examples that work; and the page at
//! `/`.

use serde_json::{Value, json};

use super::process::Server;

#[test]
fn every_file_of_it_comes_from_here() {
    let server = Server::demo(&[]);
    let page = server.get("/graphiql");
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    let quoted: Vec<&str> = page.text.split('"').collect();
    let files: Vec<&&str> = quoted.iter().filter(|text| text.starts_with("/graphiql/")).collect();
    assert_eq!(files.len(), 5, "{}", page.text);
    for file in files {
        assert_eq!(server.get(file).status, 200, "{file}");
    }
    assert!(!page.text.contains("//"), "no other host: {}", page.text);
    let folder = super::settings::sample();
    assert_eq!(Server::on(folder.path(), &[]).get("/graphiql").status, 404);
}

#[test]
fn the_root_says_what_is_where() {
    let folder = super::settings::sample();
    for (server, has_explorer) in
        [(Server::demo(&[]), true), (Server::on(folder.path(), &[]), false)]
    {
        let plain = server.send("GET", "/", &[("accept", "*/*")], "");
        let html = server.send("GET", "/", &[("accept", "text/html,*/*;q=0.8")], "");
        for (page, media) in [(&plain, "text/plain"), (&html, "text/html")] {
            assert_eq!(page.status, 200);
            assert_eq!(page.header("content-type"), Some(&*format!("{media}; charset=utf-8")));
            for named in ["/graphql", "/health", "/metrics", "budget-ledger --help", "docs/"] {
                assert!(page.text.contains(named), "{named}: {}", page.text);
            }
            assert_eq!(page.text.contains("/graphiql"), has_explorer, "{}", page.text);
            assert!(page.text.contains(&server.url("")), "{}", page.text);
        }
    }
}

#[test]
fn its_examples_work() {
    let server = Server::demo(&[]);
    let examples: Vec<Value> =
        serde_json::from_value(server.get("/graphiql/examples.json").json()).unwrap();
    assert!(examples.len() >= 5);
    for example in examples {
        let lines: Vec<String> = serde_json::from_value(example["query"].clone()).unwrap();
        let query = lines.join("\n");
        let mut socket = server.begun();
        socket.subscribe("1", &query, example.get("variables").unwrap_or(&json!({})));
        if query.contains("entries {") {
            // It tells what comes from now on.
            socket.say(&json!({ "type": "ping" }));
            assert_eq!(socket.hear(), json!({ "type": "pong" }), "{example}");
            server.register("AAA");
        }
        let message = socket.hear();
        assert_eq!(message["type"], json!("next"), "{message}");
        assert_eq!(message["payload"].get("errors"), None, "{message}");
    }
}
