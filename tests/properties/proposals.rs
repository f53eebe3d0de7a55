//! Proposals, delegations, policies and systems match the oracle at any position, in the ledger and
//! in the read models.

use std::collections::BTreeMap;

use ledger_core::domain::event::Effect;
use ledger_core::domain::ledger::{ProposalStatus, Standing};
use ledger_core::domain::movement::Account;
use ledger_core::domain::position::Position;
use ledger_tests::generate::parsed;
use ledger_tests::rounds;
use projections::scope::Scope;
use projections::{AsAt, ReadModels};
use serde_json::Value;

use crate::live_book::LiveBook;
use crate::oracle::{Oracle, ProposalState, Sums};
use crate::stream::Stream;

fn status(status: ProposalStatus) -> &'static str {
    match status {
        ProposalStatus::Draft => "draft",
        ProposalStatus::Submitted => "submitted",
        ProposalStatus::Posted(_) => "posted",
        ProposalStatus::Rejected => "rejected",
        ProposalStatus::Withdrawn => "withdrawn",
    }
}

fn stored<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

/// The proposals of the read models in the oracle's terms, without their effects.
fn proposals_read(models: &ReadModels, at: Position) -> BTreeMap<u64, ProposalState> {
    let all = models.proposals.all(at).map(|one| {
        let steps = one
            .steps
            .iter()
            .map(|taken| (taken.step.tier.to_string(), taken.step.body.to_string()));
        let signed = one.steps.iter().filter_map(|taken| taken.signed.as_ref());
        let proposed = ProposalState {
            version: u64::from(one.version),
            status: status(one.status),
            makers: one.preparers.iter().map(ToString::to_string).collect(),
            steps: steps.collect(),
            signed: signed.map(|signed| signed.by.to_string()).collect(),
            ..ProposalState::default()
        };
        (one.id.get(), proposed)
    });
    all.collect()
}

fn effects(effects: Vec<Effect>) -> Sums<(String, String)> {
    let mut sums = Sums::new();
    for Effect { figure, leg } in effects {
        let account = match leg.account {
            Account::Line(line) => line.to_string(),
            Account::Fund(pot) => pot.to_string(),
            Account::Outside(_) => panic!("{leg:?} is outside the book"),
        };
        let before = sums.insert((stored(figure), account), i128::from(leg.pence.get()));
        assert_eq!(before, None, "a figure is listed twice");
    }
    sums
}

fn standing(standing: &Standing) -> (String, Sums<String>) {
    let lacks = standing
        .deteriorations
        .iter()
        .map(|found| (found.body.to_string(), i128::from(found.uncompensated().get())));
    (stored(standing.regime), lacks.collect())
}

/// Counts of the cases met, so that a test can require each of them.
#[derive(Debug, Default)]
struct CaseCounts(BTreeMap<String, u64>);

fn check(models: &ReadModels, oracle: &Oracle, at: u64, seen: &mut CaseCounts) {
    let position = Position::new(at);
    let mut expected = oracle.proposals(at);
    // Effects are compared as a sum.
    expected.values_mut().for_each(|one| one.effects.clear());
    assert_eq!(proposals_read(models, position), expected, "proposals as at {at}");
    for proposed in expected.values() {
        *seen.0.entry(proposed.status.to_owned()).or_default() += 1;
    }
    let sums = effects(models.within(Scope::everything()).if_all_were_posted(position));
    assert_eq!(sums, oracle.if_all_were_posted(at), "if all were posted, as at {at}");
    let delegations = models.proposals.delegations(position);
    let delegations = delegations.map(|one| (one.id.get(), one.ended.map(Position::get)));
    assert_eq!(delegations.collect::<Vec<_>>(), oracle.delegations(at), "as at {at}");
    let moment = models.moment(AsAt::Position(position)).unwrap();
    let policy = models.policy(moment).unwrap();
    assert_eq!(policy.recorded_by.get(), oracle.policy(at, &moment.time.to_string()), "at {at}");
    for year in ["2016-17", "2017-18", "2018-19"] {
        for (system, found) in
            models.within(Scope::everything()).systems(parsed(year), position).rows
        {
            let (regime, lacks) = oracle.regime(system.as_str(), year, at);
            let found = standing(&found);
            assert_eq!(found, (regime.clone(), lacks), "{system} in {year} at {at}");
            *seen.0.entry(regime).or_default() += 1;
        }
    }
}

#[test]
fn proposals_policies_and_regimes_match_the_oracle_at_any_position() {
    let mut seen = CaseCounts::default();
    for seed in 11_000..11_000 + rounds(200, 10) {
        let mut stream = Stream::of_sign_off(seed);
        let book = LiveBook::of_stream(&mut stream, 20);
        book.compensate(&mut stream);
        for _ in 0..250 {
            drop(book.post_next(&mut stream));
        }
        let oracle = book.oracle();
        // The policy an entry names is found again from its moment alone.
        for line in book.export().lines().skip(1) {
            let entry: Value = serde_json::from_str(line).unwrap();
            let (at, named) = (entry["position"].as_u64().unwrap(), entry["policy"].as_u64());
            let found = book.models().policy_of(Position::new(at)).map(|one| one.recorded_by.get());
            assert_eq!(found, named, "seed {seed}: {line}");
            let by_another = u64::from(named > Some(1));
            *seen.0.entry("judged by an adopted policy".to_owned()).or_default() += by_another;
        }
        for round in 0..8 {
            let at = 1 + stream.random.below(book.head());
            check(&book.models(), &oracle, at, &mut seen);
            if round > 1 {
                continue;
            }
            let (state, models) = book.replayed(at);
            check(&models, &oracle, at, &mut seen);
            let held: BTreeMap<u64, (u64, &str, usize)> = state
                .ledger
                .proposals()
                .into_iter()
                .filter_map(|id| Some((id, state.ledger.proposal(id)?)))
                .map(|(id, one)| {
                    let signatures = one.signatures.len();
                    (id.get(), (u64::from(one.version), status(one.status), signatures))
                })
                .collect();
            let expected = oracle.proposals(at).into_iter();
            let expected: BTreeMap<_, _> = expected
                .map(|(id, one)| (id, (one.version, one.status, one.signed.len())))
                .collect();
            assert_eq!(held, expected, "seed {seed} at {at}");
            for year in ["2016-17", "2017-18", "2018-19"] {
                let found = standing(&state.ledger.standing(parsed("QICB"), parsed(year)));
                assert_eq!(found, oracle.regime("QICB", year, at), "seed {seed}, {year} at {at}");
            }
        }
    }
    let reached = [
        "draft",
        "submitted",
        "posted",
        "rejected",
        "withdrawn",
        "none",
        "providerDeteriorated",
        "systemDeficit",
        "judged by an adopted policy",
    ];
    let found = |what: &str| seen.0.get(what).is_some_and(|times| *times > 0);
    let missing: Vec<_> = reached.iter().filter(|what| !found(what)).collect();
    assert!(missing.is_empty(), "{missing:?} of {seen:?}");
}
