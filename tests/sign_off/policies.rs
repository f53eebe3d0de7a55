//! An entry names the policy that judged it, whatever is adopted later.

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::money::Pence;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::position::Position;
use ledger_core::state::State;
use ledger_tests::generate::{acting, parsed};
use projections::{AsAt, ReadModels};
use serde_json::{Value, json};

use crate::world::{World, allocate, sign};

fn adopt(provider_over: i64, effective: Timestamp) -> Value {
    let mut policy = Policy::default();
    policy.sign_off.provider_over = Pence::new(provider_over);
    json!({"adoptPolicy": {"policy": policy, "effective": effective}})
}

fn adopted(world: &World, provider_over: i64, effective: Timestamp) -> Position {
    let proposed =
        world.post(&acting("ada administers"), &adopt(provider_over, effective)).unwrap();
    world.post(&acting("dee department:XDH"), &sign(&[(proposed.position, 1)])).unwrap().position
}

#[test]
fn an_entry_names_the_policy_that_judged_it_and_a_later_policy_changes_nothing() {
    let world = World::in_deficit(0, Policy::default());
    let pat = acting("pat");
    let post = |programme: u64| world.post(&pat, &allocate(programme, 5_000_001)).unwrap().position;
    let policy_of = |at: Position| world.entry(at).policy.get();
    let now = world.entry(world.head()).recorded;
    let hours = |hours: i64| Timestamp::from_micros(now.micros() + hours * 3_600_000_000);
    let waits = post(1);
    // Back-dated to before the first: the proposal still waits, and names the policy that judged
    // it.
    let raised = adopted(&world, 16_000_000, hours(-100));
    let passes = post(2);
    // Effective tomorrow.
    let lowered = adopted(&world, 100, hours(24));
    let still_passes = post(3);
    world.wait(24);
    let waits_again = post(4);
    let named = [waits, raised, passes, lowered, still_passes, waits_again].map(policy_of);
    let (raised, lowered) = (raised.get(), lowered.get());
    assert_eq!(named, [1, 1, raised, raised, raised, lowered]);
    let waiting = |ledger: &ledger_core::domain::ledger::Ledger<'_>| {
        let waits = |id: &Position| ledger.proposal(*id).unwrap().waits_for().is_some();
        ledger.proposals().into_iter().filter(waits).collect::<Vec<_>>()
    };
    let (mut state, mut models) = (State::default(), ReadModels::default());
    state.catch_up(&*world.store, &mut models, None).unwrap();
    assert_eq!(waiting(&state.ledger), [waits, waits_again]);
    // The policy read back at each moment is the one the entries name.
    for at in [waits, passes, still_passes, waits_again] {
        let moment = models.moment(AsAt::Position(at)).unwrap();
        assert_eq!(models.policy(moment).unwrap().recorded_by.get(), policy_of(at), "as at {at}");
    }
    let live = world.stop();
    let ledger = |state: &State| serde_json::to_value(&state.ledger).unwrap();
    assert_eq!(ledger(&live), ledger(&state));
    let line = parsed("P01/RC/2023-24/revenue");
    assert!(live.ledger.line(&line).is_none(), "a waiting proposal moved money");
}
