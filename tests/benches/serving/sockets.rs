//! Thousands of sockets on one subscription, two postings a second.
//!
//! A delay starts before the posting is sent, earlier than its commit. It ends with the arrival of
//! the whole frame that carries the posting's position or a later one.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use ledger_tests::fill::fill;
use ledger_tests::generate::year;
use ledger_tests::measure::{Measurement, cpu_by_thread, cpu_since, percentile};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::http::{Connection, request};
use crate::server::Server;

const LIVE: &str = "subscription Live($year: FinancialYear!) { plannedVersusActual(year: $year, rollup: PROGRAMME) { position rows(first: 100) { edges { node { name figures { original revised planToDate committed accrued actual forecast available variance sense percentUsed status } } } } } }";

const SPEND: &str =
    "mutation Spend($input: RecordActualInput!) { recordActual(input: $input) { position } }";

/// The first byte of a ping's frame. The server closes a socket that does not answer it.
const PING: u8 = 0x89;

/// When a position was posted, or arrived.
type Moments = Vec<(u64, Instant)>;

pub(crate) fn measure(folder: &Path, sockets: usize, seconds: u64) -> Vec<Measurement> {
    fill(folder, 10_000).unwrap();
    let server = Server::start(folder);
    let (at_start, _) = server.memory();
    let postings = seconds * 2;
    let runtime = Builder::new_current_thread().enable_io().enable_time().build().unwrap();
    let (posted, followed, note, executions) = runtime.block_on(async {
        let (stop, stopped) = watch::channel(false);
        let mut members = Vec::with_capacity(sockets);
        for _ in 0..sockets {
            let stream = subscribe(server.address).await;
            members.push(tokio::spawn(follow(stream, stopped.clone())));
        }
        sleep(Duration::from_secs(2)).await;
        let count = || server.metric("budget_ledger_group_executions_total");
        let (before, mine, its) = (count(), cpu_by_thread(), server.cpu());
        let posted = post(server.address, postings).await;
        sleep(Duration::from_secs(1)).await;
        let executions = count() - before;
        let served = (server.cpu() - its).as_secs_f64() / (seconds + 1) as f64;
        let client = cpu_since(&mine, postings);
        let note = format!("server used {served:.2} of a processor; client {client} a posting");
        stop.send_replace(true);
        let mut followed = Vec::with_capacity(sockets);
        for member in members {
            followed.push(member.await.unwrap());
        }
        (posted, followed, note, executions)
    });
    let bytes = followed.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0);
    let mut waits: Vec<Duration> =
        followed.iter().flat_map(|(arrived, _)| waits(&posted, arrived)).collect();
    let expected = posted.len() * sockets;
    assert!(waits.len() == expected, "{} of {expected} postings arrived", waits.len());
    let (p50, p99) = (percentile(&mut waits, 50), percentile(&mut waits, 99));
    let grown = server.memory().1.saturating_sub(at_start) as f64 / (1 << 20) as f64;
    let measured = |what: &str, unit, figure, goal, note| Measurement {
        what: format!("{sockets} sockets: {what}"),
        unit,
        baseline: None,
        figure,
        goal: Some((goal, false)),
        note,
    };
    let slowest = slowest(&posted, &followed);
    let note =
        format!("p50 {p50:.1?}, slowest postings {slowest:.0?}, frames of {bytes} bytes; {note}");
    vec![
        measured("p99 from posting to frame", "ms", p99.as_secs_f64() * 1e3, 250.0, note),
        measured("memory above the start, at most", "MiB", grown, 300.0, String::new()),
        measured("executions a posting", "", executions / postings as f64, 1.0, String::new()),
    ]
}

/// Posts twice a second and returns the positions with their start times.
async fn post(address: SocketAddr, postings: u64) -> Moments {
    let mut connection = Connection::to(address).await;
    let mut posted = Vec::new();
    for number in 0..postings {
        let sent = Instant::now();
        let variables = serde_json::json!({ "input": {
            "idempotencyKey": format!("spend-{number}"), "reason": "A payment", "month": "M3",
            "line": format!("P000/RX000/{}/revenue", year(0)), "amount": "1.00",
        }});
        let body = serde_json::json!({ "query": SPEND, "variables": variables }).to_string();
        let answer = String::from_utf8_lossy(connection.ask(&request(&body)).await).into_owned();
        let position = position_in(&answer).unwrap_or_else(|| panic!("{answer}"));
        posted.push((position, sent));
        sleep(Duration::from_millis(500).saturating_sub(sent.elapsed())).await;
    }
    posted
}

fn position_in(text: &str) -> Option<u64> {
    text.split_once("\"position\":\"")?.1.split_once('"')?.0.parse().ok()
}

/// Each posting's delay until its own or a later frame arrived.
fn waits(posted: &Moments, arrived: &Moments) -> Vec<Duration> {
    let mut arrivals = arrived.iter().peekable();
    let mut waits = Vec::new();
    for (position, sent) in posted {
        while arrivals.next_if(|(known, _)| known < position).is_some() {}
        if let Some((_, arrived_at)) = arrivals.peek() {
            waits.push(arrived_at.saturating_duration_since(*sent));
        }
    }
    waits
}

/// The slowest delays, over all sockets, of each posting.
fn slowest(posted: &Moments, followed: &[(Moments, usize)]) -> Vec<Duration> {
    let mut longest = vec![Duration::ZERO; posted.len()];
    for (arrived, _) in followed {
        for (longest, wait) in longest.iter_mut().zip(waits(posted, arrived)) {
            *longest = wait.max(*longest);
        }
    }
    longest.sort_unstable_by(|one, other| other.cmp(one));
    longest.truncate(5);
    longest
}

/// Opens a socket and subscribes.
async fn subscribe(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let upgrade = "GET /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n";
    stream.write_all(upgrade.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    let subscribe = serde_json::json!({ "id": "1", "type": "subscribe", "payload": {
        "query": LIVE, "variables": { "year": year(0).to_string() },
    }});
    stream.write_all(&frame(br#"{"type":"connection_init"}"#)).await.unwrap();
    stream.write_all(&frame(subscribe.to_string().as_bytes())).await.unwrap();
    stream
}

/// A client's text frame: masked, here with zeros.
fn frame(text: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81];
    match u8::try_from(text.len()) {
        Ok(length) if length < 126 => frame.push(0x80 | length),
        _ => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(text);
    frame
}

/// Reads frames until stopped. Returns the arrival of each position, and the longest frame.
async fn follow(mut stream: TcpStream, mut stop: watch::Receiver<bool>) -> (Moments, usize) {
    let mut arrived = Vec::new();
    let mut buffer = Vec::with_capacity(24 << 10);
    let mut longest = 0;
    loop {
        let read = tokio::select! {
            read = stream.read_buf(&mut buffer) => read.unwrap(),
            _ = stop.changed() => return (arrived, longest),
        };
        assert!(read > 0, "the server closed a socket");
        while let Some((start, end)) = first_frame(&buffer) {
            if buffer[0] == PING {
                stream.write_all(&[0x8A, 0x80, 0, 0, 0, 0]).await.unwrap();
            }
            longest = longest.max(end - start);
            let head = String::from_utf8_lossy(&buffer[start..end.min(start + 200)]);
            if let Some(position) = position_in(&head) {
                arrived.push((position, Instant::now()));
            }
            buffer.drain(..end);
        }
    }
}

/// The start and end of the first whole frame's payload.
fn first_frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let (start, length) = match *bytes.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize),
        short => (2, usize::from(short)),
    };
    (bytes.len() >= start + length).then_some((start, start + length))
}
