//! Planned versus actual of a year in a large book, over HTTP, at random positions.

use std::path::Path;
use std::time::{Duration, Instant};

use ledger_tests::fill::fill;
use ledger_tests::generate::{Random, YEARS, year};
use ledger_tests::measure::{Measurement, percentile};
use tokio::runtime::Builder;

use crate::http::{Connection, request};
use crate::server::Server;

const QUESTIONS: usize = 1000;

const FIGURES: &str = "query Figures($year: FinancialYear!, $at: AsAt, $through: Month) { financialYear(year: $year, asAt: $at, through: $through) { position plannedVersusActual(rollup: PROGRAMME) { rows(first: 100) { edges { node { name figures { original revised planToDate committed accrued actual forecast available variance sense percentUsed status } } } } } } }";

pub(crate) fn measure(folder: &Path, entries: u64) -> Vec<Measurement> {
    fill(folder, entries).unwrap();
    let server = Server::start(folder);
    let mut random = Random(5);
    let questions: Vec<Vec<u8>> = (0..QUESTIONS)
        .map(|_| {
            let at = 200 + random.below(entries - 200);
            let variables = serde_json::json!({
                "year": year(random.below(YEARS)).to_string(),
                "at": { "position": at.to_string() },
                "through": format!("M{}", 1 + random.below(13)),
            });
            request(&serde_json::json!({ "query": FIGURES, "variables": variables }).to_string())
        })
        .collect();
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    let (mut waits, bytes) = runtime.block_on(async {
        let mut connection = Connection::to(server.address).await;
        let (mut waits, mut bytes): (Vec<Duration>, _) = (Vec::new(), 0);
        for question in &questions {
            let asked = Instant::now();
            bytes = connection.ask(question).await.len().max(bytes);
            waits.push(asked.elapsed());
        }
        (waits, bytes)
    });
    let (p50, p99) = (percentile(&mut waits, 50), percentile(&mut waits, 99));
    vec![Measurement {
        what: format!("a year of {entries} entries over HTTP, p99"),
        unit: "ms",
        baseline: Some((p50.as_secs_f64() * 1e3, "p50".into())),
        figure: p99.as_secs_f64() * 1e3,
        goal: Some((10.0, false)),
        note: format!("answers of up to {bytes} bytes"),
    }]
}
