//! The history of a proposal that readers see.

use ledger_core::domain::actor::Tier;
use ledger_core::domain::event::ProposalEvent;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::position::Position;
use ledger_tests::generate::{acting, parsed};
use projections::scope::{Part, Scope};
use projections::sign_off_times::By;
use serde_json::json;

use crate::world::{World, allocate, posting, sign};

const HOUR: i64 = 3_600_000_000;

#[test]
fn sign_off_times_include_signatures_of_superseded_versions() {
    let world = World::in_deficit(0, Policy::default());
    let (pat, ida) = (acting("pat"), acting("ida icb:QX"));
    let (ian, reg) = (acting("ian icb:QX"), acting("reg region:Y56"));
    let id = world.post(&pat, &allocate(1, 12_000_000)).unwrap().position;
    world.wait(1);
    world.post(&ida, &sign(&[(id, 1)])).unwrap();
    world.wait(1);
    let revision = json!({"reviseProposal":
        {"proposal": id.get(), "version": 1, "command": allocate(1, 13_000_000)}});
    world.post(&pat, &revision).unwrap();
    let revised = world.head();
    world.wait(3);
    world.post(&ian, &sign(&[(id, 2)])).unwrap();
    world.wait(4);
    world.post(&reg, &sign(&[(id, 2)])).unwrap();
    let models = world.models.read().unwrap();
    let times = |at: Position, scope: &Scope| {
        let times = models.within(scope).sign_off_times(By::Step, at).into_iter();
        let summaries = times.map(|one| {
            assert_eq!(one.approver, None);
            (one.step, one.tier, one.signatures, one.micros, one.longest_micros)
        });
        summaries.collect::<Vec<_>>()
    };
    let all = Scope::everything();
    assert_eq!(times(revised, all), [(1, Tier::Icb, 1, HOUR, HOUR)]);
    let expected =
        [(1, Tier::Icb, 2, 4 * HOUR, 3 * HOUR), (2, Tier::Region, 1, 4 * HOUR, 4 * HOUR)];
    assert_eq!(times(world.head(), all), expected);
    let by_approver = models.within(all).sign_off_times(By::Approver, world.head());
    let by_approver: Vec<_> = by_approver
        .iter()
        .map(|one| (one.step, one.approver.as_ref().unwrap().as_str(), one.signatures, one.micros))
        .collect();
    assert_eq!(
        by_approver,
        [(1, "ian", 1, 3 * HOUR), (1, "ida", 1, HOUR), (2, "reg", 1, 4 * HOUR)]
    );
    // Only proposals the reader may see are counted.
    let of = |body: &str| {
        let bodies = Some([parsed(body)].into());
        Scope::of(vec![Part { bodies, programmes: None, restricted: false }], Default::default())
    };
    assert_eq!(times(world.head(), &of("RC")), expected);
    assert_eq!(times(world.head(), &of("RD")), []);
    let signed = |at| models.proposals.history(id, at).count();
    assert_eq!(
        (signed(revised), signed(world.head())),
        (3, 5),
        "every signature, as at any position"
    );
}

#[test]
fn a_rejection_keeps_its_person_and_capacity() {
    let world = World::in_deficit(0, Policy::default());
    let id = world.post(&acting("pat"), &allocate(1, 6_000_000)).unwrap().position;
    let reject = json!({"rejectProposal": {"proposal": id.get(), "version": 1}});
    world.post(&acting("ida region:Y56 icb:QX"), &reject).unwrap();
    let models = world.models.read().unwrap();
    let last = models.proposals.history(id, world.head()).last().unwrap();
    let ProposalEvent::Rejected(rejected) = &last.event else { panic!("{last:?}") };
    assert_eq!(rejected.by.as_str(), "ida");
    assert_eq!((rejected.capacity.tier, rejected.capacity.body.as_str()), (Tier::Icb, "QX"));
}

#[test]
fn a_dry_run_can_draft_a_reversal_and_submit_it() {
    let world = World::in_deficit(0, Policy::default());
    let pat = acting("pat");
    let entry = world.post(&pat, &allocate(1, 100)).unwrap().position;
    let id = entry.next();
    let draft = json!({"propose": {"command": {"reverse": {"entry": entry.get()}}, "draft": true}});
    let submit = json!({"submitProposal": {"proposal": id.get(), "version": 1}});
    let run = [posting("draft", &draft), posting("submit", &submit)];
    let previews = world.writer().preview_blocking(pat.clone(), run.to_vec());
    let outcomes = world.writer().post_all_blocking(pat, run.to_vec());
    for (preview, outcome) in previews.into_iter().zip(outcomes) {
        let events = world.entry(outcome.unwrap().position).events;
        assert_eq!(preview.unwrap().decision.events, events);
    }
}
