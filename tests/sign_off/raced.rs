//! Many people sign, revise and withdraw the same proposals at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::thread;

use ledger_core::domain::actor::Actor;
use ledger_core::domain::event::{Event, ProposalEvent};
use ledger_core::domain::ledger::{Ledger, ProposalStatus};
use ledger_core::domain::policy::Policy;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::ActorId;
use ledger_core::log::entry::Entry;
use ledger_core::writer::Refusal;
use ledger_tests::generate::{Random, acting, parsed};
use ledger_tests::rounds;
use serde_json::{Value, json};

use crate::oracle::Oracle;
use crate::world::{PROGRAMMES, World, allocate, posting, sign};

const CLIENTS: u64 = 32;
const ACTIONS: u64 = 40;
const BEGUN: u64 = 24;

/// The state the clients share.
struct Race {
    world: World,
    /// The proposals, each with the name of its preparer.
    ids: Mutex<Vec<(Position, ActorId)>>,
    delegations: Mutex<Vec<Position>>,
    /// The accepted postings, with their actors.
    sent: Mutex<Vec<(Arc<Actor>, Posting)>>,
    refused: Mutex<BTreeMap<&'static str, u64>>,
}

/// A quarter each sign for the ICB, the region and both; everyone revises.
fn client(number: u64) -> Arc<Actor> {
    let capacities = ["icb:QX", "icb:QX", "region:Y56", "icb:QX region:Y56"];
    acting(&format!("person-{number} {}", capacities[(number % 4) as usize]))
}

/// An amount above the limit of the ICB, or of the region too; no two are equal.
fn amount(random: &mut Random) -> u64 {
    [6_000_000, 12_000_000][random.below(2) as usize] + random.below(3_000_000)
}

impl Race {
    /// A proposal and its version, present or out of date.
    fn proposal(&self, random: &mut Random) -> (Position, u32) {
        let ids = self.ids.lock().unwrap();
        let (id, _) = ids[random.below(ids.len() as u64) as usize];
        drop(ids);
        self.version(id, random)
    }

    /// The last proposal that someone prepared, or any.
    fn prepared_by(&self, who: &Actor, random: &mut Random) -> (Position, u32) {
        let ids = self.ids.lock().unwrap();
        let own = ids.iter().rfind(|(_, preparer)| *preparer == who.id).map(|(id, _)| *id);
        drop(ids);
        match own {
            Some(id) => self.version(id, random),
            None => self.proposal(random),
        }
    }

    fn version(&self, id: Position, random: &mut Random) -> (Position, u32) {
        let models = self.world.models.read().unwrap();
        let version = models.proposals.get(id, self.world.head()).unwrap().version;
        let stale = random.below(10) == 0;
        (id, if stale { version.saturating_sub(1).max(1) } else { version })
    }

    fn action(&self, who: &Arc<Actor>, random: &mut Random) -> Value {
        let (id, version) = self.proposal(random);
        let command = allocate(random.below(PROGRAMMES), amount(random));
        match random.below(100) {
            0..=59 => sign(&[(id, version)]),
            60..=66 => sign(&[(id, version), self.proposal(random), self.proposal(random)]),
            67..=80 => {
                let (id, version) = self.prepared_by(who, random);
                json!({"reviseProposal":
                    {"proposal": id.get(), "version": version, "command": command}})
            }
            81..=84 => json!({"withdrawProposal": {"proposal": id.get()}}),
            85 => json!({"rejectProposal": {"proposal": id.get(), "version": version}}),
            86..=92 => {
                let capacity = who.capacities[random.below(who.capacities.len() as u64) as usize];
                let to = format!("person-{}", random.below(CLIENTS));
                json!({"delegate": {"to": to, "capacity": capacity,
                    "begins": "2023-01-01T00:00:00.000000Z", "ends": "2024-01-01T00:00:00.000000Z"}})
            }
            93 | 94 => {
                let given = self.delegations.lock().unwrap();
                let last = given.last().map_or(1, |given| given.get());
                json!({"endDelegation": {"delegation": last}})
            }
            _ => command,
        }
    }

    fn run(&self, number: u64, seed: u64) {
        let (who, mut random) = (client(number), Random(seed * 1000 + number));
        for action in 0..ACTIONS {
            let command = self.action(&who, &mut random);
            let posting = posting(&format!("{number}-{action}"), &command);
            match self.world.send(&who, posting.clone()) {
                Ok(receipt) => {
                    if command.get("allocate").is_some() {
                        self.ids.lock().unwrap().push((receipt.position, who.id.clone()));
                    }
                    if command.get("delegate").is_some() {
                        self.delegations.lock().unwrap().push(receipt.position);
                    }
                    self.sent.lock().unwrap().push((Arc::clone(&who), posting));
                }
                Err(Refusal::Rejected(rejection)) => {
                    *self.refused.lock().unwrap().entry(rejection.code()).or_default() += 1;
                }
                Err(refusal) => panic!("{refusal}"),
            }
        }
    }
}

fn race(seed: u64) -> Race {
    let world = World::in_deficit(1000, Policy::default());
    let (preparer, mut random) = (acting("preparer"), Random(seed));
    let (mut ids, mut sent) = (Vec::new(), Vec::new());
    for number in 0..BEGUN {
        let command = allocate(number % PROGRAMMES, amount(&mut random));
        let posting = posting(&format!("begun-{number}"), &command);
        let receipt = world.send(&preparer, posting.clone()).unwrap();
        ids.push((receipt.position, preparer.id.clone()));
        sent.push((Arc::clone(&preparer), posting));
    }
    let race = Race {
        world,
        ids: Mutex::new(ids),
        delegations: Mutex::default(),
        sent: Mutex::new(sent),
        refused: Mutex::default(),
    };
    thread::scope(|scope| {
        for number in 0..CLIENTS {
            let race = &race;
            scope.spawn(move || race.run(number, seed));
        }
    });
    race
}

