//! A delegation counts only while its giver has the delegated role.

use serde_json::{Value, json};

use crate::desk::{Desk, NewKey, counted};

const APPROVER: &str = "--role approver:department:XDH";

/// Proposals by Carol that wait for the department.
fn proposals<const COUNT: usize>(desk: &Desk) -> [u64; COUNT] {
    let carol = desk.key("carol", "--role preparer").token;
    std::array::from_fn(|number| {
        let commit = "commit FRONTDIG/XDH/2022-23/revenue 10 --month M9 --reason test --propose";
        desk.does(&format!("{commit} --reference P-{number}"), &carol);
        desk.head()
    })
}

/// Delegates to Dan for a long time and returns the delegation's number.
fn delegate(desk: &Desk, giver: &NewKey) -> u64 {
    let times = "--begins 2026-01-01T00:00:00Z --ends 2099-01-01T00:00:00Z --reason leave";
    desk.does(&format!("delegate give dan --as department:XDH {times}"), &giver.token);
    desk.head()
}

fn sign(proposal: u64) -> String {
    format!("sign-off {proposal}@1 --reason test")
}

#[test]
fn a_delegation_lapses_when_its_giver_has_lost_the_role() {
    let desk = Desk::new();
    let dan = desk.key("dan", "--role preparer").token;
    let (eve, fay) = (desk.key("eve", APPROVER), desk.key("fay", APPROVER));
    let [before, after, again] = proposals(&desk);
    let first = delegate(&desk, &eve);
    let listed = |place: &str| {
        let rows = desk.does(&format!("delegate list --format json{place}"), &dan);
        let row = |row: &Value| json!([row["number"], row["from"], row["to"], row["lapsed"]]);
        rows.as_array().unwrap().iter().map(row).collect::<Value>()
    };
    assert_eq!(listed(""), json!([[first, "eve", "dan", false]]));
    desk.does(&sign(before), &dan);
    desk.does(&format!("keys revoke {}", eve.id), &desk.ada);
    let lapsed = (4, "FORBIDDEN_DELEGATION".to_owned());
    let tried = |place: &str| {
        for verb in ["sign-off", "reject"] {
            let asked = format!("{verb} {after}@1 --reason test{place}");
            assert_eq!(desk.refuses(&asked, &dan), lapsed, "{asked}");
            assert_eq!(desk.refuses(&format!("{asked} --dry-run"), &dan), lapsed, "{asked}");
        }
    };
    tried("");
    let said = String::from_utf8(desk.run(&sign(after), &dan).stderr).unwrap();
    for word in ["dan", "eve", "department XDH", "delegate it"] {
        assert!(said.contains(word), "{said}");
    }
    let mut server = desk.serve();
    let there = format!(" --server http://{}", server.address);
    tried(&there);
    assert_eq!(listed(""), json!([[first, "eve", "dan", true]]));
    assert_eq!(listed(&there), listed(""));
    // At a named moment the state is null, because keys have no history.
    let named = format!(" --at {}", desk.head());
    assert_eq!(listed(&named), json!([[first, "eve", "dan", null]]));
    assert_eq!(listed(&format!("{there}{named}")), listed(&named));
    // A server counts equal refusals together, and writes the sum when it stops.
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let ned = desk.key("ned", "--role auditor").token;
    let denied = desk.access_log(&ned).into_iter().filter(|(what, _)| what == "denied");
    let (on_folder, on_server): (Vec<_>, Vec<_>) = denied.partition(|(_, asked)| asked == "post");
    let on_server: usize = on_server.iter().map(|(_, asked)| counted(asked).1).sum();
    assert_eq!((on_folder.len(), on_server), (5, 4), "{on_folder:?}");
    // A delegation counts if its giver still has the role, although another is older.
    let given = delegate(&desk, &fay);
    desk.does(&sign(after), &dan);
    let entry = desk.does(&format!("show entry {} --format json", desk.head()), &ned);
    assert_eq!(entry["events"][0]["proposal"]["signed"]["delegation"], given, "{entry}");
    // The older delegation counts again once its giver has the role again.
    desk.does(&format!("keys revoke {}", fay.id), &desk.ada);
    assert_eq!(desk.refuses(&sign(again), &dan), lapsed);
    desk.key("eve", APPROVER);
    desk.does(&sign(again), &dan);
}

#[test]
fn a_viewer_signs_under_a_delegation_on_every_interface_and_posts_nothing_else() {
    let desk = Desk::new();
    let dan = desk.key("dan", "--role viewer").token;
    let [here, there] = proposals(&desk);
    let eve = desk.key("eve", APPROVER);
    delegate(&desk, &eve);
    desk.does(&sign(here), &dan);
    let server = desk.serve();
    let place = format!(" --server http://{}", server.address);
    desk.does(&format!("{}{place}", sign(there)), &dan);
    let post = format!("programme open NEW New --reason test{place}");
    assert_eq!(desk.refuses(&post, &dan), (4, "FORBIDDEN".to_owned()));
}

#[test]
fn an_approver_signs_in_their_own_role_despite_a_lapsed_delegation() {
    let desk = Desk::new();
    let dan = desk.key("dan", APPROVER).token;
    let eve = desk.key("eve", APPROVER);
    let [proposal] = proposals(&desk);
    delegate(&desk, &eve);
    desk.does(&format!("keys revoke {}", eve.id), &desk.ada);
    desk.does(&sign(proposal), &dan);
}
