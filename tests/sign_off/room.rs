//! A proposal fits in an entry and can be read again, however many postings count against a limit.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::command::{Command, Cut, PhasedAmount, Propose, ReviseForecast};
use ledger_core::domain::event::{Event, ProposalEvent, Series};
use ledger_core::domain::money::Pence;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::sign_off::SignOffReason;
use ledger_core::state::State;
use ledger_core::writer::PostingStatus;
use ledger_tests::generate::{acting, parsed};
use projections::ReadModels;
use serde_json::{Value, json};

use crate::world::{World, line, posting, sign};

fn commit(reference: u64, amount: &str) -> Value {
    json!({"commit": {"line": line("BASE", "RC"), "month": "M8", "amount": amount,
        "reference": format!("PO-{reference}")}})
}

#[test]
fn a_proposal_too_large_to_read_again_is_refused() {
    let world = World::in_deficit(1000, Policy::default());
    let line = parsed(&line("BASE", "RC"));
    let beyond = Pence::LIMIT.plus(Pence::new(1));
    let cut =
        |amount| Command::from(Cut { line, amount, month: Month::M10, to: None, concerns: None });
    let phased = |beyond: Pence| {
        let mut phasing = vec![PhasedAmount(Pence::ZERO); 12];
        (phasing[0], phasing[1]) = (PhasedAmount(beyond), PhasedAmount(beyond.negated()));
        let (series, amount, phasing) = (Series::Internal, Pence::ZERO, Some(phasing));
        Command::from(ReviseForecast { line, month: Month::M10, series, amount, phasing })
    };
    let keys = std::cell::Cell::new(0);
    let propose = |command: Command, draft: bool| {
        let command = Propose { command: Box::new(command), draft }.into();
        let what = format!("{command:?}");
        let key = format!("key-{}", keys.replace(keys.get() + 1));
        (Posting { command, ..posting(&key, &sign(&[])) }, what)
    };
    let somebody = acting("somebody");
    for (posting, what) in [propose(cut(beyond), true), propose(phased(beyond), false)] {
        let refusal = world.send(&somebody, posting).unwrap_err();
        assert_eq!(refusal.code(), "OUT_OF_RANGE", "{what}");
    }
    for (posting, what) in [propose(cut(Pence::LIMIT), true), propose(phased(Pence::LIMIT), false)]
    {
        assert!(world.send(&somebody, posting).is_ok(), "{what}");
    }
    let (mut state, mut models) = (State::default(), ReadModels::default());
    state.catch_up(&*world.store, &mut models, None).unwrap();
    assert_eq!(state.position(), world.head());
}

#[test]
fn a_proposal_names_the_latest_counted_postings_and_the_number_of_others() {
    let world = World::in_deficit(1000, Policy::default());
    let somebody = acting("somebody");
    let small =
        (0..2_000_u64).map(|number| posting(&format!("small-{number}"), &commit(number, "0.01")));
    let outcomes = world.writer().post_all_blocking(somebody.clone(), small.collect());
    let last = outcomes.into_iter().map(|outcome| outcome.unwrap().position).max().unwrap();
    let receipt = world.post(&somebody, &commit(9_999, "120000.00")).unwrap();
    assert_eq!(receipt.fate, PostingStatus::AwaitingSignOff { proposal: receipt.position });
    let entry = world.entry(receipt.position);
    let [Event::Proposal(ProposalEvent::Submitted(submitted))] = &entry.events[..] else {
        panic!("{entry:?}")
    };
    for step in &submitted.steps {
        let SignOffReason::ProviderInvestment { pence, counted, unnamed, .. } = &step.because
        else {
            panic!("{step:?}")
        };
        // The £1m the book opened with was received before the regime began.
        assert_eq!(*pence, Pence::new(12_000_000 + 2_000), "every posting counts");
        assert_eq!(counted.len() as u64 + u64::from(*unnamed), 2_000);
        assert_eq!(counted.last().unwrap().entry, last, "the latest postings are named");
    }
    assert_eq!(submitted.steps.len(), 2);
}