fn status(status: ProposalStatus) -> &'static str {
    match status {
        ProposalStatus::Draft => "draft",
        ProposalStatus::Submitted => "submitted",
        ProposalStatus::Posted(_) => "posted",
        ProposalStatus::Rejected => "rejected",
        ProposalStatus::Withdrawn => "withdrawn",
    }
}

/// Compares the ledger with the oracle: every proposal, and every penny they posted.
fn check(ledger: &Ledger<'_>, oracle: &Oracle) {
    let known: Vec<u64> = ledger.proposals().into_iter().map(Position::get).collect();
    assert_eq!(known, oracle.proposals.keys().copied().collect::<Vec<_>>());
    for (id, expected) in &oracle.proposals {
        let found = ledger.proposal(Position::new(*id)).unwrap();
        assert_eq!(u64::from(found.version), expected.version, "proposal {id}");
        assert_eq!(status(found.status), expected.status, "proposal {id}");
        let name = |id: &ActorId| id.as_str().to_owned();
        let signatures: Vec<_> = found
            .signatures
            .iter()
            .map(|one| (name(&one.by), one.delegator.as_ref().map(name)))
            .collect();
        assert_eq!(signatures, expected.signatures, "proposal {id}");
    }
    for (line, pence) in &oracle.allocated {
        assert_eq!(ledger.line(&parsed(line)).unwrap().revised.get(), *pence, "{line}");
    }
}

/// Posts the accepted commands again one after another, at their recorded times.
fn posted_serially(lines: &[String], sent: &[(Arc<Actor>, Posting)]) -> Vec<String> {
    let world = World::in_deficit(0, Policy::default());
    // The opening is dated like the race's.
    let opening = world.lines().len();
    let mut by_key = BTreeMap::new();
    for (who, posting) in sent {
        by_key.insert((who.id.as_str(), posting.key.as_str()), (who, posting));
    }
    for line in lines.iter().skip(opening) {
        let entry: Value = serde_json::from_str(line).unwrap();
        let key = (entry["actor"].as_str().unwrap(), entry["key"].as_str().unwrap());
        let (who, posting) = by_key[&key];
        let recorded = Entry::from_line(line.as_bytes()).unwrap().recorded;
        world.set_clock(recorded.micros());
        let outcome = world.send(who, posting.clone());
        assert!(outcome.is_ok(), "{outcome:?}: {line}");
    }
    world.lines().into_iter().skip(opening).collect()
}

#[test]
fn a_proposal_posts_at_most_once_and_in_its_latest_version_under_concurrency() {
    let (mut posted, mut delegated, mut codes) = (0, 0, BTreeSet::new());
    for seed in 100..100 + rounds(40, 3) {
        let Race { world, sent, refused, .. } = race(seed);
        let lines = world.lines();
        let oracle = Oracle::of(&lines);
        assert_eq!(oracle.found, Vec::<String>::new(), "seed {seed}");
        let opening = World::in_deficit(0, Policy::default()).lines().len();
        let (serially, raced) =
            (posted_serially(&lines, &sent.into_inner().unwrap()), &lines[opening..]);
        assert_eq!(without_hashes(&serially), without_hashes(raced), "seed {seed}");
        check(&world.stop().ledger, &oracle);
        posted += oracle.posted;
        delegated += oracle.delegated;
        codes.extend(refused.into_inner().unwrap().into_keys());
    }
    // A valid race meets these refusals.
    for code in ["NOT_YOUR_STEP", "OWN_WORK", "SUPERSEDED", "WRONG_STAGE"] {
        assert!(codes.contains(code), "no {code} in {codes:?}");
    }
    assert!(posted > 10 && delegated > 0, "{posted} posted, {delegated} signed by delegation");
}

/// The lines without positions in the hash chain.
fn without_hashes(lines: &[String]) -> Vec<Value> {
    let line = |line: &String| serde_json::from_str::<Value>(line).unwrap();
    lines.iter().map(line).collect()
}

#[test]
fn one_of_many_concurrent_signatures_of_a_step_succeeds() {
    for seed in 0..rounds(20, 3) {
        let world = World::in_deficit(1000, Policy::default());
        let preparer = acting("preparer");
        let id = world.post(&preparer, &allocate(seed, 6_000_000)).unwrap().position;
        let signed = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for number in 0..CLIENTS {
                let (world, signed) = (&world, &signed);
                scope.spawn(move || {
                    let who = acting(&format!("person-{number} icb:QX"));
                    match world.post(&who, &sign(&[(id, 1)])) {
                        Ok(receipt) => signed.lock().unwrap().push(receipt.position),
                        Err(refusal) => assert_eq!(refusal.code(), "WRONG_STAGE"),
                    }
                });
            }
        });
        let signed = signed.into_inner().unwrap();
        assert_eq!(signed.len(), 1, "seed {seed}");
        let events = world.entry(signed[0]).events;
        let [Event::Proposal(ProposalEvent::Signed(_)), Event::Allocated(_)] = &events[..] else {
            panic!("{events:?}")
        };
    }
}
