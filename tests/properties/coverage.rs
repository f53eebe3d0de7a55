//! The random streams post every event and meet most refusals.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::live_book::LiveBook;
use crate::stream::Stream;

/// Every event of the ledger.
const EVENTS: [&str; 43] = [
    "bookOpened",
    "bodyRegistered",
    "bodyClosed",
    "bodiesMerged",
    "programmeOpened",
    "programmeRenamed",
    "programmeClosed",
    "programmeCancelled",
    "programmeReinstated",
    "fundEstablished",
    "fundingSettled",
    "earmarked",
    "fundCancelled",
    "allocated",
    "cut",
    "reallocated",
    "withdrawn",
    "lineSplit",
    "budgetExchanged",
    "committed",
    "commitmentReleased",
    "accrued",
    "accrualReleased",
    "actualRecorded",
    "forecastRevised",
    "forecastWithdrawn",
    "underspendExplained",
    "profileSet",
    "baselineStruck",
    "baselineWithdrawn",
    "periodClosed",
    "periodReopened",
    "reversed",
    "policyAdopted",
    "proposal",
    "delegation",
    "offsetLinked",
    "scopeDefined",
    "figurePublished",
    "discharge",
    "concerns",
    "late accrualReleased",
    "late actualRecorded",
];

#[test]
fn random_streams_post_every_event_and_are_refused_for_many_reasons() {
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    let mut refused: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut replayed = 0;
    for seed in 0..50 {
        let mut stream = if seed < 40 { Stream::new(seed) } else { Stream::of_sign_off(seed) };
        let book = LiveBook::of_stream(&mut stream, 0);
        book.compensate(&mut stream);
        for _ in 0..200 {
            match book.post_next(&mut stream).1 {
                Ok(receipt) => replayed += u64::from(receipt.replayed),
                Err(refusal) => *refused.entry(refusal.code()).or_default() += 1,
            }
        }
        // Accruals that concern a hard-closed year.
        let mut late = BTreeSet::new();
        for line in book.export().lines() {
            let entry: Value = serde_json::from_str(line).unwrap();
            for event in entry["events"].as_array().unwrap() {
                let (name, event) = event.as_object().unwrap().iter().next().unwrap();
                *found.entry(name.clone()).or_default() += 1;
                let reference = event["reference"].as_str();
                if name == "accrued" && event.get("concerns").is_some() {
                    late.insert(reference.unwrap().to_owned());
                }
                let released = reference.filter(|_| name == "accrualReleased");
                let ended = released.or(event["discharges"]["reference"].as_str());
                if ended.is_some_and(|ended| late.contains(ended)) {
                    *found.entry(format!("late {name}")).or_default() += 1;
                }
                for (member, name) in [("discharges", "discharge"), ("concerns", "concerns")] {
                    let has = u64::from(event.get(member).is_some());
                    *found.entry(name.to_owned()).or_default() += has;
                }
            }
        }
    }
    for event in EVENTS {
        assert!(found.get(event).is_some_and(|count| *count > 0), "no {event} in {found:?}");
    }
    assert!(refused.len() >= 30, "{refused:?}");
    assert!(replayed > 50, "{replayed}");
}
