//! One administrator alone cannot raise a limit, whatever other roles they have.

use std::sync::Arc;

use ledger_core::domain::actor::Actor;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::position::Position;
use ledger_core::writer::Receipt;
use ledger_tests::generate::acting;
use serde_json::{Value, json};

use crate::world::{World, allocate, sign};

/// A command built from the receipts of the earlier ones.
type BuildsCommand<'m> = &'m dyn Fn(&[Receipt]) -> Value;

/// Posts the steps in turn and returns the code of the first refusal.
fn route(world: &World, steps: &[(&Arc<Actor>, BuildsCommand<'_>)]) -> &'static str {
    let mut receipts: Vec<Receipt> = Vec::new();
    for (who, command) in steps {
        match world.post(who, &command(&receipts)) {
            Ok(receipt) => receipts.push(receipt),
            Err(refusal) => return refusal.code(),
        }
    }
    "posted"
}

fn at(receipts: &[Receipt], index: usize) -> Position {
    receipts[index].position
}

#[test]
fn one_administrator_alone_cannot_raise_a_limit() {
    let world = World::in_deficit(0, Policy::default());
    let all = "administers department:XDH region:Y56 icb:QX";
    let (ada, friend, pat) = (&acting(&format!("ada {all}")), &acting("fred"), &acting("pat"));
    let mut raised = Policy::default();
    raised.sign_off.provider_over = raised.sign_off.system_over;
    let adopt = json!({"adoptPolicy": {"policy": raised, "effective": "2023-01-01T00:00:00Z"}});
    let adopt = &adopt;
    let about = |verb: &str, id: Position| json!({verb: {"proposal": id.get(), "version": 1}});
    let revise = |id: Position| json!({"reviseProposal": {"proposal": id.get(), "version": 1, "command": adopt}});
    let delegate = |to: &str| {
        json!({"delegate": {"to": to, "capacity": {"tier": "department", "body": "XDH"},
            "begins": "2023-01-01T00:00:00Z", "ends": "2024-06-01T00:00:00Z"}})
    };
    let propose =
        |command: &Value, draft: bool| json!({"propose": {"command": command, "draft": draft}});
    let own = |r: &[Receipt]| sign(&[(at(r, 0), 1)]);
    let batched = |_: &[Receipt]| json!({"batch": [adopt]});
    let codes = [
        // By their own signature.
        route(&world, &[(ada, &|_| adopt.clone()), (ada, &own)]),
        route(&world, &[(ada, &batched), (ada, &own)]),
        route(&world, &[(ada, &|_| propose(adopt, false)), (ada, &own)]),
        route(
            &world,
            &[
                (ada, &|_| propose(adopt, true)),
                (ada, &|r| about("submitProposal", at(r, 0))),
                (ada, &own),
            ],
        ),
        // By a revision of another person's proposal, or in a set with it.
        route(
            &world,
            &[(pat, &|_| propose(&allocate(1, 100), false)), (ada, &|r| revise(at(r, 0)))],
        ),
        route(
            &world,
            &[
                (ada, &|_| adopt.clone()),
                (pat, &|_| propose(&allocate(1, 100), false)),
                (ada, &|r| sign(&[(at(r, 1), 1), (at(r, 0), 1)])),
            ],
        ),
        // By a person they delegate to, or by a delegation to themselves.
        route(&world, &[(ada, &|_| adopt.clone()), (ada, &|_| delegate("fred")), (friend, &own)]),
        route(&world, &[(ada, &|_| delegate("ada"))]),
        // By a person who is no administrator.
        route(&world, &[(pat, &|_| adopt.clone())]),
        route(&world, &[(pat, &|_| propose(adopt, true))]),
        route(
            &world,
            &[(pat, &|_| propose(&allocate(1, 100), true)), (pat, &|r| revise(at(r, 0)))],
        ),
    ];
    let expected = [
        "OWN_WORK",
        "OWN_WORK",
        "OWN_WORK",
        "OWN_WORK",
        "NOT_YOURS",
        "OWN_WORK",
        "DELEGATOR_INVOLVED",
        "DELEGATION_FORM",
        "NOT_ADMINISTRATOR",
        "NOT_ADMINISTRATOR",
        "NOT_ADMINISTRATOR",
    ];
    assert_eq!(codes, expected);
    let models = world.models.read().unwrap();
    assert_eq!(models.policies_recorded(world.head()).count(), 1, "a second policy was recorded");
}
