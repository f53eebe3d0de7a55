//! SIGTERM: what is under way is answered, sockets are told, and nothing is half done.

use std::io::{BufRead, BufReader};
use std::thread;
use std::time::Duration;

use ledger_tests::sample_head;
use serde_json::json;
use tungstenite::protocol::frame::coding::CloseCode;

use super::process::{Server, program, write};
use super::settings::sample;

#[test]
fn sockets_and_streams_are_told_and_the_end_is_in_order() {
    let folder = sample();
    for signal in ["TERM", "INT"] {
        let mut server = Server::on(folder.path(), &[]);
        let (mut idle, mut following) = (server.socket(), server.begun());
        following.subscribe("1", "subscription { entries { position } }", &json!({}));
        let mut stream = server.connect();
        let body = r#"{"query":"subscription { entries { position } }"}"#;
        write(
            &mut stream,
            &format!(
                "POST /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len(),
            ),
        );
        let mut lines = BufReader::new(stream).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "HTTP/1.1 200 OK");
        // A connection that idles, and one that has begun to ask: neither is waited for.
        let (_idle, mut begun) = (server.connect(), server.connect());
        write(&mut begun, "POST /graphql HTTP/1.1\r\nhost: loc");
        server.signal(signal);
        for socket in [&mut idle, &mut following] {
            assert_eq!(socket.close().code, CloseCode::from(1001));
        }
        assert!(lines.map_while(Result::ok).all(|line| !line.contains("complete")));
        assert_eq!(server.wait().code(), Some(0), "{:?}", server.log());
    }
    let verified = program(&["verify", "--data", folder.path().to_str().unwrap()]).output();
    assert_eq!(verified.unwrap().status.code(), Some(0));
}

#[test]
fn every_posting_is_whole_or_absent_and_those_answered_are_there() {
    let folder = sample();
    let mut server = Server::on(folder.path(), &[]);
    let url = server.url("/graphql");
    let url = url.as_str();
    let (answered, asked) = thread::scope(|scope| {
        let posters: Vec<_> = (0..4)
            .map(|poster| {
                scope.spawn(move || {
                    let mut answered = Vec::new();
                    for index in 0.. {
                        let code = format!("P{poster}{index}");
                        let body = json!({
                            "query": super::process::REGISTER,
                            "variables": super::process::registration(&code),
                        });
                        let agent = ureq::Agent::new_with_defaults();
                        let request = agent.post(url).header("content-type", "application/json");
                        let Ok(mut response) = request.send(body.to_string()) else {
                            return (answered, index + 1);
                        };
                        let text = response.body_mut().read_to_string().unwrap();
                        let payload: serde_json::Value = serde_json::from_str(&text).unwrap();
                        let position = &payload["data"]["registerBody"]["position"];
                        answered.push(position.as_str().unwrap().parse::<u64>().unwrap());
                    }
                    unreachable!("it goes on until the server has gone")
                })
            })
            .collect();
        thread::sleep(Duration::from_millis(300));
        server.signal("TERM");
        let mut answered = Vec::new();
        let mut asked = 0;
        for poster in posters {
            let (theirs, count) = poster.join().unwrap();
            answered.extend(theirs);
            asked += count;
        }
        (answered, asked)
    });
    assert_eq!(server.wait().code(), Some(0), "{:?}", server.log());
    let mut positions = answered;
    positions.sort_unstable();
    let head = head(folder.path());
    let expected: Vec<u64> = (sample_head() + 1..=head).collect();
    // Who was answered is there; at most the last of each poster is there without an answer.
    assert!(positions.iter().all(|position| expected.contains(position)));
    let posted = head - sample_head();
    assert!(posted <= asked && positions.len() as u64 + 4 >= posted);
    assert!(!positions.is_empty());
    let verified = program(&["verify", "--data", folder.path().to_str().unwrap()]).output();
    assert_eq!(verified.unwrap().status.code(), Some(0));
}

fn head(data: &std::path::Path) -> u64 {
    let arguments = ["verify", "--data", data.to_str().unwrap(), "--format", "json"];
    let output = program(&arguments).output().unwrap();
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let row = if rows.is_array() { &rows[0] } else { &rows };
    row["entries"].as_u64().unwrap_or_else(|| panic!("{rows}"))
}

#[test]
fn a_demonstration_leaves_nothing_behind() {
    let mut server = Server::demo(&[]);
    let kept = |server: &Server| std::fs::read_dir(server.temporary.path()).unwrap().count();
    assert_eq!(kept(&server), 1);
    server.register("AAA");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    assert_eq!(kept(&server), 0);
}
