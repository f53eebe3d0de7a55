//! The server under everything at once, within 512 MiB: others are answered in time, and keep what was
//! confirmed to them.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ledger_tests::measure::{memory, percentile};
use ledger_tests::rounds;
use serde_json::{Value, json};

use super::desk::{Desk, bearer};
use super::process::{REGISTER, Server, program, registration};

/// The limit of memory, in bytes.
const LIMIT: u64 = 512 << 20;

/// How long the slowest of a hundred may take. A machine that builds and tests at once is given more,
/// and so is a program that is not optimised.
fn in_time(full: Duration) -> Duration {
    let measured = rounds(1, 0) == 1 && !cfg!(debug_assertions);
    if measured { full } else { Duration::from_secs(10) }
}

/// Ends what presses, also where the test fails.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A connection that is kept, and begun again where the server has closed it.
struct Client {
    address: SocketAddr,
    authorization: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    fn new(server: &Server, token: &str) -> Self {
        Client { address: server.address, authorization: bearer(token), stream: None }
    }

    /// Posts a body to /graphql; gives the status and the text. None where the connection broke.
    fn post(&mut self, body: &str) -> Option<(u16, String)> {
        let answered = self.exchange(body);
        if answered.is_none() {
            self.stream = None;
        }
        answered
    }

    fn exchange(&mut self, body: &str) -> Option<(u16, String)> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.address).ok()?;
            stream.set_nodelay(true).ok()?;
            stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
            stream.set_write_timeout(Some(Duration::from_secs(60))).ok()?;
            self.stream = Some(BufReader::new(stream));
        }
        let stream = self.stream.as_mut()?;
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.authorization,
            body.len()
        );
        // What refuses the request may come before all of it has been written.
        let sent =
            stream.get_mut().write_all([head.as_bytes(), body.as_bytes()].concat().as_slice());
        let (mut status, mut length, mut closes) = (0, 0, sent.is_err());
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest.get(..3)?.parse().ok()?;
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse().ok()?;
            } else if line == "connection: close" {
                closes = true;
            } else if line.is_empty() {
                break;
            }
        }
        let mut text = vec![0; length];
        stream.read_exact(&mut text).ok()?;
        if closes {
            self.stream = None;
        }
        Some((status, String::from_utf8(text).ok()?))
    }
}

/// The group of processes whose memory is limited.
fn group() -> PathBuf {
    PathBuf::from(format!("/sys/fs/cgroup/memory/ledger-pressed-{}", std::process::id()))
}

/// The command of a shell that puts itself within the limit: of memory, where this machine lets the
/// test limit that, and else of addresses, of which a program takes more than it uses.
fn limit() -> String {
    let group = group();
    let made = fs::create_dir(&group)
        .and_then(|()| fs::write(group.join("memory.limit_in_bytes"), LIMIT.to_string()));
    match made {
        Ok(()) => format!("echo $$ > {}/cgroup.procs", group.display()),
        Err(_) => format!("ulimit -v {}", LIMIT >> 10),
    }
}

/// A server within the limit.
fn limited(desk: &Desk) -> Server {
    let data = desk.path().to_str().unwrap();
    let serve = program(&["serve", "--data", data, "--listen", "127.0.0.1:0", "--log", "warn"]);
    let script = format!("{} && exec \"$0\" \"$@\"", limit());
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script]).arg(serve.get_program()).args(serve.get_args());
    for (name, _) in serve.get_envs().filter(|(_, value)| value.is_none()) {
        shell.env_remove(name);
    }
    Server::start(shell)
}

/// Fills the book, so that a scan has something to look through.
fn fill(server: &Server, token: &str, entries: u64) {
    let lines: String = (0..entries)
        .map(|number| {
            let command = json!({ "registerBody": {
                "code": format!("F{number}"), "name": "An organisation", "kind": "trust",
            }});
            format!(
                "{}\n",
                json!({ "key": format!("f{number}"), "reason": "A test", "command": command })
            )
        })
        .collect();
    let authorization = bearer(token);
    let headers =
        [("content-type", "application/jsonl"), ("authorization", authorization.as_str())];
    let told = server.send("POST", "/postings", &headers, &lines);
    assert_eq!(told.status, 200, "{told:?}");
    let posted = told.text.lines().filter(|line| line.contains("\"POSTED\"")).count();
    assert_eq!(posted as u64, entries, "{:.300}", told.text);
}

