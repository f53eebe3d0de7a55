//! Postings over HTTP: 64 kept connections, each posting again as soon as it is answered.

use std::path::Path;
use std::time::{Duration, Instant};

use ledger_core::domain::line::LineKey;
use ledger_tests::fill::fill;
use ledger_tests::generate::{Generator, Random};
use ledger_tests::measure::{Measurement, cpu_by_thread, cpu_since, percentile};
use tokio::runtime::Builder;

use crate::http::{Connection, request};
use crate::server::Server;

const CONNECTIONS: u64 = 64;
const SECONDS: u64 = 10;
const PREPARED: usize = 5000;

const REALLOCATE: &str = "mutation Post($input: ReallocateInput!) { reallocate(input: $input) { position outcome userErrors { code } } }";

pub(crate) fn measure(folder: &Path) -> Vec<Measurement> {
    fill(folder, 0).unwrap();
    let server = Server::start(folder);
    let lines = Generator::new(1).lines().to_vec();
    let bodies: Vec<Vec<Vec<u8>>> = (0..CONNECTIONS)
        .map(|poster| {
            let mut random = Random(poster + 1);
            (0..PREPARED).map(|_| request(&posting(&mut random, &lines))).collect()
        })
        .collect();
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    let (mine, its, began) = (cpu_by_thread(), server.cpu(), Instant::now());
    let mut waits: Vec<Duration> = runtime.block_on(async {
        let posters: Vec<_> = bodies
            .into_iter()
            .map(|bodies| {
                let address = server.address;
                tokio::spawn(async move {
                    let mut connection = Connection::to(address).await;
                    let mut waits = Vec::with_capacity(bodies.len());
                    for body in &bodies {
                        let asked = Instant::now();
                        let answer = connection.ask(body).await;
                        assert!(
                            answer.windows(8).any(|part| part == b"\"POSTED\""),
                            "{}",
                            String::from_utf8_lossy(answer)
                        );
                        waits.push(asked.elapsed());
                        if began.elapsed() > Duration::from_secs(SECONDS) {
                            break;
                        }
                    }
                    waits
                })
            })
            .collect();
        let mut waits = Vec::new();
        for poster in posters {
            waits.extend(poster.await.unwrap());
        }
        waits
    });
    let (elapsed, count) = (began.elapsed(), waits.len());
    let client = cpu_since(&mine, count as u64);
    let served = (server.cpu() - its).as_nanos() / count as u128;
    let (p50, p99) = (percentile(&mut waits, 50), percentile(&mut waits, 99));
    vec![Measurement {
        what: "postings over HTTP, 64 connections".into(),
        unit: "entries/s",
        baseline: Some((18_000.0, "UmaDB over gRPC, published elsewhere".into())),
        figure: count as f64 / elapsed.as_secs_f64(),
        goal: Some((10_000.0, true)),
        note: format!("p50 {p50:.1?} p99 {p99:.1?}; each took client {client}, server {served} ns"),
    }]
}

fn posting(random: &mut Random, lines: &[LineKey]) -> String {
    let from = lines[random.below(lines.len() as u64) as usize];
    let to = loop {
        let to = lines[random.below(lines.len() as u64) as usize];
        if to.year == from.year && to.class == from.class && to != from {
            break to;
        }
    };
    let amount = format!("{}.{:02}", 1 + random.below(50_000), random.below(100));
    let key = format!("{:016x}{:016x}", random.next(), random.next());
    let month = format!("M{}", 1 + random.below(12));
    serde_json::json!({ "query": REALLOCATE, "variables": { "input": {
        "idempotencyKey": key, "reason": "Month 7 ledger upload, batch 00042", "month": month,
        "from": [{ "line": from.to_string(), "amount": amount }],
        "to": [{ "line": to.to_string(), "amount": amount }],
    }}})
    .to_string()
}
