//! No unsigned entry invests over a provider's limit under a regime, by the lines of the log alone.

use std::collections::BTreeMap;

use ledger_core::domain::calendar::Timestamp;
use ledger_tests::generate::parsed;
use ledger_tests::rounds;
use serde_json::Value;

use crate::live_book::LiveBook;
use crate::oracle::{Line, Oracle};
use crate::stream::Stream;

const DAY: i64 = 86_400_000_000;

/// A commitment of a trust, as far as it is neither released nor reversed.
struct Made {
    body: String,
    reference: String,
    micros: i64,
    pence: i128,
}

#[derive(Default)]
struct Checker {
    /// The sign-off rules, by the entry that recorded them.
    rules: BTreeMap<u64, Value>,
    made: Vec<Made>,
    judged: u64,
    found: Vec<String>,
}

fn pence(event: &Value) -> i128 {
    i128::from(event["pence"].as_i64().unwrap())
}

/// The line of an event, where it is revenue or unsplit money of a trust below the ICB.
fn invests(line: &Value) -> Option<Line> {
    let line = Line::parse(line.as_str()?);
    let counts = line.class != "capital" && ["RX1", "RX2"].contains(&line.body.as_str());
    counts.then_some(line)
}

impl Checker {
    fn entry(&mut self, oracle: &Oracle, text: &str) {
        let entry: Value = serde_json::from_str(text).unwrap();
        let at = entry["position"].as_u64().unwrap();
        let recorded: Timestamp = parsed(entry["recorded"].as_str().unwrap());
        let events = entry["events"].as_array().unwrap();
        let is_signed = events.iter().any(|event| event.get("proposal").is_some());
        let mut touched: Vec<(Line, i128)> = Vec::new();
        for event in events {
            let (name, event) = event.as_object().unwrap().iter().next().unwrap();
            match name.as_str() {
                "bookOpened" | "policyAdopted" => {
                    self.rules.insert(at, event["policy"]["signOff"].clone());
                }
                "committed" => {
                    if let Some(line) = invests(&event["line"]) {
                        self.commit(line, event, recorded.micros(), &mut touched);
                    }
                }
                "commitmentReleased" if pence(event) > 0 => {
                    self.take_off(event["reference"].as_str().unwrap(), pence(event));
                }
                "allocated" => {
                    for leg in event["legs"].as_array().unwrap() {
                        if let Some(line) = invests(&leg["line"]) {
                            touched.push((line, pence(leg)));
                        }
                    }
                }
                _ => {}
            }
        }
        if !is_signed {
            let rules = self.rules[&entry["policy"].as_u64().unwrap()].clone();
            for (line, own) in touched.into_iter().filter(|(_, own)| *own > 0) {
                self.judge(oracle, (at, recorded, text), &rules, &line, own);
            }
        }
    }

    fn commit(&mut self, line: Line, event: &Value, micros: i64, touched: &mut Vec<(Line, i128)>) {
        let reference = event["reference"].as_str().unwrap().to_owned();
        let pence = pence(event);
        if pence < 0 {
            return self.take_off(&reference, -pence);
        }
        let body = line.body.clone();
        touched.push((line, pence));
        self.made.push(Made { body, reference, micros, pence });
    }

    fn take_off(&mut self, reference: &str, pence: i128) {
        if let Some(made) = self.made.iter_mut().find(|made| made.reference == reference) {
            made.pence -= pence;
        }
    }

    fn judge(
        &mut self,
        oracle: &Oracle,
        (at, recorded, text): (u64, Timestamp, &str),
        rules: &Value,
        line: &Line,
        own: i128,
    ) {
        let end: Timestamp = parsed(&format!("20{}-03-31T00:00:00Z", &line.year[5..]));
        let regime = oracle.regime("QICB", &line.year, at - 1).0;
        let holds = regime != "none" && recorded < end || rules["trigger"] == "always";
        if !holds {
            return;
        }
        self.judged += 1;
        let since = recorded.micros() - rules["windowDays"].as_i64().unwrap() * DAY;
        let counts = |made: &&Made| made.body == line.body && made.micros >= since;
        let sum: i128 = self.made.iter().filter(counts).map(|made| made.pence.max(0)).sum();
        let limit = i128::from(rules["providerOver"].as_i64().unwrap());
        if sum.max(own) > limit {
            self.found.push(format!("{sum} and {own} exceed {limit}, unsigned: {text}"));
        }
    }
}

#[test]
fn nothing_over_a_trusts_limit_is_invested_unsigned_under_a_regime() {
    let mut judged = 0;
    for seed in 12_000..12_000 + rounds(100, 16) {
        let mut stream = Stream::of_sign_off(seed);
        let book = LiveBook::of_stream(&mut stream, 20);
        for _ in 0..250 {
            drop(book.post_next(&mut stream));
        }
        let oracle = book.oracle();
        let mut checker = Checker::default();
        book.export().lines().for_each(|line| checker.entry(&oracle, line));
        assert_eq!(checker.found, Vec::<String>::new(), "seed {seed}");
        judged += checker.judged;
    }
    assert!(judged > 10, "{judged} investments were judged");
}