/// A thousand lists, of which each looks for what no entry has.
fn scans() -> String {
    let lists = (0..1000).map(|list| {
        format!(
            "a{list}: entries(first: 1, filter: {{ reason: \"nothing like it\" }}) {{ position }} "
        )
    });
    json!({ "query": format!("{{ {} }}", lists.collect::<String>()) }).to_string()
}

/// A movement of 12,000 legs.
fn legs() -> String {
    let leg =
        |number: u64| json!({ "line": format!("P{number}/XDH/2026-27/revenue"), "amount": "1.00" });
    let query = "mutation($input: ReallocateInput!) { reallocate(input: $input) { position userErrors { code } } }";
    let side = |from: u64| (from..from + 6000).map(leg).collect::<Vec<Value>>();
    json!({ "query": query, "variables": { "input": {
        "from": side(0), "to": side(6000), "month": "M8", "reason": "A test",
        "idempotencyKey": "legs",
    }}})
    .to_string()
}

#[test]
fn others_are_answered_in_time_while_everything_presses_at_once() {
    let desk = Desk::new();
    let [mallory, mona, pat, olga] =
        [("mallory", "preparer"), ("mona", "viewer"), ("pat", "preparer"), ("olga", "viewer")]
            .map(|(person, role)| desk.key(person, &format!("--role {role}")).token);
    let mut server = limited(&desk);
    fill(&server, &pat, rounds(20_000, 2_000));
    let over = AtomicBool::new(false);
    let pressing = || !over.load(Ordering::Relaxed);
    let (bad, scanned, documents, moved) =
        (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let (mut read, mut posted, mut confirmed) = (Vec::new(), Vec::new(), Vec::new());
    let peak = AtomicU64::new(0);
    thread::scope(|scope| {
        let _over = Over(&over);
        // Bodies of which the rest never comes, begun again when they are given up.
        for _ in 0..4 {
            scope.spawn(|| {
                while pressing() {
                    let open: Vec<_> = (0..rounds(1500, 300) / 4)
                        .filter_map(|_| {
                            let mut stream = TcpStream::connect(server.address).ok()?;
                            let head = format!(
                                "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\ncontent-type: application/json\r\ncontent-length: 1048000\r\n\r\n{{",
                                bearer(&mallory)
                            );
                            stream.write_all(head.as_bytes()).ok()?;
                            Some(stream)
                        })
                        .collect();
                    let until = Instant::now() + Duration::from_secs(8);
                    while pressing() && Instant::now() < until {
                        thread::sleep(Duration::from_millis(50));
                    }
                    drop(open);
                }
            });
        }
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = Client::new(&server, "blk_nobody");
                while pressing() {
                    let answered = client.post(r#"{"query":"{ ledger { head } }"}"#);
                    assert!(answered.is_none_or(|(status, _)| status == 401));
                    bad.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for _ in 0..20 {
            scope.spawn(|| {
                let (mut client, body) = (Client::new(&server, &mona), scans());
                while pressing() {
                    if client.post(&body).is_none_or(|(status, _)| status != 200) {
                        thread::sleep(Duration::from_millis(100));
                    }
                    scanned.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                let body =
                    json!({ "query": format!("{{ {} }}", "a ".repeat(520_000)) }).to_string();
                let mut client = Client::new(&server, &mallory);
                while pressing() {
                    if client.post(&body).is_none_or(|(status, _)| status == 429) {
                        thread::sleep(Duration::from_millis(100));
                    }
                    documents.fetch_add(1, Ordering::Relaxed);
                }
            });
            scope.spawn(|| {
                let (mut client, body) = (Client::new(&server, &mallory), legs());
                while pressing() {
                    if client.post(&body).is_none_or(|(status, _)| status == 429) {
                        thread::sleep(Duration::from_millis(100));
                    }
                    moved.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let reads = scope.spawn(|| {
            let mut client = Client::new(&server, &olga);
            let questions = [
                r#"{ "query": "{ ledger { head root } }" }"#,
                r#"{ "query": "{ entries(first: 5, newestFirst: true) { edges { node { position reason } } } }" }"#,
                r#"{ "query": "{ financialYear(year: \"2017-18\") { plannedVersusActual(rollup: PROGRAMME) { rows(first: 20) { edges { node { name figures { revised actual } } } } } } }" }"#,
            ];
            let count = rounds(3000, 150) as usize;
            let times = (0..count).map(|number| {
                let began = Instant::now();
                let answered = client.post(questions[number % questions.len()]);
                let took = began.elapsed();
                let (status, text) = answered.unwrap_or_else(|| panic!("no answer to a read: {:?}", server.log()));
                assert_eq!(status, 200, "{text}");
                assert!(!text.contains("\"errors\""), "{text}");
                took
            });
            times.collect::<Vec<Duration>>()
        });
        let postings = scope.spawn(|| {
            let mut client = Client::new(&server, &pat);
            let count = rounds(2000, 100);
            let posted = (0..count).map(|number| {
                let variables = registration(&format!("G{number}"));
                let body = json!({ "query": REGISTER, "variables": variables }).to_string();
                let began = Instant::now();
                let answered = client.post(&body);
                let took = began.elapsed();
                let (status, text) = answered
                    .unwrap_or_else(|| panic!("no answer to a posting: {:?}", server.log()));
                assert_eq!(status, 200, "{text}");
                let told: Value = serde_json::from_str(&text).unwrap();
                let position = told["data"]["registerBody"]["position"].as_str();
                let position = position.unwrap_or_else(|| panic!("{told}")).to_owned();
                (took, (position, format!("register-G{number}")))
            });
            posted.unzip::<_, _, Vec<Duration>, Vec<(String, String)>>()
        });
        read = reads.join().unwrap();
        (posted, confirmed) = postings.join().unwrap();
        // The counts of the tokens may need longer.
        let until = Instant::now() + Duration::from_secs(120);
        while bad.load(Ordering::Relaxed) < rounds(50_000, 1_000) && Instant::now() < until {
            thread::sleep(Duration::from_millis(50));
        }
        peak.store(memory(server.id()).1, Ordering::Relaxed);
    });
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (reading, posting) = (percentile(&mut read, 99), percentile(&mut posted, 99));
    let pressed = format!(
        "{} bad tokens, {} scans of 1,000, {} documents, {} movements; peak {} MiB; p99 of reads {reading:?}, of postings {posting:?}",
        count(&bad),
        count(&scanned),
        count(&documents),
        count(&moved),
        count(&peak) >> 20
    );
    // Past the test harness, which would hide it.
    drop(std::io::stderr().write_all(format!("{pressed}\n").as_bytes()));
    assert!(count(&bad) >= rounds(50_000, 1_000), "{pressed}");
    assert!(count(&scanned) > 0 && count(&documents) > 0 && count(&moved) > 0, "{pressed}");
    assert!(reading < in_time(Duration::from_millis(50)), "{pressed}");
    assert!(posting < in_time(Duration::from_millis(100)), "{pressed}");
    assert_eq!(server.get("/health").status, 200, "{:?}", server.log());
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0), "{:?}", server.log());
    drop(fs::remove_dir(group()));
    drop(desk.does("verify", &desk.bob));
    kept(&desk, &olga, &confirmed);
}

/// Every confirmed entry is there after a new start.
fn kept(desk: &Desk, token: &str, confirmed: &[(String, String)]) {
    let server = desk.serve();
    let mut client = Client::new(&server, token);
    for some in confirmed.chunks(100) {
        let fields: String = some
            .iter()
            .map(|(position, _)| {
                format!("e{position}: entry(position: \"{position}\") {{ idempotencyKey }} ")
            })
            .collect();
        let (status, text) =
            client.post(&json!({ "query": format!("{{ {fields} }}") }).to_string()).unwrap();
        assert_eq!(status, 200, "{text}");
        let told: Value = serde_json::from_str(&text).unwrap();
        for (position, key) in some {
            assert_eq!(
                told["data"][format!("e{position}")]["idempotencyKey"],
                json!(key),
                "{text}"
            );
        }
    }
}
