//! However much counts against a limit, a proposal has room for itself.

use ledger_core::domain::event::{Event, ProposalEvent};
use ledger_core::domain::money::Pence;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::sign_off::Because;
use ledger_core::writer::Fate;
use ledger_tests::generate::acting;
use serde_json::{Value, json};

use crate::world::{World, line, posting};

fn commit(reference: u64, amount: &str) -> Value {
    json!({"commit": {"line": line("BASE", "RC"), "month": "M8", "amount": amount,
        "reference": format!("PO-{reference}")}})
}

#[test]
fn a_proposal_names_the_latest_of_what_counts_and_how_many_more_there_are() {
    let world = World::in_deficit(1000, Policy::default());
    let somebody = acting("somebody");
    let small =
        (0..2_000_u64).map(|number| posting(&format!("small-{number}"), &commit(number, "0.01")));
    let outcomes = world.writer().post_all_blocking(somebody.clone(), small.collect());
    let last = outcomes.into_iter().map(|outcome| outcome.unwrap().position).max().unwrap();
    let receipt = world.post(&somebody, &commit(9_999, "120000.00")).unwrap();
    assert_eq!(receipt.fate, Fate::AwaitingSignOff { proposal: receipt.position });
    let entry = world.entry(receipt.position);
    let [Event::Proposal(ProposalEvent::Submitted(submitted))] = &entry.events[..] else {
        panic!("{entry:?}")
    };
    for step in &submitted.steps {
        let Because::ProviderInvestment { pence, counted, unnamed, .. } = &step.because else {
            panic!("{step:?}")
        };
        // With them the £1m that the book opened with a moment ago.
        assert_eq!(*pence, Pence::new(12_000_000 + 2_000 + 100_000_000), "all of it counts");
        assert_eq!(counted.len() as u64 + u64::from(*unnamed), 2_001);
        assert_eq!(counted.last().unwrap().entry, last, "the latest are named");
    }
    assert_eq!(submitted.steps.len(), 2);
}
